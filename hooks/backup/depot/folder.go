package depot

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Folder is a depot on a disk: the full path of its folder, which is made when
// the first object comes.
type Folder string

// unfinished ends the name of a file that is still being written.
const unfinished = ".partial"

func (f Folder) path(key string) (string, error) {
	local := filepath.FromSlash(key)
	if !filepath.IsLocal(local) {
		return "", &fs.PathError{Op: "open", Path: key, Err: fs.ErrInvalid}
	}
	return filepath.Join(string(f), local), nil
}

// Put writes a file that is on the disk when it has its name.
func (f Folder) Put(ctx context.Context, key string, r io.Reader) error {
	name, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	dst, err := os.OpenFile(name+unfinished, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(name + unfinished) // it is gone when all went well
	_, err = io.Copy(dst, reading{ctx, r})
	if err == nil {
		err = dst.Sync()
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return err
	}
	if err := os.Rename(name+unfinished, name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes a new name last; Windows has no such thing and needs none.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens the file of a key.
func (f Folder) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	name, err := f.path(key)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{reading{ctx, file}, file}, nil
}

// List walks only the folders in which the prefix can be.
func (f Folder) List(ctx context.Context, prefix string) ([]Object, error) {
	top := string(f)
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		inside, err := f.path(prefix[:i])
		if err != nil {
			return nil, err
		}
		top = inside
	}
	var all []Object
	err := filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile, or nothing is there yet
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		inside, err := filepath.Rel(string(f), name)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(inside)
		if within := key + "/"; entry.IsDir() && name != top && !strings.HasPrefix(within, prefix) && !strings.HasPrefix(prefix, within) {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() || !strings.HasPrefix(key, prefix) || strings.HasSuffix(key, unfinished) {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		all = append(all, Object{key, info.Size(), info.ModTime()})
		return nil
	})
	slices.SortFunc(all, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return all, err
}

// Remove deletes the file of a key.
func (f Folder) Remove(_ context.Context, key string) error {
	name, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Where is the path of a key.
func (f Folder) Where(key string) string { return filepath.Join(string(f), filepath.FromSlash(key)) }
