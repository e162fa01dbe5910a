package spam

import (
	"os"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/i18n"
)

func header(lines string) mime.Header {
	return mime.Parse([]byte(strings.ReplaceAll(lines, "\n", "\r\n") + "\r\nFrom: a@b.test\r\n\r\nx")).Header
}

func TestProvidersMarks(t *testing.T) {
	for _, tt := range []struct{ name, header, folder, by string }{
		{"nothing", "Subject: hello", "INBOX", ""},
		{"SpamAssassin flag", "X-Spam-Flag: YES", "INBOX", "X-Spam-Flag"},
		{"SpamAssassin flag, no", "X-Spam-Flag: NO", "INBOX", ""},
		{"flag in small letters", "x-spam-flag: yes", "", "x-spam-flag"},
		{"status", "X-Spam-Status: Yes, score=7.3 required=5.0 tests=BAYES_99,\n HTML_MESSAGE autolearn=no", "", "X-Spam-Status"},
		{"status, no", "X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00", "", ""},
		{"a forged no beside a yes", "X-Spam-Status: No, score=0\nX-Spam-Flag: YES", "", "X-Spam-Flag"},
		{"two statuses", "X-Spam-Status: No\nX-Spam-Status: Yes, score=9", "", "X-Spam-Status"},
		{"five stars", "X-Spam-Level: *****", "", "X-Spam-Level"},
		{"four stars", "X-Spam-Level: ****", "", ""},
		{"stars below a higher threshold", "X-Spam-Level: ******\nX-Spam-Status: No, score=6.1 required=8.0", "", ""},
		{"level empty", "X-Spam-Level:", "", ""},
		{"Rspamd", "X-Spamd-Result: default: True [15.20 / 15.00];", "", "X-Spamd-Result"},
		{"Rspamd, no", "X-Spamd-Result: default: False [1.20 / 15.00];", "", ""},
		{"Rspamd action", "X-Rspamd-Action: add header", "", "X-Rspamd-Action"},
		{"Rspamd no action", "X-Rspamd-Action: no action", "", ""},
		{"Rspamd greylist", "X-Rspamd-Action: greylist", "", ""},
		{"Google", "X-Gm-Spam: 1", "", "X-Gm-Spam"},
		{"Google, no", "X-Gm-Spam: 0\nX-Gm-Phishy: 0", "", ""},
		{"Google, phishing", "X-Gm-Phishy: 1", "", "X-Gm-Phishy"},
		{"Microsoft SCL", "X-MS-Exchange-Organization-SCL: 5", "", "X-MS-Exchange-Organization-SCL"},
		{"Microsoft SCL, trusted", "X-MS-Exchange-Organization-SCL: -1", "", ""},
		{"Microsoft SCL, low", "X-MS-Exchange-Organization-SCL: 1", "", ""},
		{"Microsoft BCL", "X-Microsoft-Antispam: BCL:7;ARA:13230040", "", "X-Microsoft-Antispam"},
		{"Microsoft BCL, low", "X-Microsoft-Antispam: BCL:3;ARA:13230040", "", ""},
		{"Microsoft report, spam", "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:US;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;H:x;CAT:SPM;SFS:(13230040);DIR:INB;", "", "X-Forefront-Antispam-Report"},
		{"Microsoft report, phishing", "X-Forefront-Antispam-Report: SCL:1;SFV:NSPM;CAT:HPHISH;DIR:INB", "", "X-Forefront-Antispam-Report"},
		{"Microsoft report, good", "X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:1;SFV:NSPM;CAT:NONE;DIR:INB", "", ""},
		{"Microsoft, folded", "X-Forefront-Antispam-Report:\n\tCIP:192.0.2.1;\n\tSCL:9;SFV:SPM", "", "X-Forefront-Antispam-Report"},
		{"Microsoft mailbox", "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;auth:0;dest:J;ENG:(910001)", "", "X-Microsoft-Antispam-Mailbox-Delivery"},
		{"Microsoft mailbox, inbox", "X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;jmr:0;auth:0;dest:I;ENG:(910001)", "", ""},
		{"Barracuda", "X-Barracuda-Spam-Status: Yes, SCORE=6", "", "X-Barracuda-Spam-Status"},
		{"Bogofilter", "X-Bogosity: Spam, tests=bogofilter, spamicity=0.99", "", "X-Bogosity"},
		{"Bogofilter, ham", "X-Bogosity: Ham, tests=bogofilter, spamicity=0.01", "", ""},
		{"DSPAM", "X-DSPAM-Result: Spam", "", "X-DSPAM-Result"},
		{"DSPAM, innocent", "X-DSPAM-Result: Innocent", "", ""},
		{"Proofpoint", "X-Proofpoint-Spam-Details: rule=spam policy=default score=100", "", "X-Proofpoint-Spam-Details"},
		{"Proofpoint, notspam", "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0", "", ""},
		{"junk folder", "Subject: a", "Junk", "Junk"},
		{"special use", "Subject: a", `\Junk`, `\Junk`},
		{"Gmail's folder", "Subject: a", "[Gmail]/Spam", "[Gmail]/Spam"},
		{"below the inbox", "Subject: a", "INBOX.spam", "INBOX.spam"},
		{"Bangla folder", "Subject: a", "স্প্যাম", "স্প্যাম"},
		{"folder of reports about spam", "Subject: a", "Clients/Spam", ""},
		{"inbox", "Subject: spam", "INBOX", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Provider(header(tt.header), tt.folder)
			if got.By != tt.by || got.Spam != (tt.by != "") {
				t.Errorf("%+v, want %q", got, tt.by)
			}
		})
	}
}

