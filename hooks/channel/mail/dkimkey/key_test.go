package dkimkey

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/shohay/shohay/hooks/channel/mail/auth"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/i18n"
)

// Making a key takes a while; the tests share two.
var keys = sync.OnceValue(func() (pair [2]*Key) {
	for i := range pair {
		k, err := New()
		if err != nil {
			panic(err)
		}
		pair[i] = k
	}
	return pair
})

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

var mail = crlf(`From: =?utf-8?q?Clay_House?= <help@clayhouse.example>
To: rina@customer.test
Cc: tom@customer.test
Subject: =?utf-8?b?4KaG4Kaq4Kao4Ka+4Kaw?= cups
 and plates
Date: Sun, 22 Nov 2026 10:00:00 +0600
Message-ID: <t.1.2.abc@clayhouse.example>
In-Reply-To: <a@customer.test>
References: <a@customer.test>
 <t.1.2.abc@clayhouse.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x
List-Unsubscribe: <https://clayhouse.example/u/1>
List-Unsubscribe-Post: List-Unsubscribe=One-Click

--x
Content-Type: text/plain; charset=utf-8

On  their   way. 

--x--


`)

func (k *Key) world(domain, selector string) func(string) ([]string, error) {
	r := k.Record(domain, selector)
	return func(name string) ([]string, error) {
		if name == r.Name {
			return []string{strings.Join(r.Parts, "")}, nil
		}
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
}

func verify(t *testing.T, raw []byte, lookup func(string) ([]string, error)) *dkim.Verification {
	t.Helper()
	got, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: lookup})
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %d signatures", err, len(got))
	}
	return got[0]
}

func TestSignedMailVerifies(t *testing.T) { // rule 68
	k := keys()[0]
	for _, tt := range []struct{ domain, selector, d, name string }{
		{"clayhouse.example", "", "clayhouse.example", "shohay._domainkey.clayhouse.example"},
		{"ClayHouse.Example.", "Key2", "clayhouse.example", "key2._domainkey.clayhouse.example"},
		{"দোকান.example", "", "xn--p5b7ah1gxc.example", "shohay._domainkey.xn--p5b7ah1gxc.example"},
	} {
		record := k.Record(tt.domain, tt.selector)
		signed, err := k.Sign(mail, tt.domain, tt.selector)
		if err != nil {
			t.Fatal(err)
		}
		if record.Name != tt.name {
			t.Errorf("name %q, want %q", record.Name, tt.name)
		}
		if !bytes.HasSuffix(signed, mail) {
			t.Fatal("the mail itself was changed")
		}
		v := verify(t, signed, k.world(tt.domain, tt.selector))
		if v.Err != nil {
			t.Fatal(v.Err)
		}
		if v.Domain != tt.d {
			t.Errorf("signed for %s, want %s", v.Domain, tt.d)
		}
		for line := range bytes.SplitSeq(signed[:bytes.Index(signed, []byte("From:"))], []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsRune(line, '\n') {
				t.Errorf("a line of %d", len(line))
			}
		}
	}
}

