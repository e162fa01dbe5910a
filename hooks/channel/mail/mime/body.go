package mime

import (
	"bytes"
	"html"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/gate"
)

// Part is an attachment or an inline image.
type Part struct {
	Name      string // safe to store, see safeName
	Type      string // as declared, lower case
	ContentID string // without <>
	Inline    bool   // the HTML shows it by its Content-ID
	Size      int64  // decoded

	body     []byte
	encoding string
}

// Bytes decodes the part.
func (p *Part) Bytes() []byte { return decodeTransfer(p.body, p.encoding) }

// Open reads the decoded part. It is decoded piece by piece.
func (p *Part) Open() (io.ReadCloser, error) {
	return io.NopCloser(transferReader(p.body, p.encoding)), nil
}

// segment is a piece of the body in the forms it came in.
type segment struct {
	plain, html string
	spare       bool // only if there is no other body: a winmail.dat repeats the text
}

type bodyReader struct {
	raw      []byte
	nodes    []node
	mail     *Mail
	deadline time.Time
	charset  string // of the top level, for names without one
	started  bool   // some text was found
	depth    int    // containers opened so far
}

// readBody chooses the body and the attachments (rules 46 ff. and recipe h).
func (m *Mail) readBody(raw []byte, nodes []node, deadline time.Time) {
	r := bodyReader{raw: raw, nodes: nodes, mail: m, deadline: deadline, charset: nodes[0].params["charset"]}
	segments := withoutSpare(r.read(0))

	hasHTML := false
	for _, s := range segments {
		hasHTML = hasHTML || s.html != ""
	}
	var text, page []string
	for _, s := range segments {
		if t := strings.TrimSpace(s.plain); t != "" && !excuse(t, s.html) {
			text = append(text, t)
		} else if s.html != "" {
			if t := content.TextOf(s.html); t != "" {
				text = append(text, t)
			}
		}
		if !hasHTML {
			continue
		}
		if s.html != "" {
			page = append(page, s.html)
		} else if t := strings.TrimSpace(s.plain); t != "" {
			page = append(page, `<div style="white-space:pre-wrap">`+html.EscapeString(t)+"</div>")
		}
	}
	m.Text = strings.Join(text, "\n\n")
	m.HTML = strings.Join(page, "\n")
	m.markPGP()
	m.placeInline()
}

// noHTML is what senders write who have nothing to say in plain text.
var noHTML = gate.New(`(?i)(?:does ?n[o']t|do not|can ?not|unable to|not able to) (?:support|display|view|read|show).{0,60}html|html.{0,40}(?:capable|compatible|enabled|compliant|e?-?mail (?:client|reader|viewer))|(?:could|can)(?:n[o']t| ?not) display (?:our|this|the) (?:newsletter|e-?mail|message)|kann .{0,20}html|html.{0,40}(?:nicht darstellen|nicht anzeigen|nicht unterstützt)|n.affiche pas .{0,40}html|no (?:puede|admite|soporta) .{0,30}html|não (?:suporta|exibe) .{0,30}html|(?:view|read|see) (?:this|the) (?:e-?mail|message|mail|newsletter).{0,30}(?:html|browser)|this (?:is an|message is in|e-?mail is in) html`)

// excuse is true for a plain form that only says that there is an HTML one, and
// for a few words that have nothing to do with it.
func excuse(plain, page string) bool {
	switch {
	case page == "" || len(plain) >= 400:
	case noHTML.MatchString(plain):
		text := content.TextOf(page)
		return len(text) > 2*len(plain) || len(plain) < 200 && len(text) > len(plain) && !strings.Contains(letters(text), letters(plain))
	case len(plain) < 120 && len(page) > 5*len(plain)+400:
		text := content.TextOf(page)
		return len(text) > 5*len(plain)+200 && !strings.Contains(letters(text), letters(plain))
	}
	return false
}

// letters is a text without its blanks and quote marks, to compare two forms.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '>' {
			return -1
		}
		return r
	}, s)
}

// withoutSpare drops bodies that repeat another, if there is another.
func withoutSpare(all []segment) []segment {
	var real []segment
	for _, s := range all {
		if !s.spare && strings.TrimSpace(s.plain+s.html) != "" {
			real = append(real, s)
		}
	}
	if len(real) == 0 {
		return all
	}
	return real
}

// read returns the body of a node and collects attachments on the way.
func (r *bodyReader) read(i int) []segment {
	n := &r.nodes[i]
	if time.Now().After(r.deadline) {
		r.mail.problem(ProblemTime)
		return nil
	}
	if n.multipart() && len(n.children) > 0 {
		switch n.media {
		case "multipart/encrypted":
			r.mail.Encrypted = true
		case "multipart/signed":
			r.mail.Signed = true
		}
		if n.media == "multipart/alternative" {
			return r.alternative(n)
		}
		var out []segment
		for _, c := range n.children {
			out = append(out, r.read(c)...)
		}
		return out
	}
	switch {
	case n.multipart():
		if out, ok := r.reread(n); ok {
			return out
		}
	case n.media == "application/pkcs7-mime", n.media == "application/x-pkcs7-mime",
		n.media == "application/octet-stream" && strings.EqualFold(n.params["name"], "smime.p7m"):
		return r.secured(n)
	case winmail(n):
		return r.outlook(n)
	case n.media == "text/calendar":
		r.event(n)
	case n.media == "application/pgp-encrypted":
		r.mail.Encrypted = true
	}
	// A multipart without parts is a mailer's mistake about a text.
	if r.isBody(n) || n.multipart() && !r.started {
		return []segment{r.text(n)}
	}
	r.attach(n)
	return nil
}

