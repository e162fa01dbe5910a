package auth

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// zone is a world of domains: TXT records by name, and the keys behind them.
type zone struct {
	keys    map[string]ed25519.PrivateKey
	records map[string][]string
	broken  bool // name servers do not answer
}

func newZone() *zone {
	z := &zone{keys: map[string]ed25519.PrivateKey{}, records: map[string][]string{}}
	for _, d := range []string{"customer.test", "mail.customer.test", "big.example", "evil.test", "strict.example"} {
		seed := sha256.Sum256([]byte(d)) // the same in every process that fuzzes
		private := ed25519.NewKeyFromSeed(seed[:])
		z.keys[d] = private
		z.records["s._domainkey."+d] = []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(private.Public().(ed25519.PublicKey))}
	}
	z.records["_dmarc.big.example"] = []string{"v=DMARC1; p=reject; sp=quarantine; rua=mailto:x@big.example"}
	z.records["_dmarc.strict.example"] = []string{"some other text", "v=DMARC1; p=quarantine; adkim=s; aspf=s"}
	z.records["_dmarc.watching.example"] = []string{"v=DMARC1; p=none"}
	return z
}

func (z *zone) lookup(_ context.Context, name string) ([]string, error) {
	if z.broken {
		return nil, &net.DNSError{Err: "no answer", Name: name, IsTimeout: true, IsTemporary: true}
	}
	if texts, ok := z.records[name]; ok {
		return texts, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// sign puts a signature of the domain on a mail.
func (z *zone) sign(t testing.TB, domain, mail string) string {
	t.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, bytes.NewReader(crlf(mail)), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: z.keys[domain],
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: []string{"From", "To", "Subject"}})
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

func (z *zone) check(mail string, servers ...string) (Verdict, *mime.Mail) {
	raw := crlf(mail)
	m := mime.Parse(raw)
	return Check(context.Background(), raw, m, Options{Servers: servers, LookupTXT: z.lookup}), m
}

const plain = "From: Rina <rina@customer.test>\nTo: help@shop.test\nSubject: Cups\n\nWhere are they?\n"

func from(address string) string { return strings.Replace(plain, "rina@customer.test", address, 1) }

func TestVerdict(t *testing.T) { // rule 22
	z := newZone()
	good := z.sign(t, "customer.test", plain)
	const ar = "Authentication-Results: mx.provider.test; "
	for _, tt := range []struct {
		name, mail string
		servers    []string
		want       State
		reason     string
	}{
		{"nothing", plain, nil, None, "mail.auth_none"},
		{"own signature", good, nil, Pass, "mail.auth_pass_signature"},
		{"signature with changed body", good + "and my money\n", nil, Fail, "mail.auth_fail_signature"},
		{"signature with changed subject", strings.Replace(good, "Cups", "Gold", 1), nil, Fail, "mail.auth_fail_signature"},
		{"a stranger's signature", z.sign(t, "evil.test", plain), nil, None, "mail.auth_none"},
		{"signature of the parent domain", z.sign(t, "customer.test", from("rina@mail.customer.test")), nil, Pass, "mail.auth_pass_signature"},
		{"signature of a domain below", z.sign(t, "mail.customer.test", plain), nil, Pass, "mail.auth_pass_signature"},
		{"strict domain, signature from above", z.sign(t, "strict.example", from("a@x.strict.example")), nil, Fail, "mail.auth_fail_policy"},
		{"strict domain, own signature", z.sign(t, "strict.example", from("a@strict.example")), nil, Pass, "mail.auth_pass_signature"},
		{"key is gone", strings.Replace(good, "s=s;", "s=old;", 1), nil, None, "mail.auth_none"},
		{"two signatures, one good", z.sign(t, "customer.test", strings.Replace(good, "s=s;", "s=old;", 1)), nil, Pass, "mail.auth_pass_signature"},
		{"domain refuses unsigned mail", from("a@big.example"), nil, Fail, "mail.auth_fail_policy"},
		{"domain refuses unsigned mail, below", from("a@news.big.example"), nil, Fail, "mail.auth_fail_policy"},
		{"domain only watches", from("a@watching.example"), nil, None, "mail.auth_none"},
		{"signed, of a domain that refuses", z.sign(t, "big.example", from("a@big.example")), nil, Pass, "mail.auth_pass_signature"},

		{"provider says pass", ar + "dmarc=pass header.from=customer.test\n" + plain, []string{"mx.provider.test"}, Pass, "mail.auth_pass_server"},
		{"provider says fail", ar + "dmarc=fail (p=NONE) header.from=customer.test\n" + plain, []string{"mx.provider.test"}, Fail, "mail.auth_fail_server"},
		{"provider says fail, the signature is good", ar + "dmarc=fail header.from=customer.test\n" + good, []string{"mx.provider.test"}, Pass, "mail.auth_pass_signature"},
		{"provider says pass, the body changed since", ar + "dmarc=pass header.from=customer.test\n" + good + "footer\n", []string{"mx.provider.test"}, Pass, "mail.auth_pass_server"},
		{"provider says nothing of DMARC, its signature check passed", ar + "dkim=pass header.d=customer.test\n" + plain, []string{"mx.provider.test"}, Pass, "mail.auth_pass_server"},
		{"provider saw a stranger's signature", ar + "dkim=pass header.d=evil.test\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"provider saw a broken signature", ar + "dkim=fail header.d=customer.test\n" + plain, []string{"mx.provider.test"}, Fail, "mail.auth_fail_signature"},
		{"only SPF, no policy", ar + "spf=pass smtp.mailfrom=x@customer.test\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"only SPF, with a policy", ar + "spf=pass smtp.mailfrom=x@bounce.big.example\n" + from("a@big.example"), []string{"mx.provider.test"}, Pass, "mail.auth_pass_server"},
		{"only SPF of another, with a policy", ar + "spf=pass smtp.mailfrom=x@evil.test\n" + from("a@big.example"), []string{"mx.provider.test"}, Fail, "mail.auth_fail_policy"},
		{"DMARC of another From", ar + "dmarc=pass header.from=evil.test\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"DMARC could not be asked", ar + "dmarc=temperror header.from=customer.test\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"attacker's below the provider's", ar + "dmarc=fail header.from=customer.test\nReceived: x\n" + ar + "dmarc=pass header.from=customer.test\n" + plain, []string{"mx.provider.test"}, Fail, "mail.auth_fail_server"},
		{"attacker's beside the provider's", "Authentication-Results: mx.evil.test; dmarc=pass header.from=customer.test\n" + ar + "dmarc=fail header.from=customer.test\n" + plain, []string{"mx.provider.test"}, Fail, "mail.auth_fail_server"},
		{"attacker's alone", "Authentication-Results: mx.evil.test; dmarc=pass header.from=customer.test\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"ARC is not asked", "ARC-Authentication-Results: i=1; mx.provider.test; dmarc=pass\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"unreadable topmost, older below", ar + "dmarc=fail (open\n" + ar + "dmarc=pass\n" + plain, []string{"mx.provider.test"}, None, "mail.auth_none"},
		{"Microsoft's, without a name", "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=customer.test; dkim=pass (signature was verified) header.d=customer.test;dmarc=pass action=none header.from=customer.test;compauth=pass reason=100\n" + plain, Servers("outlook.office365.com"), Pass, "mail.auth_pass_server"},
		{"Microsoft's own doubt", "Authentication-Results: spf=none smtp.mailfrom=customer.test; dkim=none header.d=none;dmarc=none action=none header.from=customer.test;compauth=fail reason=001\n" + plain, Servers("outlook.office365.com"), Fail, "mail.auth_fail_server"},
		{"Apple's three fields", "Authentication-Results: bimi.icloud.com; bimi=none\nAuthentication-Results: dmarc.icloud.com; dmarc=pass header.from=customer.test\nAuthentication-Results: dkim-verifier.icloud.com; dkim=none\n" + plain, Servers("imap.mail.me.com"), Pass, "mail.auth_pass_server"},
		{"any of Fastmail's hosts, topmost", "Authentication-Results: mx6.messagingengine.com; dmarc=fail header.from=customer.test\nAuthentication-Results: mx1.messagingengine.com; dmarc=pass header.from=customer.test\n" + plain, Servers("imap.fastmail.com"), Fail, "mail.auth_fail_server"},

		{"unknown provider, above its Received", "Authentication-Results: mx.host.test; dmarc=pass header.from=customer.test\nReceived: from a by mx.host.test with ESMTP; date\n" + plain, nil, Pass, "mail.auth_pass_server"},
		{"unknown provider, below its Received, may be forged", "Received: from a by mx.host.test with ESMTP; date\nAuthentication-Results: mx.host.test; dmarc=pass header.from=customer.test\n" + plain, nil, None, "mail.auth_none"},
		{"unknown provider, below its Received, accuses", "Received: from a by mx.host.test with ESMTP; date\nAuthentication-Results: mx.host.test; dmarc=fail header.from=customer.test\n" + plain, nil, Fail, "mail.auth_fail_server"},
		{"unknown provider, another host's", "Authentication-Results: mx.evil.test; dmarc=pass header.from=customer.test\nReceived: from a by mx.host.test; date\n" + plain, nil, None, "mail.auth_none"},
		{"a greeting that names another receiver", "Authentication-Results: mx.evil.test; dmarc=pass header.from=customer.test\nReceived: from a by mx.evil.test (x) by mx.host.test; date\n" + plain, nil, None, "mail.auth_none"},
		{"receiver without a name", "Authentication-Results: mx.host.test; dmarc=pass\nReceived: from a by 10.0.0.1; date\n" + plain, nil, None, "mail.auth_none"},

		{"no From (rule 21)", strings.Replace(plain, "From: Rina <rina@customer.test>\n", "", 1), nil, Fail, "mail.auth_fail_sender"},
		{"empty From", from(""), nil, Fail, "mail.auth_fail_sender"},
		{"two in From", from("a@customer.test>, B <b@customer.test"), nil, Fail, "mail.auth_fail_sender"},
		{"two From fields", "From: Evil <e@evil.test>\n" + good, nil, Fail, "mail.auth_fail_sender"},
		{"the same From twice", "From: Rina <rina@customer.test>\n" + good, nil, None, "mail.auth_ambiguous"},
		{"group", strings.Replace(plain, "Rina <rina@customer.test>", "friends: rina@customer.test, b@evil.test;", 1), nil, Fail, "mail.auth_fail_sender"},
		{"empty group", strings.Replace(plain, "Rina <rina@customer.test>", "undisclosed-recipients:;", 1), nil, Fail, "mail.auth_fail_sender"},
		{"second subject on a signed mail", "Subject: Send money\n" + good, nil, None, "mail.auth_ambiguous"},
		{"a line of blanks ends the header for some readers", strings.Replace(good, "\nTo:", "\n \nSend money to me: now\nTo:", 1), nil, None, "mail.auth_ambiguous"},
		{"a header that never ends", "From: a@customer.test\nSubject: x", nil, None, "mail.auth_ambiguous"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := z.check(tt.mail, tt.servers...)
			if v.State != tt.want || v.Reason != tt.reason {
				t.Errorf("%q %s, want %q %s (%+v)", v.State, v.Reason, tt.want, tt.reason, v)
			}
		})
	}
}

// A signed mail of one user of a large provider, shown as another user's.
func TestASignatureCannotBeShownUnderAnotherName(t *testing.T) {
	z := newZone()
	signed := z.sign(t, "customer.test", strings.Replace(plain, "rina@", "thief@", 1))
	for name, mail := range map[string]string{
		"second From above":            "From: rina@customer.test\n" + signed,
		"second From, name with blank": "From : rina@customer.test\n" + signed,
		"header ended by blanks":       "From: rina@customer.test\nSubject: a\n \n" + signed,
		"header ended by a tab":        "From: rina@customer.test\n\t\n" + signed,
		"behind a byte order mark":     "\ufeffFrom: rina@customer.test\n" + signed,
		"behind an mbox line":          "From x@y Thu\nFrom: rina@customer.test\n" + signed,
		"empty line above":             "\nFrom: rina@customer.test\n" + signed,
		"a bare carriage return":       "From: rina@customer.test\n\r\n" + signed,
		"more lines than are read":     strings.Repeat("X: 1\n", 1100) + signed,
	} {
		t.Run(name, func(t *testing.T) {
			v, m := z.check(mail)
			if m.From.Addr == "rina@customer.test" && v.State == Pass {
				t.Errorf("shown as %s and passed: %+v", m.From.Addr, v)
			}
		})
	}
}

func TestSilentNameServersGiveNoVerdict(t *testing.T) {
	z := newZone()
	signed := z.sign(t, "customer.test", plain)
	z.broken = true
	if v, _ := z.check(signed); v.State != None || v.Reason != "mail.auth_unchecked" {
		t.Errorf("%+v", v)
	}
	if v, _ := z.check(from("a@big.example")); v.State != None {
		t.Errorf("policy unknown: %+v", v)
	}
	// A lookup that never returns holds nothing up, and one that breaks costs nothing.
	raw := crlf(signed)
	hang := NewResolver(func(ctx context.Context, _ string) ([]string, error) { select {} })
	began := time.Now()
	v := Check(context.Background(), raw, mime.Parse(raw), Options{LookupTXT: hang.LookupTXT, Limit: 50 * time.Millisecond})
	if v.State != None || time.Since(began) > 2*time.Second {
		t.Errorf("%+v after %v", v, time.Since(began))
	}
	wild := func(context.Context, string) ([]string, error) { panic("wild") }
	if v := Check(context.Background(), raw, mime.Parse(raw), Options{LookupTXT: wild}); v.State != None {
		t.Errorf("%+v", v)
	}
}

func TestPartOfAMailIsNotMeasuredByItsSignature(t *testing.T) { // rule 9
	z := newZone()
	raw := crlf(z.sign(t, "customer.test", plain))
	raw = raw[:len(raw)-5]
	if v := Check(context.Background(), raw, mime.Parse(raw), Options{LookupTXT: z.lookup, Partial: true}); v.State != None || v.Reason != "mail.auth_unchecked" {
		t.Errorf("%+v", v)
	}
}

func TestHostileKeysAndSignaturesCostLittle(t *testing.T) {
	z := newZone()
	signed := z.sign(t, "customer.test", plain)
	line := signed[:strings.Index(signed, "From:")]
	for name, mail := range map[string]string{
		"ten thousand signatures": strings.Repeat(line, 200) + signed,
		"endless h=":              "DKIM-Signature: v=1; a=rsa-sha256; d=customer.test; s=s; bh=x; b=x; h=from" + strings.Repeat(":x", 4000) + "\n" + plain,
		"only line ends":          strings.Replace(signed, "relaxed/relaxed", "simple/simple", 1) + strings.Repeat("\n", 1<<19) + "x",
		"odd tags":                "DKIM-Signature: ;;;=;d=customer.test;v=1;v=1;b\n" + plain,
		"no body":                 "DKIM-Signature: d=customer.test\nFrom: a@customer.test\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			v, _ := z.check(mail)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if name != "ten thousand signatures" && v.State == Pass {
				t.Errorf("%+v", v)
			}
		})
	}
	z.records["s._domainkey.customer.test"] = []string{"v=DKIM1; p=" + strings.Repeat("A", 60000)}
	if v, _ := z.check(signed); v.State != None {
		t.Errorf("a key of 60 KB: %+v", v)
	}
	z.records["s._domainkey.customer.test"] = []string{"a", "b"}
	if v, _ := z.check(signed); v.State != None {
		t.Errorf("two records: %+v", v)
	}
}

