package logbook

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Folder is where the files lie in the data folder, and Name the newest.
const (
	Folder = "logs"
	Name   = "shohay.log"
)

// Book is a log file that begins anew when it has grown.
type Book struct {
	Dir  string
	Most int64         // bytes of one file
	Keep int           // files beside the newest
	Age  time.Duration // of the oldest
	Now  func() time.Time

	mu   sync.Mutex
	file *os.File
	size int64
}

// Write adds a line, which ends in a newline.
func (b *Book) Write(line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		if err := b.open(); err != nil {
			return err
		}
	}
	if b.size > 0 && b.size+int64(len(line)) > b.Most {
		if err := b.turn(); err != nil {
			return err
		}
	}
	n, err := b.file.Write(line)
	b.size += int64(n)
	return err
}

// Close ends the file; the next Write opens it again.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}

func (b *Book) open() error {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(b.Dir, Name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	b.file, b.size = f, info.Size()
	return nil
}

// turn puts the file aside and begins a new one.
func (b *Book) turn() error {
	err := b.file.Close()
	b.file = nil
	aside := filepath.Join(b.Dir, "shohay-"+b.Now().UTC().Format("20060102T150405.000Z")+".log")
	if err := errors.Join(err, os.Rename(filepath.Join(b.Dir, Name), aside), b.thin()); err != nil {
		return fmt.Errorf("put the log aside: %w", err)
	}
	return b.open()
}

// Thin removes what is too old or too much.
func (b *Book) Thin() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.thin()
}

// Old lists the files that were put aside before a time.
func (b *Book) Old(before time.Time) (names []string, err error) {
	aside, err := filepath.Glob(filepath.Join(b.Dir, "shohay-*.log"))
	for _, name := range aside {
		if at, ok := asideAt(name); ok && at.Before(before) {
			names = append(names, name)
		}
	}
	return names, err
}

// asideAt is when a file was put aside; no for one that is not ours.
func asideAt(name string) (time.Time, bool) {
	at, err := time.Parse("20060102T150405.000Z", strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "shohay-"), ".log"))
	return at, err == nil
}

func (b *Book) thin() error {
	old, err := filepath.Glob(filepath.Join(b.Dir, "shohay-*.log"))
	if err != nil {
		return err
	}
	slices.SortFunc(old, func(x, y string) int { return cmp.Compare(y, x) }) // the newest first
	var faults []error
	for i, name := range old {
		at, ok := asideAt(name)
		if !ok {
			continue
		}
		if i >= b.Keep || b.Now().Sub(at) > b.Age {
			faults = append(faults, os.Remove(name))
		}
	}
	return errors.Join(faults...)
}
