package auth

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// NoName among [Options.Servers] stands for the field without a name that
// Microsoft's servers write.
const NoName = "-"

// providers are the names of the large providers' servers by the host that
// mail is fetched from. Each of them writes its own field on every mail, so
// the topmost one is theirs whatever the sender wrote.
var providers = []struct {
	hosts   string // exact, or a suffix with a leading dot
	servers []string
}{
	{"imap.gmail.com imap.googlemail.com", []string{"mx.google.com"}},
	{"outlook.office365.com outlook.office.com imap-mail.outlook.com", []string{NoName}},
	{"imap.mail.me.com", []string{"dmarc.icloud.com", "dkim-verifier.icloud.com", "spf.icloud.com"}},
	{"imap.fastmail.com", []string{".messagingengine.com"}},
	{"imap.mail.yahoo.com imap.aol.com", []string{".yahoo.com"}},
	{".zoho.com .zoho.eu .zoho.in .zohocloud.ca .zoho.com.au", []string{"mx.zohomail.com"}},
	{"imap.yandex.com imap.yandex.ru", []string{".yandex.net"}},
	{"imap.gmx.net imap.gmx.com", []string{"gmx.net"}},
	{"imap.mail.ru", []string{".mail.ru"}},
}

// Servers are the names under which the provider at an IMAP host writes
// Authentication-Results, nil if the provider is not known. A name with a
// leading dot is any host below it.
func Servers(imapHost string) []string {
	host := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(imapHost)), ".")
	for _, p := range providers {
		for _, h := range strings.Fields(p.hosts) {
			if h == host || h[0] == '.' && strings.HasSuffix(host, h) {
				return p.servers
			}
		}
	}
	return nil
}

// statement is what trusted servers say of a mail.
type statement struct {
	server  string
	list    []result
	certain bool // the sender cannot have written it
}

func (s statement) about(from string) summary { return summarise(s.list, from) }

// trusted picks the Authentication-Results that count: of each configured name
// the topmost one. With none configured, the topmost field that carries the
// name of the host in the topmost Received. Whoever sent the mail may know
// that name too, so it can speak for the mail only from above that Received,
// where nobody but the receiving host writes; below it, it can only accuse.
func trusted(h mime.Header, servers []string) statement {
	if len(servers) == 0 {
		return judged(h)
	}
	out := statement{certain: true}
	found := map[string]bool{}
	for _, f := range h {
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		r, ok := parseResults(f.Value)
		if !ok {
			// Ours perhaps, and unreadable; what lies below it is older.
			if name := matchAny(servers, firstWord(f.Value)); name != "" {
				found[name] = true
			}
			continue
		}
		name := matchAny(servers, r.server)
		if name == "" || found[name] {
			continue
		}
		found[name] = true
		if out.server == "" {
			out.server = r.server
		}
		before := out.list
		for _, one := range r.list {
			// Several results of one method in one field stay together.
			if !slices.ContainsFunc(before, func(r result) bool { return r.method == one.method }) {
				out.list = append(out.list, one)
			}
		}
	}
	if out.server == "" && found[NoName] {
		out.server = "Microsoft"
	}
	return out
}

func matchAny(servers []string, id string) string {
	for _, s := range servers {
		s = strings.ToLower(strings.TrimSpace(s))
		switch {
		case s == "":
		case s == NoName:
			if id == "" {
				return s
			}
		case s == id, s[0] == '.' && strings.HasSuffix(id, s):
			return s
		}
	}
	return ""
}

func firstWord(value string) string {
	end := strings.IndexAny(value, "; \t(")
	if end < 0 {
		end = len(value)
	}
	return strings.ToLower(value[:end])
}

// judged is [trusted] without configuration.
func judged(h mime.Header) statement {
	host, at := receiver(h)
	if host == "" {
		return statement{}
	}
	for i, f := range h {
		if !strings.EqualFold(f.Name, "Authentication-Results") {
			continue
		}
		r, ok := parseResults(f.Value)
		if !ok || r.server == "" || r.server != host && !strings.HasSuffix(host, "."+r.server) && (orgDomain(host) == "" || orgDomain(host) != orgDomain(r.server)) {
			continue
		}
		return statement{server: r.server, list: r.list, certain: i < at}
	}
	return statement{}
}

// receiver is the host that wrote the topmost Received field and the field's
// place, "" if it cannot be told. A greeting like "x by evil.test" would put a
// second "by" into it.
func receiver(h mime.Header) (host string, at int) {
	for i, f := range h {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		value, _, _ := strings.Cut(f.Value, ";")
		parts, ok := cutResults(value)
		if !ok {
			return "", 0
		}
		words := strings.Fields(strings.ToLower(parts[0]))
		for j, w := range words {
			if w != "by" || j+1 == len(words) {
				continue
			}
			if host != "" {
				return "", 0
			}
			host = strings.Trim(words[j+1], "[].")
		}
		if _, err := netip.ParseAddr(host); err == nil {
			return "", 0
		}
		return host, i
	}
	return "", 0
}
