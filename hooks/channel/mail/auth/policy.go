package auth

import (
	"context"
	"net"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// policy is what a domain publishes for mail in its name (DMARC, RFC 7489).
type policy struct {
	word                  string // "none", "quarantine", "reject"; "" if there is none or it could not be asked
	strictDKIM, strictSPF bool
}

// lookUpPolicy asks the domain, then its organisational domain.
func lookUpPolicy(ctx context.Context, domain string, lookup func(context.Context, string) ([]string, error)) policy {
	org := orgDomain(domain)
	for _, d := range []string{domain, org} {
		if d == "" {
			continue
		}
		texts, err := lookup(ctx, "_dmarc."+d)
		var dns *net.DNSError
		if err != nil && !notFound(err, &dns) {
			return policy{}
		}
		if p, ok := parsePolicy(texts, d != domain); ok {
			return p
		}
		if d == org {
			break
		}
	}
	return policy{}
}

// parsePolicy reads DMARC records; two of them are none (RFC 7489 6.6.3).
func parsePolicy(texts []string, below bool) (policy, bool) {
	var p policy
	found := false
	for _, t := range texts {
		tags := map[string]string{}
		for i, tag := range strings.Split(t, ";") {
			k, v, ok := strings.Cut(tag, "=")
			k, v = strings.ToLower(strings.TrimSpace(k)), strings.ToLower(strings.TrimSpace(v))
			if i == 0 && (!ok || k != "v" || v != "dmarc1") {
				break
			}
			if _, twice := tags[k]; ok && !twice {
				tags[k] = v
			}
		}
		if tags["v"] == "" {
			continue
		}
		if found {
			return policy{}, false
		}
		found = true
		p = policy{word: tags["p"], strictDKIM: tags["adkim"] == "s", strictSPF: tags["aspf"] == "s"}
		if sp := tags["sp"]; below && sp != "" {
			p.word = sp
		}
		switch p.word {
		case "none", "quarantine", "reject":
		default:
			p.word = "none"
		}
	}
	return p, found
}

// aligned says whether mail of the From domain may be vouched for by domain:
// the same, or the same organisation (RFC 7489 3.1, relaxed).
func aligned(domain, from string) bool {
	domain = asciiDomain(domain)
	if domain == "" || from == "" {
		return false
	}
	if domain == from {
		return strings.Contains(domain, ".")
	}
	org := orgDomain(from)
	return org != "" && org == orgDomain(domain)
}

// orgDomain is the domain that one organisation registered: example.co.uk for
// mail.example.co.uk. "" for a public suffix and for what is no domain.
func orgDomain(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if domain == "" || len(domain) > 253 {
		return ""
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return ""
	}
	return org
}

func asciiDomain(domain string) string {
	domain = strings.ToLower(strings.Trim(strings.TrimSpace(domain), "."))
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return domain // underscores and the like occur in real domains
	}
	return ascii
}
