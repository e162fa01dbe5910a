package original

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
)

// Folder is where originals lie in the data folder.
const Folder = "mail"

// mapped is the size in bytes from which a mail is mapped instead of read.
const mapped = 1 << 20

// writers is how many files are written at once: they wait for the disk
// together.
const writers = 16

var form = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Named tells whether a string has the form of an original's name.
func Named(sha string) bool { return form.MatchString(sha) }

// Path is the file of a kept original; fs.ErrNotExist for what cannot be one.
func Path(data, sha string) (string, error) {
	if !Named(sha) {
		return "", fs.ErrNotExist
	}
	return filepath.Join(data, Folder, sha[:2], sha+".eml"), nil
}

// Piece is a mail to be kept: its bytes, or the file it lies in, which is
// moved. Keep says under which name.
type Piece struct {
	Raw  []byte
	File string
	SHA  string
}

// Keep stores mails. When it returns without an error, all of them are on the
// disk, whole and for good.
func Keep(data string, pieces []Piece) error {
	errs := make([]error, len(pieces))
	var mu sync.Mutex
	folders := map[string]bool{}
	slots := make(chan struct{}, writers)
	var wg sync.WaitGroup
	for i := range pieces {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var folder string
			folder, errs[i] = keep(data, &pieces[i])
			if folder != "" {
				mu.Lock()
				folders[folder] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keep the mail: %w", err)
	}
	var failed error
	for folder := range folders {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := syncFolder(folder); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return fmt.Errorf("keep the mail: %w", failed)
	}
	return nil
}

// keep writes one mail and returns the folder that has a new entry for it.
func keep(data string, p *Piece) (folder string, err error) {
	size := int64(len(p.Raw))
	if p.File == "" {
		sum := sha256.Sum256(p.Raw)
		p.SHA = hex.EncodeToString(sum[:])
	} else if p.SHA, size, err = sumOf(p.File); err != nil {
		return "", err
	}
	name, err := Path(data, p.SHA)
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(name); err == nil && st.Size() == size {
		return "", nil
	}
	folder = filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	if p.File != "" {
		if err := syncFile(p.File); err != nil {
			return "", err
		}
		return folder, os.Rename(p.File, name)
	}
	return folder, write(name, p.Raw)
}

// sumOf is the name that a file's mail is kept under, and its size.
func sumOf(file string) (sha string, size int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	sum := sha256.New()
	size, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), size, err
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Write makes a file appear whole or not at all, and for good.
func Write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if err := write(name, data); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// write makes a file appear whole or not at all.
func write(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// syncFolder makes the names in a folder last.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Mail is an original that is open for reading. Its bytes, and whatever points
// into them, are gone after Close.
type Mail struct {
	Bytes []byte
	unmap func() error
}

// Open opens a kept original.
func Open(data, sha string) (*Mail, error) {
	name, err := Path(data, sha)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() < mapped {
		raw := make([]byte, st.Size())
		_, err := io.ReadFull(f, raw)
		return &Mail{Bytes: raw}, err
	}
	return mapFile(f, st.Size())
}

// Close gives the memory back.
func (m *Mail) Close() error {
	if m.unmap == nil {
		return nil
	}
	unmap := m.unmap
	m.Bytes, m.unmap = nil, nil
	return unmap()
}
