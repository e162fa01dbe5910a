package mime

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/calendar"
	"github.com/shohay/shohay/hooks/channel/mail/tnef"
)

// Containers inside of parts: what Outlook packs into winmail.dat, what S/MIME
// wraps, what old mailers write into the text itself.

const maxAgain = 2 // containers in containers that are opened

// again reads a mail that was packed into a part, as if it stood in its place.
func (r *bodyReader) again(raw []byte) []segment {
	if r.depth >= maxAgain || len(raw) == 0 {
		return nil
	}
	s := splitter{raw: raw, deadline: r.deadline}
	nodes := s.split()
	for _, p := range s.problems {
		r.mail.problem(p)
	}
	inner := bodyReader{raw: raw, nodes: nodes, mail: r.mail, deadline: r.deadline, charset: r.charset, started: r.started, depth: r.depth + 1}
	out := inner.read(0)
	r.started = inner.started
	return out
}

// reread reads a multipart whose parts were not found: it was encoded as a
// whole, or its boundary is not the one that its fields name.
func (r *bodyReader) reread(n *node) ([]segment, bool) {
	body := r.raw[n.start:n.end]
	if r.depth >= maxAgain || len(bytes.TrimSpace(body)) == 0 {
		return nil, false
	}
	boundary := n.params["boundary"]
	if strings.HasPrefix(n.encoding, "base64") || strings.HasPrefix(n.encoding, "quoted") {
		body = decodeTransfer(body, n.encoding)
	}
	if boundary == "" || !bytes.Contains(body, []byte("--"+boundary)) {
		found := boundaryLine.FindSubmatch(body[:min(len(body), 16<<10)])
		if found == nil {
			return nil, false
		}
		boundary = strings.TrimRight(string(found[1]), " \t")
	}
	head := "Content-Type: " + n.media + "; boundary=\"" + strings.ReplaceAll(boundary, `"`, `\"`) + "\"\r\n\r\n"
	before := len(r.mail.Parts)
	out := r.again(append([]byte(head), body...))
	return out, len(out) > 0 || len(r.mail.Parts) > before
}

// boundaryLine is what looks like the beginning of a part.
var boundaryLine = regexp.MustCompile(`(?im)^--([^\s"][^\r\n"]{0,100}?)[ \t]*\r?\n(?:content-[a-z-]+|mime-version):`)

// winmail says whether a part is Outlook's container.
func winmail(n *node) bool {
	switch n.media {
	case "application/ms-tnef", "application/vnd.ms-tnef", "application/x-ms-tnef":
		return true
	}
	return strings.EqualFold(n.dispParams["filename"], "winmail.dat") || strings.EqualFold(n.params["name"], "winmail.dat")
}

// outlook takes a winmail.dat apart. The container itself stays among the
// attachments: what could not be read of it must not be lost.
func (r *bodyReader) outlook(n *node) []segment {
	r.attach(n)
	data := decodeTransfer(r.raw[n.start:n.end], n.encoding)
	if len(data) > tnef.MaxSize {
		return nil
	}
	m, err := tnef.Decode(data)
	if err != nil {
		return nil
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		media := a.Type
		if media == "" || !strings.Contains(media, "/") {
			media = "application/octet-stream"
		}
		name := safeName(cleanText(a.Name))
		if name == "" {
			name = "attachment" + extensions[media]
		}
		r.add(Part{Name: name, Type: cleanLine(media, 100), ContentID: cleanLine(a.ContentID, 250), Size: int64(len(a.Data)), body: a.Data})
	}
	if strings.HasPrefix(m.Class, "IPM.Note.SMIME") || strings.HasPrefix(m.Class, "IPM.Note.Secure") {
		r.mail.Signed = true
	}
	if strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "" {
		return nil
	}
	return []segment{{plain: m.Text, html: m.HTML, spare: true}}
}

// secured reads S/MIME: the mail inside of an opaque signature can be read by
// anybody, an encrypted one by nobody here (rule 58).
func (r *bodyReader) secured(n *node) []segment {
	data := decodeTransfer(r.raw[n.start:n.end], n.encoding)
	kind := strings.ToLower(n.params["smime-type"])
	if content := signedContent(data); content != nil && !strings.Contains(kind, "enveloped") {
		r.mail.Signed = true
		if out := r.again(content); len(out) > 0 {
			r.attach(n)
			return out
		}
	} else if kind != "certs-only" && kind != "compressed-data" {
		r.mail.Encrypted = true
	}
	r.attach(n)
	return nil
}

// signedContent finds the content of CMS SignedData (RFC 5652), nil if there
// is none. Lengths may be open (BER).
func signedContent(b []byte) []byte {
	if i := bytes.Index(b[:min(len(b), 64)], []byte("-----BEGIN")); i >= 0 {
		if j := bytes.IndexByte(b[i:], '\n'); j > 0 {
			b = decodeBase64(b[i+j:])
		}
	}
	const sequence, octets, explicit = 0x30, 0x04, 0xa0
	var signedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	top := element(b, 0)
	if top.tag != sequence {
		return nil
	}
	oid := element(top.body, 0)
	if !bytes.Equal(oid.body, signedData) {
		return nil
	}
	signed := element(element(oid.rest, 0).body, 0)
	version := element(signed.body, 0)
	digests := element(version.rest, 0)
	info := element(digests.rest, 0)
	kind := element(info.body, 0)
	outer := element(kind.rest, 0)
	if info.tag != sequence || outer.tag != explicit {
		return nil
	}
	text := element(outer.body, 0)
	switch text.tag {
	case octets:
		return text.body
	case octets | 0x20:
		var out []byte
		for rest, n := text.body, 0; len(rest) > 0 && n < 1_000_000; n++ {
			piece := element(rest, 0)
			if piece.tag != octets {
				break
			}
			out = append(out, piece.body...)
			rest = piece.rest
		}
		return out
	}
	return nil
}

