package conversation

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/live"
)

// FileViews are a message's attachments with signed links; raw is its
// file_info.
func (room *Room) FileViews(message, raw string) []FileView { return room.fileViews(message, raw) }

// TellContact says to the desks that a contact is another now: its
// conversations as they are listed, and that the panel asks again.
func (room *Room) TellContact(app core.App, contact string) {
	room.hub.TellStaff(live.Inbox, live.ForStaff("contact", 0, struct {
		ID string `json:"id"`
	}{contact}))
	var ids []string
	// idx_conversations_contact
	err := app.DB().NewQuery(`SELECT id FROM conversations WHERE contact = {:contact} AND status != 'solved' LIMIT 50`).Bind(dbx.Params{"contact": contact}).Column(&ids)
	if err != nil {
		app.Logger().Error("a contact's conversations cannot be read for publishing", "error", err)
		return
	}
	room.publishRows(ids...)
}
