package imapbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// How much is asked for at once.
const (
	maxBatch  = 64       // mails
	batchSize = 2 << 20  // bytes of one FETCH
	large     = 1 << 20  // bytes above which a mail goes to a file
	window    = 1 << 20  // of a large mail
	slowest   = 32 << 10 // bytes per second that a line must carry
	asked     = 250      // mails whose sizes are asked for together
)

// Item is a mail as it lies on the server. Its bytes are in Raw, or in File
// when there are many; a mail that has been removed has neither.
type Item struct {
	UID  uint32
	Raw  []byte
	Size int64  // as the server says; more than there are when the mail was cut
	Cut  bool   // only its beginning was fetched
	File string // where a large mail lies, until Discard

	Silent bool // set by the reader: it sets nothing automatic in motion
	Older  bool // set by the reader: of the past, and asked for
}

// Gone tells whether the mail was removed from the server before we came.
func (it *Item) Gone() bool { return it.Raw == nil && it.File == "" }

// Discard removes the file of a large mail, if the reader has not moved it.
func (it *Item) Discard() {
	if it.File != "" {
		_ = os.Remove(it.File) // moved, or the folder for such files is swept
	}
}

// FetchError names the mails that were asked for when a fetch broke.
type FetchError struct {
	UIDs []uint32
	Err  error
}

func (e *FetchError) Error() string { return fmt.Sprintf("fetch mail %v: %v", e.UIDs, e.Err) }
func (e *FetchError) Unwrap() error { return e.Err }

// ErrGone is a mail that was there when we looked and is not any more.
var ErrGone = errors.New("the mail is not on the server any more")

// errLarge is a mail that is larger than the server said.
var errLarge = errors.New("the mail is larger than the server said")

// Fetch reads mails and hands them to take in ascending order of UID: some
// small ones together, a large one alone. While take is at work the next small
// ones are read already; take must not use the connection. A mail above limit
// comes cut after head bytes. One that has been removed from the server is
// handed over empty, so that the reader can pass it.
//
// An error of take ends the fetch and is returned as it is; any other is a
// *FetchError where it concerns certain mails. With careful set each mail is
// asked for alone, so that the one that breaks the connection is known.
func (c *Conn) Fetch(uids []uint32, limit, head int64, careful bool, take func([]Item) error) error {
	uids = slices.Clone(uids)
	slices.Sort(uids)
	r := &reading{conn: c, rest: uids, limit: limit, head: head, most: maxBatch}
	if careful {
		r.most = 1
	}
	for {
		items, err := r.next()
		if err != nil || len(items) == 0 {
			return err
		}
		if !careful {
			r.lookAhead()
		}
		err = take(items)
		discard(items)
		if err != nil {
			r.stop()
			return err
		}
	}
}

func discard(items []Item) {
	for i := range items {
		items[i].Discard()
	}
}

// reading is a fetch under way.
type reading struct {
	conn        *Conn
	chunk, rest []uint32 // with known sizes; what comes after them
	sizes       map[uint32]int64
	limit, head int64
	most        int

	ahead *batch // under way, or nil
}

// batch is what is read ahead.
type batch struct {
	done  sync.WaitGroup
	items []Item
	err   error
}

// plan counts the small mails that come next, and their bytes; none when the
// next mail is a large one.
func (r *reading) plan() (n int, sum int64, err error) {
	if len(r.chunk) == 0 {
		r.chunk = r.rest[:min(asked, len(r.rest))]
		r.rest = r.rest[len(r.chunk):]
		if len(r.chunk) == 0 {
			return 0, 0, nil
		}
		if r.sizes, err = r.conn.Sizes(r.chunk); err != nil {
			return 0, 0, fmt.Errorf("ask for sizes: %w", err)
		}
	}
	for n < len(r.chunk) && n < r.most {
		size, ok := r.sizes[r.chunk[n]]
		if !ok || size > min(large, r.limit) || sum+size > batchSize {
			break
		}
		sum += size
		n++
	}
	return n, sum, nil
}

