package whole_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
	_ "modernc.org/sqlite"
)

// numbers is a query of so many rows.
const numbers = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {:most}) SELECT n, 'row ' || n AS name FROM c`

func open(t *testing.T) *dbx.DB {
	t.Helper()
	db, err := dbx.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.DB().SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

type row struct {
	N    int    `db:"n"`
	Name string `db:"name"`
}

func TestRowsAreReadToTheEnd(t *testing.T) {
	db := open(t)
	q := func(most int) *dbx.Query { return db.NewQuery(numbers).Bind(dbx.Params{"most": most}) }
	list := []row{{N: 99}}
	if err := whole.All(context.Background(), q(3), &list); err != nil || len(list) != 3 || list[2] != (row{3, "row 3"}) {
		t.Errorf("%v, %v", list, err)
	}
	var ns []int64
	if err := whole.Column(context.Background(), db.NewQuery(`SELECT n FROM (`+numbers+`)`).Bind(dbx.Params{"most": 4}), &ns); err != nil || len(ns) != 4 || ns[3] != 4 {
		t.Errorf("%v, %v", ns, err)
	}
	if err := whole.Column(context.Background(), db.NewQuery(`SELECT 1 WHERE FALSE`), &ns); err != nil || len(ns) != 0 {
		t.Errorf("nothing is a whole answer too: %v, %v", ns, err)
	}
}

func TestRowsThatWereReadUntilTheTimeWasOverAreNoAnswer(t *testing.T) {
	db := open(t)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	list := []row{{N: 99}}
	err := whole.All(ctx, db.NewQuery(numbers).Bind(dbx.Params{"most": 1 << 40}), &list)
	if err == nil || ctx.Err() == nil {
		t.Fatalf("%d rows, %v", len(list), err)
	}
	if len(list) != 1 || list[0].N != 99 {
		t.Error("part of an answer was given")
	}
}

func TestRowsThatWereReadUntilAnErrorAreNoAnswer(t *testing.T) {
	db := open(t)
	var ns []int64
	// json() of the third row is no JSON.
	err := whole.Column(context.Background(), db.NewQuery(`SELECT json_extract(v, '$') FROM (SELECT '1' AS v UNION ALL SELECT '2' UNION ALL SELECT '{')`), &ns)
	if err == nil || errors.Is(err, context.DeadlineExceeded) || ns != nil {
		t.Errorf("%v, %v", ns, err)
	}
}
