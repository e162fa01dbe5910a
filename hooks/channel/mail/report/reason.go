package report

import (
	"regexp"
	"strconv"
	"strings"
)

// sort says what words of servers mean. The order decides: what is said most
// exactly comes first. Words count more than codes, which servers choose
// loosely ("554 5.7.1 user unknown").
type sort struct {
	kind  Kind
	key   string
	words []string
	form  *regexp.Regexp // beside the words, nil for none
}

var sorts = []sort{
	{kind: Full, key: "mail.bounce_full", words: []string{
		"mailbox full", "mailbox is full", "mailbox for user is full", "mailbox exceed", "mailbox has exceeded", "over quota", "overquota", "quota exceed", "exceeded quota",
		"exceed quota", "exceeds quota", "quota full", "quota is full", "out of quota", "over the maximum storage", "exceeded storage", "storage quota", "disk quota", "out of storage",
		"mailbox quota", "insufficient system storage for user", "not enough storage space", "inbox is full", "inbox full", "account is full", "user is over", "mailbox size limit",
		"exceeded the limit of the mailbox", "mailboxspace", "mailfolder is full", "mail folder is full", "maildir over", "full mailbox", "no space left in mailbox", "mailbox_full",
		"quotaexceeded", "quota violation", "quota temporarily exceeded", "exceeded email quota", "mail quota", "mail box full", "would exceed mailbox", "is full. please try", "bigger than quota",
		"user has too many messages on the server", "mailbox currently full", "has run out of space", "size limit of the mailbox", "postfach ist voll", "postfach voll", "boîte aux lettres pleine",
		"boite aux lettres est pleine", "boîte aux lettres est pleine", "buzón está lleno", "buzón lleno", "bandeja de entrada está llena", "caixa de entrada está cheia", "caixa postal cheia", "casella piena", "casella di posta è piena", "mailbox vol",
		"почтовый ящик переполнен", "ящик переполнен", "превышена квота", "邮箱已满", "信箱已满", "メールボックスの容量", "メールボックスがいっぱい", "ইনবক্স পূর্ণ", "ইনবক্স ভর্তি", "মেলবক্স পূর্ণ", "মেইলবক্স পূর্ণ",
		"over_quota", "exceeding their quota", "exceeding his quota", "exceeding its quota", "exceeded its quota", "is over his quota", "is over their quota", "the email account that you tried to reach is over"},
		form: regexp.MustCompile(`(?:mailbox|mail box|inbox|postfach|account|bo[iî]te|bandeja|buz[oó]n|casella|caixa|skrzynka|posta kutusu|ящик)[^.\n]{0,40}(?:\bfull\b|\bvoll\b|überfüllt|pleine|llen[oa]|pien[oa]|cheia|pełna|dolu|переполнен)|(?:quota|speicher|limite)[^.\n]{0,40}(?:exceed|überschritten|dépass|superad|excedid|superat)`)},
	{kind: Blocked, key: "mail.bounce_spam", words: []string{ // a closed group: its words speak of signing in too
		"delivery restriction", "allowed senders list", "sendernotauthenticated", "not authorized to send to this", "only accepts messages from", "not accepting mail from", "not accepting messages from", "does not accept mail from", "not allowed to send to this group", "sender not pre-approved"}},
	{kind: Hard, key: "mail.bounce_domain", words: []string{"infodomainnonexistent", "dns domain"}, // before those that speak of addresses
		form: regexp.MustCompile(`\bdomain (?:name )?"?[\pL\pN._-]{0,80}"? ?(?:does not|doesn't) exist`)},
	{kind: Blocked, key: "mail.bounce_spam", words: []string{"sender address rejected", "sender rejected", "sender denied", "weren't sent", "sc-001", "sc-002", "sc-003", "sc-004", "ou-001", "ou-002", "dy-001", "dy-002", "[tss0"}},
	{kind: Blocked, key: "mail.bounce_auth", words: []string{
		"dmarc", "dkim", "spf check", "spf fail", "spf validation", "sender policy framework", "spf record", "failed spf", "spf: ", "not pass authentication", "unauthenticated email", "authentication checks",
		"5.7.26", "5.7.27", "5.7.23", "5.7.25", "reverse dns", "ptr record", "no ptr", "rdns", "reverse lookup", "fcrdns", "hostname lookup"}},
	{kind: Blocked, key: "mail.bounce_relay", words: []string{
		"relaying denied", "relay denied", "relay access denied", "relaying not allowed", "relay not permitted", "not permitted to relay", "unable to relay", "relay not allowed", "relaying is prohibited", "relaying prohibited",
		"does not accept mail for", "we do not relay", "no relaying", "not a relay", "cannot relay", "can't relay", "authentication required", "relaying mail to", "authorized relay", "not allowed to relay", "must authenticate", "message relay denied", "mail for unauthorized relay", "list of allowed rcpthosts", "without authentication", "turn on smtp auth", "use me as a relay", "as a relay, but"}},
	{kind: Blocked, key: "mail.bounce_virus", words: []string{
		"virus", "malware", "infected", "dangerous attachment", "file type not allowed", "blocked attachment", "attachment type", "prohibited attachment", "banned file", "blocked because its content presents", "illegal attachment", "executable attachment",
		"attachments are not", "this type of attachment", "file attachment", "mail with attachments", "attachments or embedded"}},
	{kind: Soft, key: "mail.bounce_size", words: []string{
		"message too large", "message is too large", "message size exceed", "message too big", "exceeds size limit", "exceeded message size", "size limit exceeded", "exceeds the maximum size", "maximum message size", "message exceeds", "message size limit",
		"exceeds maximum", "maximum incoming message size", "maximum incoming size", "larger than the current system limit", "too large for", "larger than the limit", "message file too big", "exceeded allowed message size", "message length exceeds", "too big for this", "message is larger than", "mail size limit", "max message size",
		"message size is larger", "size exceeds", "exceeds allowed", "message header size", "exceeds a maximum", "size limit"}},
	{kind: Hard, key: "mail.bounce_moved", words: []string{
		"has moved", "user has moved", "recipient has moved", "address has changed", "no longer at this address", "please update your", "mailbox has moved", "has changed email", "please use the new address", "new address is"}},
	{kind: Hard, key: "mail.bounce_disabled", words: []string{
		"account disabled", "account is disabled", "mailbox disabled", "mailbox is disabled", "account has been disabled", "disabled account", "account inactive", "inactive account", "account is inactive", "mailbox is inactive", "mailbox inactive", "account suspended", "account is suspended",
		"account has been suspended", "user suspended", "user is suspended", "account expired", "account has expired", "account that you tried to reach is disabled", "account that you tried to reach is inactive", "user disabled", "user is disabled", "deactivated", "account closed", "account is closed",
		"mailbox locked", "account is locked", "account locked", "user inactive", "has been discontinued", "this account has been", "mailbox has been blocked", "is currently suspended", "disabled or discontinued", "expired account", "user account is unavailable", "not been used for",
		"no longer valid", "no longer active", "no longer in use", "no longer available", "no longer works", "no longer employed", "no longer with", "no longer on server", "no longer exists", "n'est plus", "ist nicht mehr", "address is no longer", "is not active", "isn't active", "mailbox frozen", "closed by", "stopped using",
		"user is deactivated", "not accepting mail", "is not accepting any mail", "not accepting messages", "mailbox not allowed to receive", "cannot receive mail", "not allowed to receive"}},
	{kind: Hard, key: "mail.bounce_unknown", words: []string{
		"user unknown", "unknown user", "invalid final delivery userid", "user not found", "no such user", "no such mailbox", "no such recipient", "no such address", "no such local user", "no such person", "no such account", "no such id", "no such email", "no such domain user", "no such virtual", "there is no such", "there's no such",
		"mailbox not found", "mail-box not found", "mail box not found", "no mailbox found", "no mail box", "no mail-box", "mailbox not available", "mail box not available", "badrcptto", "bad_recipient", "not an active address", "mailbox unavailable", "mailbox does not exist", "mailbox doesn't exist", "mailbox unknown", "unknown mailbox", "does not exist", "doesn't exist", "do not exist", "not exist", "don't exist", "recipient not found", "recipient unknown", "unknown recipient", "unknown address",
		"unknown local", "unknown account", "unknown email", "unknown e-mail", "address unknown", "unknown or illegal", "invalid recipient", "invalid mailbox", "invalid address", "invalid user", "not a valid mailbox", "not a valid recipient", "not a valid user", "not a known user", "not known", "not our customer", "no mailbox here",
		"address not found", "address couldn't be found", "couldn't be found", "wasn't found at", "could not be found", "not found in directory", "not listed in", "not in address book", "addressee unknown", "bad destination mailbox", "bad address", "bad mailbox", "bad recipient", "bad local", "recipient address rejected: user", "undeliverable address",
		"recipient rejected", "rejected recipient", "no account by that name", "no mailbox by that name", "unrouteable address", "unroutable address", "user doesn't have a", "doesn't have a yahoo", "this user doesn't", "user does not have", "nosuchuser", "recipientnotfound", "is not a user", "delivery not possible to",
		"address rejected", "account not found", "no valid recipient", "no valid receiver", "recipient invalid", "invalid email", "unresolvable", "not recognised", "not recognized", "is unknown", "empfänger existiert nicht", "existiert nicht", "unbekannter empfänger", "nicht gefunden", "destinataire inconnu", "adresse introuvable", "adresse inconnue", "n'existe pas", "utilisateur inconnu",
		"no existe", "usuario desconocido", "no se encontró", "no se ha encontrado", "dirección no encontrada", "não existe", "não foi encontrado", "endereço não encontrado", "usuário desconhecido", "non esiste", "indirizzo non trovato", "utente sconosciuto", "bestaat niet", "adres niet gevonden", "adresse ikke funnet",
		"пользователь не найден", "не существует", "адрес не найден", "нет такого", "kullanıcı bulunamadı", "adres bulunamadı", "nie istnieje", "nie znaleziono", "收件人不存在", "用户不存在", "地址不存在", "无此用户", "找不到地址", "存在しません", "リストにありません", "アドレスが間違", "宛先が見つかり", "宛先メールアドレス", "見つかりません", "宛先不明", "ঠিকানা খুঁজে পাওয়া যায়নি", "ঠিকানা পাওয়া যায়নি", "ঠিকানাটি খুঁজে", "পতা नहीं", "पता नहीं मिला",
		"5.1.1", "5.1.10", "550-5.1.1", "ruledenied by recipient's", "mailbox `", "user not local", "user is not local", "not a local", "no local mailbox", "recipnotfound", "no email account", "destination mailbox address", "destination addresses were unknown", "delivery address is", "isn't in our", "is not in my", "unknown in", "recipient does not"}},
	{kind: Hard, key: "mail.bounce_domain", words: []string{
		"host not found", "host or domain name not found", "domain not found", "name service error", "domain couldn't be found", "no such domain", "unknown host", "host unknown", "unknown domain", "domain does not", "nxdomain", "no mx record", "null mx", "no mail server", "unable to find mx", "no mail exchanger",
		"dns error", "dns-based", "domain lookup", "domain name not found", "name or service not known", "couldn't find any host", "cannot resolve", "can't resolve", "could not resolve", "unresolvable domain", "no a record", "bad domain", "illegal host/domain", "bad destination system address", "all relevant mx records point to non-existent hosts",
		"does not accept mail", "nullmx", "service not available for domain", "domain is not reachable", "5.1.2", "5.4.4", "5.1.10", "the domain you", "mail server for", "no route to domain"}},
	{kind: Blocked, key: "mail.bounce_spam", words: []string{
		"spam", "blacklist", "black list", "blocklist", "block list", "blocked", "spamhaus", "barracuda", "spamcop", "sorbs", "cloudmark", "proofpoint", "dnsbl", "rbl", "reputation", "bulk mail", "unsolicited", "listed at", "listed in", "listed on", "poor reputation", "junk", "suspicious", "banned", "blackholed", "denylist",
		"content rejected", "message content", "content filter", "considered", "looks like", "message rejected due to", "ts03", "ts04", "local policy", "policy violation", "violates", "policy reasons", "policy restrictions", "security policies", "rejected for policy", "message refused", "message rejected", "not accepted for policy",
		"administrative prohibition", "administratively", "rejected by", "rejected due", "access denied", "access restricted", "not authorized", "not authorised", "denied by", "permission denied", "refused by", "sender rejected", "sender denied", "sender is not", "sender address rejected", "client host rejected", "mail rejected", "delivery not authorized", "message filtered",
		"transaction failed", "prohibited", "connection refused - ", "mail from ip", "your ip", "your host", "refused to accept mail", "has been denied", "isn't accepting", "only accepts", "restricted", "filtered", "rule imposed", "moderat", "whitelist", "white list", "requires confirmation", "don't have permission", "do not have permission", "not allowed", "no permission", "headers consistent", "bad reputation", "phish", "url in this", "links in"}},
	{kind: Soft, key: "mail.bounce_loop", words: []string{"mail loop", "too many hops", "hop count", "routing loop", "loop detected", "mail is looping", "looping", "loops back to myself", "too many received", "loopt"}},
	{kind: Soft, key: "mail.bounce_unreachable", words: []string{
		"connection refused", "connection timed out", "timed out", "timeout", "no route to host", "unreachable", "connection reset", "network error", "cannot connect", "could not connect", "couldn't connect", "unable to connect", "connection lost", "lost connection", "wasn't able to establish", "broken pipe", "connection dropped", "conversation with", "connect to",
		"retry timeout exceeded", "retry time not reached", "message expired", "delivery time expired", "expired", "been in the queue too long", "couldn't be delivered for", "not responding", "did not respond", "isn't responding", "no answer from", "delivery delayed", "failed to connect", "bad connection", "closed connection", "host is down", " attempts:", "tls", "ssl", "certificate", "starttls", "been retried"}},
	{kind: Soft, key: "mail.bounce_busy", words: []string{
		"rate limit", "too many", "throttl", "try again later", "greylist", "grey list", "graylist", "deferred", "temporarily", "try later", "busy", "resources", "service unavailable", "service not available", "temporary", "too fast", "exceeded the rate", "receiving mail at a rate", "limit exceeded", "server error", "internal error", "system not accepting",
		"insufficient", "local problem", "local error", "not available", "overload", "too often", "requeue", "lookup failure", "try again", "configuration error", "system config", "i/o error", "disk full", "no space left"}},
}