func TestBlocklist(t *testing.T) {
	b := Block([]string{"Seller@Mail.Example", "@bad.example", "*.worse.example", "someone@gmail.com", "com", "co.uk", "com.bd", "x y", "", "@", "a@", "দোকান.example", "localhost"})
	for address, want := range map[string]string{
		"seller@mail.example": BlockAddress, "seller+more@mail.example": BlockAddress, "sellers@mail.example": "", "other@mail.example": "",
		"a@bad.example": BlockDomain, "a@deep.below.bad.example": BlockDomain, "a@notbad.example": "", "a@bad.example.test": "",
		"a@worse.example": BlockDomain, "a@x.worse.example": BlockDomain,
		"some.one+5@gmail.com": BlockAddress, "someone@googlemail.com": BlockAddress, "someone.else@gmail.com": "",
		"a@shop.co.uk": "", "a@dokan.com.bd": "", "a@b.com": "", "": "", "nothing": "", "a@xn--45b3c8b9d.example": "",
	} {
		if got := b.Match(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	bangla, kind := Entry(" @দোকান.Example ")
	if kind != BlockDomain || !strings.HasPrefix(bangla, "xn--") || b.Match("a@"+bangla) != BlockDomain {
		t.Errorf("%q %q", bangla, kind)
	}
	for _, s := range []string{"com", "co.uk", "com.bd", ".", "@", "a b@c.test", "http://a.test/", "a@b@c"} {
		if v, kind := Entry(s); kind != "" {
			t.Errorf("%q is read as %q", s, v)
		}
	}
	if (Blocklist{}).Match("a@b.test") != "" {
		t.Error("an empty list blocks")
	}
}

func collect(text string) string {
	var all []string
	for w := range words(text) {
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Buy NOW, it's free!": "buy now its free",
		"আমার অর্ডারটা কোথায়?":          "আমার অর্ডারটা কোথায়",
		"ক্ষুদ্র ব্যবসা":                 "ক্ষুদ্র ব্যবসা",
		"ব্র\u200dতী র\u200c\u200d্যাব":  "ব্রতী র্যাব",
		"order 10442 ১০৪৪২":              "order #00000 #00000",
		"v\u200bi\u200ba\u200bg\u200bra": "viagra",
		"𝐅𝐑𝐄𝐄 ｍｏｎｅｙ":                     "free money",
		"a bc 12 de":                     "",
		"দাম কত":                         "দাম কত",
		strings.Repeat("x", 30) + " end": "#long end",
		"covid19 mp3":                    "covid00 mp0",
		"kg.taka,bkash;ok":               "taka bkash",
		"":                               "",
		"\x00\xff broken \xe0\xa6":       "broken",
	} {
		if got := collect(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	// The same letter, composed or not, is one word.
	if collect("বড়ো") != collect("বড\u09bcো") {
		t.Error("two forms of one Bangla letter are two words")
	}
}

func TestFeatures(t *testing.T) {
	read := func(s string) Features { return Of(mime.Parse([]byte(strings.ReplaceAll(s, "\n", "\r\n")))) }
	has := func(f Features, kind, word string) bool {
		s := set{}
		s.add(kind, word)
		for _, n := range f {
			if s[n] {
				return true
			}
		}
		return false
	}
	f := read("From: Win Big <a@mail.evil.test>\nReply-To: b@other.test\nSubject: CLAIM YOUR PRIZE\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhello there https://www.pay.test/x?y\n> quoted words\n--x\nContent-Type: application/zip\nContent-Disposition: attachment; filename=a.ZIP\n\nz\n--x--")
	for _, want := range [][2]string{
		{"", "hello"}, {"s:", "prize"}, {"s:", "your prize"}, {"d:", "mail.evil.test"}, {"d:", "evil.test"}, {"f:", "a@mail.evil.test"}, {"e:", "test"}, {"n:", "win"},
		{"h:", "www.pay.test"}, {"h:", "pay.test"}, {"a:", "zip"}, {"x:", "links"}, {"x:", "little text, links"}, {"x:", "shouting"}, {"x:", "to nobody"}, {"x:", "answers elsewhere"},
	} {
		if !has(f, want[0], want[1]) {
			t.Errorf("%s%s is not seen", want[0], want[1])
		}
	}
	for _, not := range [][2]string{{"", "quoted"}, {"", "prize"}, {"x:", "answer"}, {"x:", "no text"}, {"x:", "mixed letters"}} {
		if has(f, not[0], not[1]) {
			t.Errorf("%s%s is seen", not[0], not[1])
		}
	}
	if !has(read("Subject: bonus\n\nfrее mоnеу for all"), "x:", "mixed letters") || has(read("Subject: a\n\nпривет world"), "x:", "mixed letters") {
		t.Error("Cyrillic letters in Latin words")
	}
	var many strings.Builder
	for i := range 5000 {
		many.WriteString(" w" + strings.Repeat("a", i%20) + strings.Repeat("b", i/20%20))
	}
	if n := len(read("Subject: a\n\n" + many.String())); n > maxFeatures {
		t.Errorf("%d features", n)
	}
	if n := len(Of(&mime.Mail{})); n == 0 || n > 5 {
		t.Errorf("%d features of nothing", n)
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("From: a@b.test\r\nSubject: hi\r\n\r\nhello https://x.test", "Junk")
	f.Add("X-Spam-Status: Yes\r\nX-Forefront-Antispam-Report: SCL:5\r\n\r\nআমার", `\Junk`)
	f.Add("X-Spam-Level: *****\r\n\r\n\xff\xfe\u200d", "")
	f.Fuzz(func(t *testing.T, raw, folder string) {
		m := mime.Parse([]byte(raw))
		features := Of(m)
		for i := 1; i < len(features); i++ {
			if features[i] <= features[i-1] {
				t.Fatal("not in order, or twice")
			}
		}
		if got := Provider(m.Header, folder); got.Spam != (got.By != "") {
			t.Errorf("%+v", got)
		}
		if v, kind := Entry(folder); kind != "" {
			again, same := Entry(v)
			if again != v || same != kind {
				t.Errorf("%q is %q, which is %q", folder, v, again)
			}
			if kind == BlockAddress && Block([]string{folder}).Match(v) != BlockAddress {
				t.Errorf("%q does not block itself", v)
			}
		}
	})
}

func TestSentences(t *testing.T) {
	c, err := i18n.Load(os.DirFS("../../../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "bn"} {
		for _, reason := range []string{BlockAddress, BlockDomain, ByProvider, ByFolder, ByLearning} {
			key := "mail.spam_" + reason
			if got := c.T(lang, key, i18n.V{"by": "X-B"}); got == key || strings.Contains(got, "{") {
				t.Errorf("%s %s: %q", lang, key, got)
			}
		}
	}
}

// linked finds what the pattern found that it was written for.
func TestHostsOfLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see http://a.test/x and https://b.test?q":           "a.test b.test",
		"xhttp://no.test ://no http:// www.":                 "",
		`<a href="https://c.test">http://user@d.test:80</a>`: "c.test user",
		"www.e.test, mail.www.f.test www.g":                  "e.test f.test",
		"https://track.test/?u=https://h.test&www.i.test":    "track.test h.test&www.i.test i.test",
		"দেখুন https://দোকান.test/ক":                         "দোকান.test",
	} {
		if got := strings.Join(linked(text), " "); got != want {
			t.Errorf("%q links to %q, want %q", text, got, want)
		}
	}
}

func TestSumsOfMoney(t *testing.T) {
	for text, want := range map[string]bool{
		"you won $1,000,000": true, "USD 25000 for you": true, "৳ ৫০০০০": true, "50% off": true, "off by 5%": false, "2.5 million": true, "order 12345, 3 pieces": false,
		strings.Repeat("order 1 ", 200) + "get 70 % now": true, "tk 500": false, "": false, "1": false,
	} {
		if got := sums(text); got != want || got != money.MatchString(text) {
			t.Errorf("%q: %v, the pattern says %v", text, got, money.MatchString(text))
		}
	}
}
