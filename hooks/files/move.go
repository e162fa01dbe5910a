package files

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/filesystem/blob"
)

// ErrRunning is that the server holds the data folder.
var ErrRunning = errors.New("the server is running: stop it first (shohay stop), so that nothing is written to the old place meanwhile")

// alone tells whether nobody else has the database open. A connection in WAL
// mode holds a shared lock for as long as it lives, so an exclusive one is to
// be had only without any.
func alone(database string) (err error) {
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no shop in %s; name the data folder with --dir", filepath.Dir(database))
	}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(database)+"?_pragma=busy_timeout(3000)&_pragma=locking_mode(EXCLUSIVE)&_txlock=exclusive")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		if strings.Contains(err.Error(), "locked") || strings.Contains(err.Error(), "busy") {
			return ErrRunning
		}
		return fmt.Errorf("open the database: %w", err)
	}
	return tx.Rollback()
}

// place is where attachments lie.
type place struct {
	*filesystem.System
	words string
}

func openPlace(ctx context.Context, app core.App, s core.S3Config) (place, error) {
	if !s.Enabled {
		folder := filepath.Join(app.DataDir(), core.LocalStorageDirName)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return place{}, err
		}
		sys, err := filesystem.NewLocal(folder)
		if err != nil {
			return place{}, fmt.Errorf("open %s: %w", folder, err)
		}
		sys.SetContext(ctx)
		return place{sys, folder}, nil
	}
	sys, err := filesystem.NewS3(s.Bucket, s.Region, s.Endpoint, s.AccessKey, s.Secret, s.ForcePathStyle)
	if err != nil {
		return place{}, fmt.Errorf("open the bucket %s: %w", s.Bucket, err)
	}
	sys.SetContext(ctx)
	return place{sys, "the bucket " + s.Bucket}, nil
}

type mover struct {
	app      core.App
	from, to place
	out      io.Writer
}

// list names the attachments in the old place: what lies under the id of a
// collection. Whatever else a bucket holds is none of ours.
func (m *mover) list(ctx context.Context) (keys []string, err error) {
	collections, err := m.app.FindAllCollections()
	if err != nil {
		return nil, err
	}
	for _, c := range collections {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := m.from.List(c.Id + "/")
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", m.from.words, err)
		}
		for _, o := range found {
			if strings.Count(o.Key, "/") >= 2 {
				keys = append(keys, o.Key)
			}
		}
	}
	return keys, nil
}

// copyAll copies what is not there yet, and compares each file.
func (m *mover) copyAll(ctx context.Context, keys []string) error {
	copied, bytes := 0, int64(0)
	for i, key := range keys {
		if err := ctx.Err(); err != nil {
			return m.interrupted(err, i, len(keys))
		}
		same, size, err := m.same(key)
		if err != nil {
			return m.interrupted(err, i, len(keys))
		}
		if !same {
			if err := m.copy(key); err != nil {
				return m.interrupted(fmt.Errorf("copy %s: %w", key, err), i, len(keys))
			}
			if same, size, err = m.same(key); err != nil || !same {
				return m.interrupted(errors.Join(fmt.Errorf("%s is not the same there as it is here", key), err), i, len(keys))
			}
			copied++
		}
		bytes += size
		if (i+1)%500 == 0 {
			fmt.Fprintf(m.out, "%d of %d files\n", i+1, len(keys))
		}
	}
	fmt.Fprintf(m.out, "%d files with %.1f MB are in %s, each compared; %d were copied now.\n", len(keys), float64(bytes)/1e6, m.to.words, copied)
	return nil
}

func (m *mover) interrupted(err error, done, all int) error {
	return fmt.Errorf("%d of %d files were moved and nothing was switched; give the command again to go on: %w", done, all, err)
}

// same compares a file in both places, byte for byte.
func (m *mover) same(key string) (same bool, size int64, err error) {
	there, err := m.to.Attributes(key)
	if errors.Is(err, filesystem.ErrNotFound) {
		return false, 0, nil
	}
	if err != nil {
		return false, 0, fmt.Errorf("ask %s for %s: %w", m.to.words, key, err)
	}
	here, err := m.from.Attributes(key)
	if err != nil {
		return false, 0, fmt.Errorf("ask %s for %s: %w", m.from.words, key, err)
	}
	if here.Size != there.Size {
		return false, 0, nil
	}
	a, err := sumOf(m.from, key)
	if err != nil {
		return false, 0, err
	}
	b, err := sumOf(m.to, key)
	return a == b, here.Size, err
}

func sumOf(p place, key string) (sum [sha256.Size]byte, err error) {
	r, err := p.GetReader(key)
	if err != nil {
		return sum, fmt.Errorf("read %s in %s: %w", key, p.words, err)
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return sum, fmt.Errorf("read %s in %s: %w", key, p.words, err)
	}
	h.Sum(sum[:0])
	return sum, nil
}

// copy writes a file with its type and the name it was sent with.
func (m *mover) copy(key string) error {
	about, err := m.from.Attributes(key)
	if err != nil {
		return err
	}
	r, err := m.from.GetReader(key)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := m.to.NewWriter(key, &blob.WriterOptions{ContentType: about.ContentType, Metadata: about.Metadata})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// deleteAll removes the old files. After an earlier move each is compared
// first; one that differs or is missing in the new place stays, as the newer
// or the only one.
func (m *mover) deleteAll(ctx context.Context, keys []string, compare bool) error {
	gone, kept := 0, 0
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		if compare {
			same, _, err := m.same(key)
			if err != nil {
				return err
			}
			if !same {
				kept++
				continue
			}
		}
		if err := m.from.Delete(key); err != nil && !errors.Is(err, filesystem.ErrNotFound) {
			return fmt.Errorf("delete %s in %s: %w", key, m.from.words, err)
		}
		gone++
	}
	fmt.Fprintf(m.out, "%d old files were deleted from %s.\n", gone, m.from.words)
	if kept > 0 {
		fmt.Fprintf(m.out, "%d stay there: %s does not hold the same.\n", kept, m.to.words)
	}
	return nil
}
