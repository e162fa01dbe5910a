package backup

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	format       = 1
	manifestName = "manifest.json"
	databaseName = "data.db"
)

// left are entries of the data folder that no backup holds: other backups,
// what PocketBase makes anew, certificates that are had again by asking, logs,
// the address of this machine's server.
var left = []string{
	core.LocalBackupsDirName, core.LocalTempDirName, core.LocalNotifyDirName, core.LocalAutocertCacheDirName,
	"replica", "logs", "before_update", "update.lock", "lost+found", "address.txt", "auxiliary.db", "auxiliary.db-wal", "auxiliary.db-shm", databaseName, databaseName + "-wal", databaseName + "-shm",
}

// Manifest is what a backup says of itself.
type Manifest struct {
	Format  int              `json:"format"`
	Version string           `json:"version"` // of the program that wrote it
	Created time.Time        `json:"created"`
	Rows    map[string]int64 `json:"rows"`  // by table
	Files   map[string]Sum   `json:"files"` // by path in the data folder, with slashes
}

// Sum is what one file has to be.
type Sum struct {
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Write writes a backup of the app's data as a zip.
func Write(ctx context.Context, app core.App, version string, w io.Writer) (*Manifest, error) {
	copied, err := snapshot(ctx, app)
	if err != nil {
		return nil, err
	}
	defer os.Remove(copied)
	m := &Manifest{Format: format, Version: version, Created: time.Now().UTC().Truncate(time.Second), Files: map[string]Sum{}}
	if m.Rows, err = count(ctx, copied); err != nil {
		return nil, err
	}
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	if err := m.add(ctx, z, databaseName, copied); err != nil {
		return nil, err
	}
	root := app.DataDir()
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, name)
		if err != nil || inside == "." {
			return err
		}
		if slices.Contains(left, inside) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		err = m.add(ctx, z, filepath.ToSlash(inside), name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("back up the data folder: %w", err)
	}
	f, err := z.Create(manifestName)
	if err != nil {
		return nil, err
	}
	if err := json.MarshalWrite(f, m, json.Deterministic(true)); err != nil {
		return nil, err
	}
	return m, z.Close()
}

// snapshot copies the database as it is at one instant. The copy is without
// gaps and stands in the folder that PocketBase empties at its next start.
func snapshot(ctx context.Context, app core.App) (string, error) {
	dir := filepath.Join(app.DataDir(), core.LocalTempDirName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(dir, "backup-"+core.GenerateDefaultRandomId()+".db")
	if _, err := app.DB().NewQuery(`VACUUM INTO {:name}`).Bind(dbx.Params{"name": name}).WithContext(ctx).Execute(); err != nil {
		os.Remove(name)
		return "", fmt.Errorf("copy the database: %w", err)
	}
	return name, os.Chmod(name, 0o600)
}

// squeezed are kinds of files that deflate makes no smaller.
var squeezed = []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".webm", ".mp3", ".ogg", ".zip", ".gz", ".pdf", ".docx", ".xlsx"}

func (m *Manifest) add(ctx context.Context, z *zip.Writer, name, file string) error {
	src, err := os.Open(file)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: info.ModTime()}
	if slices.Contains(squeezed, strings.ToLower(path.Ext(name))) {
		h.Method = zip.Store
	}
	dst, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(dst, sum), reader{ctx, src})
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	m.Files[name] = Sum{n, hexSum(sum)}
	return nil
}

// Check reads a whole backup, compares it with its manifest, and opens its
// database, which it puts into the folder temp for that.
func Check(ctx context.Context, r io.ReaderAt, size int64, temp string) (*Manifest, error) {
	database := filepath.Join(temp, "check-"+core.GenerateDefaultRandomId()+".db")
	defer os.Remove(database)
	return read(ctx, r, size, func(name string) (io.WriteCloser, error) {
		if name != databaseName {
			return discard{}, nil
		}
		return create(database)
	}, database)
}

// Extract writes the files of a backup into the folder dir, which is empty or
// new, and checks them on the way.
func Extract(ctx context.Context, r io.ReaderAt, size int64, dir string) (*Manifest, error) {
	return read(ctx, r, size, func(name string) (io.WriteCloser, error) {
		return create(filepath.Join(dir, filepath.FromSlash(name)))
	}, filepath.Join(dir, databaseName))
}

// ErrDamaged says that a backup is not what it was when it was written.
var ErrDamaged = errors.New("the backup is damaged")

func read(ctx context.Context, r io.ReaderAt, size int64, open func(name string) (io.WriteCloser, error), database string) (*Manifest, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	m := new(Manifest)
	list, err := z.Open(manifestName)
	if err == nil {
		err = json.UnmarshalRead(list, m)
		list.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: it has no list of its files: %w", ErrDamaged, err)
	}
	if m.Format != format {
		return nil, fmt.Errorf("the backup was written by version %s in a form that this version does not read; use that version", m.Version)
	}
	seen := 0
	for _, f := range z.File {
		if f.Name == manifestName {
			continue
		}
		want, ok := m.Files[f.Name]
		if !ok || !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return nil, fmt.Errorf("%w: %q does not belong to it", ErrDamaged, f.Name)
		}
		if err := readOne(ctx, f, want, open); err != nil {
			return nil, err
		}
		seen++
	}
	if seen != len(m.Files) {
		return nil, fmt.Errorf("%w: %d of %d files are there", ErrDamaged, seen, len(m.Files))
	}
	rows, err := count(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for table, n := range m.Rows {
		if rows[table] != n {
			return nil, fmt.Errorf("%w: %d rows of %s instead of %d", ErrDamaged, rows[table], table, n)
		}
	}
	return m, nil
}

func readOne(ctx context.Context, f *zip.File, want Sum, open func(name string) (io.WriteCloser, error)) error {
	src, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, f.Name, err)
	}
	defer src.Close()
	dst, err := open(f.Name)
	if err != nil {
		return err
	}
	sum := sha256.New()
	// One byte more than it says is one too many.
	n, err := io.Copy(io.MultiWriter(dst, sum), io.LimitReader(reader{ctx, damage{src}}, want.Size+1))
	if closed := dst.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name, err)
	}
	if n != want.Size || hexSum(sum) != want.SHA256 {
		return fmt.Errorf("%w: %s is not as it was written", ErrDamaged, f.Name)
	}
	return nil
}

// create makes a file that only its owner reads, with the folders above it.
func create(name string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
}

// count opens a database that nobody else uses, has SQLite check it, and
// counts the rows of every table.
func count(ctx context.Context, database string) (map[string]int64, error) {
	// mode=ro makes no files beside it.
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(database)+"?mode=ro&_pragma=cache_size(-2000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var said string
	if err := db.NewQuery(`PRAGMA integrity_check(1)`).WithContext(ctx).Row(&said); err != nil {
		return nil, fmt.Errorf("check the database: %w", err)
	}
	if said != "ok" {
		return nil, fmt.Errorf("check the database: SQLite says %q", said)
	}
	var tables []string
	err = whole.Column(ctx, db.NewQuery(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`), &tables)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	rows := map[string]int64{}
	for _, t := range tables {
		var n int64
		if err := db.NewQuery(`SELECT COUNT(*) FROM ` + db.QuoteTableName(t)).WithContext(ctx).Row(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", t, err)
		}
		rows[t] = n
	}
	if _, ok := rows[schema.Conversations]; !ok {
		return nil, errors.New("this is not the database of a shop")
	}
	return rows, nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// damage marks the faults of what is read, which a full disk's are not.
type damage struct{ r io.Reader }

func (d damage) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }
