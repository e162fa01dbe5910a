package mime

import (
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/gate"
	"golang.org/x/text/unicode/norm"
)

// Verdict says who wrote a mail.
type Verdict string

// Verdicts.
const (
	VerdictHuman     Verdict = "human"
	VerdictAutomatic Verdict = "automatic" // a vacation notice, a newsletter, a system's notice
	VerdictBounce    Verdict = "bounce"    // a delivery report, good or bad (rule 40)
	VerdictReceipt   Verdict = "receipt"   // a read receipt (rule 45)
	VerdictComplaint Verdict = "complaint" // a provider's report of abuse (rule 45)
)

var (
	noReplyLocal = regexp.MustCompile(`^(?:.+[-_.+])?(?:no|do[-_.]?not|dont|never)[-_.]?(?:reply|respond|answer)(?:[-_.+=0-9].*)?$` +
		`|^(?:no[-_.]?responder|no[-_.]?responda|n[aã]o[-_.]?respond[ae]r?|ne[-_.]?pas[-_.]?repondre|nepasrepondre|keine[-_.]?antwort|nicht[-_.]?antworten|non[-_.]?rispondere|niet[-_.]?beantwoorden)$` +
		`|^(?:notifications?|newsletters?|alerts?|auto[-_.]?(?:reply|responder|confirm|mailer|notify)|automated|system[-_.]?(?:notification|alert)s?)$` +
		`|^bounces?(?:[-_.+=].*)?$`)
	daemonLocal = regexp.MustCompile(`^(?:mailer[-_.]?(?:daemon|damon|deamon)|mail[-_.]?(?:daemon|delivery)|mdaemon|mailerdaemon)(?:[-+=_.].*)?$`)
	postmaster  = regexp.MustCompile(`^(?:postmaster|post[-_.]?master|microsoftexchange[0-9a-f]+)(?:[-+=].*)?$`)
	daemonName  = gate.New(`(?i)\bmail(?:er)?[ -](?:delivery|daemon)|delivery sub ?system|mail delivery|^mailer-daemon|(?:mail|system) administrator|mail system$|delivery status`)

	// What an automatic answer calls itself at the beginning of its subject.
	autoSubject = gate.New(`(?i)^\W*(?:auto(?:matic|mated)?[ -]*(?:re(?:ply|sponse|sponder)?|replay|acknowledg\w+|notice|confirmation)(?:\W*$|\s*[^\s\pL\pN]|\s+(?:from|to|re|for|by|regarding|is|enabled|activated)\b)|auto(?:matische?|m[aá]tic[ao]|matisk|matica)?[ -]*(?:respuesta|resposta|risposta|antwort|antwoord|svar|odpowied[zź])\b|auto ?re ?:|autosvar|autoantwort|automatisch antwoord|automatische (?:antwort|beantwortung|abwesenheits\w+)` +
		`|out[ -]?of[ -]?(?:the[ -]?)?office(?:\W*$|\s*[^\s\pL\pN]|\s*(?:auto|re|aw|fw|reply|response|message|notice|notification|assistant|mail|email|until|till|from|for|on|at|due|and|between|today|tomorrow|this|next|\d|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|thank|please|returning|back|currently|i am|i'm))|ooo\s*[:\]-]|(?:on |annual |i am on |i'm on )?vacation (?:reply|response|notice|auto\w*|message)|away from (?:the |my )?(?:office|mail|desk)\b` +
		`|abwesenheits\w+|r[eé]ponse automatique|absence du bureau|message d'absence|absent du bureau|respuesta autom[aá]tica|contestaci[oó]n autom[aá]tica|fuera de (?:la )?oficina|resposta autom[aá]tica|fora do escrit[oó]rio|risposta automatica|fuori (?:sede|ufficio)|assente dall'ufficio` +
		`|afwezigheids?\w*|afwezig\b|frånvaro\w*|automatiskt svar|automatisk svar|fravær\w*|fraværsbesked|autom(?:aattinen|ated) vastaus|poissaolo\w*|automatyczna odpowied[zź]|odpowied[zź] automatyczna|automatick[áa] odpov[eě][dď]|automatikus v[aá]lasz|r[aă]spuns automat|otomatik yan[ıi]t|ofis dışında` +
		`|автоматический ответ|автоответ|вне офиса|автоматична відповідь|αυτόματη απάντηση|自动(?:回复|答复|回覆)|自動(?:回覆|返信|応答)|不在(?:通知|のお知らせ|自動)|부재 ?중|자동 ?(?:응답|회신)|رد تلقائي|الرد التلقائي|خارج المكتب|מענה אוטומטי|תשובה אוטומטית|स्वचालित (?:उत्तर|जवाब)|स्वतः उत्तर|স্বয়ংক্রিয় (?:উত্তর|জবাব|বার্তা|রিপ্লাই|প্রত্যুত্তর|সাড়া|প্রতিক্রিয়া|ইমেইল|মেইল)|অটো(?:মেটিক)? রিপ্লাই|trả lời tự động|balasan (?:otomatis|automatik)|jawapan automatik|ตอบกลับอัตโนมัติ` +
		`|resposta autom[àá]tica|автомат(?:ичен|ски) (?:отговор|одговор)|аутоматски одговор|automatski odgovor|samodejni odgovor|automaatvastus|automatinis atsakymas|automātiskā atbilde|پاسخ خودکار|خودکار جواب|தானியங்கு பதில்|తక్షణ ప్రతిస్పందన|స్వయంచాలక (?:ప్రత్యుత్తరం|జవాబు)|स्वयंचलित (?:उत्तर|प्रत्युत्तर)|સ્વયંસંચાલિત (?:જવાબ|પ્રત્યુત્તર)|ਸਵੈਚਲਿਤ ਜਵਾਬ|स्वचालित प्रतिक्रिया|outomatiese antwoord|erantzun automatikoa|sjálfvirkt svar|ავტომატური პასუხი|автоматты жауап|avtomatik cavab|përgjigje automatike|awtomatikong tugon|majibu ya kiotomatiki)` +
		// Notes and old programs put it behind the name.
		`|\b(?:is|am|are|will be|i'm|currently) (?:currently )?out of (?:the )?office\W*$|\bist (?:derzeit )?(?:nicht im (?:hause|büro)|abwesend|außer haus)\W*$|\best (?:actuellement )?absente? du bureau\W*$|\bestá fuera de la oficina\W*$`)

	// What a delivery report calls itself.
	bounceSubject = gate.New(`(?i)undeliver|delivery[ -]*(?:status|fail|report|problem|error|notification|has failed|delay|incomplete|of your)|delivery to .* (?:failed|delayed)|(?:mail|message|email) (?:delivery|not delivered|could ?n[o']t be delivered|undelivered|delayed|returned|rejected|bounced?\b|status|system error)|fail(?:ed|ure)[ -]*(?:notice|delivery|mail|to deliver|notification|recipient|message)|non[- ]?deliver|returned (?:mail|e-?mail|message|to sender)|(?:mail|message|e-?mail) (?:is |was |being )?(?:returned|rejected|refused)|return(?:ed)? to sender|unable to (?:deliver|send)|could ?n[o']t (?:be )?(?:send|sent|deliver(?:ed)?)|can ?not (?:be )?deliver|was not delivered|not delivered|address not found|bounce(?:d)? (?:mail|message|notice)|^\W*(?:warning: |mail )?(?:message|mail) delay|still being retried|nondeliverable|(?:message|mail|e-?mail) (?:you sent )?(?:was |has been |is )?blocked|recipient not found|mailbox (?:full|unavailable)|quota exceeded` +
		`|unzustellbar|nicht zustellbar|unzugestellt|zustellung|non remis|[eé]chec (?:de )?(?:la )?(?:remise|distribution|livraison)|non distribu|adresse introuvable|no se (?:ha |pudo |puede )?(?:podido )?entrega|no (?:se )?entregad|sin entregar|dirección no encontrada|não (?:foi )?(?:pode ser )?entreg|não pôde ser|falha na entrega|endereço não encontrado|mancat[ao] (?:recapito|consegna)|non recapitabil|impossibile (?:recapitare|consegnare)|onbestelbaar|niet (?:bezorgd|afgeleverd)|kan inte levereras|oleveransbart|olevererbart|kan ikke leveres|ulevert|ikke leveret|toimitus|niedostarcz|nie dostarczono|nedoručiteln|kézbesíthetetlen|teslim edileme|iletilemedi|недостав|не доставлен|не удалось доставить|ошибка доставки|недоставк|退信|无法(?:投递|送达|传递)|投递失败|无法投遞|配信(?:不能|できません|に失敗|エラー)|送信(?:できません|エラー)|戻り|반송|배달|전송 실패|تعذر (?:تسليم|التسليم)|فشل|পৌঁছানো যায়নি|ঠিকানা পাওয়া যায়নি|বিতরণ`)

	// Sentences that only delivery reports of mail hold, not those of couriers.
	bounceText = gate.New(`(?i)this is the mail system at host|(?:mail|message) delivery (?:system|software|subsystem|program|agent)|(?:message|mail|e-?mail) (?:(?:that )?you (?:have )?sent |to .{1,80} |below |you sent with .{1,40} )?(?:could ?n[o']t|can ?not|has not (?:yet )?been|was not|wasn't|was ?n[o']t|did not|is not) (?:be )?(?:deliver|reach|sent|send)|permanent(?:ly)? (?:fatal |delivery )*(?:error|fail)|failed permanently|undeliverable|unable to (?:deliver|send|relay)|recipient(?:\(s\))? (?:address rejected|cannot be reached|not found|unknown|was rejected|name is not|rejected|refused|does not|address:)|(?:user|recipient|address|mailbox|account|host|domain) (?:is )?(?:unknown|not found|unavailable|disabled|full|inactive|over quota|does not exist|doesn't exist|couldn't be found)|(?:unknown|invalid|no such|bad) (?:user|recipient|mailbox|address|destination|host|domain)|\bsmtp\b|remote (?:mail ?)?(?:host|server) (?:said|replied|returned|answered)|\bhost .{1,80} said:|transcript of session|giving up|over (?:the )?quota|quota exceeded|exceeded .{0,30}quota|permanent fatal|fatal (?:delivery )?errors?|delivery (?:to|has failed|of the|failed|of your|attempts?|errors?|problems?)|did(?: not|n't) reach|wasn't delivered|rejected (?:by|due|for|as|your)|failed (?:recipient|address)|following (?:recipient|address)|returned (?:mail|message)|\b55[0-4][ -][5A-Za-z]|\b[45]\.[1-7]\.\d{1,2}\b|postmaster|final-recipient|nicht zugestellt|zustellung|konnte nicht|non (?:remis|distribu|délivré)|pas pu être|no se (?:ha podido|pudo)|no pudo ser|não (?:pôde|foi)|recapitat|consegnat|bezorgd|levere|доставлен|доставить|投递|退信|送达|配信|送信でき|宛先|전송|পৌঁছা|যায়নি`)

	// Addresses of a list's program, and what it sends of its own.
	listLocal     = regexp.MustCompile(`^(?:listserv|majordomo|listmaster|listsupport|mailman|sympa|ezmlm)\b|[-+_.](?:owner|request|bounces?|admin|help|confirm)$`)
	digestSubject = regexp.MustCompile(`(?i)\bdigest\b.{0,20}(?:#|vol|v\d|\d)|requires? approval|awaits moderat|^confirm [0-9a-f]{8}`)

	replySubject = regexp.MustCompile(`(?i)^\s*(?:re|aw|sv|vs|antw|ref|rv|fwd?|wg|tr|enc|i|r|উত্তর|ফরোয়ার্ড|回复|答复|转发|отв)\s*(?:\[\d+\])?\s*[:：]`)
	statusOpened = regexp.MustCompile(`(?i)^message status - (?:opened|read|accepted|completed|deleted|transferred)\b`)
	machineMail  = regexp.MustCompile(`(?i)^\W*(?:report domain:|dmarc |tls report|auto(?:matically)?[- ]generated\b|\[?postmaster\]? report)`)
)

