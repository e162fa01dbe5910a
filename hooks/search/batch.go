package search

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/pocketbase/dbx"
)

// FTS5 gathers what one statement brings and writes it out before the next:
// rows that come one by one become a segment each, all of which are merged
// again later. Together gathers the rows of many statements.

// mostGathered is how many bytes of texts are held for one statement.
const mostGathered = 1 << 20

// batches are the transactions in which rows are gathered, by their builder.
var batches sync.Map

// batch is used by the one goroutine that its transaction belongs to.
type batch struct {
	s     Store
	order []Index
	rows  map[string][][]any // by table: the columns of put
	bytes int
}

func batchOf(s Store) *batch {
	b, _ := batches.Load(s.DB())
	found, _ := b.(*batch)
	return found
}

// Together runs f, and writes what it puts into indexes in one statement for
// each index: call it in a transaction, of which s is the store. What f puts
// is not found by a search of that transaction before it ends.
func Together(s Store, f func() error) error {
	if batchOf(s) != nil {
		return f()
	}
	b := &batch{s: s, rows: map[string][][]any{}}
	key := s.DB()
	batches.Store(key, b)
	defer batches.Delete(key)
	if err := f(); err != nil {
		return err
	}
	return b.flush()
}

func (b *batch) add(ix Index, n int64, scope string, texts []string) error {
	row := make([]any, 1, 2+2*len(texts))
	row[0] = n
	var keys []any
	for _, text := range texts {
		w, k := ix.forms(text)
		row, keys = append(row, w), append(keys, k)
		b.bytes += len(w) + len(k)
	}
	row = append(row, keys...)
	if ix.Numbered {
		row = append(row, scope)
	}
	if b.rows[ix.table] == nil {
		b.order = append(b.order, ix)
	}
	b.rows[ix.table] = append(b.rows[ix.table], row)
	if b.bytes > mostGathered {
		return b.flush()
	}
	return nil
}

// flush writes what was gathered. One text for every number of rows: SQLite
// compiles it once.
func (b *batch) flush() error {
	order, rows := b.order, b.rows
	b.order, b.rows, b.bytes = nil, map[string][][]any{}, 0
	for _, ix := range order {
		list, err := json.Marshal(rows[ix.table], jsontext.AllowInvalidUTF8(true))
		if err != nil {
			return fmt.Errorf("index %s: %w", ix.Name, err)
		}
		if _, err := b.s.DB().NewQuery(ix.putMany).Bind(dbx.Params{"rows": string(list)}).Execute(); err != nil {
			return fmt.Errorf("index %s: %w", ix.Name, err)
		}
	}
	return nil
}

// manySQL is the statement that puts many rows of so many columns.
func manySQL(table, columns string, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = "json_extract(j.value, '$[" + strconv.Itoa(i) + "]')"
	}
	return "INSERT OR REPLACE INTO " + table + " (rowid, " + columns + ") SELECT " + strings.Join(parts, ", ") + " FROM json_each({:rows}) j"
}
