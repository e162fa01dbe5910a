package hookstest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	for name := range compare(tb, was, is, but) {
		tb.Errorf("%s is too many", name)
	}
}

// Back is Same for a folder that came back from a replica, which keeps for a
// while what was deleted: files may be there beside those of the shop if
// nothing names them.
func Back(tb testing.TB, was, is string, but ...string) {
	tb.Helper()
	for name := range compare(tb, was, is, but) {
		if by := namedBy(tb, is, name); by != "" {
			tb.Errorf("%s is too many, and named by %s", name, by)
		} else {
			tb.Logf("%s was deleted and came back; nothing names it", name)
		}
	}
}

// compare returns the files that are only in the second folder.
func compare(tb testing.TB, was, is string, but []string) (more map[string]string) {
	tb.Helper()
	a, b := filesOf(was), filesOf(is)
	if len(a) == 0 {
		tb.Error("there are no files")
	}
	for name := range a {
		if raw, there := b[name]; !there {
			tb.Errorf("%s is missing", name)
		} else if raw != a[name] {
			tb.Errorf("%s changed", name)
		}
		delete(b, name)
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
	return b
}

// Has tells whether a data folder has every file of another one, which may be
// in use.
func Has(is, was string) bool {
	there := filesOf(is)
	for name := range filesOf(was) {
		if _, ok := there[name]; !ok {
			return false
		}
	}
	return true
}

// filesOf reads the stored files and kept mails of a data folder.
func filesOf(dir string) map[string]string {
	all := map[string]string{}
	for _, sub := range []string{"storage", "mail"} {
		_ = filepath.WalkDir(filepath.Join(dir, sub), func(name string, e os.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && e.Name()[0] != '.' { // what was being written
				raw, _ := os.ReadFile(name)
				rel, _ := filepath.Rel(dir, name)
				all[filepath.ToSlash(rel)] = string(raw)
			}
			return nil // a folder that is not there has no files
		})
	}
	return all
}

// namedBy is the row of a data folder's database that names a file, "" if none
// does.
func namedBy(tb testing.TB, dir, file string) string {
	tb.Helper()
	db, err := dbx.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "data.db"))+"?mode=ro")
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	parts := strings.Split(file, "/")
	type ask struct{ table, column, value, name string }
	var asks []ask
	switch {
	case parts[0] == "storage" && len(parts) > 3:
		var table string
		if err := db.NewQuery(`SELECT name FROM _collections WHERE id = {:id}`).Bind(dbx.Params{"id": parts[1]}).Row(&table); err != nil {
			tb.Fatalf("whose is %s? %v", file, err)
		}
		asks = append(asks, ask{table, "id", parts[2], strings.TrimPrefix(strings.TrimSuffix(parts[3], ".attrs"), "thumbs_")})
	case parts[0] == "mail" && len(parts) == 3:
		sha := strings.TrimSuffix(parts[2], ".eml")
		asks = append(asks, ask{"messages", "raw", sha, sha}, ask{"quarantine", "raw", sha, sha}, ask{"outbox", "id", sha, sha})
	default:
		tb.Fatalf("what is %s?", file)
	}
	for _, a := range asks {
		rows, err := db.NewQuery(`SELECT * FROM ` + db.QuoteTableName(a.table) + ` WHERE ` + db.QuoteColumnName(a.column) + ` = {:value}`).Bind(dbx.Params{"value": a.value}).Rows()
		if err != nil {
			tb.Fatal(err)
		}
		for rows.Next() {
			row := dbx.NullStringMap{}
			if err := rows.ScanMap(row); err != nil {
				tb.Fatal(err)
			}
			for column, v := range row {
				if strings.Contains(v.String, a.name) {
					rows.Close()
					return a.table + "." + column
				}
			}
		}
		if err := rows.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return ""
}
