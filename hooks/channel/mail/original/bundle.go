package original

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	bundles = ".bundle-*"
	fewest  = 3           // mails that are worth a bundle
	rest    = time.Minute // after which a bundle's mails have long been written
)

// keepBundle writes mails into a bundle that lasts.
func keepBundle(data string, pieces []*Piece) error {
	root := filepath.Join(data, Folder)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(root, bundles)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	for _, p := range pieces {
		fmt.Fprintf(w, "%s %d\n", p.SHA, len(p.Raw))
		_, _ = w.Write(p.Raw) // a failure comes back from Flush
	}
	err = w.Flush()
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = syncFolder(root)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// placeAll writes mails of a bundle into their files.
func placeAll(data string, pieces []*Piece) error {
	for _, p := range pieces {
		if err := place(data, p); err != nil {
			return fmt.Errorf("keep the mail: %w", err)
		}
	}
	return nil
}

// place writes a mail of a bundle into its file. A file that is not whole,
// because the process ended meanwhile, is mended from the bundle.
func place(data string, p *Piece) error {
	name, err := Path(data, p.SHA)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		f, err = os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(p.Raw)
	return errors.Join(err, f.Close())
}

// Settle removes the bundles whose mails are on the disk in files of their own.
// Call it now and then.
func Settle(data string) error {
	return eachBundle(data, func(name string, made time.Time) error {
		if time.Since(made) < rest {
			return nil
		}
		return dissolve(data, name, func(sha string, _ []byte) error {
			file, err := Path(data, sha)
			if err != nil {
				return err
			}
			err = syncFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // removed since: kept as long as the shop wants
			}
			return err
		})
	})
}

// Recover makes the files of mails that were lost from bundles, after whatever
// ended the process. Call it before mail is fetched.
func Recover(data string) error {
	return eachBundle(data, func(name string, _ time.Time) error {
		return dissolve(data, name, func(sha string, raw []byte) error {
			file, err := Path(data, sha)
			if err != nil {
				return err
			}
			if have, _, err := sumOf(file); err == nil && have == sha {
				return syncFile(file)
			}
			return Write(file, raw)
		})
	})
}

func eachBundle(data string, do func(name string, made time.Time) error) error {
	names, err := filepath.Glob(filepath.Join(data, Folder, bundles))
	if err != nil {
		return err
	}
	var failed []error
	for _, name := range names {
		st, err := os.Stat(name)
		if err == nil {
			err = do(name, st.ModTime())
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("a bundle of mails: %w", err))
		}
	}
	return errors.Join(failed...)
}

// dissolve goes through the mails of a bundle and then removes it. What a
// power cut left half written ends it: those mails were not said to be kept.
func dissolve(data, name string, each func(sha string, raw []byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	folders, err := unpack(f, each)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	for folder := range folders {
		if err := syncFolder(filepath.Join(data, Folder, folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Remove(name)
}

// unpack goes through the mails of a bundle and names their folders.
func unpack(f io.Reader, each func(sha string, raw []byte) error) (map[string]bool, error) {
	r := bufio.NewReaderSize(f, 64<<10)
	folders := map[string]bool{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return folders, nil
		}
		sha, count, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		size, err := strconv.Atoi(count)
		if err != nil || size < 0 || size > 64<<20 || !Named(sha) {
			return folders, nil
		}
		raw := make([]byte, size)
		if _, err := io.ReadFull(r, raw); err != nil {
			return folders, nil
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != sha {
			return folders, nil
		}
		if err := each(sha, raw); err != nil {
			return nil, err
		}
		folders[sha[:2]] = true
	}
}
