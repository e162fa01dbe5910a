package auth

import (
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// AnswerTo returns the address that an answer goes to, and those that staff
// may choose from when Reply-To cannot be relied on (rule 28). It never
// returns an address of ours. forms are senders that write for a customer
// named in Reply-To, such as the shop's contact form.
func AnswerTo(m *mime.Mail, v Verdict, own, forms map[string]bool) (address string, choice []string) {
	from := m.From.Addr
	var named []string
	for _, a := range m.ReplyTo {
		if a.Addr != "" && !own[a.Addr] && a.Addr != from {
			named = append(named, a.Addr)
		}
	}
	if own[from] || forms[from] {
		if len(named) == 1 {
			return named[0], nil
		}
		if own[from] {
			return "", named
		}
	}
	if len(named) == 0 {
		return from, nil
	}
	if len(named) == 1 && v.State == Pass && orgDomain(domainOf(from)) != "" && orgDomain(domainOf(from)) == orgDomain(domainOf(named[0])) {
		return named[0], nil
	}
	if from == "" {
		return "", named
	}
	return from, append([]string{from}, named...)
}

// Own tells whether an address is one of ours; plus addresses of ours are too.
func Own(address string, own map[string]bool) bool {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return own[address] || own[local+"@"+domain]
}
