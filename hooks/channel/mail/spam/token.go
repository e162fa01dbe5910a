package spam

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// Limits of what is looked at in one mail.
const (
	maxRead     = 24 << 10 // bytes of text
	maxMarkup   = 64 << 10 // bytes of HTML that links are looked for in
	maxFeatures = 1500
	maxLinks    = 60
	longWord    = 24 // letters
)

// Features are what a mail is known by: the numbers of its words and signs,
// each once, in order.
type Features []uint32

// website is what stands behind www. in a name without a scheme.
var website = regexp.MustCompile(`^www\.([a-z0-9.-]{1,200}\.[a-z]{2,24})\b`)

// linked lists the hosts that a text in small letters links to, at most
// maxLinks of each kind. It is written by hand because it goes through every
// mail's whole HTML.
func linked(text string) (hosts []string) {
	word := func(at int) bool { // a word goes on before the place
		return at > 0 && (text[at-1] == '_' || text[at-1] >= 'a' && text[at-1] <= 'z' || text[at-1] >= '0' && text[at-1] <= '9')
	}
	for at := 0; len(hosts) < maxLinks; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			break
		}
		i += at
		at = i + len("://")
		scheme := i - len("http")
		if strings.HasSuffix(text[:i], "https") {
			scheme--
		}
		if scheme < 0 || !strings.HasPrefix(text[scheme:], "http") || word(scheme) {
			continue
		}
		rest := text[at:min(len(text), at+253)]
		if end := strings.IndexAny(rest, " \t\r\n\f/\"'<>?#:@"); end >= 0 {
			rest = rest[:end]
		}
		if rest != "" {
			hosts = append(hosts, rest)
			at += len(rest)
		}
	}
	links := len(hosts)
	for at := 0; len(hosts) < links+maxLinks; {
		i := strings.Index(text[at:], "www.")
		if i < 0 {
			break
		}
		i += at
		at = i + len("www.")
		if word(i) {
			continue
		}
		if found := website.FindStringSubmatch(text[i:min(len(text), i+240)]); found != nil {
			hosts = append(hosts, found[1])
			at = i + len(found[0])
		}
	}
	return hosts
}

// Of reads the features of a mail: the words of its text, those of its subject
// apart, the sender's domain, the hosts that it links to, what is attached, and
// a few habits of people who write to many.
func Of(m *mime.Mail) Features {
	s := set{}
	text := m.Text
	if len(text) > maxRead {
		text = strings.ToValidUTF8(text[:maxRead], "")
	}
	var own strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), ">") { // others' words
			own.WriteString(line)
		}
	}
	written := 0
	for w := range words(own.String()) {
		s.add("", w)
		written++
	}
	previous := ""
	for w := range words(m.Subject) {
		s.add("s:", w)
		if previous != "" {
			s.add("s:", previous+" "+w)
		}
		previous = w
	}

	if local, domain, ok := strings.Cut(m.From.Addr, "@"); ok {
		s.add("d:", domain)
		s.add("d:", registered(domain))
		s.add("f:", local+"@"+domain)
		s.add("e:", domain[strings.LastIndexByte(domain, '.')+1:])
	}
	for w := range words(m.From.Name) {
		s.add("n:", w)
	}

	markup := m.HTML[:min(len(m.HTML), maxMarkup)]
	hosts := 0
	for _, where := range []string{own.String(), markup} {
		for _, host := range linked(strings.ToLower(where)) {
			host = strings.Trim(host, ".&;,")
			s.add("h:", host)
			s.add("h:", registered(host))
			hosts++
		}
	}
	for i := range m.Parts {
		if dot := strings.LastIndexByte(m.Parts[i].Name, '.'); dot >= 0 && !m.Parts[i].Inline {
			s.add("a:", strings.ToLower(m.Parts[i].Name[dot+1:]))
		}
	}

	habit := func(name string, is bool) {
		if is {
			s.add("x:", name)
		}
	}
	habit("links", hosts > 0)
	habit("many links", hosts > 5)
	habit("little text, links", hosts > 0 && written < 12)
	habit("no text", written == 0)
	habit("shouting", shouts(m.Subject))
	habit("mixed letters", mixedWord(m.Subject+" "+text[:min(len(text), 2000)]))
	habit("to nobody", len(m.To) == 0)
	habit("to many", len(m.To)+len(m.CC) > 10)
	habit("unsubscribe", m.Header.Has("List-Unsubscribe"))
	habit("answer", len(m.InReplyTo) > 0 || len(m.References) > 0)
	habit("answers elsewhere", len(m.ReplyTo) > 0 && m.ReplyTo[0].Addr != m.From.Addr)
	habit("money", sums(m.Subject+" "+text[:min(len(text), 4000)]))
	return s.list()
}

