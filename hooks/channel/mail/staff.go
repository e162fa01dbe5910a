package mail

import (
	"context"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/letter"
	"github.com/shohay/shohay/hooks/settings"
)

// MailStaff writes plain words to somebody of the staff, as [Room.SendNote]
// does. path is a place at the desk to follow, "" for none.
func (room *Room) MailStaff(ctx context.Context, app core.App, to, lang, subject, body, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	shop, link := settings.Shop(app), ""
	if path != "" {
		link = strings.TrimRight(app.Settings().Meta.AppURL, "/") + path
	}
	return room.SendNote(app, to, lang, letter.Staff(lang, letter.Shop{Name: shop.Name(), Colour: shop.Colour()}, subject, body, link))
}