func TestWhatTheSignatureCovers(t *testing.T) {
	k := keys()[0]
	signed, err := k.Sign(mail, "clayhouse.example", "")
	if err != nil {
		t.Fatal(err)
	}
	lookup := k.world("clayhouse.example", "")
	change := func(from, to string) []byte {
		changed := bytes.Replace(signed, crlf(from), crlf(to), 1)
		if bytes.Equal(changed, signed) {
			t.Fatalf("%q is not in the mail", from)
		}
		return changed
	}
	for name, changed := range map[string][]byte{
		"subject":          change("cups", "gold"),
		"sender":           change("help@clay", "thief@clay"),
		"body":             change("On  their", "Not their"),
		"copy":             change("tom@", "tim@"),
		"message id":       change("Message-ID: <t.1", "Message-ID: <t.9"),
		"unsubscribe":      change("u/1>", "u/2>"),
		"one click":        change("=One-Click", "=Never"),
		"content type":     change("multipart/alternative", "multipart/mixed"),
		"second sender":    append(crlf("From: thief@evil.test\n"), signed...),
		"second subject":   append(crlf("Subject: gold\n"), signed...),
		"answers added":    append(crlf("Reply-To: thief@evil.test\n"), signed...),
		"second type":      append(crlf("Content-Type: text/html\n"), signed...),
		"text at the end":  append(bytes.Clone(signed), "more\r\n"...),
		"another's record": nil,
	} {
		t.Run(name, func(t *testing.T) {
			if changed == nil {
				if v := verify(t, signed, keys()[1].world("clayhouse.example", "")); v.Err == nil {
					t.Error("verified with another key")
				}
				return
			}
			if v := verify(t, changed, lookup); v.Err == nil {
				t.Error("the change is not noticed")
			}
		})
	}
	for name, changed := range map[string][]byte{
		"received on the way": append(crlf("Received: from a by b; date\nX-Spam-Flag: NO\nReturn-Path: <a@b.test>\n"), signed...),
		"folded otherwise":    change("cups\n and", "cups and"),
		"blanks":              change("On  their   way. ", "On their way."),
		"empty lines at end":  append(bytes.Clone(signed), "\r\n\r\n"...),
	} {
		t.Run(name, func(t *testing.T) {
			if v := verify(t, changed, lookup); v.Err != nil {
				t.Error(v.Err)
			}
		})
	}
}

func TestOurMailPassesAtACustomers(t *testing.T) {
	k := keys()[0]
	signed, err := k.Sign(mail, "clayhouse.example", "")
	if err != nil {
		t.Fatal(err)
	}
	lookup := k.world("clayhouse.example", "")
	v := auth.Check(t.Context(), signed, mime.Parse(signed), auth.Options{LookupTXT: func(_ context.Context, name string) ([]string, error) { return lookup(name) }})
	if v.State != auth.Pass || v.Reason != "mail.auth_pass_signature" {
		t.Errorf("%+v", v)
	}
}

func TestBrokenMailIsNotSigned(t *testing.T) {
	k := keys()[0]
	for name, raw := range map[string]string{"empty": "", "no end of the header": "From: a@b.test\r\n"} {
		if out, err := k.Sign([]byte(raw), "b.test", ""); err == nil {
			t.Errorf("%s: %q", name, out)
		}
	}
	if _, err := k.Sign(mail, "", ""); err == nil {
		t.Error("signed for no domain")
	}
	if out, err := k.Sign([]byte("From: a@b.test\r\n\r\n"), "b.test", ""); err != nil || verify(t, out, k.world("b.test", "")).Err != nil {
		t.Errorf("an empty body: %v", err)
	}
}