// The evidence for each case of the matrix of rules 23 to 28. Which conversation
// a mail joins follows from two things that are found out here, whose mail it
// is and what speaks for that, and from the token, which is not a sender's word.
func TestSpoofMatrix(t *testing.T) {
	z := newZone()
	const rina, nobody = "rina@customer.test", ""
	ar := func(result string) string {
		return "Authentication-Results: mx.provider.test; dmarc=" + result + " header.from=customer.test\n"
	}
	sender := func(field string) string { return strings.Replace(plain, "Rina <rina@customer.test>", field, 1) }
	for i, tt := range []struct {
		rule       int
		name, mail string
		sender     string
		state      State
	}{
		{23, "the customer, confirmed by the provider", ar("pass") + plain, rina, Pass},
		{23, "the customer, signed", z.sign(t, "customer.test", plain), rina, Pass},
		{23, "the customer, nobody checked", plain, rina, None},
		{23, "forged, the provider says so", ar("fail") + plain, rina, Fail},
		{23, "forged on a signed mail", z.sign(t, "customer.test", plain) + "x\n", rina, Fail},
		{24, "a hint, confirmed", "In-Reply-To: <a@shop.test>\n" + ar("pass") + plain, rina, Pass},
		{24, "a hint, no verdict", "In-Reply-To: <a@shop.test>\n" + plain, rina, None},
		{24, "a hint, forged", "In-Reply-To: <a@shop.test>\n" + ar("fail") + plain, rina, Fail},
		{24, "a hint, the forger's pass below the provider's", ar("fail") + ar("pass") + plain, rina, Fail},
		{24, "a hint, the forger's pass of a host of theirs", "Authentication-Results: mx.evil.test; dmarc=pass header.from=customer.test\n" + plain, rina, None},
		{24, "a hint, the forger's own signature", z.sign(t, "evil.test", plain), rina, None},
		{24, "a hint, the forger's pass in an ARC field", "ARC-Authentication-Results: i=1; mx.provider.test; dmarc=pass\n" + plain, rina, None},
		{24, "a hint, the provider's pass is for the forger's domain", strings.Replace(ar("pass"), "customer.test", "evil.test", 1) + plain, rina, None},
		{24, "a hint, a pass hidden in a comment", ar("none (dmarc=pass header.from=customer.test)") + plain, rina, None},
		{24, "a hint, a pass hidden in the envelope sender", "Authentication-Results: mx.provider.test; dmarc=fail header.from=customer.test; spf=pass smtp.mailfrom=\"a; dmarc=pass\"@evil.test\n" + plain, rina, Fail},
		{24, "a hint, a pass let in by a careless server", "Authentication-Results: mx.provider.test; spf=pass smtp.mailfrom=a; dmarc=pass@evil.test; dmarc=fail header.from=customer.test\n" + plain, rina, Fail},
		{25, "given on, proven", z.sign(t, "evil.test", from("spouse@evil.test")), "spouse@evil.test", Pass},
		{25, "given on, nobody checked", from("spouse@elsewhere.test"), "spouse@elsewhere.test", None},
		{25, "the same name elsewhere", from("rina@customer.example"), "rina@customer.example", None},
		{26, "an agent's address, forged", ar("fail") + from("agent@customer.test"), "agent@customer.test", Fail},
		{26, "an agent's address, nobody checked", from("agent@shop.test"), "agent@shop.test", None},
		{27, "another address in the name", sender(`"rina@customer.test" <e@evil.test>`), "e@evil.test", None},
		{28, "answers elsewhere do not change the sender", "Reply-To: e@evil.test\n" + plain, rina, None},

		// Who reads From how (rule 21; the probes of the parsers).
		{21, "encoded word in an address", ar("pass") + from("=?utf-8?q?rina?=@customer.test"), nobody, Fail},
		{21, "encoded address as a name", sender("=?utf-8?q?rina=40customer.test?= <e@evil.test>"), "e@evil.test", None},
		{21, "encoded address alone", sender("=?utf-8?q?rina=40customer.test?="), nobody, Fail},
		{21, "encoded local part, real domain", ar("pass") + sender("=?utf-8?q?rina?=@customer.test"), nobody, Fail},
		{21, "two in brackets, the victim first", sender("<rina@customer.test> <e@evil.test>"), nobody, Fail},
		{21, "two in brackets, the victim last", sender("<e@evil.test> <rina@customer.test>"), nobody, Fail},
		{21, "two mailboxes", sender("rina@customer.test, e@evil.test"), nobody, Fail},
		{21, "two mailboxes, both confirmed", ar("pass") + sender("rina@customer.test, b@customer.test"), nobody, Fail},
		{21, "two fields", "From: e@evil.test\n" + ar("pass") + plain, nobody, Fail},
		{21, "no field", ar("pass") + strings.Replace(plain, "From:", "Form:", 1), nobody, Fail},
		{21, "empty field", ar("pass") + sender(""), nobody, Fail},
		{21, "empty brackets", ar("pass") + from(""), nobody, Fail},
		{21, "group", sender("Rina: rina@customer.test, e@evil.test;"), nobody, Fail},
		{21, "empty group", sender("undisclosed-recipients:;"), nobody, Fail},
		{21, "address in a comment", sender("e@evil.test (rina@customer.test)"), "e@evil.test", None},
		{21, "null character", from("rina@customer.test\x00@evil.test"), nobody, Fail},
		{21, "unclosed bracket", sender("<rina@customer.test"), nobody, Fail},
		{21, "route", sender("<@evil.test:rina@customer.test>"), nobody, Fail},
	} {
		t.Run(fmt.Sprintf("%d rule %d %s", i+1, tt.rule, tt.name), func(t *testing.T) {
			v, m := z.check(tt.mail, "mx.provider.test")
			if m.From.Addr != tt.sender || v.State != tt.state {
				t.Errorf("sender %q, %q; want %q, %q (%+v)", m.From.Addr, v.State, tt.sender, tt.state, v)
			}
		})
	}
}

