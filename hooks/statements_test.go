package hooks

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
)

func openTest(t *testing.T) *dbx.DB {
	t.Helper()
	db, err := ConnectDB(filepath.Join(t.TempDir(), "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func run(t *testing.T, db *dbx.DB, query string) {
	t.Helper()
	if _, err := db.NewQuery(query).Execute(); err != nil {
		t.Fatal(query, ": ", err)
	}
}

// A kept statement sees a changed schema: new columns, columns that are gone,
// a table that was made anew.
func TestKeptStatementsFollowTheSchema(t *testing.T) {
	db := openTest(t)
	run(t, db, `CREATE TABLE a (x, y)`)
	run(t, db, `INSERT INTO a VALUES (1, 2)`)
	columns := func() string {
		t.Helper()
		rows, err := db.NewQuery(`SELECT * FROM a`).Rows()
		if err != nil {
			return err.Error()
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(names, ",")
	}
	for _, step := range []struct{ change, want string }{
		{`SELECT 1`, "x,y"},
		{`ALTER TABLE a ADD COLUMN z`, "x,y,z"},
		{`ALTER TABLE a DROP COLUMN y`, "x,z"},
		{`ALTER TABLE a RENAME COLUMN x TO w`, "w,z"},
		{`DELETE FROM a`, "w,z"},
		{`DROP TABLE a`, "no such table"},
		{`CREATE TABLE a (q)`, "q"},
	} {
		run(t, db, step.change)
		for range 3 {
			if got := columns(); !strings.Contains(got, step.want) {
				t.Errorf("after %s: %s", step.change, got)
			}
		}
	}
}

func TestAQueryInsideTheLoopOverItself(t *testing.T) {
	db := openTest(t)
	db.DB().SetMaxOpenConns(1)
	run(t, db, `CREATE TABLE a (x INTEGER)`)
	run(t, db, `INSERT INTO a VALUES (1), (2), (3)`)
	const query = `SELECT x FROM a WHERE x >= {:x} ORDER BY x`
	err := db.Transactional(func(tx *dbx.Tx) error {
		outer, err := tx.NewQuery(query).Bind(dbx.Params{"x": 1}).Rows()
		if err != nil {
			return err
		}
		defer outer.Close()
		var got []string
		for outer.Next() {
			var x int
			if err := outer.Scan(&x); err != nil {
				return err
			}
			var inner []int
			if err := tx.NewQuery(query).Bind(dbx.Params{"x": x}).Column(&inner); err != nil {
				return err
			}
			got = append(got, fmt.Sprint(x, inner))
		}
		if all := strings.Join(got, " "); all != "1 [1 2 3] 2 [2 3] 3 [3]" {
			t.Errorf("got %s", all)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnErrorDoesNotStick(t *testing.T) {
	db := openTest(t)
	db.DB().SetMaxOpenConns(1)
	run(t, db, `CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT CHECK (y != 'bad'))`)
	insert := func(x int, y any) error {
		_, err := db.NewQuery(`INSERT INTO a VALUES ({:x}, {:y})`).Bind(dbx.Params{"x": x, "y": y}).Execute()
		return err
	}
	for i := range 5 {
		if err := insert(i, "good"); err != nil {
			t.Fatal(err)
		}
		if err := insert(i, "good"); err == nil || !strings.Contains(err.Error(), "UNIQUE") {
			t.Errorf("a double: %v", err)
		}
		if err := insert(100+i, "bad"); err == nil || !strings.Contains(err.Error(), "CHECK") {
			t.Errorf("a bad one: %v", err)
		}
		var y sql.NullString
		if err := db.NewQuery(`INSERT INTO a VALUES ({:x}, {:y}) RETURNING y`).Bind(dbx.Params{"x": i, "y": "again"}).Row(&y); err == nil {
			t.Error("a double was returned")
		}
		if err := db.NewQuery(`INSERT INTO a VALUES ({:x}, {:y}) RETURNING y`).Bind(dbx.Params{"x": 50 + i, "y": nil}).Row(&y); err != nil || y.Valid {
			t.Errorf("returning: %v, %v: what was bound before is still there", y, err)
		}
	}
	if err := db.NewQuery(`SELEC nonsense`).Row(new(int)); err == nil {
		t.Error("nonsense is a query")
	}
	var n int
	if err := db.NewQuery(`SELECT COUNT(*) FROM a`).Row(&n); err != nil || n != 10 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestManyQueriesAndGoroutines(t *testing.T) {
	db := openTest(t)
	db.DB().SetMaxOpenConns(4)
	run(t, db, `CREATE TABLE a (x INTEGER)`)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 3 * keptStatements {
				var n int
				if err := db.NewQuery(fmt.Sprintf(`SELECT %d + COUNT(*) * 0 FROM a`, i%(2*keptStatements))).Row(&n); err != nil || n != i%(2*keptStatements) {
					t.Errorf("got %d, %v", n, err)
					return
				}
				if w == 0 && i%10 == 0 {
					if _, err := db.NewQuery(`INSERT INTO a VALUES ({:x})`).Bind(dbx.Params{"x": i}).Execute(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
