package search

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/shohay/shohay/hooks/whole"
)

// Store is a database; core.App is one, inside a transaction too.
type Store interface{ DB() dbx.Builder }

// Column is a part of what is found, such as a question or an answer. Weights
// are those of bm25: of a word found as it is, and of one found by its key.
type Column struct {
	Name              string
	Weight, KeyWeight float64
}

// Index is one searchable set of rows. Make it with [NewIndex] and its tables
// in a migration with the statements of [Index.Schema].
type Index struct {
	Name    string
	Columns []Column
	// Numbered rows have a number of their room, which orders them, instead of
	// a record id, and a scope: marks to narrow a search by.
	Numbered bool

	table        string
	words, keys  string // column filters of FTS5
	put, putMany string
	weigh        string
}

// NewIndex describes the index of a room. Name is of letters.
func NewIndex(name string, columns ...Column) Index {
	return prepare(Index{Name: name, Columns: columns})
}

// NewNumbered describes an index whose rows have numbers and scopes.
func NewNumbered(name string, columns ...Column) Index {
	return prepare(Index{Name: name, Columns: columns, Numbered: true})
}

func prepare(ix Index) Index {
	ix.table = "shohay_search_" + ix.Name
	var words, keys, params, weights, keyWeights []string
	for i, c := range ix.Columns {
		words, keys = append(words, c.Name), append(keys, c.Name+"_key")
		weights = append(weights, strconv.FormatFloat(c.Weight, 'f', -1, 64))
		keyWeights = append(keyWeights, strconv.FormatFloat(c.KeyWeight, 'f', -1, 64))
		params = append(params, "{:w"+strconv.Itoa(i)+"}")
	}
	for i := range ix.Columns {
		params = append(params, "{:k"+strconv.Itoa(i)+"}")
	}
	columns := strings.Join(append(append([]string{}, words...), keys...), ", ")
	ix.words, ix.keys = "{"+strings.Join(words, " ")+"} : ", "{"+strings.Join(keys, " ")+"} : "
	if ix.Numbered {
		columns += ", scope"
		params = append(params, "{:scope}")
		keyWeights = append(keyWeights, "0")
	}
	ix.putMany = manySQL(ix.table, columns, 1+len(params))
	ix.put = "INSERT OR REPLACE INTO " + ix.table + " (rowid, " + columns + ") VALUES ({:n}, " + strings.Join(params, ", ") + ")"
	ix.weigh = "bm25(" + ix.table + ", " + strings.Join(append(weights, keyWeights...), ", ") + ")"
	return ix
}

// Schema are the statements that make the index's tables, for a migration to
// hold as they were and for a test to compare.
func (ix Index) Schema() []string {
	var columns []string
	for _, c := range ix.Columns {
		columns = append(columns, c.Name)
	}
	for _, c := range ix.Columns {
		columns = append(columns, c.Name+"_key")
	}
	if ix.Numbered {
		columns = append(columns, "scope")
	}
	list := []string{
		"CREATE VIRTUAL TABLE " + ix.table + " USING fts5(" + strings.Join(columns, ", ") +
			", content='', contentless_delete=1, prefix='2 3', tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",
		"CREATE VIRTUAL TABLE " + ix.table + "_words USING fts5vocab(" + ix.table + ", col)",
		"CREATE VIRTUAL TABLE " + ix.table + "_terms USING fts5vocab(" + ix.table + ", instance)",
	}
	if !ix.Numbered {
		list = append(list, "CREATE TABLE "+ix.table+"_rows (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)")
	}
	return list
}

// Put writes the texts of a record, one for each column, in place of what the
// index had of it. Call it in the record's transaction.
func (ix Index) Put(s Store, id string, texts ...string) error {
	var n int64
	err := s.DB().NewQuery("INSERT INTO " + ix.table + "_rows (id) VALUES ({:id}) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING n").
		Bind(dbx.Params{"id": id}).Row(&n)
	if err != nil {
		return fmt.Errorf("index %s: %w", ix.Name, err)
	}
	return ix.write(s, n, "", texts)
}

