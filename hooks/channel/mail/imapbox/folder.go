package imapbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// State is what the server says of a folder when it is opened.
type State struct {
	UIDValidity uint32
	UIDNext     uint32 // 0 when the server does not say
	Messages    uint32
}

// Open selects the account's folder for reading.
func (c *Conn) Open() (State, error) {
	var s State
	err := c.do(c.timing.Command, func() error {
		data, err := c.client.Select(c.folder, nil).Wait()
		if err != nil {
			return err
		}
		s = State{UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), Messages: data.NumMessages}
		return nil
	})
	return s, err
}

// Check signs in and opens the folder, to see whether an account works.
func Check(ctx context.Context, a Account, t Timing) error {
	c, err := Dial(ctx, a, t)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Open(); err != nil {
		return fmt.Errorf("open folder %s: %w", c.folder, err)
	}
	return nil
}

// After lists the UIDs above uid, ascending. "n:*" finds the last mail even
// when it lies below n (H13), so the answer is filtered.
func (c *Conn) After(uid uint32) ([]uint32, error) {
	if uid == ^uint32(0) {
		return nil, nil
	}
	found, err := c.search(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(uid + 1), Stop: 0}}}})
	return slices.DeleteFunc(found, func(u uint32) bool { return u <= uid }), err
}

// Since lists the UIDs of mails that arrived on the day of t or later.
func (c *Conn) Since(t time.Time) ([]uint32, error) {
	return c.search(&imap.SearchCriteria{Since: t.UTC()})
}

func (c *Conn) search(by *imap.SearchCriteria) ([]uint32, error) {
	var uids []uint32
	err := c.do(c.timing.Command, func() error {
		data, err := c.client.UIDSearch(by, nil).Wait()
		if err != nil {
			return err
		}
		set, ok := data.All.(imap.UIDSet)
		if !ok {
			return nil
		}
		// A range as wide as the server likes would be unfolded in memory (H15).
		total := uint64(0)
		for _, r := range set {
			if r.Start == 0 || r.Stop < r.Start {
				return errors.New("the server's answer to a search makes no sense")
			}
			total += uint64(r.Stop-r.Start) + 1
		}
		if total > 5_000_000 {
			return fmt.Errorf("the server claims %d mails", total)
		}
		for _, uid := range data.AllUIDs() {
			uids = append(uids, uint32(uid))
		}
		return nil
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// Sizes asks for the sizes of mails. A mail that is gone is missing from the
// answer.
func (c *Conn) Sizes(uids []uint32) (map[uint32]int64, error) {
	sizes := make(map[uint32]int64, len(uids))
	if len(uids) == 0 {
		return sizes, nil
	}
	err := c.do(c.timing.Command, func() error {
		cmd := c.client.Fetch(uidSet(uids), &imap.FetchOptions{UID: true, RFC822Size: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			var uid uint32
			size := int64(-1)
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					uid = uint32(item.UID)
				case imapclient.FetchItemDataRFC822Size:
					size = item.Size
				}
			}
			if size >= 0 && slices.Contains(uids, uid) {
				sizes[uid] = size
			}
		}
		return cmd.Close()
	})
	return sizes, err
}

func uidSet(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, u := range uids {
		set.AddNum(imap.UID(u))
	}
	return set
}

// Wait returns when a mail may have arrived, at the latest after the time at
// which to look in any case, or with an error when the line is broken. wake
// ends the wait early.
func (c *Conn) Wait(ctx context.Context, wake <-chan struct{}) error {
	select {
	case <-c.news: // arrived while we were busy
		c.quiet = 0
		return nil
	default:
	}
	caps := c.client.Caps()
	if !caps.Has(imap.CapIdle) && !caps.Has(imap.CapIMAP4rev2) {
		return c.sleep(ctx, wake, c.timing.Poll)
	}
	var idle *imapclient.IdleCommand
	err := c.do(c.timing.Command, func() (err error) {
		idle, err = c.client.Idle()
		return err
	})
	if err != nil {
		var no *imap.Error
		if errors.As(err, &no) && !c.dead.Load() {
			return c.sleep(ctx, wake, c.timing.Poll) // refused: look now and then
		}
		return err
	}
	// Some servers lose a mail's notice that falls into the moment in which
	// IDLE begins. Mails come in bursts, so we look again soon after one.
	timer := time.NewTimer(min(c.timing.Rearm, time.Second<<min(3*c.quiet, 12)))
	defer timer.Stop()
	select {
	case <-c.news:
		c.quiet = 0
	case <-wake:
	case <-timer.C:
		c.quiet++
	case <-ctx.Done():
		return ctx.Err()
	case <-c.client.Closed():
		return errors.New("the server closed the connection")
	}
	return c.do(c.timing.Command, func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}

// sleep waits without IDLE and then asks whether the line still stands.
func (c *Conn) sleep(ctx context.Context, wake <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.client.Closed():
		return errors.New("the server closed the connection")
	}
	return c.do(c.timing.Command, func() error { return c.client.Noop().Wait() })
}

// Folder is a folder of an account.
type Folder struct {
	Name string `json:"name"`
	Use  string `json:"use"` // inbox, sent, junk, trash, drafts, archive, all or ""
}

var uses = map[imap.MailboxAttr]string{
	imap.MailboxAttrSent: "sent", imap.MailboxAttrJunk: "junk", imap.MailboxAttrTrash: "trash",
	imap.MailboxAttrDrafts: "drafts", imap.MailboxAttrArchive: "archive", imap.MailboxAttrAll: "all",
}

// Folders lists the account's folders that hold mails.
func (c *Conn) Folders() ([]Folder, error) {
	var all []Folder
	err := c.do(c.timing.Command, func() error {
		all = nil
		found, err := c.client.List("", "*", nil).Collect()
		if err != nil {
			return err
		}
		for _, l := range found {
			f := Folder{Name: l.Mailbox}
			holds := true
			for _, a := range l.Attrs {
				holds = holds && a != imap.MailboxAttrNoSelect && a != imap.MailboxAttrNonExistent
				if u := uses[a]; u != "" {
					f.Use = u
				}
			}
			if strings.EqualFold(f.Name, "INBOX") {
				f.Use = "inbox"
			}
			if holds && len(all) < 1000 {
				all = append(all, f)
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Folder) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// ErrCannotMove is a server that would remove other people's mails together
// with those that are moved.
var ErrCannotMove = errors.New("the server cannot move mails safely")

// Move puts mails into another folder, which is made if there is none. Without
// MOVE or UIDPLUS the library would expunge whatever anybody has marked as
// deleted, so nothing is moved then.
func (c *Conn) Move(uids []uint32, to string) error {
	caps := c.client.Caps()
	if !caps.Has(imap.CapMove) && !caps.Has(imap.CapUIDPlus) && !caps.Has(imap.CapIMAP4rev2) {
		return ErrCannotMove
	}
	move := func() error {
		return c.do(c.timing.Command, func() error {
			_, err := c.client.Move(uidSet(uids), to).Wait()
			return err
		})
	}
	err := move()
	var no *imap.Error
	if errors.As(err, &no) && no.Type == imap.StatusResponseTypeNo && !c.dead.Load() {
		if cerr := c.do(c.timing.Command, func() error { return c.client.Create(to, nil).Wait() }); cerr != nil {
			return fmt.Errorf("move mails to %s: %w", to, err)
		}
		err = move()
	}
	if err != nil {
		return fmt.Errorf("move mails to %s: %w", to, err)
	}
	return nil
}