// byStatus is used when no words tell: RFC 3463.
var byStatus = map[string]sort{
	"1.0": {kind: Hard, key: "mail.bounce_unknown"}, "1.1": {kind: Hard, key: "mail.bounce_unknown"}, "1.2": {kind: Hard, key: "mail.bounce_domain"}, "1.3": {kind: Hard, key: "mail.bounce_unknown"}, "1.4": {kind: Hard, key: "mail.bounce_unknown"}, "1.6": {kind: Hard, key: "mail.bounce_moved"},
	"1.7": {kind: Blocked, key: "mail.bounce_spam"}, "1.8": {kind: Blocked, key: "mail.bounce_spam"}, "1.10": {kind: Hard, key: "mail.bounce_domain"},
	"2.0": {kind: Hard, key: "mail.bounce_disabled"}, "2.1": {kind: Hard, key: "mail.bounce_disabled"}, "2.2": {kind: Full, key: "mail.bounce_full"}, "2.3": {kind: Soft, key: "mail.bounce_size"},
	"3.1": {kind: Full, key: "mail.bounce_full"}, "3.4": {kind: Soft, key: "mail.bounce_size"},
	"4.1": {kind: Soft, key: "mail.bounce_unreachable"}, "4.2": {kind: Soft, key: "mail.bounce_unreachable"}, "4.3": {kind: Soft, key: "mail.bounce_unreachable"}, "4.4": {kind: Hard, key: "mail.bounce_domain"}, "4.5": {kind: Soft, key: "mail.bounce_busy"}, "4.6": {kind: Soft, key: "mail.bounce_loop"}, "4.7": {kind: Soft, key: "mail.bounce_unreachable"},
}

