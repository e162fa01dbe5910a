package imapbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// How much is asked for at once.
const (
	maxBatch  = 20       // mails
	batchSize = 2 << 20  // bytes of one FETCH
	window    = 1 << 20  // of a mail above batchSize
	slowest   = 32 << 10 // bytes per second that a line must carry
)

// Item is a mail as it lies on the server.
type Item struct {
	UID  uint32
	Raw  []byte
	Size int64  // as the server says; more than len(Raw) when the mail was cut
	Cut  bool   // only its beginning was fetched
	File string // a mail that came in windows lies here too, until Discard

	Silent bool // set by the reader: it sets nothing automatic in motion
	Older  bool // set by the reader: of the past, and asked for
}

// Discard removes the file of a big mail, if the reader has not moved it.
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

// Fetch reads mails and hands them to take in ascending order of UID. A mail
// above limit comes cut after head bytes. A mail that has been removed from
// the server is handed over with a nil Raw, so that the reader can pass it.
//
// An error of take ends the fetch and is returned as it is; any other is a
// *FetchError where it concerns certain mails. With careful set each mail is
// asked for alone, so that the one that breaks the connection is known.
func (c *Conn) Fetch(uids []uint32, limit, head int64, careful bool, take func(Item) error) error {
	most := maxBatch
	if careful {
		most = 1
	}
	uids = slices.Clone(uids)
	slices.Sort(uids)
	for start := 0; start < len(uids); start += maxBatch * 5 {
		chunk := uids[start:min(start+maxBatch*5, len(uids))]
		sizes, err := c.Sizes(chunk)
		if err != nil {
			return fmt.Errorf("ask for sizes: %w", err)
		}
		for len(chunk) > 0 {
			n, sum := 0, int64(0)
			for n < len(chunk) && n < most {
				size, ok := sizes[chunk[n]]
				if !ok || size > batchSize || sum+size > batchSize {
					break
				}
				sum += size
				n++
			}
			if n == 0 {
				item, err := c.fetchOne(chunk[0], sizes, limit, head)
				if err != nil {
					return &FetchError{chunk[:1], err}
				}
				if err := take(item); err != nil {
					return err
				}
				chunk = chunk[1:]
				continue
			}
			if err := c.fetchBatch(chunk[:n], sum, sizes, take); err != nil {
				return err
			}
			chunk = chunk[n:]
		}
	}
	return nil
}

// fetchBatch reads small mails in one command. Nothing of it is handed over
// before the command is complete: on an error it is all dropped (H10).
func (c *Conn) fetchBatch(uids []uint32, sum int64, sizes map[uint32]int64, take func(Item) error) error {
	bodies, err := c.bodies(uidSet(uids), nil, sum)
	if err != nil {
		return &FetchError{uids, err}
	}
	for _, uid := range uids {
		raw, ok := bodies[uid]
		if !ok || len(raw) == 0 && sizes[uid] > 0 {
			// Not delivered, or an unasked flag notice took its place.
			if raw, err = c.again(uid, nil, sizes[uid]); err != nil && !errors.Is(err, ErrGone) {
				return &FetchError{[]uint32{uid}, err}
			}
		}
		item := Item{UID: uid, Raw: raw, Size: sizes[uid]}
		if err := take(item); err != nil {
			return err
		}
	}
	return nil
}

// fetchOne reads a mail that is large, or whose size the server did not tell.
// Windows of a large one go straight to a file, so that its bytes are in memory
// once and not in the pieces of a growing buffer.
func (c *Conn) fetchOne(uid uint32, sizes map[uint32]int64, limit, head int64) (Item, error) {
	size, known := sizes[uid]
	item := Item{UID: uid, Size: size}
	if !known {
		raw, err := c.again(uid, nil, batchSize)
		if errors.Is(err, ErrGone) {
			return item, nil
		}
		item.Raw, item.Size = raw, int64(len(raw))
		return item, err
	}
	if size > limit {
		item.Cut = true
		limit = head
	}
	f, err := os.CreateTemp(c.spool, ".mail-*")
	if err != nil {
		return item, err
	}
	item.File = f.Name()
	gone, err := c.windows(f, uid, item.Cut, limit)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil && !gone {
		item.Raw, err = os.ReadFile(item.File)
	}
	if err != nil || gone {
		item.Discard()
		return Item{UID: uid, Size: size}, err
	}
	return item, nil
}

// windows copies a mail into w, up to limit bytes; true when it is gone.
func (c *Conn) windows(w io.Writer, uid uint32, cut bool, limit int64) (gone bool, err error) {
	for offset := int64(0); offset < limit; {
		// The size the server told may be wrong: a short window is the end (H12).
		part := &imap.SectionPartial{Offset: offset, Size: window}
		if cut {
			part.Size = min(window, limit-offset)
		}
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

// bodies fetches BODY.PEEK[] of a set and returns them by UID.
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
					raw, err := io.ReadAll(item.Literal)
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
	bodies, err := c.bodies(imap.SeqSetNum(seq), part, size)
	if err != nil {
		return nil, fmt.Errorf("fetch mail %d again: %w", uid, err)
	}
	raw, ok := bodies[uid]
	if !ok {
		return nil, fmt.Errorf("the server does not hand over mail %d", uid)
	}
	return raw, nil
}
