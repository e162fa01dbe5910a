package mime

import (
	"strings"

	"golang.org/x/net/idna"
)

// Address is one mailbox of an address field.
type Address struct {
	Name string // decoded, for display; never proof of anything
	Addr string // local@domain in lower case, the domain in its ASCII form
}

// sender returns the one mailbox of From. Several mailboxes, several From
// fields that differ, two addresses in brackets, or an address hidden in an
// encoded word make it nobody: whom such a mail is shown as depends on who
// reads it (rule 21).
func sender(h Header, charset string) Address {
	all := addresses(h.All("From"), charset)
	if len(all) == 0 {
		return Address{}
	}
	for _, a := range all[1:] {
		if a.Addr != all[0].Addr {
			return Address{}
		}
	}
	if len(all) != len(h.All("From")) || all[0].Addr == "" {
		return Address{Name: all[0].Name}
	}
	return all[0]
}

// addresses reads address lists. A mailbox that cannot be read keeps its place
// with an empty Addr, so that a caller who needs exactly one sees there were
// more.
func addresses(values []string, charset string) []Address {
	var out []Address
	for _, v := range values {
		for _, piece := range cutList(v) {
			if len(out) >= maxAddresses {
				return out
			}
			out = append(out, parseAddress(piece, charset))
		}
	}
	return out
}

// cutList cuts an address list at its commas, not at those in quotes, comments
// or brackets. Group names ("undisclosed-recipients:;") are dropped.
func cutList(v string) []string {
	var out []string
	var b strings.Builder
	quoted, angle, comment := false, false, 0
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
		b.Reset()
	}
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c == '\\' && (quoted || comment > 0) && i+1 < len(v) {
			b.WriteByte(c)
			i++
			b.WriteByte(v[i])
			continue
		}
		switch {
		case quoted:
			quoted = c != '"'
		case comment > 0:
			if c == '(' {
				comment++
			} else if c == ')' {
				comment--
			}
		case c == '"':
			quoted = true
		case c == '(':
			comment++
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case angle:
		case c == ',' || c == ';':
			flush()
			continue
		case c == ':' && !strings.Contains(b.String(), "@"):
			b.Reset() // the name of a group
			continue
		}
		b.WriteByte(c)
	}
	flush()
	return out
}

// ParseAddress reads one mailbox as it stands in a field or in a text.
func ParseAddress(raw string) Address { return parseAddress(raw, "") }

// parseAddress reads one mailbox from its raw form.
func parseAddress(raw, charset string) Address {
	var phrase, comments, addr strings.Builder
	quoted, angle, comment, angles := false, false, 0, 0
	after := false // something stands after the bracket
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case quoted:
			switch {
			case c == '\\' && i+1 < len(raw):
				i++
				phrase.WriteByte(raw[i])
			case c == '"':
				quoted = false
				phrase.WriteByte(' ')
			default:
				phrase.WriteByte(c)
			}
		case comment > 0:
			switch {
			case c == '\\' && i+1 < len(raw):
				i++
				comments.WriteByte(raw[i])
				continue
			case c == '(':
				comment++
			case c == ')':
				comment--
			}
			if comment > 0 {
				comments.WriteByte(c)
			}
		case angle:
			if c == '>' {
				angle = false
			} else {
				addr.WriteByte(c)
			}
		case c == '"':
			quoted = true
		case c == '(':
			comment++
		case c == '<':
			angle = true
			angles++
		default:
			if angles > 0 && c != ' ' && c != '\t' {
				after = true
			}
			phrase.WriteByte(c)
		}
	}

	name := decodeText(phrase.String(), charset)
	if angles == 0 {
		a := normalAddress(strings.TrimSuffix(phrase.String(), ">")) // its "<" was lost
		if a == "" {
			return Address{Name: name}
		}
		return Address{Name: decodeText(comments.String(), charset), Addr: a}
	}
	if name == "" {
		name = decodeText(comments.String(), charset)
	}
	a := normalAddress(addr.String())
	if angles > 1 || after || angle {
		a = ""
	}
	name = strings.Trim(name, `'" `)
	// A name that is somebody else's address is there to deceive.
	if strings.Contains(name, "@") && !strings.EqualFold(name, a) {
		name = ""
	}
	return Address{Name: name, Addr: a}
}

// NormalAddress returns an address as it is compared (rule 30): lower case,
// the domain in ASCII; "" if it is none.
func NormalAddress(s string) string { return normalAddress(s) }

func normalAddress(s string) string {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 {
		return ""
	}
	local, domain := s[:at], strings.TrimSuffix(s[at+1:], ".")
	if strings.HasPrefix(local, "=?") {
		return ""
	}
	for _, r := range local {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`@<>()[],;:\"`, r) || isBidi(r) || r == 0xfffd {
			return ""
		}
	}
	ascii, err := idna.Lookup.ToASCII(strings.ToLower(domain))
	if err != nil {
		// Underscores and the like occur in real domains.
		for _, r := range domain {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune(`@<>()[],;:\"`, r) {
				return ""
			}
		}
		ascii = strings.ToLower(domain)
	}
	if ascii == "" || ascii[0] == '.' || strings.HasSuffix(ascii, ".") || strings.Contains(ascii, "..") {
		return ""
	}
	return strings.ToLower(local) + "@" + ascii
}