var (
	enhanced  = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	replyCode = regexp.MustCompile(`(?:^|[\s:;("'<#>-])([245]\d\d)(?:[\s\-,:#)"']|$)`)
	forever   = regexp.MustCompile(`(?i)will (?:be retried|continue|keep (?:on )?trying|retry)|not required to do anything|delayed|no action is required|warning message only|do not need to resend|still (?:be )?trying|not yet been delivered|will be sent again|delivery attempts will continue`)
)

// Reason says what a server's refusal means.
func Reason(said string) (Kind, string) {
	p := Recipient{Action: "failed", Diagnostic: said}
	p.judge("")
	return p.Kind, p.Key
}

// judge finds kind and key of a recipient, and completes its codes.
func (p *Recipient) judge(subject string) {
	text := strings.Join(strings.Fields(strings.ToLower(p.Diagnostic)), " ")
	if p.Code == 0 {
		p.Code = codeIn(p.Diagnostic)
	}
	// A status that only names the class gives way to one in the words.
	if found := statusIn(p.Diagnostic); found != "" && (p.Status == "" || strings.HasSuffix(p.Status, ".0.0") && found[0] == p.Status[0]) {
		p.Status = found
	}
	switch p.Action {
	case "delivered", "relayed", "expanded":
		p.Kind, p.Key = Delivered, "mail.bounce_delivered"
		if p.Status == "" {
			p.Status = "2.0.0"
		}
		return
	case "delayed":
		p.Kind, p.Key = Delayed, "mail.bounce_delayed"
		if p.Status == "" || p.Status[0] != '4' {
			p.Status = "4.0.0"
		}
		return
	}

	found := sortOf(text)
	if found == nil {
		found = sortOf(unbroken(text))
	}
	if found == nil && len(p.Status) > 2 {
		if s, ok := byStatus[p.Status[2:]]; ok {
			found = &s
		} else if strings.HasPrefix(p.Status[2:], "7.") {
			found = &sort{kind: Blocked, key: "mail.bounce_spam"}
		}
	}
	if found == nil {
		// Words that say nothing but that it failed.
		found = &sort{kind: Soft, key: "mail.bounce_other"}
		if p.Status == "" && p.Code/100 == 5 {
			found.kind = Hard
		} else if p.Status != "" && p.Status[0] == '5' && (p.Code == 550 || p.Code == 0) {
			found.kind = Hard
		}
	}
	p.Kind, p.Key = found.kind, found.key

	temporary := p.Status != "" && p.Status[0] == '4' || p.Status == "" && p.Code/100 == 4
	if temporary && (p.Kind == Hard || p.Kind == Blocked) {
		p.Kind = Soft // it may work another time
		if found.kind == Hard && p.Key != "mail.bounce_domain" {
			p.Key = "mail.bounce_busy"
		}
	}
	if p.Action == "" && forever.MatchString(text+" "+subject) && !strings.Contains(subject, "fail") && !strings.Contains(subject, "undeliver") && (p.Status == "" || p.Status[0] == '4') {
		p.Kind, p.Key = Delayed, "mail.bounce_delayed"
	}
	if p.Status == "" {
		switch {
		case p.Code/100 == 5:
			p.Status = "5.0.0"
		case p.Code/100 == 4, p.Kind == Delayed:
			p.Status = "4.0.0"
		case p.Kind == Soft && p.Key != "mail.bounce_size" && p.Key != "mail.bounce_loop" && p.Key != "mail.bounce_other":
			p.Status = "4.0.0"
		default:
			p.Status = "5.0.0"
		}
		for known, status := range map[string]string{"mail.bounce_full": ".2.2", "mail.bounce_unknown": ".1.1", "mail.bounce_domain": ".1.2", "mail.bounce_size": ".3.4", "mail.bounce_disabled": ".2.1"} {
			if p.Key == known {
				p.Status = p.Status[:1] + status
			}
		}
	}
}

