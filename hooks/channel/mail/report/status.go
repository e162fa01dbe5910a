package report

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// block is one group of fields of a machine-readable part, names in lower case.
type block map[string]string

// blocks reads groups of fields parted by empty lines, folded lines joined.
func blocks(raw []byte) []block {
	if len(raw) > maxStatusPart {
		raw = raw[:maxStatusPart]
	}
	var all []block
	current := block{}
	name := ""
	for line := range bytes.Lines(raw) {
		text := strings.TrimRight(string(line), " \t\r\n")
		if text == "" {
			if len(current) > 0 {
				if all = append(all, current); len(all) >= maxBlocks {
					return all
				}
				current = block{}
			}
			name = ""
			continue
		}
		if (text[0] == ' ' || text[0] == '\t') && name != "" {
			if len(current[name]) < 4000 {
				current[name] += " " + strings.TrimSpace(text)
			}
			continue
		}
		key, value, ok := strings.Cut(text, ":")
		key = strings.ToLower(strings.TrimSpace(key))
		if !ok || key == "" || strings.ContainsAny(key, " \t") {
			// A line that some mailer broke without folding it.
			if name != "" && len(current[name]) < 4000 {
				current[name] += " " + strings.TrimSpace(text)
			}
			continue
		}
		name = key
		if _, again := current[name]; again {
			// A second recipient without the empty line before it.
			if name == "final-recipient" {
				all = append(all, current)
				current = block{}
			} else {
				name = ""
				continue
			}
		}
		current[name] = strings.TrimSpace(value)
	}
	if len(current) > 0 {
		all = append(all, current)
	}
	return all
}

// typed cuts the type off a value such as "rfc822; a@b" or "dns; mx.test".
func typed(v string) string {
	if _, after, ok := strings.Cut(v, ";"); ok {
		return strings.TrimSpace(after)
	}
	return strings.TrimSpace(v)
}

var anyAddress = regexp.MustCompile(`[\pL\pN!#$%&'*+/=?^_{|}~.-]{1,64}@[\pL\pN_-]{1,63}(?:\.[\pL\pN_-]{1,63}){0,10}`)

// address reads the one in a recipient field, whatever stands round it.
func address(v string) string {
	v = strings.Trim(typed(v), " <>\"'")
	if a := mime.NormalAddress(v); a != "" {
		return a
	}
	// "<a@b> (expanded from …)", "IMCEAEX-…", "a@b; reason".
	if i := strings.IndexByte(v, '>'); i > 0 {
		if a := mime.NormalAddress(strings.Trim(v[:i], " <\"'")); a != "" {
			return a
		}
	}
	return mime.NormalAddress(strings.Trim(anyAddress.FindString(v), ".'"))
}

// readStatus reads message/delivery-status (RFC 3464) and its international
// form (RFC 6533).
func (r *Report) readStatus(m *mime.Mail, deep int) {
	for i := range m.Parts {
		switch m.Parts[i].Type {
		case "message/delivery-status", "message/global-delivery-status", "message/deliverystatus", "text/delivery-status":
			r.statusBlocks(blocks(m.Parts[i].Bytes()))
		}
	}
	if len(r.Recipients) > 0 {
		return
	}
	// A gateway wrapped the report into one of its own.
	if deep < 2 {
		for i := range m.Parts {
			if p := &m.Parts[i]; p.Type == "message/rfc822" && p.Size < maxWrapped {
				if inner := mime.Parse(p.Bytes()); inner.Verdict == mime.VerdictBounce {
					if r.readStatus(inner, deep+1); len(r.Recipients) > 0 {
						o := Report{}
						o.findOrigin(inner)
						r.From, r.To, r.Subject = o.From, o.To, o.Subject
						r.addIDs(true, ids(o.IDs)...)
						return
					}
				}
			}
		}
	}
	// Gateways turn the part into plain text.
	if i := strings.Index(strings.ToLower(m.Text), "final-recipient:"); i >= 0 {
		start := max(strings.LastIndex(m.Text[:i], "\n\n"), 0)
		r.statusBlocks(blocks([]byte(m.Text[start:])))
	}
}