// next reads what comes next; nothing at the end.
func (r *reading) next() ([]Item, error) {
	if b := r.ahead; b != nil {
		r.ahead = nil
		b.done.Wait()
		if b.err != nil || b.items != nil {
			return b.items, b.err
		}
	}
	n, sum, err := r.plan()
	if err != nil || len(r.chunk) == 0 {
		return nil, err
	}
	if n > 0 {
		return r.small(n, sum)
	}
	uid := r.chunk[0]
	r.chunk = r.chunk[1:]
	return r.conn.fetchOne(uid, r.sizes, r.limit, r.head)
}

func (r *reading) small(n int, sum int64) ([]Item, error) {
	uids := r.chunk[:n]
	r.chunk = r.chunk[n:]
	return r.conn.fetchBatch(uids, sum, r.sizes, r.limit, r.head)
}

// lookAhead begins to read the small mails that come next. A large one, which
// may fill a disk, waits until it is asked for.
func (r *reading) lookAhead() {
	b := &batch{}
	b.done.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				b.err = fmt.Errorf("reading ahead failed: %v", p)
			}
		}()
		n, sum, err := r.plan()
		if b.err = err; err == nil && n > 0 {
			b.items, b.err = r.small(n, sum)
		}
	})
	r.ahead = b
}

// stop waits until nothing uses the connection any more.
func (r *reading) stop() {
	if r.ahead != nil {
		r.ahead.done.Wait()
		discard(r.ahead.items)
	}
}

// fetchBatch reads small mails in one command. Nothing of it is handed over
// before the command is complete: on an error it is all dropped (H10).
func (c *Conn) fetchBatch(uids []uint32, sum int64, sizes map[uint32]int64, limit, head int64) ([]Item, error) {
	bodies, err := c.bodies(uidSet(uids), nil, sum)
	if err != nil {
		return nil, &FetchError{uids, err}
	}
	items := make([]Item, 0, len(uids))
	for _, uid := range uids {
		raw, ok := bodies[uid]
		if !ok || len(raw) == 0 && sizes[uid] > 0 {
			// Not delivered, or an unasked flag notice took its place.
			raw, err = c.again(uid, nil, sizes[uid])
			if errors.Is(err, errLarge) {
				var one []Item
				if one, err = c.fetchOne(uid, map[uint32]int64{uid: large + 1}, limit, head); err == nil {
					items = append(items, one...)
					continue
				}
			}
			if err != nil && !errors.Is(err, ErrGone) {
				discard(items)
				return nil, &FetchError{[]uint32{uid}, err}
			}
		}
		items = append(items, Item{UID: uid, Raw: raw, Size: sizes[uid]})
	}
	return items, nil
}

// fetchOne reads a mail that is large, or whose size the server did not tell.
// A large one goes to a file window by window, so that its bytes are never in
// memory together.
func (c *Conn) fetchOne(uid uint32, sizes map[uint32]int64, limit, head int64) ([]Item, error) {
	size, known := sizes[uid]
	item := Item{UID: uid, Size: size}
	if !known {
		raw, err := c.again(uid, nil, large)
		switch {
		case errors.Is(err, ErrGone):
			return []Item{item}, nil
		case err == nil:
			item.Raw, item.Size = raw, int64(len(raw))
			return []Item{item}, nil
		case !errors.Is(err, errLarge):
			return nil, &FetchError{[]uint32{uid}, err}
		}
	}
	if size > limit {
		var beginning bytes.Buffer
		gone, err := c.windows(&beginning, uid, head)
		if err != nil {
			return nil, &FetchError{[]uint32{uid}, err}
		}
		if !gone {
			item.Raw, item.Cut = beginning.Bytes(), true
		}
		return []Item{item}, nil
	}
	f, err := os.CreateTemp(c.spool, ".mail-*")
	if err != nil {
		return nil, err
	}
	item.File = f.Name()
	gone, err := c.windows(f, uid, limit)
	if end, serr := f.Seek(0, io.SeekCurrent); err == nil {
		item.Cut, err = end >= limit && size < end, serr
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		item.Discard()
		return nil, &FetchError{[]uint32{uid}, err}
	}
	if gone {
		item.Discard()
		item.File = ""
	}
	return []Item{item}, nil
}

