package lookup

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/search"
)

const (
	pageOf       = 30
	chunk        = 300    // hits that are looked at together
	mostScanned  = 30_000 // hits that are looked at for one page
	firstWindow  = 10_000 // messages that are searched at first, the newest
	mostWeighed  = 300    // the newest hits, which the best are chosen from
	mostContacts = 5
	snippetWidth = 160

	pageTime = 28 * time.Millisecond // from the question on, after which a page is given as it is, and the next goes on
)

// Request is one search.
type Request struct {
	Text   string
	Agent  string
	Before string // cursor of the page before
	Best   bool   // the best first instead of the newest
	Typing bool   // the last word may go on
	Limit  int

	begun time.Time
}

// left is what is left of the time for a page.
func (r Request) left() time.Duration { return pageTime - time.Since(r.begun) }

// Found is a conversation with the message that was found in it; a search for
// conditions on conversations alone finds no message.
type Found struct {
	Conversation conversation.Row `json:"conversation"`
	Message      *Message         `json:"message"`
	Snippet      []search.Piece   `json:"snippet"`
	Hits         int              `json:"hits"` // messages of it among those that were looked at
}

// Message tells where a snippet comes from.
type Message struct {
	ID      string `json:"id"`
	Seq     int64  `json:"seq"`
	Kind    string `json:"kind"`
	Created string `json:"created"`
}

// Answer is a page of results. Contacts come with the first. Loose says that
// nothing had the words as they were typed and what is like them was taken.
type Answer struct {
	Rows     []Found               `json:"rows"`
	Contacts []contact.ContactView `json:"contacts"`
	Next     string                `json:"next"`
	Number   string                `json:"number"` // id of the conversation whose number was typed
	Loose    bool                  `json:"loose"`
	Filling  int64                 `json:"filling"` // messages that are not searchable yet
}

// Find runs a search. Its errors for people are of type [Wrong].
func (room *Room) Find(ctx context.Context, app core.App, r Request) (Answer, error) {
	answer := Answer{Rows: []Found{}, Contacts: []contact.ContactView{}}
	asked, err := Parse(r.Text)
	if err != nil {
		return answer, err
	}
	if r.Limit <= 0 || r.Limit > 100 {
		r.Limit = pageOf
	}
	cursor, err := readCursor(r.Before)
	if err != nil {
		return answer, err
	}
	err = search.Within(ctx, func(ctx context.Context) error {
		r.begun = time.Now()
		p, err := planFor(ctx, app, asked, r.Agent, r.Typing)
		if err != nil {
			return err
		}
		if r.Before == "" {
			if err := room.beside(ctx, app, asked, &answer); err != nil {
				return err
			}
		}
		switch {
		case p.none, !p.spoken && !p.narrow:
			return nil
		case !p.spoken:
			return room.listed(ctx, app, p, r, cursor, &answer)
		}
		return room.spoken(ctx, app, p, r, cursor, &answer)
	})
	return answer, err
}

// beside finds what stands beside the list: the conversation of a number, the
// customers of a name, and how much is missing still.
func (room *Room) beside(ctx context.Context, app core.App, a Asked, answer *Answer) (err error) {
	if answer.Filling, err = toFill(app); err != nil {
		return err
	}
	if a.Number > 0 {
		id, err := numbered(app, a.Number)
		if err != nil {
			return err
		}
		if id != "" {
			rows, err := room.rows.Rows(app, id)
			if err != nil {
				return err
			}
			for _, row := range rows {
				answer.Number = row.ID
				answer.Rows = append(answer.Rows, Found{Conversation: row, Snippet: []search.Piece{}})
			}
		}
	}
	if a.Words == "" || len(a.Filters)+len(a.Phrases)+len(a.Without) > 0 {
		return nil
	}
	ids, err := people(ctx, app, a.Words, mostContacts)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if v, err := contact.View(app, id); err == nil {
			answer.Contacts = append(answer.Contacts, v)
		}
	}
	return nil
}

// listed are conversations that fulfil conditions of their own.
func (room *Room) listed(ctx context.Context, app core.App, p *plan, r Request, c cursor, answer *Answer) error {
	places, last, more, err := p.page(ctx, app, place{Activity: c.activity, ID: c.id}, r)
	if err != nil {
		return err
	}
	if more {
		answer.Next = cursor{activity: last.Activity, id: last.ID}.String()
	}
	ids := make([]string, len(places))
	for i, at := range places {
		ids[i] = at.ID
	}
	rows, err := room.inOrder(app, ids)
	for _, row := range rows {
		answer.Rows = append(answer.Rows, Found{Conversation: row, Snippet: []search.Piece{}})
	}
	return err
}

