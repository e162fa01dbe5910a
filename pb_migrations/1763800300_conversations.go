package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(conversationsUp, func(app core.App) error {
		return drop(app, "canned_replies", "messages", "conversations")
	})
}

func conversationsUp(app core.App) error {
	const agents, contacts, tags, mailboxes = "shohay_agents01", "shohay_contact1", "shohay_tags0001", "shohay_mailbox1"

	conv := core.NewBaseCollection("conversations", "shohay_convers1")
	conv.Fields.Add(
		counter("number", "Number read aloud to customers."),
		one("contact", "The customer.", contacts, true, true),
		oneOf("channel", "Where it began and is answered.", true, "chat", "email", "portal"),
		one("mailbox", "Mailbox it came in by and is answered from.", mailboxes, false, false),
		text("visitor", "Id of the browser that opened a chat; its token opens this conversation.", hidden, long(80)),
		text("subject", "Subject, or empty for a chat.", presentable, long(998)),
		oneOf("status", "open waits for us, pending for the customer, snoozed for a time, solved for nothing.", true, "open", "pending", "snoozed", "solved"),
		whole("priority", "0 normal, 1 high, 2 urgent.", 0, 2),
		one("assignee", "Agent who takes care of it.", agents, false, false),
		many("tags", "Tags.", tags),
		text("preview", "First line of the newest message, for the list.", long(300)),
		oneOf("preview_kind", "Kind of the newest message.", false, "incoming", "outgoing", "note"),
		counter("last_seq", "Sequence number of the newest message."),
		counter("last_incoming_seq", "Sequence number of the customer's newest message."),
		counter("staff_seen_seq", "Newest message of the customer that staff has read."),
		counter("contact_seen_seq", "Newest message of ours that the customer has read."),
		moment("last_activity", "When the newest message was written."),
		moment("last_incoming", "When the customer last wrote."),
		moment("waiting_since", "Since when the customer waits for an answer; empty when they do not."),
		moment("first_reply_at", "When the first answer was given."),
		moment("solved_at", "When it was solved."),
		moment("snoozed_until", "When a snoozed conversation comes back."),
		oneOf("language", "Language of the customer in it.", false, "bn", "en"),
		email("email", "Address left in chat or on the form for the answer; not proven to belong to the customer."),
		text("page", "Page the chat was opened on.", long(2000)),
		whole("rating", "The customer's rating, 1 to 5; 0 is none.", 0, 5),
		text("rating_comment", "What the customer wrote with the rating.", long(2000)),
	)
	conv.Fields.Add(stamps()...)
	conv.ListRule, conv.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	conv.AddIndex("idx_conversations_number", true, "`number`", "")
	conv.AddIndex("idx_conversations_status", false, "`status`, `last_activity` DESC, `id` DESC", "")
	conv.AddIndex("idx_conversations_assignee", false, "`assignee`, `status`, `last_activity` DESC, `id` DESC", "")
	conv.AddIndex("idx_conversations_channel", false, "`channel`, `status`, `last_activity` DESC, `id` DESC", "")
	conv.AddIndex("idx_conversations_contact", false, "`contact`, `last_activity` DESC", "")
	conv.AddIndex("idx_conversations_activity", false, "`last_activity` DESC, `id` DESC", "")
	conv.AddIndex("idx_conversations_waiting", false, "`waiting_since`, `id`", "`status` = 'open'")
	conv.AddIndex("idx_conversations_live", false, "`status`, `assignee`, `channel`", "`status` != 'solved'")
	conv.AddIndex("idx_conversations_snoozed", false, "`snoozed_until`", "`status` = 'snoozed'")
	conv.AddIndex("idx_conversations_visitor", false, "`visitor`, `last_seq` DESC", "`visitor` != ''")
	if err := app.Save(conv); err != nil {
		return err
	}
	// A collection can point to itself only once it exists.
	conv.Fields.Add(one("merged_into", "Conversation that this one was merged into.", conv.Id, false, false))
	if err := app.Save(conv); err != nil {
		return err
	}

	msg := base("shohay_message1", "messages",
		one("conversation", "Conversation it is said in.", conv.Id, true, true),
		&core.NumberField{Name: "seq", Help: "Place in the one order of all messages; given when it is written.", OnlyInt: true},
		oneOf("kind", "incoming from the customer, outgoing to them, note among staff, event of the desk.", true, "incoming", "outgoing", "note", "event"),
		oneOf("author_kind", "Who wrote it.", true, "contact", "agent", "bot", "system"),
		one("agent", "Agent who wrote it.", agents, false, false),
		one("contact", "Customer who wrote it.", contacts, false, false),
		text("subject", "Subject of a mail.", long(998)),
		text("text", "Plain text, complete.", presentable, long(2_000_000)),
		text("html", "Original HTML of a mail; cleaned each time it is shown.", long(5_000_000)),
		&core.FileField{Name: "files", Help: "Attachments.", MaxSelect: 100, MaxSize: 30 << 20, Protected: true},
		structured("file_info", "Names, sizes and types of the attachments as they were sent.", 256<<10),
		structured("event", "What happened, for events.", 16<<10),
		oneOf("channel", "Channel it came or went by.", false, "chat", "email", "portal"),
		text("channel_id", "The channel's own id, for mail the Message-ID.", long(998)),
		text("client_id", "Id chosen by the sender's program; the same id twice is one message.", long(80)),
		text("sender", "Address it came from.", long(400)),
		text("recipient", "Address it came to or went to.", long(400)),
		structured("cc", "Other recipients.", 16<<10),
		oneOf("trust", "unverified: nothing proves the sender. other: a reply from an address that does not belong to the customer; customers never see it.", false, "unverified", "other"),
		flag("automatic", "Written by a machine, on either side."),
		text("raw", "Name of the kept original mail.", long(80)),
		oneOf("delivery", "How far an answer got.", false, "queued", "sending", "sent", "delivered", "uncertain", "failed"),
		text("delivery_detail", "Why, in words.", long(1000)),
		moment("sent_at", "When the sender says it was written."),
	)
	msg.ListRule, msg.ViewRule = types.Pointer(isAgent), types.Pointer(isAgent)
	msg.AddIndex("idx_messages_seq", true, "`seq`", "")
	msg.AddIndex("idx_messages_conversation", false, "`conversation`, `seq`", "")
	msg.AddIndex("idx_messages_client", true, "`conversation`, `client_id`", "`client_id` != ''")
	msg.AddIndex("idx_messages_channel_id", false, "`channel_id`", "`channel_id` != ''")
	if err := app.Save(msg); err != nil {
		return err
	}

	canned := base("shohay_canned01", "canned_replies",
		text("title", "Name in the list that opens with a slash.", required, presentable, long(80)),
		text("shortcut", "Word typed after the slash, for example delivery.", long(40), like(`^[\p{L}\p{M}\p{N}_-]*$`)),
		text("text", "The reply. {{contact.name}}, {{agent.name}}, {{number}} and {{shop.name}} are filled in.", required, long(10_000)),
		oneOf("language", "Language of the text; empty fits every conversation.", false, "bn", "en"),
		one("owner", "Agent who alone uses it; empty is for everybody.", agents, false, true),
	)
	const shared = isAgent + ` && (owner = "" || owner = @request.auth.id)`
	canned.ListRule, canned.ViewRule = types.Pointer(shared), types.Pointer(shared)
	canned.UpdateRule, canned.DeleteRule = types.Pointer(shared), types.Pointer(shared)
	canned.CreateRule = types.Pointer(isAgent + ` && (@request.body.owner = "" || @request.body.owner = @request.auth.id)`)
	canned.AddIndex("idx_canned_replies_owner", false, "`owner`, `title`", "")
	return app.Save(canned)
}
