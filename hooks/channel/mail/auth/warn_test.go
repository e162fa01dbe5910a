package auth

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/i18n"
)

func TestWarnings(t *testing.T) {
	known := Known{
		Own:      []string{"help@clayhouse.com.bd", "sales@clayhouse.com.bd", "clayhouse@gmail.com"},
		Names:    []string{"Clay House", "Ayesha Rahman", "মাটির ঘর"},
		Contacts: []string{"rina@customer.test", "pathao.com", "someone@yahoo.com", "bdjobs.com", "example.co.uk"},
	}.Ready()
	for _, tt := range []struct{ name, from, reply, want string }{
		{"a stranger", "Rina <rina@elsewhere.test>", "", ""},
		{"a customer", "Rina <rina@customer.test>", "rina@customer.test", ""},
		{"ourselves", "Clay House <help@clayhouse.com.bd>", "", ""},
		{"an agent from our own domain", "Ayesha Rahman <ayesha@clayhouse.com.bd>", "", ""},
		{"our own free address", "Clay House <clayhouse@gmail.com>", "", ""},

		{"another address in the name", `"help@clayhouse.com.bd" <e@evil.test>`, "", "mail.warn_name_address help@clayhouse.com.bd"},
		{"encoded", "=?utf-8?b?aGVscEBjbGF5aG91c2UuY29tLmJk?= <e@evil.test>", "", "mail.warn_name_address help@clayhouse.com.bd"},
		{"with blanks and a wide sign", "help ＠ clayhouse.com.bd <e@evil.test>", "", "mail.warn_name_address help@clayhouse.com.bd"},
		{"in the middle of a name", "Bank (info@bank.test) <e@evil.test>", "", "mail.warn_name_address info@bank.test"},
		{"the own address as the name", `"rina@customer.test" <rina@customer.test>`, "", ""},
		{"another address of the own house", `"info@customer.test" <rina@mail.customer.test>`, "", ""},
		{"another user of a large provider", `"rina@gmail.com" <r1na@gmail.com>`, "", "mail.warn_name_address rina@gmail.com"},
		{"no address, only a sign", "Cups @ Home <a@elsewhere.test>", "", ""},

		{"our name", "Clay House <support@elsewhere.test>", "", "mail.warn_name_ours Clay House"},
		{"our name, other letters", "CIay H0use <x@gmail.com>", "", "mail.warn_name_ours CIay H0use"},
		{"an agent's name", "ayesha.rahman <x@gmail.com>", "", "mail.warn_name_ours ayesha.rahman"},
		{"an agent's name in Cyrillic", "Аyеshа Rаhmаn <x@gmail.com>", "", "mail.warn_name_ours Аyеshа Rаhmаn"},
		{"our Bangla name", "মাটির ঘর <x@gmail.com>", "", "mail.warn_name_ours মাটির ঘর"},
		{"half of our name", "Clay <x@gmail.com>", "", ""},

		{"one letter of ours", "a@clayhouze.com.bd", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"two letters exchanged", "a@clayhuose.com.bd", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"a digit for a letter", "a@c1ayh0use.com.bd", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"ours with another ending", "a@clayhouse.com", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"ours as first labels", "a@clayhouse.com.bd.evil.test", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"ours with a word", "a@clayhouse-support.com", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"ours glued", "a@clayhousecombd.com", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"ours in Cyrillic", "a@clаyhouse.com.bd", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"the same in punycode", "a@xn--clyhouse-26g.com.bd", "", "mail.warn_domain_ours clayhouse.com.bd"},
		{"below ours", "a@shop.clayhouse.com.bd", "", ""},

		{"like a contact's", "a@custorner.test", "", "mail.warn_domain_known customer.test"},
		{"one letter of a contact's", "a@pathoa.com", "", "mail.warn_domain_known pathao.com"},
		{"one letter less", "a@bdjob.com", "", "mail.warn_domain_known bdjobs.com"},
		{"a contact's under another ending", "a@pathao.net", "", ""},
		{"a contact's ending one letter off", "a@pathao.co", "", "mail.warn_domain_known pathao.com"},
		{"a large provider's", "a@gmai1.com", "", "mail.warn_domain_known gmail.com"},
		{"a large provider's, exchanged", "a@gmial.com", "", "mail.warn_domain_known gmail.com"},
		{"two large providers", "a@ymail.com", "", ""},
		{"a short name", "a@abd.test", "", ""},
		{"far away", "a@pottery.test", "", ""},
		{"mixed alphabets of nobody known", "a@pоttеry.test", "", "mail.warn_domain_mixed pоttеry.test"},
		{"a Bangla domain", "a@দোকান.test", "", ""},
		{"a German domain", "a@töpferei.test", "", ""},

		{"answers elsewhere", "rina@customer.test", "e@evil.test", "mail.warn_reply_to e@evil.test"},
		{"answers to a part of the same house", "rina@customer.test", "x@mail.customer.test", ""},
		{"answers to us", "form@builder.test", "help@clayhouse.com.bd", ""},
		{"answers to a neighbour under a public suffix", "a@example.co.uk", "b@other.co.uk", "mail.warn_reply_to b@other.co.uk"},
		{"two things", `"help@clayhouse.com.bd" <e@clayhouze.com.bd>`, "x@evil.test", "mail.warn_name_address help@clayhouse.com.bd; mail.warn_domain_ours clayhouse.com.bd; mail.warn_reply_to x@evil.test"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mime.Parse(crlf("From: " + tt.from + "\nReply-To: " + tt.reply + "\n\nx"))
			var got []string
			for _, w := range Warnings(m, known) {
				v := w.Values["known"]
				switch w.Key {
				case WarnName, WarnOurName:
					v = w.Values["name"]
				case WarnScripts:
					v = w.Values["domain"]
				case WarnReplyTo:
					v = w.Values["address"]
				}
				got = append(got, fmt.Sprint(w.Key, " ", v))
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("%q, want %q (from %q)", s, tt.want, m.From.Addr)
			}
		})
	}
	if w := Warnings(mime.Parse(crlf("From: a@gmai1.com\n\nx")), Known{}); len(w) != 1 || w[0].Key != WarnContact {
		t.Errorf("unprepared: %v", w)
	}
}

