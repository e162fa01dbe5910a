package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup/depot"
	"github.com/shohay/shohay/hooks/settings"
)

// Made is a backup that was written and read back.
type Made struct {
	Name  string
	Where string // a path, or the key in a bucket
	Bytes int64
	*Manifest
}

// Make writes a backup to a place, reads it back, and thins out older ones.
func (room *Room) Make(ctx context.Context, app core.App, p *Place) (*Made, error) {
	room.one.Lock() // the disk is wanted once at a time
	defer room.one.Unlock()
	to, passphrase, err := p.open(room.keys(), app.DataDir())
	if err != nil {
		return nil, err
	}
	temp := filepath.Join(app.DataDir(), core.LocalTempDirName)
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	name := nameAt(room.now(), passphrase != "")
	file := filepath.Join(temp, name)
	defer os.Remove(file)
	if err := writeFile(ctx, app, room.version, file, passphrase); err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if err := to.put(ctx, name, file); err != nil {
		return nil, fmt.Errorf("put the backup there: %w", err)
	}
	if err := os.Remove(file); err != nil {
		return nil, err
	}
	m, err := readBack(ctx, to, name, temp, passphrase)
	if err != nil {
		// What cannot be read is no backup; it must not push out one that is.
		return nil, errors.Join(fmt.Errorf("read the backup back: %w", err), to.Remove(context.WithoutCancel(ctx), name))
	}
	made := &Made{Name: name, Where: to.Where(name), Bytes: info.Size(), Manifest: m}
	return made, room.thin(ctx, app, p, to)
}

func (room *Room) thin(ctx context.Context, app core.App, p *Place, to place) error {
	all, err := to.list(ctx)
	if err != nil {
		return fmt.Errorf("list the backups: %w", err)
	}
	names := make([]string, 0, len(all))
	for _, f := range all {
		names = append(names, f.Name)
	}
	for _, name := range thin(names, p.keep(), location(app)) {
		if err := to.Remove(ctx, name); err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
	}
	return nil
}

// writeFile writes a backup into a file of this machine.
func writeFile(ctx context.Context, app core.App, version, name, passphrase string) (err error) {
	f, err := create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if passphrase == "" {
		_, err = Write(ctx, app, version, f)
		return err
	}
	w, err := encrypt(f, passphrase)
	if err != nil {
		return err
	}
	_, err = Write(ctx, app, version, w)
	return errors.Join(err, w.Close())
}

// readBack checks a backup as the place has it.
func readBack(ctx context.Context, from place, name, temp, passphrase string) (*Manifest, error) {
	file := filepath.Join(temp, "read-"+name)
	if _, ok := from.Depot.(depot.Folder); ok {
		file = from.Where(name) // it need not be fetched
	} else {
		defer os.Remove(file)
		if err := from.get(ctx, name, file); err != nil {
			return nil, err
		}
	}
	var m *Manifest
	err := openPlain(file, temp, passphrase, func(r io.ReaderAt, size int64) (err error) {
		m, err = Check(ctx, r, size, temp)
		return err
	})
	return m, err
}

// openPlain opens a backup's zip; an encrypted one is decrypted into the
// folder temp first.
func openPlain(name, temp, passphrase string, do func(r io.ReaderAt, size int64) error) error {
	if filepath.Ext(name) == ".age" {
		plain := filepath.Join(temp, "plain-"+core.GenerateDefaultRandomId()+".zip")
		defer os.Remove(plain)
		if err := decryptFile(plain, name, passphrase); err != nil {
			return err
		}
		name = plain
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return do(f, info.Size())
}

func decryptFile(to, from, passphrase string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	r, err := decrypt(src, passphrase)
	if err != nil {
		return err
	}
	dst, err := create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, r); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrDamaged, err), dst.Close())
	}
	return dst.Close()
}

// Restore brings a shop back from a backup into a folder that is empty or does
// not exist. Either everything is there at the end or nothing is.
func Restore(ctx context.Context, file, dir, passphrase string) (m *Manifest, err error) {
	err = IntoNew(dir, func(into string) error {
		temp, err := os.MkdirTemp(filepath.Dir(into), ".shohay-restore-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		return openPlain(file, temp, passphrase, func(r io.ReaderAt, size int64) (err error) {
			m, err = Extract(ctx, r, size, into)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// IntoNew fills a folder that is empty or does not exist: fill writes into one
// beside it, which takes its name when all went well.
func IntoNew(dir string, fill func(into string) error) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; give --dir a new folder, and start Shohay with it when the shop is back", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	partial := filepath.Clean(dir) + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.MkdirAll(partial, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	if err := fill(partial); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) { // it may exist, empty
		return err
	}
	return os.Rename(partial, dir)
}

// location is the shop's time zone.
func location(app core.App) *time.Location { return settings.Shop(app).Location() }
