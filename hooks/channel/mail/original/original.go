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
// disk, whole and for good; some perhaps in a bundle only. placed waits until
// each has its own file, which Open needs.
func Keep(data string, pieces []Piece) (placed func() error, err error) {
	small, err := keep(data, pieces)
	if err == nil && len(small) > 0 {
		err = keepBundle(data, small)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the mail: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- placeAll(data, small) }()
	return sync.OnceValue(func() error { return <-done }), nil
}

// keep stores the mails that get a file at once, and returns the others.
func keep(data string, pieces []Piece) ([]*Piece, error) {
	var small []*Piece
	for i := range pieces {
		p := &pieces[i]
		if p.File != "" {
			if err := move(data, p); err != nil {
				return nil, err
			}
			continue
		}
		sum := sha256.Sum256(p.Raw)
		p.SHA = hex.EncodeToString(sum[:])
		if there, err := has(data, p.SHA, int64(len(p.Raw))); err != nil {
			return nil, err
		} else if !there {
			small = append(small, p)
		}
	}
	if len(small) < fewest {
		for _, p := range small {
			name, err := Path(data, p.SHA)
			if err != nil {
				return nil, err
			}
			if err := Write(name, p.Raw); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	return small, nil
}

// has tells whether a mail is kept already.
func has(data, sha string, size int64) (bool, error) {
	name, err := Path(data, sha)
	if err != nil {
		return false, err
	}
	st, err := os.Stat(name)
	return err == nil && st.Size() == size, nil
}

// move keeps the mail that lies in a file.
func move(data string, p *Piece) error {
	sha, size, err := sumOf(p.File)
	if err != nil {
		return err
	}
	p.SHA = sha
	if there, err := has(data, sha, size); err != nil || there {
		return err
	}
	name, err := Path(data, sha)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if err := syncFile(p.File); err != nil {
		return err
	}
	if err := os.Rename(p.File, name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
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
	folder := filepath.Dir(name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".new-*")
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
	return syncFolder(folder)
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
