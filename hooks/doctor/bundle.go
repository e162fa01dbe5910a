package doctor

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/redact"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/watchdog"
)

// settled are the collections whose records are settings of the shop.
var settled = []string{schema.Shop, schema.Bot, schema.Mailboxes, schema.BackupPlaces}

// told are the kinds of fields whose values say nothing about anybody.
var told = []string{"bool", "number", "select"}

// bundle is one that is being written.
type bundle struct {
	zip    *zip.Writer
	doctor *Doctor
}

// Bundle writes what somebody who helps needs to know, without anything about
// people, to a new file that is its owner's alone.
func Bundle(ctx context.Context, name string, d *Doctor) (err error) {
	if _, err := os.Stat(filepath.Join(d.Dir, database)); err != nil {
		return fmt.Errorf("there is no shop in %s; name the data folder with --dir", d.Dir)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name with --out", name)
	}
	if err != nil {
		return fmt.Errorf("make the bundle: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(name)) // half a bundle helps nobody
		}
	}()
	d.anonymous = true
	b := &bundle{zip.NewWriter(f), d}
	db, err := open(d.Dir)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer db.Close()
	if err := errors.Join(b.examined(ctx), b.logs()); err != nil {
		return err
	}
	// A damaged database is a reason to send a bundle: what cannot be read is said in it.
	for _, part := range []struct {
		name  string
		write func(w io.Writer, db *dbx.DB) error
	}{
		{"versions.txt", b.versions}, {"schema.sql", tables}, {"counts.txt", counts}, {"settings.txt", b.settings}, {"checks.txt", checks},
	} {
		var text strings.Builder
		if err := part.write(&text, db); err != nil {
			fmt.Fprintln(&text, "could not be read:", err)
		}
		if err := b.add(part.name, strings.NewReader(text.String())); err != nil {
			return err
		}
	}
	return b.zip.Close()
}

// add puts a text in, line by line without what looks personal.
func (b *bundle) add(name string, r io.Reader) error {
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.doctor.now})
	if err != nil {
		return err
	}
	here := strings.NewReplacer()
	if dir, err := filepath.Abs(b.doctor.Dir); err == nil && len(dir) > len(filepath.VolumeName(dir))+1 {
		here = strings.NewReplacer(dir, "‹…›", strings.ReplaceAll(dir, `\`, `\\`), "‹…›") // also as JSON has it
	}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if _, err := io.WriteString(w, redact.Text(here.Replace(line))); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read for %s: %w", name, err)
		}
	}
}

func (b *bundle) examined(ctx context.Context) error {
	var text strings.Builder
	b.doctor.Examine(ctx, func(l Line) {
		fmt.Fprintf(&text, "%s  %s: %s %s\n", l.State, l.Label, l.Said, l.Do)
	})
	return b.add("doctor.txt", strings.NewReader(text.String()))
}

// logs puts the log files in.
func (b *bundle) logs() error {
	files, err := filepath.Glob(filepath.Join(b.doctor.Dir, "logs", "shohay*.log"))
	if err != nil {
		return err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // put aside in between
		}
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		err = b.add("logs/"+filepath.Base(name), f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) versions(w io.Writer, db *dbx.DB) error {
	fmt.Fprintf(w, "shohay %s\nPocketBase %s\n%s %s/%s, %d processors\n", b.doctor.Version, b.doctor.PocketBase, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if system, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		fmt.Fprintf(w, "kernel %s\n", strings.TrimSpace(string(system)))
	}
	var sqlite string
	if err := db.NewQuery(`SELECT sqlite_version()`).Row(&sqlite); err != nil {
		return err
	}
	fmt.Fprintf(w, "SQLite %s\nmade %s\n", sqlite, b.doctor.now.UTC().Format(time.RFC3339))
	var migrations []string
	if err := db.NewQuery(`SELECT file FROM _migrations ORDER BY file`).Column(&migrations); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", strings.Join(migrations, "\n"))
	return nil
}

func tables(w io.Writer, db *dbx.DB) error {
	var list []string
	if err := db.NewQuery(`SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL ORDER BY tbl_name, type DESC, name`).Column(&list); err != nil {
		return err
	}
	for _, sql := range list {
		fmt.Fprintf(w, "%s;\n", sql)
	}
	return nil
}

func counts(w io.Writer, db *dbx.DB) error {
	var names []string
	if err := db.NewQuery(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name`).Column(&names); err != nil {
		return err
	}
	for _, name := range names {
		var n int64
		if err := db.NewQuery(`SELECT COUNT(*) FROM ` + db.QuoteTableName(name)).Row(&n); err != nil {
			fmt.Fprintf(w, "%s: %s\n", name, err)
			continue
		}
		fmt.Fprintf(w, "%s %d\n", name, n)
	}
	return nil
}

// checks are the states that the watchdog remembers; the name of a certificate
// is the shop's domain.
func checks(w io.Writer, db *dbx.DB) error {
	kept, err := watchdog.Memory(db)
	for _, r := range kept {
		of := r.Of
		if r.Kind == watchdog.KindCertificate {
			of = length(of)
		}
		fmt.Fprintf(w, "%s %s %s %s since %s\n", r.Kind, of, r.State, r.Code, r.Since.UTC().Format(time.RFC3339))
	}
	return err
}

// settings writes switches, numbers and choices, and of everything else only
// how long it is.
func (b *bundle) settings(w io.Writer, db *dbx.DB) error {
	for _, name := range settled {
		var raw []byte
		if err := db.NewQuery(`SELECT fields FROM _collections WHERE name = {:name}`).Bind(dbx.Params{"name": name}).Row(&raw); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var fields []struct {
			Name string `json:"name"`
			Type string `json:"type"`
		}
		if err := json.Unmarshal(raw, &fields); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var rows []dbx.NullStringMap
		if err := db.NewQuery(`SELECT * FROM ` + db.QuoteTableName(name)).All(&rows); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, row := range rows {
			fmt.Fprintf(w, "[%s]\n", name)
			for _, f := range fields {
				v := row[f.Name].String
				if !slices.Contains(told, f.Type) {
					v = length(v)
				}
				fmt.Fprintf(w, "%s = %s\n", f.Name, v)
			}
			fmt.Fprintln(w)
		}
	}
	var raw []byte
	if err := db.NewQuery(`SELECT value FROM _params WHERE id = 'settings'`).Row(&raw); err != nil {
		return err
	}
	var all any
	if err := json.Unmarshal(raw, &all); err != nil {
		fmt.Fprintln(w, "[PocketBase]\nencrypted")
		return nil
	}
	out, err := json.Marshal(bare(all), jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "[PocketBase]\n%s\n", out)
	return nil
}

// bare replaces every text in depth by its length.
func bare(v any) any {
	switch v := v.(type) {
	case string:
		return length(v)
	case []any:
		for i := range v {
			v[i] = bare(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = bare(v[k])
		}
	}
	return v
}

func length(s string) string {
	return fmt.Sprintf("‹%d›", utf8.RuneCountInString(s))
}