func TestKeysAreStored(t *testing.T) {
	k := keys()[0]
	text, err := k.PEM()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(text)
	if err != nil || back.public() != k.public() || back.private.N.BitLen() != 2048 {
		t.Fatalf("%v", err)
	}
	old := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k.private)})
	if back, err := Read(old); err != nil || back.public() != k.public() {
		t.Errorf("an older form: %v", err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "another kind": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "empty block": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY"}), "half": text[:len(text)/2],
	} {
		if _, err := Read(bad); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestRecordOfDNS(t *testing.T) {
	k, other := keys()[0], keys()[1]
	r := k.Record("clayhouse.example", "")
	if r.Host != "shohay._domainkey" || r.Type != "TXT" || strings.Join(r.Parts, "") != r.Value || len(r.Parts) < 2 {
		t.Errorf("%+v", r)
	}
	for _, p := range r.Parts {
		if len(p) > 255 {
			t.Errorf("a piece of %d", len(p))
		}
	}
	gone := &net.DNSError{Err: "no such host", IsNotFound: true}
	for _, tt := range []struct {
		name  string
		zone  map[string][]string
		err   error
		want  string
		value string
	}{
		{"right", map[string][]string{r.Name: {r.Value}}, gone, Good, ""},
		{"right, in pieces that were joined with a blank", map[string][]string{r.Name: {strings.Join(r.Parts, " ")}}, gone, Good, ""},
		{"right, shorter", map[string][]string{r.Name: {"p=" + k.public()}}, gone, Good, ""},
		{"right, with a flag", map[string][]string{r.Name: {"v=DKIM1; k=rsa; t=s; p=" + k.public() + ";"}}, gone, Good, ""},
		{"missing", nil, gone, Missing, ""},
		{"missing, no error", nil, nil, Missing, ""},
		{"another key", map[string][]string{r.Name: {other.Record("x.test", "").Value}}, gone, Other, ""},
		{"revoked", map[string][]string{r.Name: {"v=DKIM1; p="}}, gone, Other, ""},
		{"another text", map[string][]string{r.Name: {"v=spf1 -all"}}, gone, Other, ""},
		{"cut", map[string][]string{r.Name: {r.Value[:255]}}, gone, Other, ""},
		{"quotes in it", map[string][]string{r.Name: {`"` + r.Value + `"`}}, gone, Spoiled, ""},
		{"quotes in the middle", map[string][]string{r.Name: {strings.Join(r.Parts, `" "`)}}, gone, Spoiled, ""},
		{"backslashes", map[string][]string{r.Name: {strings.ReplaceAll(r.Value, ";", `\;`)}}, gone, Spoiled, ""},
		{"another version", map[string][]string{r.Name: {strings.Replace(r.Value, "DKIM1", "DKIM2", 1)}}, gone, Spoiled, ""},
		{"not for mail", map[string][]string{r.Name: {strings.Replace(r.Value, "k=rsa", "k=rsa; s=tlsrpt", 1)}}, gone, Spoiled, ""},
		{"two records", map[string][]string{r.Name: {r.Value, r.Value}}, gone, Several, ""},
		{"the domain twice", map[string][]string{r.Name + ".clayhouse.example": {r.Value}}, gone, Doubled, r.Name + ".clayhouse.example"},
		{"no answer", nil, &net.DNSError{Err: "i/o timeout", IsTimeout: true}, Unseen, "i/o timeout"},
		{"another error", nil, errors.New("no network"), Unseen, "no network"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := k.Check(t.Context(), "clayhouse.example", "", func(_ context.Context, name string) ([]string, error) {
				if texts, ok := tt.zone[name]; ok {
					return texts, nil
				}
				return nil, tt.err
			})
			if a.Key != tt.want || a.Good != (tt.want == Good) {
				t.Errorf("%+v, want %s", a, tt.want)
			}
			if tt.value != "" && a.Values["said"] != tt.value && a.Values["name"] != tt.value {
				t.Errorf("%v, want %s", a.Values, tt.value)
			}
			if tt.want == Good {
				// What we call good, a verifier can use.
				signed, err := k.Sign(mail, "clayhouse.example", "")
				if err != nil {
					t.Fatal(err)
				}
				if v := verify(t, signed, func(name string) ([]string, error) { return tt.zone[name], nil }); v.Err != nil {
					t.Error(v.Err)
				}
			}
		})
	}
}

func TestSentences(t *testing.T) {
	c, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "bn"} {
		for _, key := range []string{Good, Missing, Other, Unseen, Doubled, Several, Spoiled} {
			if got := c.T(lang, key, i18n.V{"said": "S", "name": "N", "host": "H"}); got == key || strings.Contains(got, "{") {
				t.Errorf("%s %s: %q", lang, key, got)
			}
		}
	}
}

func FuzzCompare(f *testing.F) {
	k := keys()[0]
	for _, s := range []string{k.Record("a.test", "").Value, "p=", "v=DKIM1; k=rsa; p=AAAA", `"v=DKIM1\; p=x"`, ";;;=", "v=DKIM1;v=DKIM1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if sound, same := k.compare(text); sound && same && !strings.Contains(strings.ReplaceAll(text, " ", ""), k.public()) {
			t.Errorf("%q is called right", text)
		}
	})
}
