package mailtest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Post is one mail of a generated bag.
type Post struct {
	Raw  string
	ID   string // Message-ID
	From string // address
	Talk int    // which conversation it belongs to
	Copy bool   // of a mail that lies before it: nothing new
}

// Posts makes what customers write to a shop: so many conversations, answers
// of customers to mails of their own in them, and copies of mails, some just as
// they were and some that came by another way. Equal seeds make equal bags.
//
// The mails are of the kinds that phones, Gmail and Outlook write: plain, with
// HTML, with quotations, in Bangla, some with a file, 1 to 60 KB.
func Posts(seed uint64, talks, answers, copies int) []Post {
	r := rand.New(rand.NewPCG(seed, 810))
	g := &writer{r: r, at: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	bag := make([]Post, 0, talks+answers+copies)
	chains := make([][]int, talks) // mails of a conversation, as places in the bag
	for i := range talks {
		bag = append(bag, g.write(i, nil, ""))
		chains[i] = []int{i}
	}
	for range answers {
		talk := r.IntN(talks)
		var refs []string
		for _, at := range chains[talk] {
			refs = append(refs, bag[at].ID)
		}
		chains[talk] = append(chains[talk], len(bag))
		bag = append(bag, g.write(talk, refs, bag[talk].ID))
	}
	for i := range copies {
		p := bag[r.IntN(talks+answers)]
		p.Copy = true
		if i%2 == 1 {
			p.Raw = fmt.Sprintf("Delivered-To: sales@shop.test\r\nReceived: from relay%d.shop.test by mx.shop.test; Fri, 20 Nov 2026 09:00:00 +0000\r\n", i) + p.Raw
		}
		bag = append(bag, p)
	}
	return bag
}

type writer struct {
	r  *rand.Rand
	at time.Time
	n  int
}

var (
	things = []string{"parcel", "order", "refund", "blue kurta", "invoice", "phone case", "delivery", "discount code", "exchange", "warranty", "saree", "payment", "address", "size chart"}
	doings = []string{"has not arrived yet", "came broken", "is missing from the box", "was charged twice", "should go to another address", "does not fit", "is still not paid back", "stopped working after two days", "has the wrong colour"}
	wishes = []string{"Could you please look into it?", "When can I expect an answer?", "Please call me back today.", "I need it before Friday.", "Thanks in advance.", "What should I do now?", "Can I return it?"}
	bangla = []string{"আমার পার্সেলটি এখনো আসেনি।", "টাকা দুইবার কেটে নেওয়া হয়েছে।", "পণ্যটি ভাঙা এসেছে, বদলে দেবেন কি?", "কবে নাগাদ পাব জানাবেন।", "ঠিকানা পরিবর্তন করতে চাই।", "ধন্যবাদ।", "অর্ডারটি বাতিল করতে চাই।"}
	names  = []string{"Rahim Uddin", "Ayesha Siddiqua", "Karim Ahmed", "Nusrat Jahan", "Tanvir Hasan", "Farhana Akter", "Imran Hossain", "Sadia Islam"}
)

func (w *writer) pick(from []string) string { return from[w.r.IntN(len(from))] }

func (w *writer) text(n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "My %s %s (number %d). %s ", w.pick(things), w.pick(doings), 10_000+w.r.IntN(90_000), w.pick(wishes))
	}
	return strings.TrimSpace(b.String())
}

