package spam

import (
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"golang.org/x/net/publicsuffix"
)

// Blocklist matches senders. It is read only and may be shared.
type Blocklist struct {
	addresses, domains map[string]bool
}

// Block makes a list of addresses ("seller@mail.example") and domains
// ("mail.example", "@mail.example"), which include the domains below them. What
// is neither is left out.
func Block(entries []string) Blocklist {
	b := Blocklist{map[string]bool{}, map[string]bool{}}
	for _, e := range entries {
		switch value, kind := Entry(e); kind {
		case BlockAddress:
			b.addresses[bare(value)] = true
		case BlockDomain:
			b.domains[value] = true
		}
	}
	return b
}

// Kinds of entries, which are also the reasons that [Blocklist.Match] gives.
const (
	BlockAddress = "blocked_address"
	BlockDomain  = "blocked_domain"
)

// Entry reads what somebody typed to be blocked: its normal form and its kind,
// "" when it is neither an address nor a domain, or when it is an ending that
// belongs to everybody, such as "com.bd".
func Entry(s string) (value, kind string) {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "*"), "@")
	s = strings.Trim(s, ".")
	if strings.Contains(s, "@") {
		if a := mime.NormalAddress(s); a != "" {
			return a, BlockAddress
		}
		return "", ""
	}
	a := mime.NormalAddress("x@" + s)
	if a == "" || strings.ContainsAny(s, " /") || strings.Contains(s, "..") {
		return "", ""
	}
	domain := a[2:]
	if suffix, icann := publicsuffix.PublicSuffix(domain); suffix == domain && (icann || !strings.Contains(domain, ".")) {
		return "", ""
	}
	return domain, BlockDomain
}

// Match says why an address is blocked, "" if it is not.
func (b Blocklist) Match(address string) (reason string) {
	if b.addresses[bare(address)] {
		return BlockAddress
	}
	for d := address[strings.LastIndexByte(address, '@')+1:]; d != ""; {
		if b.domains[d] {
			return BlockDomain
		}
		_, d, _ = strings.Cut(d, ".")
	}
	return ""
}

// bare is an address without what its owner may vary: the part after a plus,
// and at Gmail the dots. Identities are not compared so (rule 30), but who is
// blocked stays blocked.
func bare(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	if plain, _, ok := strings.Cut(local, "+"); ok && plain != "" {
		local = plain
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}
