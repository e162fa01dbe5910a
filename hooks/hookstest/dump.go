package hookstest

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
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
	err = db.NewQuery(`SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`).Column(&tables)
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