func (room *Room) inOrder(app core.App, ids []string) ([]conversation.Row, error) {
	rows, err := room.rows.Rows(app, ids...)
	slices.SortFunc(rows, func(a, b conversation.Row) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return rows, err
}

// group are the hits of one conversation, the newest first.
type group struct {
	conversation string
	seqs         []int64
}

// spoken are conversations in which something was said.
func (room *Room) spoken(ctx context.Context, app core.App, p *plan, r Request, c cursor, answer *Answer) error {
	if p.narrow {
		places, complete, err := p.all(ctx, app, selective)
		if err != nil || complete && len(places) == 0 {
			return err
		}
		if complete {
			marks := make([]string, len(places))
			for i, at := range places {
				marks[i] = search.Mark(markConversation, at.ID)
			}
			p.few, p.wanted.Any = true, append(p.wanted.Any, marks)
		}
	}
	loose := false
	groups, next, err := p.read(ctx, app, loose, c.seq, r)
	empty := len(groups) == 0 && (c.seq == 0 || c.empty) // nothing yet, on the pages before either
	if err == nil && empty && next == 0 && len(p.wanted.Terms) > 0 {
		// Shorter keys and words one letter away are taken only when there is
		// nothing else: in years of messages they are found by accident.
		loose = true
		for i := range p.wanted.Terms {
			if p.wanted.Terms[i].Marks == nil && err == nil {
				err = mend(ctx, app, &p.wanted.Terms[i])
			}
		}
		if err == nil {
			groups, next, err = p.read(ctx, app, loose, 0, r)
		}
		answer.Loose = len(groups) > 0
	}
	if err != nil {
		return err
	}
	if next > 0 && !loose { // a loose search has no second page: its words were found for this one
		answer.Next = cursor{seq: next, empty: empty}.String()
	}
	return room.show(ctx, app, p, r, groups, answer)
}

// mend repairs a word that no message has.
func mend(ctx context.Context, app core.App, t *search.Term) error {
	seqs, err := messages.Newest(ctx, app, messages.Match(search.Wanted{Terms: []search.Term{*t}}, search.ByKey), 0, 0, 1)
	if err != nil || len(seqs) > 0 {
		return err
	}
	return messages.Repair(ctx, app, t, true)
}

// read collects hits by conversation until a page is full or the time for one
// is over. next is the seq to go on below, 0 at the end.
func (p *plan) read(ctx context.Context, app core.App, loose bool, before int64, r Request) (groups []group, next int64, err error) {
	m := search.ByLongKey
	if loose {
		m = search.ByKey
	}
	if before == 0 {
		if before, err = newestSeq(app); err != nil {
			return nil, 0, err
		}
		before++
	}
	match := messages.Match(p.wanted, m)
	at := map[string]int{}
	scanned := 0
	width := int64(firstWindow)
	if p.few || slices.ContainsFunc(p.wanted.Terms, func(t search.Term) bool { return len(t.Marks) > 0 }) {
		width = before // marks leave few rows, and are looked up each time
	}
	for before > 1 {
		from, asked := max(before-width, 1), time.Now()
		seqs, err := messages.Newest(ctx, app, match, from, before, chunk)
		if err != nil {
			return nil, 0, err
		}
		if before = from; len(seqs) == chunk {
			before = seqs[len(seqs)-1]
		} else if loose { // it goes to the end, however long that takes
			width *= 4
		} else {
			// A part of the time that is left: how long a stretch takes is only
			// guessed from the one before.
			width = int64(fitting(int(width), time.Since(asked), r.left()/3))
		}
		found, err := p.hits(ctx, app, seqs)
		if err != nil {
			return nil, 0, err
		}
		for _, h := range found {
			i, known := at[h.Conversation]
			if !known && len(groups) == r.Limit && !r.Best {
				return groups, h.Seq + 1, nil
			}
			if !known {
				i = len(groups)
				at[h.Conversation] = i
				groups = append(groups, group{conversation: h.Conversation})
			}
			groups[i].seqs = append(groups[i].seqs, h.Seq)
		}
		scanned += len(seqs)
		late := r.left() <= 0
		switch {
		case r.Best && len(groups) > 0 && (scanned >= mostWeighed || late):
			return groups, 0, nil
		case before > 1 && !loose && late, scanned >= mostScanned:
			return groups, before, nil
		}
	}
	return groups, 0, nil
}

// show makes the rows of a page.
func (room *Room) show(ctx context.Context, app core.App, p *plan, r Request, groups []group, answer *Answer) error {
	if len(groups) == 0 {
		return nil
	}
	// Of each conversation the newest hits are read; the best of them is shown.
	each := 3
	if r.Best {
		each = 10
	}
	var seqs []int64
	for _, g := range groups {
		seqs = append(seqs, g.seqs[:min(len(g.seqs), each)]...)
	}
	said, err := texts(ctx, app, seqs)
	if err != nil {
		return err
	}
	terms := p.wanted.Terms
	for _, phrase := range p.wanted.Phrases {
		for _, t := range phrase {
			terms = append(terms, search.Term{Token: t})
		}
	}
	type shown struct {
		found Found
		score float64
	}
	all := map[string]shown{}
	ids := make([]string, 0, len(groups))
	for _, g := range groups {
		best := shown{score: -1}
		for i, seq := range g.seqs[:min(len(g.seqs), each)] {
			t, ok := said[seq]
			if !ok {
				continue
			}
			pieces, has, whole := snippetOf(t, terms)
			score := float64(has) + 0.4*float64(whole) - 0.05*float64(i)
			if score > best.score {
				best = shown{Found{Message: &Message{t.ID, t.Seq, t.Kind, strings.Replace(t.Created, " ", "T", 1)}, Snippet: pieces, Hits: len(g.seqs)}, score}
			}
		}
		best.score += math.Log1p(float64(len(g.seqs))) / 4
		all[g.conversation] = best
		ids = append(ids, g.conversation)
	}
	if r.Best {
		slices.SortStableFunc(ids, func(a, b string) int {
			switch d := all[b].score - all[a].score; {
			case d > 0:
				return 1
			case d < 0:
				return -1
			}
			return 0
		})
		ids = ids[:min(len(ids), r.Limit)]
	}
	rows, err := room.inOrder(app, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.ID == answer.Number {
			continue
		}
		f := all[row.ID].found
		f.Conversation = row
		answer.Rows = append(answer.Rows, f)
	}
	return nil
}

// snippetOf shows the subject before the text if that is where the words are.
// whole is how many words were found as they were typed.
func snippetOf(t text, terms []search.Term) (pieces []search.Piece, has, whole int) {
	pieces, has = search.Snippet(t.Text, terms, snippetWidth)
	if t.Subject != "" {
		subject, in := search.Snippet(t.Subject, terms, snippetWidth/2)
		if in > has || in > 0 && t.Text == "" {
			pieces, has = subject, in
			if t.Text != "" {
				rest, _ := search.Snippet(t.Text, nil, snippetWidth/2)
				pieces = append(append(pieces, search.Piece{Text: " — "}), rest...)
			}
		}
	}
	for _, p := range pieces {
		if p.Hit && slices.ContainsFunc(terms, func(term search.Term) bool { return search.Fold(p.Text) == term.Word }) {
			whole++
		}
	}
	return pieces, has, whole
}

// cursor is where the next page begins: below a seq, or below a place in the
// list of conversations.
type cursor struct {
	seq          int64
	empty        bool // nothing was found above
	activity, id string
}

func (c cursor) String() string {
	s := "s" + strconv.FormatInt(c.seq, 10)
	if c.empty {
		s = "e" + s[1:]
	}
	if c.activity != "" {
		s = "a" + c.activity + "|" + c.id
	}
	return base64.RawURLEncoding.EncodeToString([]byte(s))
}

var errCursor = errors.New("not a cursor of this search")

func readCursor(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) < 2 {
		return c, errCursor
	}
	switch raw[0] {
	case 's', 'e':
		c.empty = raw[0] == 'e'
		c.seq, err = strconv.ParseInt(string(raw[1:]), 10, 64)
		if err != nil || c.seq <= 0 {
			return c, errCursor
		}
	case 'a':
		var ok bool
		if c.activity, c.id, ok = strings.Cut(string(raw[1:]), "|"); !ok || c.activity == "" {
			return c, errCursor
		}
	default:
		return c, errCursor
	}
	return c, nil
}
