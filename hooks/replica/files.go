package replica

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
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// left are entries at the top of the data folder that the mirror leaves out:
// databases, which go their own way, and what is made anew. So it leaves out
// files whose names begin with a dot: what is being written.
var left = []string{
	core.LocalBackupsDirName, core.LocalTempDirName, core.LocalNotifyDirName, core.LocalAutocertCacheDirName, Folder, "logs", "before_update", "update.lock", "lost+found", "address.txt",
}

func isLeft(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return slices.Contains(left, first) || strings.HasPrefix(first, "data.db") || strings.HasPrefix(first, "auxiliary.db") ||
		strings.HasSuffix(name, ".partial") || strings.HasPrefix(path.Base(name), ".")
}

// kept is a file that is there. Few files are ever written anew under their
// name; what the spam filter has learned is one.
type kept struct {
	size int64
	at   time.Time // when it was last written here, or stored there
}

// mirror copies files of the data folder that are not there yet.
type mirror struct {
	data  string
	in    *sealed
	mails string // the folder of kept mails within the data folder, looked at often

	mu   sync.Mutex
	told map[string]bool // by path, with slashes

	there   map[string]kept      // what is there, by path
	gone    map[string]time.Time // what is there and was not found here, since when
	changed map[string]time.Time // times of the mails' folders when they were read
}

const keptAfter = 24 * time.Hour // what is deleted here stays there for so long

// tell notes that there are new files. Paths have slashes.
func (m *mirror) tell(paths ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range paths {
		m.told[p] = true
	}
}

func (m *mirror) take() (paths []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := range m.told {
		paths = append(paths, p)
	}
	clear(m.told)
	return paths
}

// begin learns what is there.
func (m *mirror) begin(ctx context.Context) error {
	all, err := m.in.List(ctx, filesTop)
	if err != nil {
		return fmt.Errorf("list the replica's files: %w", err)
	}
	m.there, m.gone, m.changed = map[string]kept{}, map[string]time.Time{}, map[string]time.Time{}
	for _, o := range all {
		m.there[strings.TrimPrefix(o.Key, filesTop)] = kept{m.in.size(o.Size), o.At}
	}
	return nil
}

// quick copies what was told and new mails.
func (m *mirror) quick(ctx context.Context) error {
	var faults []error
	for _, p := range m.take() {
		if err := m.copy(ctx, p); err != nil {
			m.tell(p) // again next time
			faults = append(faults, err)
		}
	}
	folders, err := os.ReadDir(filepath.Join(m.data, m.mails))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		faults = append(faults, err)
	}
	for _, f := range folders {
		info, err := f.Info()
		if err == nil && info.Mode().IsRegular() {
			faults = append(faults, m.copy(ctx, path.Join(m.mails, f.Name())))
			continue
		}
		if err != nil || !f.IsDir() || info.ModTime().Equal(m.changed[f.Name()]) {
			continue
		}
		if err := m.folder(ctx, path.Join(m.mails, f.Name())); err != nil {
			faults = append(faults, err)
			continue
		}
		// A name that came while the folder was read has a time of its own
		// only if the disk's clock is fine enough; so a young time is not
		// believed.
		if time.Since(info.ModTime()) > 3*time.Second {
			m.changed[f.Name()] = info.ModTime()
		}
	}
	return errors.Join(faults...)
}

func (m *mirror) folder(ctx context.Context, name string) error {
	entries, err := os.ReadDir(filepath.Join(m.data, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	var faults []error
	for _, e := range entries {
		if e.Type().IsRegular() {
			faults = append(faults, m.copy(ctx, path.Join(name, e.Name())))
		}
	}
	return errors.Join(faults...)
}

// all compares everything, and removes what has been missing here for long.
func (m *mirror) all(ctx context.Context, now time.Time) error {
	here := map[string]bool{}
	var faults []error
	err := filepath.WalkDir(m.data, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(m.data, name)
		if err != nil || inside == "." {
			return err
		}
		p := filepath.ToSlash(inside)
		if isLeft(p) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		here[p] = true
		if err := m.copy(ctx, p); err != nil {
			faults = append(faults, err)
		}
		return ctx.Err()
	})
	if err := errors.Join(append(faults, err)...); err != nil {
		return err // what could not be seen is not gone
	}
	for p := range m.there {
		if here[p] {
			delete(m.gone, p)
			continue
		}
		since, known := m.gone[p]
		switch {
		case !known:
			m.gone[p] = now
		case now.Sub(since) >= keptAfter:
			if err := m.in.Remove(ctx, filesTop+p); err != nil {
				return fmt.Errorf("thin out the replica's files: %w", err)
			}
			delete(m.there, p)
			delete(m.gone, p)
		}
	}
	return nil
}

// copy stores one file unless it is there.
func (m *mirror) copy(ctx context.Context, p string) error {
	if isLeft(p) {
		return nil
	}
	f, err := os.Open(filepath.Join(m.data, filepath.FromSlash(p)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted meanwhile, or stored elsewhere
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	if there, ok := m.there[p]; ok && there.size == info.Size() && !info.ModTime().After(there.at) {
		return nil
	}
	if err := m.in.Put(ctx, filesTop+p, io.LimitReader(f, info.Size())); err != nil {
		return fmt.Errorf("copy a file to the replica: %w", err)
	}
	m.there[p] = kept{info.Size(), info.ModTime()}
	return nil
}

// fetch brings files into a data folder, those that are not there. It returns
// how many came.
func fetch(ctx context.Context, in *sealed, data string) (int, error) {
	all, err := in.List(ctx, filesTop)
	if err != nil {
		return 0, fmt.Errorf("list the replica's files: %w", err)
	}
	came := 0
	for _, o := range all {
		p := filepath.FromSlash(strings.TrimPrefix(o.Key, filesTop))
		if isLeft(filepath.ToSlash(p)) {
			continue // a later release left it out
		}
		if !filepath.IsLocal(p) {
			return came, fmt.Errorf("the replica is damaged: %q does not belong to it", o.Key)
		}
		name := filepath.Join(data, p)
		if info, err := os.Stat(name); err == nil && info.Size() == in.size(o.Size) && !o.At.After(info.ModTime()) {
			continue
		}
		err := fetchOne(ctx, in, o.Key, name)
		if err == nil {
			err = os.Chtimes(name, o.At, o.At) // the clocks of this machine and the storage may differ
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return came, fmt.Errorf("bring back %s: %w", filepath.ToSlash(p), err)
		}
		came++
	}
	return came, nil
}

func fetchOne(ctx context.Context, in *sealed, key, name string) error {
	src, err := in.Open(ctx, key)
	if err != nil {
		return err
	}
	defer src.Close()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	dst, err := os.OpenFile(name+".partial", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err := errors.Join(err, dst.Close()); err != nil {
		return errors.Join(err, os.Remove(name+".partial"))
	}
	return os.Rename(name+".partial", name)
}