// money is a large sum or a percentage.
var money = regexp.MustCompile(`(?i)(?:[$€£৳₹]|usd|bdt|tk\.?|rs\.?)\s?[0-9০-৯][0-9০-৯,.]{4,}|[0-9০-৯]{2,}\s?%|\b[0-9.]+ (?:million|billion|lakh|crore)\b`)

// sums looks for money where digits stand that may be a sum: five of them
// behind the end of a currency's name or sign, or some before a sign or a word
// of number. Nearly every mail holds none.
func sums(s string) bool {
	const before, after = 8, 60
	for at := 0; at < len(s); {
		i := strings.IndexAny(s[at:], "0123456789০১২৩৪৫৬৭৮৯")
		if i < 0 {
			return false
		}
		i += at
		end := i + len(s[i:]) - len(strings.TrimLeft(s[i:], "0123456789০১২৩৪৫৬৭৮৯,."))
		rest := strings.ToLower(strings.TrimLeft(s[end:min(len(s), end+8)], " \t\r\n\f"))
		name := strings.TrimRight(s[:i], " \t\r\n\f")
		likely := end-i >= 5 && name != "" && (name[len(name)-1] >= utf8.RuneSelf || strings.IndexByte("$dDtTkKsS.", name[len(name)-1]) >= 0)
		for _, word := range [...]string{"%", "mil", "bil", "lak", "cro"} {
			likely = likely || strings.HasPrefix(rest, word)
		}
		if likely && money.MatchString(s[max(0, i-before):min(len(s), i+after)]) {
			return true
		}
		at = end
	}
	return false
}

// set collects features. Two words share a number once in four thousand
// million, which a vote of a hundred and fifty does not feel.
type set map[uint32]bool

func (s set) add(kind, word string) {
	if word == "" || len(s) >= maxFeatures {
		return
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind))
	_, _ = h.Write([]byte(word))
	sum := h.Sum64()
	s[uint32(sum>>32)^uint32(sum)] = true
}

func (s set) list() Features {
	f := make(Features, 0, len(s))
	for n := range s {
		f = append(f, n)
	}
	slices.Sort(f)
	return f
}

// words yields the words of a text in small letters. Marks belong to the word,
// without them Bangla falls apart; invisible characters do not; numbers are
// known by their length. Letters that only look different (𝐅𝐫𝐞𝐞, Ｆｒｅｅ) are
// the same.
func words(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		var b strings.Builder
		letters, digits, wide := 0, 0, false
		flush := func() bool {
			n := letters + digits
			word := b.String()
			kept := true
			switch {
			case n == 0:
			case letters == 0:
				kept = digits < 3 || yield("#"+strings.Repeat("0", min(digits, 12)))
			case n > longWord:
				kept = yield("#long")
			case n > 2 || n == 2 && wide:
				kept = yield(word)
			}
			b.Reset()
			letters, digits, wide = 0, 0, false
			return kept
		}
		for _, r := range norm.NFKC.String(text) {
			switch {
			case unicode.IsLetter(r):
				letters++
				wide = wide || r > 0x2ff
				b.WriteRune(unicode.ToLower(r))
			case unicode.IsMark(r):
				b.WriteRune(r)
			case unicode.IsDigit(r):
				digits++
				b.WriteByte('0')
			case r == '\'' || r == '’' || unicode.Is(unicode.Cf, r):
				// don't, and what nobody sees
			default:
				if !flush() {
					return
				}
			}
		}
		flush()
	}
}

func registered(host string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return org
}

// shouts is true for a subject mostly in capitals.
func shouts(s string) bool {
	upper, lower := 0, 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
	}
	return upper >= 8 && upper > 2*lower
}

// mixedWord finds a word of Latin letters with Cyrillic or Greek ones between.
func mixedWord(s string) bool {
	latin, like := false, false
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && unicode.IsLetter(r):
			latin = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek):
			like = true
		case unicode.IsLetter(r), unicode.IsMark(r):
		default:
			latin, like = false, false
		}
		if latin && like {
			return true
		}
	}
	return false
}