// tlv is one element of ASN.1.
type tlv struct {
	tag        byte // 0 when there is none
	body, rest []byte
}

func element(b []byte, depth int) tlv {
	if len(b) < 2 || depth > 20 {
		return tlv{}
	}
	tag, length := b[0], int(b[1])
	b = b[2:]
	switch {
	case length == 0x80: // open: up to an empty element
		rest := b
		for n := 0; n < 100_000; n++ {
			if len(rest) < 2 {
				return tlv{tag, b, nil}
			}
			if rest[0] == 0 && rest[1] == 0 {
				return tlv{tag, b[:len(b)-len(rest)], rest[2:]}
			}
			next := element(rest, depth+1)
			if next.tag == 0 {
				return tlv{tag, b, nil}
			}
			rest = next.rest
		}
		return tlv{}
	case length > 0x80:
		n := length & 0x7f
		if n > 4 || n > len(b) {
			return tlv{}
		}
		length = 0
		for _, c := range b[:n] {
			length = length<<8 | int(c)
		}
		b = b[n:]
	}
	if length > len(b) {
		length = len(b) // cut off: take what is there
	}
	return tlv{tag, b[:length], b[length:]}
}

// event notes the invitations of a calendar part (rule 56).
func (r *bodyReader) event(n *node) {
	body := decodeTransfer(r.raw[n.start:n.end], n.encoding)
	events := calendar.Parse([]byte(decodeBytes(body, n.params["charset"])))
	for _, e := range events {
		if e.Method == "" {
			e.Method = strings.ToUpper(n.params["method"])
			e.Cancelled = e.Cancelled || e.Method == "CANCEL"
		}
		known := false
		for _, have := range r.mail.Events {
			known = known || have == e
		}
		if !known && len(r.mail.Events) < 20 {
			r.mail.Events = append(r.mail.Events, e)
		}
	}
}

var (
	uuBegin  = regexp.MustCompile(`(?m)^begin [0-7]{3,4} ([^\n]{1,200})\n([\x20-\x60][^\n]{0,90})\n`)
	pgpBegin = regexp.MustCompile(`(?m)^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----[ \t]*$`)
)

// enclosed takes uuencoded files out of a text.
func (r *bodyReader) enclosed(text string) string {
	for n := 0; n < 20 && strings.Contains(text, "begin "); n++ {
		span := uuBegin.FindStringSubmatchIndex(text)
		if span == nil {
			return text
		}
		line := text[span[4]:span[5]]
		want := (int(line[0]-' ')&0x3f + 2) / 3 * 4
		if len(line)-1 < want-4 || len(line)-1 > want+4 {
			return text // a sentence that begins with "begin 644"
		}
		end := strings.Index(text[span[0]:], "\nend")
		if end < 0 {
			return text
		}
		end += span[0] + len("\nend")
		block := text[span[0]:end]
		data := decodeUU([]byte(block))
		name := safeName(text[span[2]:span[3]])
		if name == "" {
			name = "attachment"
		}
		r.add(Part{Name: name, Type: typeOfName(name), Size: int64(len(data)), body: data})
		text = strings.TrimRight(text[:span[0]], "\n") + "\n\n" + strings.TrimLeft(text[end:], " \t\n")
	}
	return text
}

func typeOfName(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot >= 0 {
		ext := strings.ToLower(name[dot:])
		found := ""
		for media, e := range extensions {
			// Of several the shortest is the plain one.
			if e == ext && (found == "" || len(media) < len(found)) {
				found = media
			}
		}
		if found != "" {
			return found
		}
	}
	return "application/octet-stream"
}

// markPGP labels PGP in a text (rule 58).
func (m *Mail) markPGP() {
	if !strings.Contains(m.Text, "-----BEGIN PGP ") {
		return
	}
	if found := pgpBegin.FindStringSubmatch(m.Text); found != nil {
		if found[1] == "MESSAGE" {
			m.Encrypted = true
		} else {
			m.Signed = true
		}
	}
}

var enrichedTag = regexp.MustCompile(`(?i)<(/?)([a-z-]{1,60})>`)

// enriched makes plain text of text/enriched (RFC 1896): single line breaks
// are blanks, "<<" is "<", commands go.
func enriched(text string) string {
	text = strings.ReplaceAll(text, "<<", "\x00")
	var b strings.Builder
	at, param := 0, false
	for _, span := range enrichedTag.FindAllStringSubmatchIndex(text, -1) {
		if !param {
			b.WriteString(text[at:span[0]])
		}
		if strings.EqualFold(text[span[4]:span[5]], "param") {
			param = span[2] == span[3]
		}
		at = span[1]
	}
	b.WriteString(text[at:])
	lines := strings.Split(b.String(), "\n")
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		if i+1 >= len(lines) {
			break
		}
		if lines[i+1] == "" {
			n := 0
			for i+1 < len(lines) && lines[i+1] == "" {
				n, i = n+1, i+1
			}
			out.WriteString(strings.Repeat("\n", n))
		} else {
			out.WriteByte(' ')
		}
	}
	return strings.ReplaceAll(out.String(), "\x00", "<")
}
