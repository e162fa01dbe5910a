package schema

// Collections and fields of mail on its way out (migration 1763900100).

// MailTemplates are the owner's own words for the mails the shop writes.
const MailTemplates = "mail_templates"

// Fields of mail_templates and the mails there are.
const (
	TemplateKey      = "key"
	TemplateLanguage = "language"
	TemplateSubject  = "subject"
	TemplateBody     = "body"

	TemplateAck        = "acknowledgement"
	TemplateReply      = "reply"
	TemplateTranscript = "transcript"
	TemplateCode       = "code"
)

// Fields of shop.
const (
	ShopAckEnabled = "ack_enabled"
	ShopAckHours   = "ack_hours" // one acknowledgement to an address in so many hours (mail rule 37)
	ShopMailQuote  = "mail_quote"

	QuoteNone = "none"
	QuoteLast = "last"
	QuoteAll  = "all"
)

// Fields of mailboxes.
const (
	MailboxRateMinute   = "rate_minute"
	MailboxRateDay      = "rate_day"
	MailboxFileSent     = "file_sent"
	MailboxSentFolder   = "sent_folder"
	MailboxPlusAddress  = "plus_address"
	MailboxOwnServer    = "own_server"
	MailboxDKIMSelector = "dkim_selector"
	MailboxDKIMSecret   = "dkim_secret" // sealed, hidden from every API
)

// Fields of messages.
const (
	MsgBCC        = "bcc"
	MsgProviderID = "provider_id" // Message-ID the provider gave it instead of ours, without <> (mail rule 16)
)

// Fields of the outbox.
const (
	OutboxLane    = "lane"    // rows of one lane share a way out
	OutboxBlind   = "blind"   // a copy the others do not see; says nothing about the message
	OutboxDoubts  = "doubts"  // how often the line broke after everything was said
	OutboxMailbox = "mailbox" // mailbox it was handed over by
	OutboxHanded  = "handed"  // when it was last handed over
	OutboxFiled   = "filed"   // copy in the Sent folder
	OutboxWarned  = "warned"  // people were told that it waits

	FiledDue  = "due"
	FiledDone = "done"
	FiledLost = "lost"
)