func (r *Report) statusBlocks(all []block) {
	for _, b := range all {
		if r.Host == "" && b["reporting-mta"] != "" {
			r.Host = strings.ToLower(typed(b["reporting-mta"]))
		}
		if r.EnvelopeID == "" && b["original-envelope-id"] != "" {
			r.EnvelopeID = xtext(b["original-envelope-id"])
		}
		final := b["final-recipient"]
		if final == "" && b["original-recipient"] == "" && b["action"] == "" && b["status"] == "" {
			continue
		}
		p := Recipient{
			Address:    address(final),
			Original:   address(b["original-recipient"]),
			Action:     strings.ToLower(firstWord(b["action"])),
			Status:     enhanced.FindString(b["status"]),
			Diagnostic: typed(b["diagnostic-code"]),
			Host:       strings.ToLower(typed(b["remote-mta"])),
		}
		if p.Address == "" {
			p.Address, p.Original = p.Original, ""
		}
		if p.Original == p.Address {
			p.Original = ""
		}
		if !strings.Contains(b["diagnostic-code"], ";") {
			p.Diagnostic = b["diagnostic-code"]
		}
		if len(r.Recipients) >= maxRecipients {
			return
		}
		r.Recipients = append(r.Recipients, p)
	}
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t;(,"); i > 0 {
		return s[:i]
	}
	return strings.TrimSpace(s)
}

// xtext undoes RFC 3461's encoding of envelope ids.
func xtext(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '+' && i+2 < len(s) {
			hi, lo := strings.IndexByte("0123456789ABCDEF", s[i+1]), strings.IndexByte("0123456789ABCDEF", s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return mime.Text(b.String())
}

// readDisposition reads message/disposition-notification (rule 45).
func (r *Report) readDisposition(m *mime.Mail) {
	for i := range m.Parts {
		if !strings.HasSuffix(m.Parts[i].Type, "disposition-notification") {
			continue
		}
		for _, b := range blocks(m.Parts[i].Bytes()) {
			if a := address(b["final-recipient"]); a != "" && len(r.Recipients) == 0 {
				r.Recipients = append(r.Recipients, Recipient{Address: a, Original: address(b["original-recipient"]), Kind: Delivered})
			}
			r.addIDs(true, b["original-message-id"])
			if d := b["disposition"]; d != "" && r.Disposition == "" {
				if _, after, ok := strings.Cut(d, ";"); ok {
					d = after
				}
				d, _, _ = strings.Cut(d, "/")
				r.Disposition = strings.ToLower(firstWord(strings.TrimSpace(d)))
			}
		}
	}
	if r.Disposition == "" {
		// Receipts without the part: Outlook's, and those of old gateways.
		r.Disposition = "displayed"
		if low := strings.ToLower(m.Subject); strings.HasPrefix(low, "not read") || strings.HasPrefix(low, "ungelesen") || strings.HasPrefix(low, "non lu") {
			r.Disposition = "deleted"
		}
	}
	if len(r.Recipients) == 0 && m.From.Addr != "" {
		r.Recipients = []Recipient{{Address: m.From.Addr, Kind: Delivered}}
	}
	r.Kind, r.Key = Delivered, "mail.receipt_read"
	switch r.Disposition {
	case "displayed", "processed", "dispatched":
	default:
		r.Key = "mail.receipt_unread"
	}
	for i := range r.Recipients {
		r.Recipients[i].Key = r.Key
	}
}

// readFeedback reads a complaint (rule 45).
func (r *Report) readFeedback(m *mime.Mail, o origin) {
	r.Kind, r.Key = Blocked, "mail.complaint"
	add := func(v string) {
		if a := address(v); a != "" && len(r.Recipients) < maxRecipients {
			for _, have := range r.Recipients {
				if have.Address == a {
					return
				}
			}
			r.Recipients = append(r.Recipients, Recipient{Address: a, Kind: r.Kind, Key: r.Key})
		}
	}
	for i := range m.Parts {
		if m.Parts[i].Type != "message/feedback-report" && m.Parts[i].Type != "text/feedback-report" {
			continue
		}
		for _, b := range blocks(m.Parts[i].Bytes()) {
			if v := b["feedback-type"]; v != "" && r.Feedback == "" {
				r.Feedback = strings.ToLower(firstWord(v))
			}
			add(b["original-rcpt-to"])
			add(b["removal-recipient"])
			if r.EnvelopeID == "" {
				r.EnvelopeID = xtext(b["original-envelope-id"])
			}
			if r.Host == "" {
				r.Host = strings.ToLower(typed(b["reporting-mta"]))
			}
		}
	}
	if r.Feedback == "" {
		if r.Feedback = strings.ToLower(firstWord(m.Header.Get("Feedback-Type"))); r.Feedback == "" {
			r.Feedback = "abuse"
		}
	}
	if len(r.Recipients) == 0 {
		add(o.header.Get("X-HmXmrOriginalRecipient"))
		add(m.Header.Get("X-HmXmrOriginalRecipient"))
	}
	if len(r.Recipients) == 0 {
		for _, to := range r.To {
			add(to)
		}
	}
}
