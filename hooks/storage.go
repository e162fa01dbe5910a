package hooks

import (
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/pocketbase/dbx"
)

// Pool of each database. SQLite's pages lie outside the Go heap, so the memory
// limit does not see them: SharePages bounds them.
const (
	OpenConns = 8
	IdleConns = 4

	memoryLimit = 200 << 20 // bytes, unless GOMEMLIMIT says otherwise
)

// ConnectDB opens a database as PocketBase does, but with a smaller cache, and
// data.db with synchronous=FULL: what was answered with 200 is on the disk
// even when the power goes. The auxiliary database holds logs only. A
// transaction asks for the right to write when it begins: one that asks later,
// having read, is refused at once instead of waiting while the replica's own
// connection writes.
func ConnectDB(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if filepath.Base(path) == "auxiliary.db" {
		synchronous = "NORMAL"
	}
	return openKeeping(path + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
		"&_pragma=synchronous(" + synchronous + ")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8000)&_defensive=1&_txlock=immediate")
}

// LimitMemory bounds the databases' pages and sets the heap's soft limit, for
// small machines. Call it first.
func LimitMemory() {
	SharePages()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
