package conversation

import (
	"io"
	"time"
)

// Incoming is one message from outside in the form in which every channel
// hands it over. [Receive] turns it into records, once.
type Incoming struct {
	Channel string // schema.ChannelChat, …: where it was said

	// Account and Keys identify the message to the ledger. Account is the
	// mailbox id, "chat:<visitor>" or "portal"; a message is known when any of
	// its keys is known to the account (for mail: Message-ID and content hash
	// as one key, see mail rule 5).
	Account string
	Keys    []string
	Source  Source // where in a mailbox it lies; zero for other channels

	ChannelID string // the channel's own id (Message-ID without <>), kept for threading
	ClientID  string // the id the client chose, echoed to it

	// Who says it. From[0] is the identity that writes; the rest belong to
	// the same person for sure.
	From     []Identity
	Name     string // as the sender calls themself
	Language string // of the sender's page or mail; "" if unknown
	Visitor  string // chat: the id in the visitor's token

	// Where it belongs. Thread is a conversation that the channel has proof
	// for; References are channel ids of earlier messages, newest first, and
	// count only when the sender takes part in that conversation (rule 24).
	// Also are further conversations that it has proof for, Numbers the numbers
	// it names: hints for people (rules 17 and 18).
	Thread     Thread
	Also       []Thread
	References []string
	Numbers    []int64

	Subject string
	Text    string // plain text, complete
	HTML    string // original HTML, unsanitised, "" if none
	Files   []File
	Page    string // chat and form: the page it was written on
	Email   string // chat and form: the address left for the answer
	Mailbox string // mailbox record id for mail

	SenderAddress    string // mail: From as it stands in the header
	RecipientAddress string
	CC               []string

	Auth      string // mail: "pass", "fail" or "" for no verdict (rule 22)
	Automatic bool   // written by a machine (rules 33-35)
	AutoReply bool   // a vacation notice or the like (rule 35)
	Bounce    bool
	Spam      bool
	Older     bool   // of the past, taken in on purpose: nothing is set in motion (rule 11)
	ReplyTo   string // address that answers go to instead of the sender's (rule 28)
	Evidence  Evidence

	RawSHA string    // hex sha-256 of the kept original, "" if none
	Sent   time.Time // as the sender says; zero if unknown
}

// Identity names a person in one channel. Kind is schema.KindEmail, …
type Identity struct {
	Kind     string
	Value    string
	Verified bool // the channel has proof that the sender owns it
}

// Source is the place of a mail on its server (rule 1).
type Source struct {
	Folder      string
	UIDValidity uint32
	UID         uint32
}

// Thread is a conversation proven by a signed token of ours.
type Thread struct {
	Conversation string // record id, "" if there is no proof
	Address      string // the address the token was given to, lower case (rules 23, 25)
}

// File is an attachment on its way in or out.
type File struct {
	Name      string // as the sender named it; never used as a path
	Type      string // as the sender declared it; sniffed again when stored
	ContentID string // without <>, for inline images
	Inline    bool
	Size      int64
	Open      func() (io.ReadCloser, error)
}

// Received is what became of an Incoming.
type Received struct {
	Message      *Message
	Conversation *Conversation
	New          bool // false when the ledger knew it
	Stranger     bool // it is the first that is known of its writer

	name string // of the contact who wrote, when it is new
}

// Offer is what the bot offers with a message: choices, which the visitor may
// press or write, and the article that its text is from.
type Offer struct {
	Choices []string      `json:"choices,omitzero"`
	Article *OfferArticle `json:"article,omitzero"`
	Name    string        `json:"name,omitzero"` // of the bot
}

// OfferArticle is an article by its title and its whole address, which stands
// in the text.
type OfferArticle struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Draft is an answer, a note or a message of our own that opens a conversation.
type Draft struct {
	Conversation string
	Kind         string // schema.MessageOutgoing or schema.MessageNote
	Agent        string // record id; "" for the system
	AuthorKind   string // schema.AuthorAgent unless set
	Subject      string // "" for the conversation's
	ClientID     string // repeated calls with one id make one message
	Text         string
	HTML         string
	Files        []File
	CC           []string
	BCC          []string // others do not see them
	Channel      string   // "" for the channel the conversation answers by
	Recipient    string   // "" for the contact's address in that channel
	To           string   // one of the customer's addresses that the agent chose instead of it
	Automatic    bool
	Offer        *Offer // choices and an article of the bot, nil for none
	Base         int64  // seq of the newest message its writer knew; 0 asks no questions
	Anyway       bool   // send although others wrote since Base
	Then         string // status afterwards; "" leaves the choice to [Reply]
}