func TestAnswerTo(t *testing.T) { // rule 28
	own := map[string]bool{"help@shop.test": true}
	forms := map[string]bool{"form@builder.test": true}
	for _, tt := range []struct {
		name, from, reply string
		state             State
		want              string
		choice            string
	}{
		{"none", "a@b.test", "", None, "a@b.test", ""},
		{"the same", "a@b.test", "a@b.test", None, "a@b.test", ""},
		{"same organisation, proven", "a@b.test", "c@mail.b.test", Pass, "c@mail.b.test", ""},
		{"same organisation, not proven", "a@b.test", "c@b.test", None, "a@b.test", "a@b.test c@b.test"},
		{"elsewhere, proven", "a@b.test", "c@evil.test", Pass, "a@b.test", "a@b.test c@evil.test"},
		{"ours", "a@b.test", "help@shop.test", Pass, "a@b.test", ""},
		{"contact form", "form@builder.test", "c@d.test", None, "c@d.test", ""},
		{"our own form", "help@shop.test", "c@d.test", None, "c@d.test", ""},
		{"ourselves", "help@shop.test", "", Pass, "", ""},
		{"form with two", "help@shop.test", "c@d.test, e@f.test", None, "", "c@d.test e@f.test"},
		{"public suffix is no organisation", "a@x.co.uk", "c@y.co.uk", Pass, "a@x.co.uk", "a@x.co.uk c@y.co.uk"},
	} {
		m := mime.Parse(crlf("From: " + tt.from + "\nReply-To: " + tt.reply + "\n\nx"))
		got, choice := AnswerTo(m, Verdict{State: tt.state}, own, forms)
		if got != tt.want || strings.Join(choice, " ") != tt.choice {
			t.Errorf("%s: %q %v, want %q %q", tt.name, got, choice, tt.want, tt.choice)
		}
	}
	if !Own("help+5.abc@shop.test", own) || Own("helper@shop.test", own) {
		t.Error("plus addresses of ours are ours, others are not")
	}
}