// Add is [Index.Put] of a record that the index has never had.
func (ix Index) Add(s Store, id string, texts ...string) error {
	r, err := s.DB().NewQuery("INSERT INTO " + ix.table + "_rows (id) VALUES ({:id})").Bind(dbx.Params{"id": id}).Execute()
	if err != nil {
		return fmt.Errorf("index %s: %w", ix.Name, err)
	}
	n, err := r.LastInsertId()
	if err != nil {
		return fmt.Errorf("index %s: %w", ix.Name, err)
	}
	return ix.write(s, n, "", texts)
}

// PutNumber writes the texts of a row that has a number, with the marks it can
// be narrowed by (see [Mark]).
func (ix Index) PutNumber(s Store, n int64, scope []string, texts ...string) error {
	return ix.write(s, n, strings.Join(scope, " "), texts)
}

func (ix Index) write(s Store, n int64, scope string, texts []string) error {
	if len(texts) != len(ix.Columns) {
		return fmt.Errorf("index %s has %d columns, not %d", ix.Name, len(ix.Columns), len(texts))
	}
	if b := batchOf(s); b != nil {
		return b.add(ix, n, scope, texts)
	}
	params := dbx.Params{"n": n}
	if ix.Numbered {
		params["scope"] = scope
	}
	for i, text := range texts {
		words, keys := ix.forms(text)
		params["w"+strconv.Itoa(i)], params["k"+strconv.Itoa(i)] = words, keys
	}
	if _, err := s.DB().NewQuery(ix.put).Bind(params).Execute(); err != nil {
		return fmt.Errorf("index %s: %w", ix.Name, err)
	}
	return nil
}

// mostIndexed is how much of a text is indexed: a long letter with all it
// quotes, not a novel.
const mostIndexed = 100_000

// forms are the stems and the keys of a text.
func (ix Index) forms(text string) (words, keys string) {
	if len(text) > mostIndexed {
		text = text[:mostIndexed]
	}
	var w, k strings.Builder
	for _, t := range Analyse(text) {
		if w.Len() > 0 {
			w.WriteByte(' ')
		}
		w.WriteString(t.Stem)
		if t.Root != "" && !ix.Numbered && !IsStop(t.Word) {
			k.WriteByte(' ')
			k.WriteString(t.Root)
		}
		if t.Key == "" {
			continue
		}
		if k.Len() > 0 {
			k.WriteByte(' ')
		}
		// In years of messages two consonants are found everywhere: there only
		// their sound is kept.
		short := len(t.Key) < longKey
		if short {
			k.WriteString(t.sounds())
		}
		if !short || !ix.Numbered {
			if short {
				k.WriteByte(' ')
			}
			k.WriteString(t.Key)
		}
	}
	return w.String(), k.String()
}

// Remove takes a record out.
func (ix Index) Remove(s Store, id string) error {
	var ns []int64
	err := s.DB().NewQuery("DELETE FROM " + ix.table + "_rows WHERE id = {:id} RETURNING n").Bind(dbx.Params{"id": id}).Column(&ns)
	for _, n := range ns {
		err = errors.Join(err, ix.RemoveNumber(s, n))
	}
	return err
}

// RemoveNumber takes the row of a number out.
func (ix Index) RemoveNumber(s Store, n int64) error {
	if b := batchOf(s); b != nil {
		if err := b.flush(); err != nil {
			return err
		}
	}
	_, err := s.DB().NewQuery("DELETE FROM " + ix.table + " WHERE rowid = {:n}").Bind(dbx.Params{"n": n}).Execute()
	return err
}

// Clear empties the index.
func (ix Index) Clear(s Store) error {
	_, err := s.DB().NewQuery("INSERT INTO " + ix.table + " (" + ix.table + ") VALUES ('delete-all')").Execute()
	if err == nil && !ix.Numbered {
		_, err = s.DB().NewQuery("DELETE FROM " + ix.table + "_rows").Execute()
	}
	return err
}