// alternative keeps the last usable plain and the last usable HTML form as one
// segment. Other forms (calendar, AMP) become attachments.
func (r *bodyReader) alternative(n *node) []segment {
	var best segment
	for _, c := range n.children {
		started := r.started
		forms := r.read(c)
		r.started = started
		var plain, page []string
		for _, f := range withoutSpare(forms) {
			if f.plain != "" {
				plain = append(plain, f.plain)
			}
			if f.html != "" {
				page = append(page, f.html)
			}
		}
		if len(page) > 0 {
			best.html = strings.Join(page, "\n")
			// An alternative that mixes both (text, picture, HTML) has no
			// plain form of its own.
			if best.plain == "" && len(plain) > 0 {
				best.plain = strings.Join(plain, "\n\n")
			}
		} else if len(plain) > 0 {
			best.plain = other(best.plain, strings.Join(plain, "\n\n"))
		}
	}
	if best == (segment{}) {
		return nil
	}
	r.started = true
	return []segment{best}
}

// other is the second plain form of an alternative. Some mailers call pieces of
// one text alternatives: then it is both.
func other(first, second string) string {
	a, b := letters(first), letters(second)
	switch {
	case strings.Contains(b, a):
		return second
	case strings.Contains(a, b):
		return first
	}
	return strings.TrimRight(first, "\n") + "\n\n" + second
}

// isBody says whether a leaf is something to read rather than a file. A text
// with a name is a file unless it is the first text of the mail.
func (r *bodyReader) isBody(n *node) bool {
	if n.disposition == "attachment" {
		return false
	}
	switch n.media {
	case "text/plain", "text/html":
		return !n.named() || !r.started
	case "text/enriched", "text/richtext", "text/markdown", "text/x-markdown", "text/x-plain", "text/unknown", "application/xhtml+xml", "text/x-amp-html":
		// Worth reading only as the mail's own body.
		return !n.named() && !r.started && n.media != "text/x-amp-html"
	}
	return false
}

func (r *bodyReader) text(n *node) segment {
	body := r.raw[n.start:n.end]
	if len(body) > 4*maxText { // no encoding of a text is longer
		body = body[:4*maxText]
		r.mail.problem(ProblemText)
	}
	if !strings.HasPrefix(n.encoding, "base64") || !plainWords(body) {
		body = decodeTransfer(body, n.encoding)
	}
	if len(body) > maxText {
		body = body[:maxText]
		r.mail.problem(ProblemText)
	}
	charset := n.params["charset"]
	if n.media == "text/html" || n.media == "application/xhtml+xml" {
		if noCharset(charset) {
			if meta := metaCharset(body); meta != "" {
				charset = meta
			}
		}
		page := cleanText(decodeBytes(body, charset))
		if strings.TrimSpace(page) != "" {
			r.started = true
		}
		return segment{html: page}
	}
	text := cleanText(decodeBytes(body, charset))
	if strings.EqualFold(n.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(n.params["delsp"], "yes"))
	}
	if n.media == "text/enriched" || n.media == "text/richtext" {
		text = enriched(text)
	}
	text = r.enclosed(text)
	if strings.TrimSpace(text) != "" {
		r.started = true
	}
	return segment{plain: text}
}

func (r *bodyReader) attach(n *node) {
	body := r.raw[n.start:n.end]
	if n.multipart() && len(bytes.TrimSpace(body)) == 0 {
		return
	}
	p := Part{Name: n.fileName(r.charset), Type: n.media, body: body, encoding: n.encoding}
	p.ContentID = cleanLine(strings.Trim(n.header.Get("Content-ID"), " <>"), 250)
	p.Size = transferSize(body, n.encoding)
	r.add(p)
}

func (r *bodyReader) add(p Part) {
	if len(r.mail.Parts) >= maxAttachments {
		r.mail.problem(ProblemAttachments)
		return
	}
	r.mail.Parts = append(r.mail.Parts, p)
}

// placeInline marks the parts that the HTML shows (rule 53); an image in a
// multipart/related that nothing refers to stays an attachment.
func (m *Mail) placeInline() {
	if m.HTML == "" {
		return
	}
	used := content.ContentIDs(m.HTML)
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.ContentID == "" || !strings.HasPrefix(p.Type, "image/") {
			continue
		}
		id := p.ContentID
		if plain, err := url.PathUnescape(id); err == nil {
			id = plain
		}
		p.Inline = used[p.ContentID] || used[id]
	}
}

// unflow joins the soft line breaks of format=flowed (RFC 3676): a line that
// ends in a blank continues on the next of the same quote depth.
func unflow(text string, delSpace bool) string {
	var out strings.Builder
	depth := -1 // quote depth of a line that waits for its rest, -1 for none
	for line := range strings.SplitSeq(text, "\n") {
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		rest := line[d:]
		rest = strings.TrimPrefix(rest, " ") // space-stuffing
		soft := strings.HasSuffix(rest, " ") && rest != "-- "
		if depth != d && depth >= 0 {
			out.WriteByte('\n')
			depth = -1
		}
		if depth < 0 && d > 0 {
			out.WriteString(strings.Repeat(">", d) + " ")
		}
		if soft && delSpace {
			rest = rest[:len(rest)-1]
		}
		out.WriteString(rest)
		if soft {
			depth = d
		} else {
			out.WriteByte('\n')
			depth = -1
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}
