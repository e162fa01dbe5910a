package importer

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

const (
	mostMail   = 35 << 20 // bytes of one mail
	pieceMails = 64       // that are taken together,
	pieceBytes = 4 << 20  // unless they are large
)

// mails takes in conversations from an archive, some together in a transaction
// of the mail room, whose ledger knows what it has had: after a restart the
// last few are offered again, which changes nothing.
func (room *Room) mails(ctx context.Context, j *job) error {
	f, err := os.Open(fileOf(room.app, j.Id))
	if err != nil {
		return err
	}
	defer f.Close()
	m := newMbox(f, mostMail)
	box, skip := j.GetString(schema.ImportMailbox), j.GetInt(schema.ImportDone)
	var piece []conversation.PastMail
	size := 0
	take := func() error {
		var c count
		if len(piece) > 0 {
			taken, err := room.post.TakePast(ctx, box, piece)
			if err != nil {
				return err
			}
			for _, t := range taken {
				switch {
				case !t.OK:
					c.add(schema.RowRefused)
				case t.Known:
					c.add(schema.RowJoined)
				default:
					c.add(schema.RowMade)
				}
			}
		}
		piece, size = nil, 0
		going, err := advance(room.app, j.Id, c)
		if err == nil && !going {
			err = errStopped
		}
		return err
	}
	for n := 1; ctx.Err() == nil; n++ {
		raw, cut, ok, err := m.Next()
		if err != nil {
			return errors.Join(err, take()) // what was read until then is kept
		}
		if !ok {
			return take()
		}
		if n <= skip {
			continue
		}
		piece = append(piece, conversation.PastMail{Source: conversation.Source{Folder: "import/" + j.Id, UIDValidity: 1, UID: uint32(n)}, Raw: raw, Cut: cut})
		if size += len(raw); len(piece) < pieceMails && size < pieceBytes {
			continue
		}
		if err := take(); err != nil {
			return err
		}
		select { // others may want to write
		case <-ctx.Done():
		case <-time.After(breath):
		}
	}
	return nil
}