// Mark makes a mark of a row's scope: a letter for the kind and a value of
// letters and digits. It begins with a private character, so that no word of a
// text is one.
func Mark(kind byte, value string) string { return "\ue000" + string(rune(kind)) + value }

// Wanted is what every row found must have.
type Wanted struct {
	Terms   []Term
	Phrases []Phrase   // word by word
	Without []Phrase   // what no row may have
	Any     [][]string // of each list one mark at least
	None    []string   // marks that no row may have
}

// Match is the expression of FTS5 for what is wanted, "" for nothing.
func (ix Index) Match(w Wanted, m Matching) string {
	var all, none []string
	for _, t := range w.Terms {
		all = append(all, ix.termExpression(t, m))
	}
	for _, p := range w.Phrases {
		all = append(all, ix.words+exact(p))
	}
	for _, marks := range w.Any {
		all = append(all, anyMark(marks))
	}
	for _, p := range w.Without {
		none = append(none, ix.words+exact(p))
	}
	for _, mark := range w.None {
		none = append(none, "{scope} : "+quote(mark))
	}
	match := strings.Join(all, " AND ")
	if len(all) > 0 && len(none) > 0 {
		match = "(" + match + ") NOT (" + strings.Join(none, " OR ") + ")"
	}
	return match
}

func anyMark(marks []string) string {
	return "{scope} : " + anyOf(marks)
}

// exact asks for the tokens one after the other.
func exact(p Phrase) string {
	stems := make([]string, len(p))
	for i, t := range p {
		stems[i] = t.Stem
	}
	return quote(strings.Join(stems, " "))
}

// Newest lists the numbers of matching rows from a lowest one up to below
// before (0 is the end), the highest first. Words that are everywhere and never
// together are looked for through all rows: bound what is looked at.
func (ix Index) Newest(ctx context.Context, s Store, match string, from, before int64, limit int) (numbers []int64, err error) {
	if match == "" {
		return nil, nil
	}
	query := "SELECT rowid FROM " + ix.table + " WHERE " + ix.table + " MATCH {:match}"
	if from > 0 {
		query += " AND rowid >= {:from}"
	}
	if before > 0 {
		query += " AND rowid < {:before}"
	}
	err = whole.Column(ctx, s.DB().NewQuery(query+" ORDER BY rowid DESC LIMIT "+strconv.Itoa(limit)).
		Bind(dbx.Params{"match": match, "from": from, "before": before}), &numbers)
	return numbers, err
}

// IDs lists records that match, the last written first.
func (ix Index) IDs(ctx context.Context, s Store, match string, limit int) (ids []string, err error) {
	if match == "" {
		return nil, nil
	}
	err = whole.Column(ctx, s.DB().NewQuery("SELECT r.id FROM "+ix.table+" f JOIN "+ix.table+"_rows r ON r.n = f.rowid WHERE "+ix.table+" MATCH {:match} ORDER BY f.rowid DESC LIMIT "+strconv.Itoa(limit)).
		Bind(dbx.Params{"match": match}), &ids)
	return ids, err
}

// Longest is how long one search may take.
const Longest = 2 * time.Second

// ErrBusy says that all places for searches were taken for too long.
var ErrBusy = errors.New("too many searches at once")

// slots are few, so that searches never take the connections and the
// processors that answering customers needs.
var slots = make(chan struct{}, 2)

// Within runs a search in one of two slots, for [Longest] at most with the
// wait.
func Within(ctx context.Context, run func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, Longest)
	defer cancel()
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return ErrBusy
	}
	defer func() { <-slots }()
	err := run(ctx)
	if ctx.Err() != nil {
		// Whatever the database calls being interrupted: rows that were read
		// until then even come without an error.
		return ErrBusy
	}
	return err
}