// Every sentence exists in both languages and has a place for each value.
func TestSentences(t *testing.T) {
	c, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]map[string]any{
		WarnName: {"name": "N1", "address": "A1"}, WarnOurName: {"name": "N1", "address": "A1"}, WarnOurs: {"domain": "D1", "known": "K1"},
		WarnContact: {"domain": "D1", "known": "K1"}, WarnScripts: {"domain": "D1"}, WarnReplyTo: {"address": "A1", "domain": "D1"},
		"mail.auth_pass_signature": {"domain": "D1"}, "mail.auth_pass_server": {"domain": "D1", "server": "S1"}, "mail.auth_fail_server": {"domain": "D1", "server": "S1"},
		"mail.auth_fail_signature": {"domain": "D1"}, "mail.auth_fail_policy": {"domain": "D1"}, "mail.auth_fail_sender": {}, "mail.auth_none": {"domain": "D1"},
		"mail.auth_unchecked": {}, "mail.auth_ambiguous": {},
	}
	for _, lang := range []string{"en", "bn"} {
		for key, v := range values {
			got := c.T(lang, key, i18n.V(v))
			if got == key || strings.Contains(got, "{") {
				t.Errorf("%s %s: %q", lang, key, got)
			}
			for _, x := range v {
				if !strings.Contains(c.Digits("en", got), fmt.Sprint(x)) {
					t.Errorf("%s %s lacks %v: %q", lang, key, x, got)
				}
			}
		}
	}
}

func TestWarningsAreCheap(t *testing.T) {
	var contacts []string
	for i := range 3000 {
		contacts = append(contacts, fmt.Sprintf("a@company-number-%d.example.com", i), fmt.Sprintf("b@firm%dlimited.com", i))
	}
	known := Known{Own: []string{"help@clayhouse.com.bd"}, Names: []string{"Clay House"}, Contacts: contacts}.Ready()
	m := mime.Parse(crlf("From: Somebody <a@firm17linited.com>\nReply-To: x@evil.test\n\nx"))
	began := time.Now()
	const n = 200
	for range n {
		if len(Warnings(m, known)) != 2 {
			t.Fatal(Warnings(m, known))
		}
	}
	if each := time.Since(began) / n; each > 3*time.Millisecond {
		t.Errorf("%v a mail", each)
	}
}