// again is the code that a server repeats at the head of every line of one
// answer; in a report the lines run together.
var again = regexp.MustCompile(`([^\s\d]) [45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3} )?`)

// unbroken is an answer of several lines without the codes between them.
func unbroken(text string) string { return again.ReplaceAllString(text, "$1 ") }

func sortOf(text string) *sort {
	if text == "" {
		return nil
	}
	text = strings.ReplaceAll(text, "\u09df", "\u09af\u09bc") // Bangla য় in its two forms
	for i := range sorts {
		for _, w := range sorts[i].words {
			if strings.Contains(text, w) {
				return &sorts[i]
			}
		}
		if f := sorts[i].form; f != nil && f.MatchString(text) {
			return &sorts[i]
		}
	}
	return nil
}

// codeIn finds an SMTP reply code in words.
func codeIn(s string) int {
	for _, m := range replyCode.FindAllStringSubmatch(s, 5) {
		n, _ := strconv.Atoi(m[1])
		if n >= 420 && n <= 459 || n >= 500 && n <= 579 || n == 250 || n == 471 {
			return n
		}
	}
	return 0
}

// statusIn finds an enhanced status code in words, not the beginning of an IP
// address.
func statusIn(s string) string {
	for _, span := range enhanced.FindAllStringIndex(s, 8) {
		before, after := byte(' '), byte(' ')
		if span[0] > 0 {
			before = s[span[0]-1]
		}
		if span[1] < len(s) {
			after = s[span[1]]
		}
		next := byte(' ')
		if span[1]+1 < len(s) {
			next = s[span[1]+1]
		}
		if before == '.' || after == '.' && next >= '0' && next <= '9' || before == '/' || before == '-' && span[0] < 4 || after == '-' && next != ' ' && !strings.ContainsRune("0123456789", rune(before)) {
			if before != '-' {
				continue
			}
		}
		found := s[span[0]:span[1]]
		if found != "5.0.0" && found != "4.0.0" {
			return found
		}
	}
	return ""
}