// mark finds out whether a machine wrote the mail, and says in Reason by what.
//
// NoAck follows every sign of rule 33. Automatic leaves out the signs that
// mail of people carries too: X-Auto-Response-Suppress, which Exchange stamps
// on everything (rule 34), and what a mailing list adds to a member's post.
func (m *Mail) mark(root *node, nodes []node) {
	h := m.Header
	field := func(name string) string { return strings.ToLower(strings.TrimSpace(h.Get(name))) }
	any := func(names ...string) string {
		for _, n := range names {
			if v := field(n); h.Has(n) && v != "no" && v != "false" && v != "0" {
				return n
			}
		}
		return ""
	}
	first := func(s string) string {
		if i := strings.IndexAny(s, "; \t("); i >= 0 {
			return s[:i]
		}
		return s
	}

	local, domain, _ := strings.Cut(m.From.Addr, "@")
	if m.From.Addr == "" {
		// "MAILER-DAEMON" without a domain, "<>" and the like.
		raw := strings.ToLower(strings.TrimSpace(h.Get("From")))
		if i := strings.LastIndexByte(raw, '<'); i >= 0 && strings.Trim(raw[i:], "<> ") != "" {
			raw = raw[i:]
		}
		local, domain, _ = strings.Cut(strings.Trim(raw, `<>" `), "@")
		if i := strings.IndexAny(local, " ("); i > 0 {
			local = local[:i]
		}
	}
	local = strings.TrimRight(local, `\"' `)
	name := m.From.Name
	if name == "" {
		name = Text(h.Get("From"))
	}
	daemon := daemonLocal.MatchString(local) || daemonName.MatchString(name)
	master := postmaster.MatchString(local)
	nullPath := false
	for _, f := range []string{"Return-Path", "X-Original-Return-Path", "X-Envelope-From", "Envelope-From", "X-MAIL-FROM"} {
		path, _, _ := strings.Cut(strings.Trim(field(f), " <>"), "@")
		if h.Has(f) && (path == "" || daemonLocal.MatchString(path)) {
			nullPath = true
		}
	}
	if h.Has("From") && strings.Trim(field("From"), " <>\"") == "" {
		nullPath = true
	}
	auto := first(field("Auto-Submitted"))
	if auto == "" {
		auto = first(field("X-Auto-Submitted"))
	}
	precedence := first(field("Precedence"))
	if precedence == "" {
		precedence = first(field("Preference"))
	}
	precedence = strings.ReplaceAll(precedence, "-", "_")
	suppress := field("X-Auto-Response-Suppress")
	report := root.media == "multipart/report"
	reportType := strings.ToLower(root.params["report-type"])
	failed := h.Has("X-Failed-Recipients") || h.Has("X-Failed-Recipient") || h.Has("X-Bounced-Address")
	subject := norm.NFC.String(m.Subject)
	answer := replySubject.MatchString(subject)

	// The receipts of GroupWise: words and nothing else.
	opened := statusOpened.MatchString(subject)

	// What the parts say; the words only of those that servers make.
	deliveryPart, receiptPart, feedbackPart, returnedPart := false, false, h.Has("Feedback-Type"), false
	for i := range nodes {
		switch nodes[i].media {
		case "message/delivery-status", "message/global-delivery-status", "message/deliverystatus":
			deliveryPart = true
		case "message/disposition-notification", "message/global-disposition-notification":
			receiptPart = true
		case "message/feedback-report":
			feedbackPart = true
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers":
			returnedPart = returnedPart || i > 0 && nodes[i].disposition != "attachment"
		}
	}
	text := norm.NFC.String(m.Text[:min(len(m.Text), 8<<10)])
	saysBounce := bounceSubject.MatchString(subject) && !opened
	server := daemon || master || nullPath || failed
	// Some providers report from an address that nobody reads.
	silent := returnedPart && !answer && noReplyLocal.MatchString(local)
	// Looked for only in what a server may have sent: it costs time.
	readsBounce := saysBounce || (server || report) && !opened && bounceText.MatchString(text)
	autoNamed := autoNames(subject, answer)

	autoField := any("X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Autoresponder", "X-AutoReply-From", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-Autoreply-From",
		"X-Vacation", "X-Vacation-Reply", "X-Auto-Responder", "X-Autorespond-From", "X-Out-Of-Office")
	bodyNamed := m.saysItself(subject, answer)
	m.AutoReply = bodyNamed == "away" || auto == "auto_replied" || auto == "auto-replied" || precedence == "auto_reply" || precedence == "autoreply" || autoField != "" || autoNamed ||
		field("X-Autogenerated") == "reply" || field("Delivered-To") == "autoresponder" ||
		strings.Contains(field("X-MS-Exchange-Generated-Message-Source"), "mailbox rules agent") || strings.HasPrefix(field("X-POST-MessageClass"), "9") ||
		strings.Contains(field("X-MS-Exchange-Inbox-Rules-Loop"), "@") && nullPath

	list := h.Has("List-Id") || h.Has("List-Unsubscribe") || h.Has("List-Post") || h.Has("Mailing-List") || precedence == "list"
	// A list that nobody can post to is a sender of newsletters.
	postable := h.Has("List-Post") && !strings.HasPrefix(field("List-Post"), "no")
	// What a member of a list wrote: the list marks it as bulk and is no machine.
	posted := (postable || h.Has("X-BeenThere") || h.Has("X-Mailman-Version") || h.Has("X-Mailing-List") || h.Has("X-List") || h.Has("Mailing-List") ||
		strings.HasPrefix(field("Sender"), "owner-") || (h.Has("List-Id") || strings.HasPrefix(field("Sender"), "<owner-")) && (answer || h.Has("In-Reply-To"))) &&
		!listLocal.MatchString(local) && !noReplyLocal.MatchString(local) && !digestSubject.MatchString(subject)
	letter := (h.Has("List-Unsubscribe") || h.Has("List-Id")) && !postable && !posted && precedence != "list" && !h.Has("In-Reply-To") && !answer && !h.Has("Mailing-List") && !h.Has("X-Mailman-Version")
	made := any("X-Auto-Generated", "X-AutoGenerated", "X-Autogenerated", "X-FC-MachineGenerated", "X-Cron-Env", "X-Campaign", "X-CampaignID", "X-Campaign-Id", "X-Mailer-RecptId", "X-MC-User", "X-Mailgun-Tag", "X-Notification-Type", "X-MLServer")
	noReply := noReplyLocal.MatchString(local)
	if noReply && len(m.ReplyTo) == 1 && m.ReplyTo[0].Addr != "" {
		// A form that writes for somebody who can be answered.
		l, d, _ := strings.Cut(m.ReplyTo[0].Addr, "@")
		if d != domain && !strings.HasSuffix(d, "."+domain) && !strings.HasSuffix(domain, "."+d) && !noReplyLocal.MatchString(l) {
			noReply = false
			m.NoAck = true
		}
	}

	delivery := (deliveryPart && (report || server || saysBounce && !answer)) || report && reportType == "delivery-status" ||
		report && !receiptPart && !feedbackPart && reportType == "" && readsBounce

	switch {
	case feedbackPart || report && reportType == "feedback-report",
		!answer && h.Has("X-HmXmrOriginalRecipient"),
		strings.HasPrefix(strings.ToLower(m.Subject), "complaint about message from"):
		m.set(VerdictComplaint, "feedback_report")
	case receiptPart && (daemon || nullPath) && rejected.MatchString(subject) && !answer:
		m.set(VerdictBounce, "rejected")
	case receiptPart && (report || server) || report && reportType == "disposition-notification" || isReceiptClass(field("X-MS-Exchange-Message-Class"), field("Content-Class")):
		m.set(VerdictReceipt, "disposition_notification")
	case delivery:
		m.set(VerdictBounce, "delivery_status")
	case failed:
		m.set(VerdictBounce, "failed_recipients")
	case machineMail.MatchString(subject) && !answer:
		m.set(VerdictAutomatic, "machine_report")
	case (nullPath || auto == "auto-replied") && badRecipient.MatchString(text[:min(len(text), 300)]):
		m.set(VerdictBounce, "null_return_path")
	case m.AutoReply && !(server && (saysBounce || daemonLocal.MatchString(local) && readsBounce) && !autoNamed):
		m.set(VerdictAutomatic, "auto_reply")
	case daemonLocal.MatchString(local), daemon && (readsBounce && !answer || nullPath):
		m.set(VerdictBounce, "daemon")
	case master && readsBounce && (!answer || anyReturned.MatchString(text)):
		m.set(VerdictBounce, "postmaster")
	case nullPath && readsBounce && !autoNamed:
		m.set(VerdictBounce, "null_return_path")
	case saysBounce && !answer && bounceText.MatchString(text) && (returnedPart || anyReturned.MatchString(m.Text[:min(len(m.Text), 64<<10)])) && !asksFirst(text),
		saysBounce && notDelivered.MatchString(text[:min(len(text), 1000)]):
		m.set(VerdictBounce, "words")
	case silent && goneWrong.MatchString(text):
		m.set(VerdictBounce, "words")
	case auto != "" && auto != "no":
		m.set(VerdictAutomatic, "auto_submitted")
	case nullPath:
		m.set(VerdictAutomatic, "null_return_path")
	case report:
		m.set(VerdictAutomatic, "report")
	case (precedence == "bulk" || precedence == "junk") && !posted:
		m.set(VerdictAutomatic, "precedence")
	case made != "":
		m.set(VerdictAutomatic, "generated")
	case noReply:
		m.set(VerdictAutomatic, "no_reply_sender")
	case letter:
		m.set(VerdictAutomatic, "newsletter")
	case !answer && receivedSubject.MatchString(subject):
		m.set(VerdictAutomatic, "acknowledgement")
	case bodyNamed != "":
		m.set(VerdictAutomatic, "words")
	default:
		m.set(VerdictHuman, "")
	}
	if m.Verdict == VerdictBounce && !(auto == "auto-replied" && autoNamed) {
		m.AutoReply = false
	}
	m.NoAck = m.NoAck || m.Automatic || list || master || h.Has("X-Loop") || h.Has("X-Loop-Detect") ||
		strings.Contains(suppress, "all") || strings.Contains(suppress, "autoreply") || strings.Contains(suppress, "oof")
}

