package report

import (
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Form is the sort of report.
type Form string

// Forms of reports.
const (
	Delivery  Form = "delivery"  // of a server, on the way of a mail
	Receipt   Form = "receipt"   // of a reader's program
	Complaint Form = "complaint" // of a provider whose user pressed "spam"
)

// Kind is what a delivery report means for the address.
type Kind string

// Kinds of delivery, from good to bad.
const (
	Delivered Kind = "delivered" // it arrived, or left for where no reports come from
	Delayed   Kind = "delayed"   // the server goes on trying
	Soft      Kind = "soft"      // it failed, but the address may be good
	Full      Kind = "full"      // the mailbox has no room
	Blocked   Kind = "blocked"   // refused by policy: our fault or the filter's, not the address's
	Hard      Kind = "hard"      // the address does not work
)

var badness = map[Kind]int{Delivered: 1, Delayed: 2, Soft: 3, Full: 4, Blocked: 5, Hard: 6}

// Recipient is what a report says of one address.
type Recipient struct {
	Address    string // local@domain in lower case; "" if the report does not name it
	Original   string // the address as we wrote it, when the report tells it apart
	Action     string // failed, delayed, delivered, relayed, expanded; "" without a machine's part
	Status     string // enhanced status code, "5.1.1"; the class alone ("5.0.0") when only that is known
	Code       int    // SMTP reply code, 0 if there is none
	Diagnostic string // the server's own words, one line
	Host       string // the server that said so

	Kind Kind
	Key  string // of the catalogue: the reason in words
}

// Class is the first digit of the status: 2, 4 or 5, and 0 when unknown.
func (r *Recipient) Class() int {
	if r.Status != "" && r.Status[0] >= '2' && r.Status[0] <= '5' {
		return int(r.Status[0] - '0')
	}
	return 0
}

// Report is what was read. Of a delivery report that speaks of several
// addresses, Kind and Key are those of the worst.
type Report struct {
	Form Form
	Kind Kind
	Key  string

	Recipients []Recipient
	Host       string   // the server that reports
	EnvelopeID string   // as given with the mail (ENVID), decoded
	IDs        []string // Message-IDs of the mail reported on, the surest first, then whatever ids stand in the report
	From       string   // its sender, recipient and subject, when its head is there
	To         []string
	Subject    string

	Disposition string // of a receipt: displayed, deleted, dispatched, processed, denied, failed
	Feedback    string // of a complaint: abuse, fraud, virus, not-spam, other
}

// Worst is the recipient that Kind speaks of, nil if there is none.
func (r *Report) Worst() *Recipient {
	var worst *Recipient
	for i := range r.Recipients {
		if worst == nil || badness[r.Recipients[i].Kind] > badness[worst.Kind] {
			worst = &r.Recipients[i]
		}
	}
	return worst
}

const (
	maxRecipients = 200
	maxNamed      = 20 // of them named by words alone
	maxBlocks     = 400
	maxStatusPart = 1 << 20 // bytes of a machine-readable part
	maxWords      = 64 << 10
	maxIDs        = 100
	maxDiagnostic = 500
	maxWrapped    = 4 << 20 // bytes of a report inside of another
)

// Read reads a report; false when the mail is none (see [mime.Mail.Verdict]).
func Read(m *mime.Mail) (Report, bool) {
	var r Report
	switch m.Verdict {
	case mime.VerdictBounce:
		r.Form = Delivery
	case mime.VerdictReceipt:
		r.Form = Receipt
	case mime.VerdictComplaint:
		r.Form = Complaint
	default:
		return r, false
	}
	o := r.findOrigin(m)
	switch r.Form {
	case Receipt:
		r.readDisposition(m)
	case Complaint:
		r.readFeedback(m, o)
	case Delivery:
		r.readStatus(m, 0)
		r.readWords(m, o)
		r.settle(m)
	}
	return r, true
}

// settle sorts every recipient's reason and chooses the worst.
func (r *Report) settle(m *mime.Mail) {
	subject := strings.ToLower(m.Subject)
	for i := range r.Recipients {
		p := &r.Recipients[i]
		p.judge(subject)
		p.Diagnostic = clip(mime.Text(p.Diagnostic), maxDiagnostic)
	}
	if worst := r.Worst(); worst != nil {
		r.Kind, r.Key = worst.Kind, worst.Key
	}
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
