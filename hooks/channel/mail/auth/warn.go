package auth

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"golang.org/x/net/publicsuffix"
)

// Warning is something about a sender that an agent should see before they
// answer. Key names a sentence of the catalogue and Values fill it.
type Warning struct {
	Key    string
	Values map[string]any
}

// Known is what a sender may pretend to be.
type Known struct {
	Own      []string // the shop's addresses or domains
	Names    []string // of the shop and its agents
	Contacts []string // domains or addresses of known contacts; the large mail providers are always known

	ready *prepared
}

// Ready prepares for many mails; without it every call of [Warnings] does, which
// takes some milliseconds.
// The result is read only and may be shared.
func (known Known) Ready() Known {
	k := &prepared{addresses: map[string]bool{}, names: map[string]bool{}, domains: map[string]bool{}, near: map[string][]string{}}
	for _, o := range known.Own {
		if a := mime.NormalAddress(o); a != "" {
			k.addresses[a] = true
		}
		if d := asciiDomain(domainOf(o)); d != "" && !slices.Contains(k.own, d) {
			k.own = append(k.own, d)
		}
	}
	for _, n := range known.Names {
		if n = squeeze(n); utf8.RuneCountInString(n) >= 4 {
			k.names[n] = true
		}
	}
	for d := range mailHosts {
		k.learn(d)
	}
	for _, c := range known.Contacts {
		if len(k.domains) >= maxKnown {
			break
		}
		k.learn(asciiDomain(domainOf(c)))
	}
	known.ready = k
	return known
}

// prepared is what a mail is compared with.
type prepared struct {
	addresses map[string]bool     // ours
	own       []string            // our domains
	names     map[string]bool     // ours, squeezed
	domains   map[string]bool     // registered domains of contacts
	near      map[string][]string // the same, see learn
}

// learn files a domain under its name and under its name less one letter: two
// names that are one letter apart meet in one of these.
func (k *prepared) learn(domain string) {
	org := orgDomain(domain)
	if org == "" || k.domains[org] {
		return
	}
	k.domains[org] = true
	for _, key := range nearKeys(org) {
		k.near[key] = append(k.near[key], org)
	}
}

