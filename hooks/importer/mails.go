package importer

import (
	"context"
	"os"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	mostMail   = 35 << 20 // bytes of one mail
	pieceMails = 20       // between two notes of how far it is
)

// mails takes in conversations from an archive. Each mail is a transaction of
// the mail room, whose ledger knows what it has had: after a restart the last
// few are offered again, which changes nothing.
func (room *Room) mails(ctx context.Context, j *job) error {
	f, err := os.Open(fileOf(room.app, j.Id))
	if err != nil {
		return err
	}
	defer f.Close()
	m := newMbox(f, mostMail)
	box, skip := j.GetString(schema.ImportMailbox), j.GetInt(schema.ImportDone)
	var c count
	note := func() error {
		going, err := advance(room.app, j.Id, c)
		c = count{}
		if err == nil && !going {
			err = errStopped
		}
		return err
	}
	for n := 1; ctx.Err() == nil; n++ {
		raw, cut, ok, err := m.Next()
		if err != nil {
			return err
		}
		if !ok {
			return note()
		}
		if n <= skip {
			continue
		}
		known, ok, err := room.post.TakePast(ctx, box, conversation.Source{Folder: "import/" + j.Id, UIDValidity: 1, UID: uint32(n)}, raw, cut)
		switch {
		case err != nil:
			return err
		case !ok:
			c.add(schema.RowRefused)
		case known:
			c.add(schema.RowJoined)
		default:
			c.add(schema.RowMade)
		}
		if c.done >= pieceMails {
			if err := note(); err != nil {
				return err
			}
		}
	}
	return note()
}
