package mime

import (
	"bytes"
	"fmt"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/calendar"
)

// Limits of one mail. What lies beyond is left out and named in Problems; the
// original is kept in any case.
const (
	MaxRaw         = 35 << 20
	maxHeaderBytes = 256 << 10
	maxHeaderLines = 1000
	maxDepth       = 20
	maxParts       = 500
	maxAttachments = 100
	maxText        = 5 << 20 // one text part, decoded: more than a message holds
	maxField       = 998     // runes of a decoded subject or name
	maxAddresses   = 500
	maxReferences  = 100
	maxWall        = 5 * time.Second
)

// Problem says what of a mail could not be read. Its value is a stable code.
type Problem string

// Problems that a mail may have.
const (
	ProblemSize        Problem = "too_large"
	ProblemHeader      Problem = "header_too_large"
	ProblemDepth       Problem = "nested_too_deep"
	ProblemParts       Problem = "too_many_parts"
	ProblemAttachments Problem = "too_many_attachments"
	ProblemText        Problem = "text_too_long"
	ProblemTime        Problem = "took_too_long"
	ProblemBroken      Problem = "broken"
)

// Mail is what could be read of a raw mail. All text is valid UTF-8 without
// control characters other than newline and tab (rule 60).
type Mail struct {
	Header Header // fields of the mail itself, raw, in order

	From    Address   // the one sender; its Addr is "" when there is not exactly one
	ReplyTo []Address // as they stand; nobody has proven anything
	To      []Address
	CC      []Address
	Subject string
	Date    time.Time // as the sender says; zero if unreadable

	MessageID  string   // without <>; "" if missing or unusable
	InReplyTo  []string // without <>, as they stand
	References []string // oldest first

	Text  string // what was written, as plain text
	HTML  string // the original HTML, not sanitised; "" if there was none
	Parts []Part // attachments and inline images, in order

	Verdict   Verdict // who wrote it
	Reason    string  // by which sign, a stable code; "" for a person
	Automatic bool    // written by a machine (rules 33-35): any verdict but human
	AutoReply bool    // a vacation notice or the like
	NoAck     bool    // never to be answered automatically (rule 33)
	Bounce    bool    // a delivery report (rule 40)
	Receipt   bool    // a read receipt (rule 45)
	Complaint bool    // a provider's report of abuse (rule 45)

	Encrypted bool             // S/MIME or PGP: the body is in an attachment (rule 58)
	Signed    bool             // S/MIME or PGP; nobody has checked the signature (rule 58)
	Events    []calendar.Event // invitations and answers to them (rule 56)

	// Heads are the fields of parts that begin like a mail of their own, as
	// delivery reports return it without saying that it is one.
	Heads []Header

	Hash string // content fingerprint, hex (rule 5)

	Problems []Problem
}

// Parse reads a raw mail. It never panics and takes at most a few seconds
// whatever the input; raw must not change while the Mail is in use, its parts
// point into it.
func Parse(raw []byte) (m *Mail) {
	m = &Mail{}
	// The parsers are written not to panic; a mail must not cost the process
	// if one does.
	defer func() {
		if r := recover(); r != nil {
			m.problem(ProblemBroken)
		}
	}()

	if len(raw) > MaxRaw {
		raw = raw[:MaxRaw]
		m.problem(ProblemSize)
	}
	raw = lineFeeds(raw)
	s := splitter{raw: raw, deadline: time.Now().Add(maxWall)}
	nodes := s.split()
	for _, p := range s.problems {
		m.problem(p)
	}
	root := &nodes[0]
	m.Header = root.header
	m.Hash = contentHash(root.header, raw[root.start:])

	m.readFields(root)
	for i := range nodes[1:] {
		if h := nodes[1+i].header; len(m.Heads) < 5 && h.Get("Message-ID") != "" {
			m.Heads = append(m.Heads, h)
		}
	}
	m.readBody(raw, nodes, s.deadline)
	m.mark(root, nodes)
	return m
}

// lineFeeds turns the line endings of old Macs into ours: some gateways and
// archives still have them.
func lineFeeds(raw []byte) []byte {
	head := raw[:min(len(raw), 16<<10)]
	if bytes.Count(head, []byte("\r")) <= 10*bytes.Count(head, []byte("\n")) {
		return raw
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
}

func (m *Mail) problem(p Problem) {
	for _, have := range m.Problems {
		if have == p {
			return
		}
	}
	m.Problems = append(m.Problems, p)
}

func (m *Mail) readFields(root *node) {
	charset := root.params["charset"]
	h := m.Header

	m.From = sender(h, charset)
	m.ReplyTo = addresses(h.All("Reply-To"), charset)
	m.To = addresses(h.All("To"), charset)
	m.CC = addresses(h.All("Cc"), charset)
	m.Subject = decodeText(h.Get("Subject"), charset)
	m.Date = parseDate(h.Get("Date"))

	if ids := parseIDs(h.Get("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = parseIDs(h.Get("In-Reply-To"))
	m.References = parseIDs(h.Get("References"))
	if n := len(m.References); n > maxReferences {
		// The root and the newest are what threading looks at.
		m.References = append(m.References[:1:1], m.References[n-maxReferences+1:]...)
	}
}

// Key identifies the mail among those of its mailbox: the same Message-ID with
// other content is another mail, and a mail without id has its content (rules
// 5 and 6).
func (m *Mail) Key() string {
	if m.MessageID == "" {
		return "hash:" + m.Hash
	}
	return fmt.Sprintf("id:%s hash:%s", m.MessageID, m.Hash)
}
