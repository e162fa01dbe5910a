package auth

import "strings"

const (
	maxResults = 64
	maxField   = 32 << 10
)

// results is one Authentication-Results field.
type results struct {
	server string // authserv-id in lower case, "" when the field has none, as Microsoft's
	list   []result
}

// result is one method's result with its properties ("header.d" …), all in
// lower case. Results and properties are what the writing server says; values
// in them may have been chosen by the sender.
type result struct {
	method, value string
	props         map[string]string
}

// parseResults reads the value of an Authentication-Results field (RFC 8601),
// false when it cannot be told what belongs to what. Comments are dropped,
// values may be quoted, blanks around "=" are allowed.
func parseResults(value string) (results, bool) {
	if len(value) > maxField {
		return results{}, false
	}
	parts, ok := cutResults(value)
	if !ok || len(parts) == 0 {
		return results{}, false
	}
	var out results
	if pairs := readPairs(parts[0]); len(pairs) > 0 && !pairs[0].alone {
		out.list = appendResult(out.list, pairs)
	} else {
		if len(pairs) == 0 || len(pairs) > 2 {
			return results{}, false
		}
		// A second word is the version of the format; there is only one.
		if len(pairs) == 2 && (!pairs[1].alone || pairs[1].key != "1") {
			return results{}, false
		}
		out.server = strings.TrimSuffix(pairs[0].key, ".")
	}
	for _, part := range parts[1:] {
		if len(out.list) >= maxResults {
			return results{}, false
		}
		out.list = appendResult(out.list, readPairs(part))
	}
	return out, true
}

// appendResult adds a result whose first pair is method=value.
func appendResult(list []result, pairs []pair) []result {
	if len(pairs) == 0 || pairs[0].alone {
		return list // "none", or nothing between two semicolons
	}
	method, _, _ := strings.Cut(pairs[0].key, "/")
	r := result{method: method, value: pairs[0].value, props: map[string]string{}}
	for _, p := range pairs[1:] {
		if _, twice := r.props[p.key]; !p.alone && !twice {
			r.props[p.key] = p.value
		}
	}
	return append(list, r)
}

// cutResults cuts at semicolons outside quotes and drops comments. An open
// quote or comment at the end makes the whole unreadable.
func cutResults(s string) ([]string, bool) {
	var parts []string
	var b strings.Builder
	quoted, comment := false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || comment > 0):
			if i++; i < len(s) && comment == 0 {
				b.WriteByte(c)
				b.WriteByte(s[i])
			}
		case comment > 0:
			if c == '(' {
				comment++
			} else if c == ')' {
				comment--
			}
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		case quoted:
			b.WriteByte(c)
		case c == '(':
			comment++
			b.WriteByte(' ')
		case c == ';':
			parts = append(parts, b.String())
			b.Reset()
			if len(parts) > 2*maxResults {
				return nil, false
			}
		default:
			b.WriteByte(c)
		}
	}
	return append(parts, b.String()), !quoted && comment == 0
}

// pair is key=value, or a word alone.
type pair struct {
	key, value string
	alone      bool
}

// readPairs reads the words of one result. A value ends at a blank; quotes may
// stand anywhere in it, as in smtp.mailfrom="a b"@example.com.
func readPairs(s string) []pair {
	var pairs []pair
	blank := func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	skip := func(i int) int {
		for i < len(s) && blank(s[i]) {
			i++
		}
		return i
	}
	word := func(i int, stop string) (string, int) {
		var b strings.Builder
		quoted := false
		for ; i < len(s); i++ {
			c := s[i]
			switch {
			case c == '"':
				quoted = !quoted
				continue
			case quoted && c == '\\' && i+1 < len(s):
				i++
				c = s[i]
			case !quoted && (blank(c) || strings.IndexByte(stop, c) >= 0):
				return strings.ToLower(b.String()), i
			}
			b.WriteByte(c)
		}
		return strings.ToLower(b.String()), i
	}
	for i := skip(0); i < len(s) && len(pairs) < 4*maxResults; i = skip(i) {
		var p pair
		p.key, i = word(i, "=")
		if j := skip(i); j < len(s) && s[j] == '=' {
			p.value, i = word(skip(j+1), "")
		} else {
			p.alone = true
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// summary is what a server says about mail of one domain.
type summary struct {
	spf, dkim, dmarc        string
	spfAligned, dkimAligned bool
	spfDomain, dkimDomain   string
}

// summarise reads what the results say about the From domain. When a server
// says two things of one method, the worse one counts: the other may have got
// in through a value that the sender chose.
func summarise(list []result, from string) summary {
	var s summary
	for _, r := range list {
		switch r.method {
		case "spf":
			domain := domainOf(first(r.props, "smtp.mailfrom", "smtp.mail", "smtp.envelope-from", "envelope-from"))
			if s.spf == "" || s.spf == "pass" && r.value != "pass" {
				s.spf, s.spfDomain = r.value, domain
				s.spfAligned = r.value == "pass" && aligned(domain, from)
			}
		case "dkim":
			domain := domainOf(first(r.props, "header.d", "header.i"))
			near := aligned(domain, from)
			// A mail has several signatures and one good one of the right
			// domain is enough.
			better := s.dkim == "" || near && !s.dkimAligned || near && s.dkimAligned && r.value == "pass"
			if better {
				s.dkim, s.dkimDomain, s.dkimAligned = r.value, domain, near
			}
		case "dmarc":
			if at := first(r.props, "header.from"); at != "" && domainOf(at) != from && !(orgDomain(domainOf(at)) == orgDomain(from) && orgDomain(from) != "") {
				// About another From than the one we show.
				s.dmarc = worse(s.dmarc, "none")
				continue
			}
			s.dmarc = worse(s.dmarc, r.value)
		case "compauth":
			// Microsoft's own judgement for domains without DMARC.
			if r.value == "fail" {
				s.dmarc = worse(s.dmarc, "fail")
			}
		}
	}
	if !s.dkimAligned && s.dkim == "pass" {
		s.dkim = "" // somebody's signature, not the sender's
	}
	return s
}

func worse(a, b string) string {
	rank := func(s string) int {
		switch s {
		case "":
			return 0
		case "pass":
			return 1
		case "fail":
			return 3
		}
		return 2
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func first(props map[string]string, names ...string) string {
	for _, n := range names {
		if v := props[n]; v != "" {
			return v
		}
	}
	return ""
}
