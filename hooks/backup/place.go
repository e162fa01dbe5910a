package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/shohay/shohay/hooks/schema"
)

// place holds backups by name.
type place interface {
	// put copies a file there; it appears whole or not at all.
	put(ctx context.Context, name, file string) error
	// get copies one back into a new file.
	get(ctx context.Context, name, file string) error
	list(ctx context.Context) ([]File, error)
	remove(ctx context.Context, name string) error
}

// File is one backup in a place.
type File struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// folder is a place on a disk.
type folder string

func (f folder) put(ctx context.Context, name, file string) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	return copyFile(ctx, filepath.Join(string(f), name), file)
}

func (f folder) get(ctx context.Context, name, file string) error {
	return copyFile(ctx, file, filepath.Join(string(f), name))
}

func (f folder) list(context.Context) (all []File, err error) {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if _, ok := timeOf(e.Name()); !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // deleted meanwhile
		}
		all = append(all, File{e.Name(), info.Size()})
	}
	return all, err
}

func (f folder) remove(_ context.Context, name string) error {
	return os.Remove(filepath.Join(string(f), name))
}

// copyFile writes a copy that is on the disk when it has its name.
func copyFile(ctx context.Context, to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	partial := to + ".partial"
	dst, err := os.OpenFile(partial, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(partial)
	_, err = io.Copy(dst, reader{ctx, src})
	if err == nil {
		err = dst.Sync()
	}
	if err := errors.Join(err, dst.Close()); err != nil {
		return err
	}
	return os.Rename(partial, to)
}

// bucket is a place in S3-compatible storage, through PocketBase's client.
type bucket struct {
	name, region, endpoint, access, secret, prefix string
	pathStyle                                      bool
}

// with opens the bucket for one errand.
func (b bucket) with(ctx context.Context, do func(*filesystem.System) error) error {
	s, err := filesystem.NewS3(b.name, b.region, b.endpoint, b.access, b.secret, b.pathStyle)
	if err != nil {
		return err
	}
	defer s.Close()
	s.SetContext(ctx)
	return do(s)
}

func (b bucket) key(name string) string { return b.prefix + name }

func (b bucket) put(ctx context.Context, name, file string) error {
	// An upload that is closed is complete; one whose context ended is not.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return b.with(ctx, func(s *filesystem.System) error {
		src, err := os.Open(file)
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := s.NewWriter(b.key(name), nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(dst, reader{ctx, src}); err != nil {
			cancel()
			return errors.Join(err, dst.Close())
		}
		return dst.Close()
	})
}

func (b bucket) get(ctx context.Context, name, file string) error {
	return b.with(ctx, func(s *filesystem.System) error {
		src, err := s.GetReader(b.key(name))
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := create(file)
		if err != nil {
			return err
		}
		_, err = io.Copy(dst, reader{ctx, src})
		return errors.Join(err, dst.Close())
	})
}

func (b bucket) list(ctx context.Context) (all []File, err error) {
	err = b.with(ctx, func(s *filesystem.System) error {
		found, err := s.List(b.prefix)
		for _, o := range found {
			if name := strings.TrimPrefix(o.Key, b.prefix); !strings.Contains(name, "/") {
				if _, ok := timeOf(name); ok {
					all = append(all, File{name, o.Size})
				}
			}
		}
		return err
	})
	return all, err
}

func (b bucket) remove(ctx context.Context, name string) error {
	return b.with(ctx, func(s *filesystem.System) error { return s.Delete(b.key(name)) })
}

// Place is a record of backup_places.
type Place struct{ core.BaseRecordProxy }

func wrap(r *core.Record) *Place {
	p := new(Place)
	p.SetProxyRecord(r)
	return p
}

func (p *Place) bucket() bool { return p.GetString(schema.PlaceKind) == schema.PlaceKindBucket }

// Folder is where a folder's backups lie.
func (p *Place) Folder(dataDir string) string {
	if f := p.GetString(schema.PlaceFolder); f != "" {
		return f
	}
	return filepath.Join(dataDir, core.LocalBackupsDirName)
}

func (p *Place) keep() Keep {
	return Keep{p.GetInt(schema.PlaceDaily), p.GetInt(schema.PlaceWeekly), p.GetInt(schema.PlaceMonthly)}
}

// open returns the place itself and its passphrase.
func (p *Place) open(keys Keys, dataDir string) (place, string, error) {
	unseal := func(field string) (string, error) {
		sealed := p.GetString(field)
		if sealed == "" {
			return "", nil
		}
		b, err := keys.Open(sealed)
		if err != nil {
			return "", fmt.Errorf("read what is sealed of %s: %w", p.GetString(schema.PlaceName), err)
		}
		return string(b), nil
	}
	passphrase, err := unseal(schema.PlacePassphraseSealed)
	if err != nil {
		return nil, "", err
	}
	if !p.bucket() {
		return folder(p.Folder(dataDir)), passphrase, nil
	}
	secret, err := unseal(schema.PlaceSecretSealed)
	if err != nil {
		return nil, "", err
	}
	prefix := strings.TrimLeft(path.Clean("/"+p.GetString(schema.PlacePrefix)), "/")
	if prefix != "" {
		prefix += "/"
	}
	return bucket{
		name: p.GetString(schema.PlaceBucket), region: p.GetString(schema.PlaceRegion), endpoint: p.GetString(schema.PlaceEndpoint),
		access: p.GetString(schema.PlaceAccessKey), secret: secret, prefix: prefix, pathStyle: p.GetBool(schema.PlacePathStyle),
	}, passphrase, nil
}

// newest sorts backups, the newest first.
func newest(all []File) []File {
	slices.SortFunc(all, func(a, b File) int {
		x, _ := timeOf(a.Name)
		y, _ := timeOf(b.Name)
		return y.Compare(x)
	})
	return all
}