func nearKeys(org string) []string {
	label, _ := cutSuffix(readable(org))
	var keys []string
	for _, word := range []string{label, fold(label)} {
		keys = append(keys, word)
		letters := []rune(word)
		if len(letters) > maxLabel {
			continue
		}
		for i := range letters {
			keys = append(keys, string(letters[:i])+string(letters[i+1:]))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Kinds of warnings are catalogue keys.
const (
	WarnName    = "mail.warn_name_address" // {name} shows another address than {address}
	WarnOurName = "mail.warn_name_ours"    // {name} is ours, {address} is not
	WarnOurs    = "mail.warn_domain_ours"  // {domain} looks like our {known}
	WarnContact = "mail.warn_domain_known" // {domain} looks like {known}
	WarnScripts = "mail.warn_domain_mixed" // {domain} is written with letters of several alphabets
	WarnReplyTo = "mail.warn_reply_to"     // answers are to go to {address}, which is not at {domain}
)

const (
	maxKnown   = 3000 // domains of contacts
	maxLabel   = 63
	shortLabel = 5 // names below this differ by one letter for many good reasons
)

// Large providers whose names are one letter apart and that nobody owns who
// would deceive.
var mailHosts = func() map[string]bool {
	all := map[string]bool{}
	for d := range strings.FieldsSeq(`gmail.com googlemail.com ymail.com yahoo.com rocketmail.com mail.com email.com hotmail.com outlook.com live.com msn.com
		fastmail.com mail.ru yandex.com yandex.ru aol.com aim.com gmx.com gmx.net gmx.de icloud.com me.com zoho.com proton.me protonmail.com tutanota.com hey.com`) {
		all[d] = true
	}
	return all
}()

var addressIn = regexp.MustCompile(`[\p{L}\p{N}._%+\-]{1,64}\s?[@＠﹫]\s?[\p{L}\p{N}\-]{1,63}(?:\.[\p{L}\p{M}\p{N}\-]{1,63})+`)

// Warnings finds names and domains that are made to be mistaken for others.
// Known domains are not suspected.
func Warnings(m *mime.Mail, known Known) []Warning {
	if known.ready == nil {
		known = known.Ready()
	}
	k := known.ready
	var all []Warning
	addr := m.From.Addr
	from := domainOf(addr)
	name := displayName(m.Header.Get("From"))

	if other := foreignAddress(name, addr); other != "" {
		all = append(all, Warning{WarnName, map[string]any{"name": other, "address": addr}})
	} else if addr != "" && !k.ours(addr) && k.names[squeeze(name)] {
		all = append(all, Warning{WarnOurName, map[string]any{"name": name, "address": addr}})
	}
	if from != "" {
		if w := k.lookalike(from); w != nil {
			all = append(all, *w)
		}
	}
	for _, a := range m.ReplyTo {
		d := domainOf(a.Addr)
		if d != "" && from != "" && d != from && (orgDomain(d) == "" || orgDomain(d) != orgDomain(from)) && !Own(a.Addr, k.addresses) {
			all = append(all, Warning{WarnReplyTo, map[string]any{"address": a.Addr, "domain": readable(from)}})
			break
		}
	}
	return all
}

// displayName is the decoded From without the address in brackets.
func displayName(raw string) string {
	if i := strings.LastIndexByte(raw, '<'); i >= 0 {
		raw = raw[:i]
	}
	return mime.Text(raw)
}

// foreignAddress finds in a name an address of another organisation than the
// sender's. "anna@example.com" as the name of anna@mail.example.com is a habit
// of mail programs.
func foreignAddress(name, addr string) string {
	for _, found := range addressIn.FindAllString(name, 4) {
		shown := strings.Join(strings.Fields(strings.NewReplacer("＠", "@", "﹫", "@").Replace(found)), "")
		normal := mime.NormalAddress(shown)
		if normal == "" {
			normal = strings.ToLower(shown)
		}
		if normal == addr {
			continue
		}
		a, b := domainOf(normal), domainOf(addr)
		if mailHosts[b] || orgDomain(a) == "" || orgDomain(a) != orgDomain(b) {
			return shown
		}
	}
	return ""
}

// ours tells whether an address is the shop's: listed, or of a domain that
// only the shop has.
func (k *prepared) ours(addr string) bool {
	return Own(addr, k.addresses) || !mailHosts[orgDomain(domainOf(addr))] && within(domainOf(addr), k.own)
}

// squeeze leaves the letters and digits of a name, in the form of [fold].
func squeeze(s string) string {
	return fold(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s))
}

// lookalike compares a domain with ours and with those of contacts.
func (k *prepared) lookalike(from string) *Warning {
	org := orgDomain(from)
	if within(from, k.own) || k.domains[org] {
		return nil
	}
	show := readable(from)
	for _, ours := range k.own {
		if !mailHosts[orgDomain(ours)] && (resembles(from, ours) || borrows(from, ours)) {
			return &Warning{WarnOurs, map[string]any{"domain": show, "known": readable(ours)}}
		}
	}
	if org != "" {
		for _, key := range nearKeys(org) {
			for _, theirs := range k.near[key] {
				if resembles(from, theirs) {
					return &Warning{WarnContact, map[string]any{"domain": show, "known": readable(theirs)}}
				}
			}
		}
	}
	for label := range strings.SplitSeq(show, ".") {
		if mixed(label) {
			return &Warning{WarnScripts, map[string]any{"domain": show}}
		}
	}
	return nil
}

// resembles says whether the registered part of a domain looks like that of
// another one: the same at a glance, or one letter apart.
func resembles(domain, known string) bool {
	a, b := orgDomain(domain), orgDomain(known)
	if a == "" || b == "" || a == b {
		return false
	}
	a, b = readable(a), readable(b)
	if fold(a) == fold(b) {
		return true
	}
	x, xs := cutSuffix(a)
	y, ys := cutSuffix(b)
	if utf8.RuneCountInString(y) < shortLabel {
		return false
	}
	if xs == ys {
		return oneApart(x, y) || oneApart(fold(x), fold(y)) || fold(x) == fold(y)
	}
	// shop.com and shop.co, shop.corn: the ending one letter apart.
	return fold(x) == fold(y) && (oneApart(xs, ys) || fold(xs) == fold(ys))
}

// borrows says whether a domain contains ours to look like it: as a word of
// its name, as its first labels, or under another ending.
func borrows(domain, ours string) bool {
	label, suffix := cutSuffix(orgDomain(ours))
	if utf8.RuneCountInString(label) < shortLabel {
		return false
	}
	if strings.HasPrefix(domain, ours+".") || strings.Contains(domain, "."+ours+".") {
		return true
	}
	name, other := cutSuffix(orgDomain(domain))
	want := fold(readable(label))
	if fold(readable(name)) == want {
		return other != suffix
	}
	for word := range strings.FieldsFuncSeq(readable(name), func(r rune) bool { return r == '-' || r == '_' }) {
		if fold(word) == want {
			return true
		}
	}
	// shop-com.test, shopcom.test
	glued := fold(readable(label) + strings.ReplaceAll(suffix, ".", ""))
	return strings.ReplaceAll(fold(readable(name)), "-", "") == glued
}

// cutSuffix cuts a registered domain into its name and its public suffix.
func cutSuffix(org string) (name, suffix string) {
	suffix, _ = publicsuffix.PublicSuffix(org)
	return strings.TrimSuffix(strings.TrimSuffix(org, suffix), "."), suffix
}

// within says whether a domain is one of these, below one of them, or of the
// same organisation.
func within(domain string, list []string) bool {
	org := orgDomain(domain)
	for _, d := range list {
		if domain == d || strings.HasSuffix(domain, "."+d) || org != "" && org == orgDomain(d) {
			return true
		}
	}
	return false
}