func TestResolver(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	asked := map[string]int{}
	fail := false
	r := NewResolver(func(_ context.Context, name string) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[name]++
		if fail {
			return nil, errors.New("servfail")
		}
		if name == "none.test" {
			return nil, &net.DNSError{IsNotFound: true}
		}
		return []string{"text of " + name}, nil
	})
	r.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	later := func(d time.Duration) { mu.Lock(); now = now.Add(d); mu.Unlock() }
	count := func(name string) int { mu.Lock(); defer mu.Unlock(); return asked[name] }
	get := func(name string) (string, error) {
		texts, err := r.LookupTXT(context.Background(), name)
		return strings.Join(texts, "|"), err
	}

	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := get("a.test"); got != "text of a.test" || err != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	wg.Wait()
	if n := count("a.test"); n != 1 {
		t.Errorf("asked %d times at once", n)
	}
	later(keepAnswer + time.Second)
	_, _ = get("a.test")
	if n := count("a.test"); n != 2 {
		t.Errorf("asked %d times in all", n)
	}
	for range 3 {
		if _, err := get("none.test"); err == nil {
			t.Error("no error for what is not there")
		}
	}
	if n := count("none.test"); n != 1 {
		t.Errorf("asked %d times for what is not there", n)
	}

	mu.Lock()
	fail = true
	mu.Unlock()
	for i := range troubles {
		_, _ = get(fmt.Sprintf("x%d.test", i))
	}
	if _, err := get("y.test"); !errors.Is(err, errResting) || count("y.test") != 0 {
		t.Errorf("%v, asked %d times although nobody answers", err, count("y.test"))
	}
	if got, err := get("a.test"); got == "" || err != nil {
		t.Errorf("what is known is still told: %q %v", got, err)
	}
	mu.Lock()
	fail = false
	mu.Unlock()
	later(rest + time.Second)
	if got, err := get("y.test"); got == "" || err != nil {
		t.Errorf("after the rest: %q %v", got, err)
	}
	for i := range maxAnswers + 500 {
		_, _ = get(fmt.Sprintf("many%d.test", i))
	}
	if n := len(r.answers); n > maxAnswers {
		t.Errorf("%d answers are kept", n)
	}
}