// goneWrong is how a report speaks of the address that a mail did not reach.
var goneWrong = regexp.MustCompile(`(?i)\b(?:could|can|did|was) ?not (?:be )?(?:deliver(?:ed)?|reach)(?: to)?:?\s{1,6}<?[^\s@"<>]{1,64}@[^\s@]{1,64}`)

// badRecipient is all that some servers have to say.
var badRecipient = gate.New(`(?i)^\W*(?:you sent (?:a )?(?:mail|message|e-?mail) to|the (?:address|user|recipient)) \S+@\S+.{0,20}(?:not a valid|does not exist|is not (?:a )?(?:known|valid)|no such)`)

// rejected is how a server's filter calls its answer, which comes in the form
// of a receipt.
var rejected = regexp.MustCompile(`(?i)^\W*(?:automatically )?rejected (?:mail|message)|^\W*(?:mail|message) (?:was )?rejected`)

// notDelivered is how a server begins its report: the sentence about the mail
// and the address that it was for.
var notDelivered = gate.New(`(?im)^[^\pL\n]*(?:(?:your|the|this) (?:message|mail|e-?mail)(?: below)?(?: to)? (?:could not be delivered|was not delivered|cannot be delivered|is undeliverable|has not been delivered)|delivery (?:of (?:your |the )?(?:e-?mail|message|mail) )?to (?:this address|the following (?:recipient|address)\w*)|-+ ?non-delivery report|votre message n.a pas pu [eê]tre (?:d[eé]livr[eé]|remis)|ihre nachricht konnte nicht zugestellt|su mensaje no (?:pudo ser entregado|se pudo entregar|se ha entregado)|sua mensagem não (?:pôde ser|foi) entregue|il (?:tuo|suo) messaggio non (?:è stato|può essere) (?:recapitato|consegnato))[^@\n]{0,80}(?:\s{1,6}"?<?[^\s@"<>]{1,64}@[^\s@]{1,64})`)

// anyReturned finds the returned mail, or the session with the server, in the
// text of a report.
var anyReturned = gate.New(`(?im)^[> ]*(?:message-id:|received: |return-path:|<<< |>>> )|copy of (?:the|your) (?:original )?(?:message|mail)|original message|transcript of session|message header|returned message|returned mail|\b[45]\.[1-7]\.\d{1,2}\b|\b55[0-4][ -]`)

func (m *Mail) set(v Verdict, reason string) {
	m.Verdict, m.Reason = v, reason
	m.Automatic = v != VerdictHuman
	m.Bounce = v == VerdictBounce
	m.Receipt = v == VerdictReceipt
	m.Complaint = v == VerdictComplaint
}

// isReceiptClass knows the message classes of Exchange's receipts.
func isReceiptClass(classes ...string) bool {
	for _, c := range classes {
		if strings.HasSuffix(c, ".ipnrn") || strings.HasSuffix(c, ".ipnnrn") {
			return true
		}
	}
	return false
}
