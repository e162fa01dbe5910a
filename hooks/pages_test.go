package hooks_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/shohay/shohay/hooks"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

func init() { hooks.SharePages() } // before any test opens a database

// pagesInUse are the pages that lie in the shared memory now.
func pagesInUse(t *testing.T, what int32) int {
	t.Helper()
	tls := libc.NewTLS()
	defer tls.Close()
	now, most := libc.Xcalloc(tls, 1, 8), libc.Xcalloc(tls, 1, 8)
	defer libc.Xfree(tls, now)
	defer libc.Xfree(tls, most)
	if rc := sqlite3.Xsqlite3_status(tls, what, now, most, 0); rc != sqlite3.SQLITE_OK {
		t.Fatal("sqlite3_status: ", rc)
	}
	return int(libc.AtomicLoadNInt32(now, 0))
}

// However many connections read however much, the pages they keep are bounded.
func TestPagesOfAllConnectionsAreBounded(t *testing.T) {
	before := pagesInUse(t, sqlite3.SQLITE_STATUS_PAGECACHE_USED)
	db, err := hooks.ConnectDB(filepath.Join(t.TempDir(), "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range []string{
		"CREATE TABLE t (x BLOB)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 6000) INSERT INTO t SELECT randomblob(3900) FROM n", // 24 MB
	} {
		if _, err := db.NewQuery(sql).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 { // each reads all of it
		conn, err := db.DB().Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var sum int
		if err := conn.QueryRowContext(context.Background(), "SELECT SUM(LENGTH(x)) FROM t").Scan(&sum); err != nil || sum != 6000*3900 {
			t.Fatal(sum, err)
		}
	}
	used := pagesInUse(t, sqlite3.SQLITE_STATUS_PAGECACHE_USED)
	if used <= before+hooks.MaxPages/2 || used > hooks.MaxPages {
		t.Errorf("%d pages in use, %d before", used, before)
	}
	if over := pagesInUse(t, sqlite3.SQLITE_STATUS_PAGECACHE_OVERFLOW); over > 1<<20 {
		t.Errorf("%d bytes lie elsewhere", over)
	}
}
