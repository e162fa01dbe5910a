package hookstest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pocketbase/dbx"
)

// Dump says in one line a table what the database of a data folder holds, so
// that two folders can be compared row by row. Nobody else has it open.
func Dump(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "data.db"))+"?mode=ro")
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	var tables []string
	err = db.NewQuery(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_litestream\_%' ESCAPE '\'`).Column(&tables)
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string]string{}
	for _, t := range tables {
		rows, err := db.NewQuery(`SELECT * FROM ` + db.QuoteTableName(t) + ` ORDER BY 1, 2`).Rows()
		if err != nil {
			tb.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			tb.Fatal(err)
		}
		sum, n := sha256.New(), 0
		for ; rows.Next(); n++ {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				tb.Fatal(err)
			}
			fmt.Fprintf(sum, "%q\n", values)
		}
		if err := rows.Close(); err != nil {
			tb.Fatal(err)
		}
		all[t] = fmt.Sprintf("%d rows %x", n, sum.Sum(nil))
	}
	return all
}

// Same compares every row of every table, but for the tables named, and every
// stored file and kept mail of two data folders that nobody has open.
func Same(tb testing.TB, was, is string, but ...string) {
	tb.Helper()
	files := func(dir string) map[string]string {
		all := map[string]string{}
		for _, sub := range []string{"storage", "mail"} {
			_ = filepath.WalkDir(filepath.Join(dir, sub), func(name string, e os.DirEntry, err error) error {
				if err == nil && e.Type().IsRegular() && e.Name()[0] != '.' { // what was being written
					raw, _ := os.ReadFile(name)
					rel, _ := filepath.Rel(dir, name)
					all[rel] = string(raw)
				}
				return nil // a folder that is not there has no files
			})
		}
		return all
	}
	a, b := files(was), files(is)
	if len(a) == 0 || len(a) != len(b) {
		tb.Errorf("%d files became %d", len(a), len(b))
	}
	for name := range a {
		if a[name] != b[name] {
			tb.Errorf("%s changed", name)
		}
	}
	x, y := Dump(tb, was), Dump(tb, is)
	if len(x) < 5 {
		tb.Fatalf("%d tables", len(x))
	}
	for table := range x {
		if table != "_params" && x[table] != y[table] && !slices.Contains(but, table) {
			tb.Errorf("table %s changed: %s, %s", table, x[table], y[table])
		}
	}
}
