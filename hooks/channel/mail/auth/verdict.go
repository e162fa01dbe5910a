package auth

import (
	"context"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// State is what the evidence says on the whole.
type State string

// States. None is no verdict: nobody checked, or nothing could be checked.
const (
	None State = ""
	Pass State = "pass"
	Fail State = "fail"
)

// Verdict is the evidence on one mail (rule 22). SPF, DKIM and DMARC are
// results in the words of RFC 8601 ("pass", "fail", "softfail", …), "" when
// nobody trusted gave one.
type Verdict struct {
	State State

	SPF   string // of the provider only: the connection is not ours to judge
	DKIM  string // of the From domain; ours if we could check, else the provider's
	DMARC string // the provider's, else what follows from ours

	Domain string // the domain of From, in ASCII; "" if there is no one sender
	Server string // whose Authentication-Results was used, "" if none was
	Policy string // what the domain asks for: "none", "quarantine", "reject", "" unknown
	Reason string // catalogue key; its sentence uses {domain} and {server}
}

// Options of a check.
type Options struct {
	// Servers are the names under which the provider of the mailbox writes
	// Authentication-Results, see [Servers]. With none, only what stands
	// above the topmost Received field can speak for a mail.
	Servers []string
	// LookupTXT asks for TXT records. nil checks no signature. Use one
	// [Resolver] for all mailboxes.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
	// Partial tells that raw is only the beginning of the mail (rule 9), so
	// that a signature of its body cannot be checked.
	Partial bool
	// Limit is the time for all of a mail's lookups, 8 seconds if zero.
	Limit time.Duration
}

const usualLimit = 8 * time.Second

// Check collects the evidence on a mail. m is what [mime.Parse] made of raw.
// It never panics, and takes no longer than the limit and the time it takes to
// hash the mail a few times.
func Check(ctx context.Context, raw []byte, m *mime.Mail, o Options) (v Verdict) {
	defer func() {
		// The parsers and the library are written not to panic; a mail must
		// not cost the process if one does.
		if r := recover(); r != nil {
			v = Verdict{Reason: "mail.auth_unchecked"}
		}
	}()
	from := domainOf(m.From.Addr)
	if from == "" {
		return Verdict{State: Fail, Reason: "mail.auth_fail_sender"}
	}
	v = Verdict{Domain: from}
	if o.Limit <= 0 {
		o.Limit = usualLimit
	}
	ctx, cancel := context.WithTimeout(ctx, o.Limit)
	defer cancel()

	said := trusted(m.Header, o.Servers)
	v.Server = said.server
	head := readHead(raw)
	sound := head.agrees(m)
	sig := signature{state: "none"}
	if o.LookupTXT != nil && !o.Partial && sound {
		sig = checkSignatures(ctx, head, raw, from, o.LookupTXT)
	}

	r := said.about(from)
	v.SPF, v.DKIM, v.DMARC = r.spf, r.dkim, r.dmarc
	if sig.state == "pass" || sig.state == "fail" && r.dkim == "" {
		v.DKIM = sig.state
	}

	var policy policy
	settled := sig.state == "pass" && sig.domain == from || said.certain && r.dmarc == "pass" || sig.state != "pass" && r.dmarc == "fail"
	if o.LookupTXT != nil && !settled {
		policy = lookUpPolicy(ctx, from, o.LookupTXT)
		v.Policy = policy.word
	}
	signed := sig.state == "pass" && (sig.domain == from || !policy.strictDKIM)
	named := r.spf == "pass" && r.spfAligned && (!policy.strictSPF || r.spfDomain == from)

	switch {
	case signed:
		v.State, v.Reason = Pass, "mail.auth_pass_signature"
		if v.DMARC == "" && policy.word != "" {
			v.DMARC = "pass"
		}
	case said.certain && sound && r.dmarc == "pass":
		v.State, v.Reason = Pass, "mail.auth_pass_server"
	case r.dmarc == "fail":
		v.State, v.Reason = Fail, "mail.auth_fail_server"
	case said.certain && sound && r.dkim == "pass" && r.dkimAligned && (!policy.strictDKIM || r.dkimDomain == from):
		v.State, v.Reason = Pass, "mail.auth_pass_server"
	case said.certain && sound && named && policy.word != "":
		// What DMARC asks for, computed from the provider's own SPF result.
		v.State, v.Reason, v.DMARC = Pass, "mail.auth_pass_server", "pass"
	case sig.state == "fail" || r.dkim == "fail" && r.dkimAligned:
		v.State, v.Reason = Fail, "mail.auth_fail_signature"
	case (policy.word == "quarantine" || policy.word == "reject") && sig.state != "unknown" && sound && !o.Partial && !named:
		v.State, v.Reason = Fail, "mail.auth_fail_policy"
		if v.DMARC == "" {
			v.DMARC = "fail"
		}
	case !sound:
		v.Reason = "mail.auth_ambiguous"
	case sig.state == "unknown" || o.Partial:
		v.Reason = "mail.auth_unchecked"
	default:
		v.Reason = "mail.auth_none"
	}
	return v
}

// domainOf is the part of an address after the @.
func domainOf(addr string) string {
	return addr[strings.LastIndexByte(addr, '@')+1:]
}
