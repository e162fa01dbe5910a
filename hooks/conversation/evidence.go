package conversation

import (
	"github.com/shohay/shohay/hooks/schema"
)

// Evidence is what a channel found out about the sender of a message, kept
// with it and shown to staff. Only Auth decides anything here; the rest is for
// people and for the rules of automatic mail.
type Evidence struct {
	Auth        string    `json:"auth"`                  // pass, fail or "" for no verdict (mail rule 22)
	Checks      []Check   `json:"checks,omitempty"`      // each check that was made
	Warnings    []Warning `json:"warnings,omitempty"`    // what the agent should know before they trust it
	ReplyTo     string    `json:"reply_to,omitempty"`    // where the sender wants answers, if elsewhere (rule 28)
	Verdict     string    `json:"verdict,omitempty"`     // human, automatic, bounce, …
	Reason      string    `json:"reason,omitempty"`      // by which sign
	NoAutomatic bool      `json:"no_automatic"`          // never to be answered by a machine (rules 33, 34, 38)
	Bulk        bool      `json:"bulk,omitempty"`        // one of too many (rule 32)
	Older       bool      `json:"older,omitempty"`       // taken from the past on purpose (rule 11)
	Spam        float64   `json:"spam,omitempty"`        // how likely it is spam, 0 to 1
	SpamReason  string    `json:"spam_reason,omitempty"` // why, a stable code
	SpamBy      string    `json:"spam_by,omitempty"`     // the header field or the folder that says so
	Mailboxes   []string  `json:"mailboxes,omitempty"`   // other mailboxes that got the same mail (rule 5)
	Body        *Body     `json:"body,omitempty"`        // how the text is to be shown
}

// Body says what of a mail's text is its writer's own. Own and End count
// UTF-16 units, as browsers do: the signature and the quoted history lie
// between them, to be folded and never cut (rules 46 to 50). Both are 0 when
// all of it is to be shown.
type Body struct {
	Own    int      `json:"own,omitempty"`
	End    int      `json:"end,omitempty"`
	Labels []string `json:"labels,omitempty"` // LabelSigned, …
}

// Labels of mails (rules 56 and 58). Nothing of a signature is verified.
const (
	LabelSigned     = "signed"
	LabelEncrypted  = "encrypted"
	LabelInvitation = "invitation"
)

// Check is one way in which the sender was checked.
type Check struct {
	Name   string `json:"name"`   // dkim, spf, dmarc, …
	Result string `json:"result"` // pass, fail, none, …
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"`
}

// Warning is a reason for care; Key is of the catalogue.
type Warning struct {
	Key    string            `json:"key"`
	Values map[string]string `json:"values,omitempty"`
}

// Evidence of the message; zero if there is none.
func (m *Message) Evidence() Evidence {
	var ev Evidence
	if raw := m.GetString(schema.MsgEvidence); raw != "" && raw != "null" {
		if err := m.UnmarshalJSONField(schema.MsgEvidence, &ev); err != nil {
			return Evidence{NoAutomatic: true} // not readable: nothing is proven
		}
	}
	return ev
}
