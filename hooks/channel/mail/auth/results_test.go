package auth

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

func show(r results) string {
	var out []string
	for _, one := range r.list {
		s := one.method + "=" + one.value
		var props []string
		for k, v := range one.props {
			props = append(props, k+"="+v)
		}
		slices.Sort(props)
		out = append(out, strings.Join(append([]string{s}, props...), " "))
	}
	return r.server + ": " + strings.Join(out, "; ")
}

func TestAuthenticationResults(t *testing.T) { // RFC 8601
	for _, tt := range []struct{ name, value, want string }{
		{"none", "example.org; none", "example.org: "},
		{"none with version", "example.org 1; none", "example.org: "},
		{"another version", "example.org 2; dmarc=pass", "unreadable"},
		{"appendix B.3", "example.com; spf=pass smtp.mailfrom=example.net", "example.com: spf=pass smtp.mailfrom=example.net"},
		{"appendix B.4", "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net", "example.com: auth=pass smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net"},
		{"appendix B.6", "example.com; dkim=pass reason=\"good signature\" header.i=@mail-router.example.net; dkim=fail reason=\"bad signature\" header.i=@newyork.example.com", "example.com: dkim=pass header.i=@mail-router.example.net reason=good signature; dkim=fail header.i=@newyork.example.com reason=bad signature"},
		{"appendix B.7, comments everywhere", "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462", "foo.example.net: "},
		{"Google", "mx.google.com; dkim=pass header.i=@gmail.com header.s=20230601 header.b=AbC/d+E=; spf=pass (google.com: domain of a@gmail.com designates 209.85.220.41 as permitted sender) smtp.mailfrom=a@gmail.com; dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=gmail.com; dara=pass header.i=@gmail.com", "mx.google.com: dkim=pass header.b=abc/d+e= header.i=@gmail.com header.s=20230601; spf=pass smtp.mailfrom=a@gmail.com; dmarc=pass header.from=gmail.com; dara=pass header.i=@gmail.com"},
		{"Microsoft", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.test; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=x.test;compauth=pass reason=109", ": spf=pass smtp.mailfrom=x.test; dkim=none header.d=none; dmarc=bestguesspass action=none header.from=x.test; compauth=pass reason=109"},
		{"blanks around signs", "a.test ; dmarc = pass  header.from = b.test ;", "a.test: dmarc=pass header.from=b.test"},
		{"folded", "a.test;\r\n\tdmarc=pass\r\n header.from=b.test", "a.test: dmarc=pass header.from=b.test"},
		{"quoted name", `"a.test"; dmarc=pass`, "a.test: dmarc=pass"},
		{"semicolon in quotes", `a.test; spf=pass smtp.mailfrom="x; dmarc=pass"@b.test`, "a.test: spf=pass smtp.mailfrom=x; dmarc=pass@b.test"},
		{"escaped quote", `a.test; spf=pass smtp.mailfrom="x\"; dmarc=pass"@b.test`, `a.test: spf=pass smtp.mailfrom=x"; dmarc=pass@b.test`},
		{"semicolon in a comment", "a.test; spf=fail (; dmarc=pass) smtp.helo=x", "a.test: spf=fail smtp.helo=x"},
		{"nested comment", "a.test; spf=fail (a (b; dmarc=pass) c; dmarc=pass) x=y", "a.test: spf=fail x=y"},
		{"open comment", "a.test; spf=fail (; dmarc=pass", "unreadable"},
		{"open quote", `a.test; spf=fail "; dmarc=pass`, "unreadable"},
		{"capitals", "A.Test; DMARC=PASS Header.From=B.Test", "a.test: dmarc=pass header.from=b.test"},
		{"a property twice", "a.test; dmarc=pass header.from=b.test header.from=c.test", "a.test: dmarc=pass header.from=b.test"},
		{"sentence for a name", "this is no server; dmarc=pass", "unreadable"},
		{"empty", "", "unreadable"},
		{"only a sign", ";", "unreadable"},
		{"only a name", "a.test", "a.test: "},
		{"garbage between", "a.test; \x00\xff; ===; dmarc=pass", "a.test: ===; dmarc=pass"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := parseResults(tt.value)
			got := show(r)
			if !ok {
				got = "unreadable"
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	if _, ok := parseResults("a.test" + strings.Repeat(";", 100000)); ok {
		t.Error("a hundred thousand results are read")
	}
}

func FuzzResults(f *testing.F) {
	for _, s := range []string{
		"mx.google.com; dkim=pass header.i=@gmail.com; dmarc=pass (p=NONE) header.from=gmail.com", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.test;dmarc=pass action=none",
		`a.test; spf=pass smtp.mailfrom="x\"; dmarc=pass"@b.test`, "a.test 1; none", "a (b (c) \\) d) ; e = f", "\"", "(", "\\", ";;;=;=", "a.test; dmarc=pass;dmarc=fail",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r, ok := parseResults(value)
		if !ok && (r.server != "" || len(r.list) > 0) {
			t.Errorf("unreadable, yet %s", show(r))
		}
		if len(r.list) > maxResults {
			t.Errorf("%d results", len(r.list))
		}
		for _, one := range r.list {
			if strings.ToLower(one.method) != one.method && utf8.ValidString(value) {
				t.Errorf("method %q", one.method)
			}
		}
		// Hidden in a comment or in quotes, nothing speaks.
		inner := strings.NewReplacer("(", "", ")", "", `\`, "", `"`, "").Replace(value)
		for _, cover := range []string{"(" + inner + ")", `x.y="` + inner + `"`} {
			s, ok := parseResults("mx.test; dmarc=fail " + cover + "; spf=none")
			if !ok && len(value) < maxField/2 {
				t.Errorf("%q unreadable", cover)
			}
			if sum := summarise(s.list, "a.test"); ok && sum.dmarc != "fail" {
				t.Errorf("%q turned fail into %q", cover, sum.dmarc)
			}
		}
	})
}

// Whatever a mail is, its check ends, and nothing passes that is not signed or
// confirmed.
func FuzzCheck(f *testing.F) {
	z := newZone()
	signed := z.sign(f, "customer.test", plain)
	for _, s := range []string{
		plain, signed, "From: a@customer.test\n \n" + signed, "\ufeff" + signed, "From x\n" + signed, "From: b@customer.test\n" + signed, strings.Replace(signed, "\nTo:", "\n\t\nTo:", 1),
		"Authentication-Results: mx.provider.test; dmarc=pass header.from=customer.test\n" + plain, "DKIM-Signature: v=1; d=customer.test\n" + plain, "", "\n", ":", "From:\n\nx",
	} {
		f.Add([]byte(strings.ReplaceAll(s, "\n", "\r\n")))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mime.Parse(raw)
		v := Check(t.Context(), raw, m, Options{Servers: []string{"mx.provider.test"}, LookupTXT: z.lookup})
		if v.State == Pass {
			if m.From.Addr == "" {
				t.Error("nobody passed")
			}
			if !readHead(raw).agrees(m) {
				t.Errorf("an ambiguous header passed as %s", m.From.Addr)
			}
			if v.Server == "" && m.From.Addr != "rina@customer.test" {
				t.Errorf("%s passed with a signature of somebody else", m.From.Addr)
			}
		}
		for _, a := range m.ReplyTo {
			if to, choice := AnswerTo(m, v, map[string]bool{a.Addr: true}, nil); a.Addr != "" && (to == a.Addr || slices.Contains(choice, a.Addr)) && a.Addr != m.From.Addr {
				t.Errorf("answers go to ourselves at %q", a.Addr)
			}
		}
		for _, w := range Warnings(m, Known{Own: []string{"help@shop.test"}}) {
			if w.Key == "" || len(w.Values) == 0 {
				t.Errorf("%+v", w)
			}
		}
	})
}