// write makes one mail of a customer; refs are the mails it answers, oldest
// first, and to the one it names as such.
func (w *writer) write(talk int, refs []string, to string) Post {
	w.n++
	w.at = w.at.Add(time.Duration(1+w.r.IntN(90)) * time.Second)
	name := names[talk%len(names)]
	// One of five customers has more than one thing to ask.
	address := fmt.Sprintf("customer%d@mail%d.test", talk-talk%5/4, talk%7)
	address = strings.Replace(address, "customer", strings.ToLower(strings.Fields(name)[0])+".", 1)
	if talk%5 == 4 {
		name, address = names[(talk-1)%len(names)], fmt.Sprintf("%s.%d@mail%d.test", strings.ToLower(strings.Fields(names[(talk-1)%len(names)])[0]), talk-1, (talk-1)%7)
	}
	p := Post{ID: fmt.Sprintf("CA%08x.%d.%d@mail.customer.test", w.r.Uint32(), talk, w.n), From: address, Talk: talk}
	subject := fmt.Sprintf("My %s %s", w.pick(things), w.pick(doings))

	var b strings.Builder
	field := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	field("Return-Path: <%s>", address)
	field("Delivered-To: %s", Login)
	for hop := range 3 {
		field("Received: from mail-%d.hop%d.test (mail-%d.hop%d.test [192.0.2.%d])\r\n\tby mx%d.shop.test with ESMTPS id %08x\r\n\tfor <%s>; %s", hop, hop, hop, hop, 1+hop, hop, w.r.Uint32(), Login, w.at.Format(time.RFC1123Z))
	}
	field("Authentication-Results: mx.elsewhere.test; spf=pass smtp.mailfrom=%s; dkim=none", address)
	field("X-Received: by 2002:a05:6402:%x with SMTP id %x", w.r.IntN(1<<16), w.r.Uint64())
	field("MIME-Version: 1.0")
	if len(refs) > 0 {
		subject = "Re: " + subject
		field("In-Reply-To: <%s>", to)
		field("References: <%s>", strings.Join(refs, ">\r\n\t<"))
	}
	field("From: %s <%s>", name, address)
	field("Date: %s", w.at.Format(time.RFC1123Z))
	field("Message-ID: <%s>", p.ID)
	kind := w.r.IntN(20)
	if kind >= 16 {
		subject = "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(w.pick(bangla))) + "?="
	}
	field("Subject: %s", subject)
	field("To: Shop <%s>", Login)

	text := w.text(1 + w.r.IntN(5))
	quote := ""
	if len(refs) > 0 {
		quote = "\r\n\r\nOn Fri, 20 Nov 2026 at 09:12, " + name + " <" + address + "> wrote:\r\n> " + strings.ReplaceAll(w.text(3), ". ", ".\r\n> ")
	}
	switch {
	case kind < 5: // a phone's plain text
		field("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n")
		field("Hello,\r\n\r\n%s\r\n\r\n-- \r\n%s%s", text, name, quote)
	case kind < 12: // Gmail
		w.both(&b, "0000000000006", text, name, quote, `<div dir="ltr"><div>Hello,</div><div><br></div><div>`+text+`</div><div><br clear="all"></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr"><b>`+name+`</b><br><a href="https://customer.test/">customer.test</a></div></div></div>`)
	case kind < 16: // Outlook, with its sheet of styles
		var sheet strings.Builder
		for i := range 60 {
			fmt.Fprintf(&sheet, "p.MsoStyle%d, li.MsoStyle%d, div.MsoStyle%d\r\n\t{mso-style-priority:%d; margin:0cm; font-size:11.0pt; font-family:\"Calibri\",sans-serif;}\r\n", i, i, i, i)
		}
		w.both(&b, "_000_DB9PR", text, name, quote, `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style><!--`+sheet.String()+`--></style></head><body lang="EN-GB" link="#0563C1"><div class="WordSection1"><p class="MsoNormal">Hello,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal"><span style="font-size:11.0pt">`+text+`</span><o:p></o:p></p><p class="MsoNormal">`+name+`</p></div></body></html>`)
	case kind < 18: // Bangla
		field("Content-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: base64\r\n")
		b.WriteString(lines(base64.StdEncoding.EncodeToString([]byte(fmt.Sprint(w.pick(bangla), " ", w.pick(bangla), " ", w.r.IntN(100_000), "\r\n\r\n", name)))))
	default: // with a file
		file := make([]byte, 8_000+w.r.IntN(30_000))
		for i := range file {
			file[i] = byte(w.r.Uint32())
		}
		copy(file, "%PDF-1.7\n")
		field("Content-Type: multipart/mixed; boundary=\"mixed\"\r\n\r\n--mixed\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s%s\r\n--mixed", text, quote)
		field("Content-Type: application/pdf; name=\"invoice.pdf\"\r\nContent-Disposition: attachment; filename=\"invoice.pdf\"\r\nContent-Transfer-Encoding: base64\r\n")
		b.WriteString(lines(base64.StdEncoding.EncodeToString(file)) + "\r\n--mixed--\r\n")
	}
	p.Raw = b.String()
	return p
}

// both writes a text in its two forms.
func (w *writer) both(b *strings.Builder, mark, text, name, quote, page string) {
	mark = fmt.Sprintf("%s%x", mark, w.r.Uint64())
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\nHello,\r\n\r\n%s\r\n\r\n-- \r\n%s%s\r\n", mark, mark, text, name, quote)
	if quote != "" {
		page += `<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, 20 Nov 2026 at 09:12, ` + name + ` wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">` + w.text(3) + `</blockquote></div>`
	}
	fmt.Fprintf(b, "--%s\r\nContent-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n--%s--\r\n", mark, quoted(page), mark)
}

// quoted is quoted-printable of text in ASCII.
func quoted(s string) string {
	s = strings.ReplaceAll(s, "=", "=3D")
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\r\n") {
		for len(line) > 72 {
			b.WriteString(line[:72] + "=\r\n")
			line = line[72:]
		}
		b.WriteString(line + "\r\n")
	}
	return b.String()
}

// lines breaks base64 into lines.
func lines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}