// windows copies a mail into w, up to limit bytes; true when it is gone.
func (c *Conn) windows(w io.Writer, uid uint32, limit int64) (gone bool, err error) {
	for offset := int64(0); offset < limit; {
		// The size the server told may be wrong: a short window is the end (H12).
		part := &imap.SectionPartial{Offset: offset, Size: min(window, limit-offset)}
		bodies, err := c.bodies(uidSet([]uint32{uid}), part, part.Size)
		if err != nil {
			return false, fmt.Errorf("from byte %d: %w", offset, err)
		}
		raw, ok := bodies[uid]
		if !ok {
			if raw, err = c.again(uid, part, part.Size); errors.Is(err, ErrGone) {
				return true, nil
			} else if err != nil {
				return false, err
			}
		}
		if _, err := w.Write(raw); err != nil {
			return false, err
		}
		offset += int64(len(raw))
		if int64(len(raw)) < part.Size {
			break
		}
	}
	return false, nil
}

// bodies fetches BODY.PEEK[] of a set and returns them by UID. A mail with far
// more bytes than were asked for is left out.
func (c *Conn) bodies(set imap.NumSet, part *imap.SectionPartial, size int64) (map[uint32][]byte, error) {
	bodies := map[uint32][]byte{}
	limit := c.timing.Command + time.Duration(size/slowest)*time.Second
	err := c.do(limit, func() error {
		cmd := c.client.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: part}}})
		got := map[uint32][]byte{}
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			var uid uint32
			var body []byte
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					uid = uint32(item.UID)
				case imapclient.FetchItemDataBodySection:
					if item.Literal == nil {
						continue
					}
					raw, err := c.literal(item.Literal)
					if err != nil {
						return err // and leave the command alone (H10)
					}
					body = raw
				}
			}
			if uid != 0 && body != nil {
				got[uid] = body
			}
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		bodies = got
		return nil
	})
	return bodies, err
}

// literal reads a body into a buffer of its size; nil if it is larger than any
// that is asked for.
func (c *Conn) literal(l imap.LiteralReader) ([]byte, error) {
	if l.Size() > 2*large {
		c.oversize.Store(true)
		_, err := io.Copy(io.Discard, l)
		return nil, err
	}
	raw := make([]byte, l.Size())
	_, err := io.ReadFull(l, raw)
	return raw, err
}

// again fetches one mail by its sequence number and believes the answer only
// if it names the UID (H7, H8).
func (c *Conn) again(uid uint32, part *imap.SectionPartial, size int64) ([]byte, error) {
	var seq uint32
	err := c.do(c.timing.Command, func() error {
		data, err := c.client.Search(&imap.SearchCriteria{UID: []imap.UIDSet{uidSet([]uint32{uid})}}, nil).Wait()
		if err != nil {
			return err
		}
		if nums := data.AllSeqNums(); len(nums) == 1 {
			seq = nums[0]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for mail %d: %w", uid, err)
	}
	if seq == 0 {
		return nil, ErrGone
	}
	c.oversize.Store(false)
	bodies, err := c.bodies(imap.SeqSetNum(seq), part, size)
	if err != nil {
		return nil, fmt.Errorf("fetch mail %d again: %w", uid, err)
	}
	raw, ok := bodies[uid]
	if !ok && c.oversize.Load() {
		return nil, errLarge
	}
	if !ok {
		return nil, fmt.Errorf("the server does not hand over mail %d", uid)
	}
	return raw, nil
}
