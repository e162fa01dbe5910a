package content

import (
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/gate"
	"golang.org/x/text/unicode/norm"
)

// The words by which mail programs of many languages mark history: names of
// fields, verbs of writing, rulers, footers of phones.

// FieldKind is a field of a quoted or forwarded mail.
type FieldKind byte

// Fields that mail programs copy above what they quote.
const (
	NoField FieldKind = iota
	FieldFrom
	FieldDate
	FieldTo
	FieldCC
	FieldSubject
	FieldOther
)

// fieldWords holds names of fields in lower case, by language.
var fieldWords = map[FieldKind]string{
	FieldFrom:    "from|von|de|da|van|från|fra|lähettäjä|od|od koho|feladó|de la|от|від|από|kimden|gönderen|من|از|מאת|प्रेषक|की ओर से|प्रेषण कर्ता|প্রেরক|থেকে|হতে|کی جانب سے|จาก|từ|người gửi|dari|daripada|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|发自|nuo|no|saatja|pošiljatelj|pošiljalac|от кого|отправитель|expéditeur|remitente|remetente|mittente|afzender|absender|avsändare|avsender|nadawca|odesílatel|odosielateľ|expeditor|mailed by|remitent|expedidor",
	FieldDate:    "date|message du|message reçu le|mensaje de fecha|sent|sent on|datum|gesendet|gesendet am|envoyé|date d'envoi|envoyé le|enviado|enviado el|enviado em|enviada|enviada em|enviat|fecha|data|inviato|data invio|verzonden|verzonden op|skickat|skickad|sendt|dato|lähetetty|päivämäärä|päiväys|wysłano|wysłane|data wysłania|odesláno|odoslané|dátum|elküldve|küldve|trimis|data de|изпратено|дата|отправлено|отправлен|надіслано|ημερομηνία|στάλθηκε|tarih|gönderildi|gönderilme|التاريخ|تاريخ الإرسال|تم الإرسال|أرسلت|ارسال|تاریخ|תאריך|נשלח|दिनांक|भेजा गया|तारीख|पठाइएको|তারিখ|পাঠানো|পাঠানো হয়েছে|পাঠানো হয়েছে|প্রেরিত|পাঠানোর সময়|วันที่|ส่ง|ngày|đã gửi|tanggal|dikirim|tarikh|dihantar|发送时间|日期|发送日期|寄件日期|傳送時間|日時|送信日時|날짜|보낸 날짜|보낸날짜|siųsta|išsiųsta|nosūtīts|saadetud|poslano|poslato|date/time|time|sent at|created",
	FieldTo:      "to|an|à|a|para|per|aan|till|til|vastaanottaja|do|komu|címzett|către|catre|до|кому|προς|kime|alıcı|إلى|الى|به|אל|प्रति|प्राप्तकर्ता|को|প্রতি|প্রাপক|ถึง|đến|tới|kepada|ke|untuk|收件人|收件者|宛先|받는 사람|받는사람|kam|kellele|prima|za|destinataire|destinatario|destinatário|empfänger|ontvanger|mottagare|modtager|mottaker|odbiorca|adresat|recipient|recipients|получатель",
	FieldCC:      "cc|copie à|copia a|con copia a|kopie|kopia|copie|copia|cópia|kopi|kopio|bcc|dw|dw.|kopie an|másolatot kap|копия|копія|κοιν.|bilgi|نسخة|ס\"ע|প্রতিলিপি|অনুলিপি|抄送|副本|참조|tembusan|tembusan ke|سی سی|salin",
	FieldSubject: "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|subiectul|относно|тема|θέμα|konu|الموضوع|موضوع|נושא|विषय|বিষয়|বিষয়|เรื่อง|หัวเรื่อง|chủ đề|perihal|subjek|judul|主题|主旨|標題|件名|제목|tema|teema|zadeva|predmet poruke|assumpte|naslov|re",
	FieldOther:   "reply-to|reply to|importance|priority|sensitivity|attachments|attachment|anlagen|anhänge|wichtigkeit|pièces jointes|importance|datos adjuntos|anexos|allegati|bijlagen|bilagor|message-id|organization|organisation|newsgroups|antwort an|antwort-an|responder a|répondre à|rispondi a|mailing list|signed by|security|vedhæftede|вложения|附件|添付ファイル|סיווג|المرفقات|সংযুক্তি",
}

var fieldIndex = func() map[string]FieldKind {
	all := map[string]FieldKind{}
	for kind := FieldFrom; kind <= FieldOther; kind++ {
		for w := range strings.SplitSeq(fieldWords[kind], "|") {
			if _, ok := all[w]; !ok {
				all[w] = kind
			}
		}
	}
	return all
}()

// FieldOf says which field of a quoted mail a line is, and its value.
func FieldOf(line string) (FieldKind, string) {
	line = strings.TrimLeft(line, "> \t*_|\u00a0\u200e\u200f\u202a\u202b\ufeff·•")
	head := line[:min(len(line), 80)]
	i := strings.IndexByte(head, ':')
	width := 1
	if j := strings.Index(head, "："); j >= 0 && (i < 0 || j < i) {
		i, width = j, len("：")
	}
	if i <= 0 {
		return NoField, ""
	}
	key := canon(strings.ToLower(strings.Trim(head[:i], " \t*_\u00a0\u200e\u200f\u202a\u202b\u202c\"'")))
	if key == "" {
		return NoField, ""
	}
	return fieldIndex[key], strings.Trim(line[i+width:], " \t*_\u00a0")
}

var (
	// wroteVerb is the verb of "On … X wrote:".
	wroteVerb = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:wrote|writes|said|schrieb|schreibt|hat geschrieben|[ée]crit|a [ée]crit|escribi[óo]|escrigué|va escriure|escreveu|ha scritto|scrisse|scriveva|schreef|geschreven|skrev|skreiv|kirjoitti|napisa[łl](?:a|\(a\)|/a)?|pisze|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|ezt írta|írta|a scris|je napisao|je napisala|napisao je|je napisal(?:a)?|napisala|napisal|kirjutas|rakstīja|rašė|parašė|shkroi|yazd[ıi]|şunu yazdı|menulis|menulis pesan|viết|đã viết|sent|posted|scripsit|skrifaði)(?:[^\pL]|$)` +
		`|пишет|писал|написал|пише|написа|писа|έγραψε|написао|כתב|כתבה|كتب|كتبت|تمت كتابة|نوشت|لکھا|ने लिखा|लिखा|ले लेख्नु|লিখেছেন|লিখেছে|লিখলেন|লিখিয়াছেন|লিখিয়াছেন|เขียนว่า|เขียน|写道|寫道|寫到|写到|のメール|さんは書きました|が書きました|wrote|작성|작성했습니다|님이|씀|Missatge de|quoting |citando |zitat von |citeren |quoted from`)

	banglaVerb = regexp.MustCompile(`লিখেছেন|লিখেছে|লিখলেন|লিখিয়াছেন|লিখিয়াছেন`)

	// wroteStart is the word that a line of that kind begins with.
	wroteStart = regexp.MustCompile(`(?i)^[>*\s\-_–—"“\x{200e}\x{200f}\x{202a}-\x{202e}]*(?:on|(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)-feira|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|am|at|le|el|em|il|op|den|il giorno|w dniu|dnia|dne|на|в|във|pada|pada tanggal|vào|στις|în|in data|a|v|u|dana|le jour|em qua|no dia|dia|في|در|בתאריך|ב-|เมื่อ|在|quoting|missatge de|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo|ons|tor|fre|lör|sön|man|tir|tirs|søn|pon|wt|śr|czw|pt|sob|ndz|pe|la|su|ti|ke|to|po|út|st|čt|pá|ne|ned|uto|sri|čet|pet|sub|пн|вт|ср|чт|пт|сб|вс|нд|пон|вто|сря|четв|пет|съб|нед|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|(?:রবি|সোম|মঙ্গল|বুধ|বৃহ|বৃহস্পতি|শুক্র|শনি)(?:বার)?|रवि|सोम|मंगल|बुध|गुरु|शुक्र|शनि)[.,\s]`)

	address   = regexp.MustCompile(`[^\s<>"()\[\],;:]@[^\s<>"()\[\],;:]`)
	bracketed = regexp.MustCompile(`[<(\[][^\s<>()\[\]]+@[^\s<>()\[\]]+[>)\]]`)
	clock     = regexp.MustCompile(`\b\d{1,2}\s?[:.h٫]\s?\d{2}\b`)
	calendar  = regexp.MustCompile(`\b\d{1,2}\D{1,24}\d{4}\b|\d{4}\D{1,12}\d{1,2}\b|\b\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}\b`)

	// shortDate is a date without its year, as it stands in such a line.
	shortDate = regexp.MustCompile(`(?i),\s*\pL{3,12}\.?\s\d{1,2},|,\s*\d{1,2}\.?\s\pL{3,12}\.?,`)

	originalWords = `original (?:message|mail|e-?mail|appointment|text)|original|mail original|e-?mail original|reply message|previous message|quoted message|message from|ursprüngliche (?:nachricht|e-?mail|mail)|urspr(?:\.|üngl\.) nachricht|original[- ]?nachricht|originalnachricht|message (?:d'origine|original|initial)|courriel original|mensaje original|mensaje anterior|mensagem original|missatge original|messaggio originale|messaggio original|oorspronkelijk(?:e)? (?:bericht|e-?mail)|origineel bericht|ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|original besked|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní (?:zpráva|e-mail)|pôvodná správa|eredeti (?:üzenet|levél)|mesaj original|mesajul original|оригинално съобщение|исходное сообщение|исходное письмо|оригинальное сообщение|початкове повідомлення|оригінальне повідомлення|αρχικό μήνυμα|özgün (?:ileti|mesaj)|orijinal (?:ileti|mesaj)|izvorna poruka|originalna poruka|الرسالة الأصلية|رسالة أصلية|پیام اصلی|הודעה מקורית|मूल संदेश|मूल सन्देश|মূল বার্তা|মূল মেসেজ|মূল ইমেইল|আসল বার্তা|ต้นฉบับ|ข้อความเดิม|tin nhắn gốc|thư gốc|pesan asli|mesej asal|原始邮件|原始郵件|原邮件|原始消息|原郵件|原始信件|元のメッセージ|元のメール|オリジナル メッセージ|オリジナルメッセージ|원본 메시지|원본 메일`

	// markerLine asks to write above it, in the mails of help desks.
	markerLine = regexp.MustCompile(`(?i)^[^\pL\pN]*(?:please )?(?:(?:type|write|enter|add|send|put) )?(?:your |a )?(?:reply|replies|response|answer)s? above this line[^\pL\pN]*$|^[^\pL\pN]*(?:bitte )?(?:ihre )?antwort (?:bitte )?(?:über|oberhalb) dieser (?:linie|zeile)[^\pL]*$|^[^\pL\pN]*(?:veuillez )?répond(?:re|ez) au-dessus de cette ligne[^\pL]*$|^[^\pL\pN]*(?:por favor )?(?:responda|escriba su respuesta) (?:por )?(?:encima|arriba) de esta línea[^\pL]*$`)

	// A line of dashes with the words for "original message" between.
	originalMark = regexp.MustCompile(`(?i)^[>*\s]*[-_=*~\x{2010}-\x{2015}─━]{2,}\s*(?:` + originalWords + `)\s*:?\s*[-_=*~\x{2010}-\x{2015}─━]{2,}[\s*]*$|^[-\x{2010}-\x{2015}]{2,}\s*\S+@\S+ wrote:\s*[-\x{2010}-\x{2015}]{2,}$`)
	// The same without dashes, when fields follow.
	originalBare = regexp.MustCompile(`(?i)^[>*\s]*(?:` + originalWords + `)\s*[:*]*\s*$`)

	// previousMark stands below a ruler in what forums and help desks mail.
	previousMark = regexp.MustCompile(`(?i)^[*_#\s]*(?:previous (?:replies|discussions?|messages|conversation)|(?:conversation|message) history|frühere (?:antworten|nachrichten)|réponses précédentes|respuestas anteriores|আগের (?:বার্তা|উত্তর|কথোপকথন)(?:গুলো|সমূহ)?)[*_\s]*:?$`)

	forwardWords = `forwarded (?:message|mail|e-?mail|by)|fwd(?: message)?|forward(?:ed)?|weitergeleitete (?:nachricht|e-?mail|mail)|message transf[ée]r[ée]|message réexpédié|courriel transféré|mensaje reenviado|mensaje remitido|mensagem (?:encaminhada|reencaminhada)|missatge reenviat|messaggio inoltrato|inoltrato da|doorgestuurd bericht|doorgezonden bericht|vidarebefordrat (?:meddelande|brev)|videresendt (?:meddelelse|melding)|välitetty viesti|przekazana wiadomość|wiadomość przekazana|přeposlaná zpráva|preposlaná správa|továbbított (?:üzenet|levél)|mesaj redirecționat|mesaj redirectionat|препратено съобщение|пересылаемое сообщение|пересланное сообщение|переслане повідомлення|προωθημένο μήνυμα|iletilen (?:ileti|mesaj)|yönlendirilen mesaj|proslijeđena poruka|prosleđena poruka|رسالة معاد توجيهها|رسالة محولة|پیام هدایت شده|הודעה שהועברה|अग्रेषित संदेश|फ़ॉरवर्ड किया गया संदेश|ফরোয়ার্ড করা (?:বার্তা|মেসেজ|ইমেইল)|ফরোয়ার্ড করা (?:বার্তা|মেসেজ|ইমেইল)|ফরওয়ার্ড করা (?:বার্তা|মেসেজ)|ফরওয়ার্ড করা (?:বার্তা|মেসেজ)|অগ্রেষিত বার্তা|ফরোয়ার্ডেড বার্তা|ข้อความที่ส่งต่อ|tin nhắn được chuyển tiếp|thư được chuyển tiếp|pesan terusan|pesan yang diteruskan|mesej dimajukan|转发的邮件|转发邮件信息|转发邮件|已转发的邮件|轉寄的郵件|轉寄郵件|轉寄訊息|転送メッセージ|転送されたメッセージ|전달된 메일|전달된 메시지`

	forwardMark = regexp.MustCompile(`(?i)^[>*\s]*[-_=\x{2010}-\x{2015}]{2,}\s*(?:` + forwardWords + `)[^\n]{0,120}$` +
		`|^[>*\s]*(?:begin forwarded message|start of forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du (?:message (?:réexpédié|transféré)|courriel transféré)|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reenviada)|inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|påbegynt videresendt melding|videresendt meddelelse starter|start på (?:vidarebefordrat|videresendt)[^\n:]{0,30}|välitetty viesti alkaa|początek przekazywanej wiadomości|začátek přeposílané zprávy|начало переадресованного сообщения|начало переадресованного письма|iletilen ileti başlangıcı|iletilmiş mesajın başlangıcı|开始转发的邮件|下面是被转发的邮件|以下是轉寄的郵件|转发的邮件|以下为转发的邮件|転送されたメッセージ|전달된 메시지 시작|بدء الرسالة المعاد توجيهها|תחילת ההודעה שהועברה|ফরোয়ার্ড করা বার্তার শুরু)\s*[:：]?\s*$`)

	// forwardFirst holds the first words of the lines without dashes.
	forwardFirst = map[string]bool{"begin": true, "start": true, "anfang": true, "début": true, "inicio": true, "início": true, "inizio": true, "vidarebefordrat": true, "påbegynt": true, "videresendt": true, "välitetty": true, "początek": true, "začátek": true, "начало": true, "iletilen": true, "iletilmiş": true, "بدء": true, "ফরোয়ার্ড": true}

	forwardSubject = regexp.MustCompile(`(?i)^\s*(?:fwd?|wg|tr|enc|rv|i|doorst|vb|vl|pd|přep|továbbítás|ilt|переслать|fw|转发|轉寄|転送|전달|ফরোয়ার্ড|ফরওয়ার্ড)\s*(?:\[\d+\])?\s*[:：]`)

	ruler = regexp.MustCompile(`^[\s*]*[_\-=\x{2010}-\x{2015}─━]{5,}[\s*]*$`)

	// mobileMark is the line that a phone or a web mailer adds below a text. A
	// device must be named: "sent from Dhaka" is a sentence.
	mobileMark = gate.New(`(?i)^[-–—_\s*>(\[]{0,6}(?:sent (?:from|via|with|by|using) (?:my |the |an? )?(?:` + device + `|[\w ]{1,24} mobile|[\w ]{1,20}(?:phone|pad|device|tablet)\b)` +
		`|(?:get|download|try) (?:outlook|bluemail|tuta|mailspring|proton|yahoo|aol|airmail|spark|hey|nine|mymail|the yahoo)\b|yahoo mail: search, organi[sz]e, conquer|do you yahoo|sent securely (?:from|with|using)|sent with \[|secured with tuta|virus-free\b|this e-?mail (?:has been|was) (?:checked|scanned)|outlook for (?:ios|android)` +
		`|(?:envoyé|gesendet|enviad[oa]|inviato|inviata|verzonden|verstuurd|skicka(?:t|des)|sendt|send|wysłan[eoy]|odesl[aá]no|odoslan[ée]|trimis|изпратено|отправлено|надіслано|στάλθηκε|poslano|poslato|تم الإرسال|أُرسلت|أرسلت|مرسل|تم إرسالها|ارسال شده|נשלח|ส่ง|được gửi|đã gửi|gửi|dikirim|dihantar) .{0,40}` + device +
		`|(?:télécharge[rz]|obtenez|holen sie sich|obtener|obtenha o|obter o|ottieni|scarica|hämta|hent|få|hanki|pobierz|získat|скачать) outlook|outlook (?:für|voor|para|pour|per) (?:ios|android)|von meinem .{1,40} gesendet|diese nachricht wurde von .{1,60} gesendet` +
		`|lähetetty .{0,20}` + device + `.{0,12}|.{0,20}` + device + `.{0,20}(?:gönderildi|küldve|gesendet|ile gönderildi)|az? .{0,20}` + device + `.{0,10} küldve|از .{0,10}` + device + `.{0,20} ارسال|.{0,20}` + device + `.{0,20} से भेजा|.{0,24}` + device + `.{0,24} (?:থেকে|হতে|দিয়ে) (?:পাঠানো|প্রেরিত)` +
		`|发自我的|发送自|来自我的|发自.{0,10}` + device + `|從我的.{1,20}(?:傳送|寄出)|寄自我的|我從.{1,10}傳送|.{0,16}` + device + `.{0,8}から送信|.{0,10}` + device + `.{0,8}에서 보냄)`)

	// footerMark begins what servers add below a mail.
	footerMark = regexp.MustCompile(`(?i)^(?:[-_=*]{2,}\s*$|virus-free|this (?:e-?mail|message)(?: and any)? (?:has been|was|is|and|may|contains|communication)|the information (?:contained )?in this|confidential|disclaimer|notice:|diese e-?mail (?:enthält|wurde)|ce (?:message|courriel)|este (?:mensaje|correo|e-?mail)|esta mensagem|questo messaggio|dit bericht|you received this message because|to unsubscribe|scanned by|avast|\[?image: avast|please consider the environment|think before you print)`)
)

// device is what a mobileMark must name.
const device = `(?:i-?phone|i-?pad|ipod|apple|android|samsung|galaxy|outlook|yahoo|gmail|\be?-?mail\b|mail(?: for|\.ru|spring|bird)|mail[- ]app|courrier|messagerie|correo|móvil|movil|mobil|mobile|celular|telem[oó]vel|tel[eé]fono|t[eé]l[eé]phone|telefoon|telefon|phone|smart ?phone|smarttelefon|handy|dispositivo|appareil|gerät|toestel|enhet|blackberry|windows|htc|nokia|huawei|xiaomi|redmi|\bmi\b|oppo|vivo|realme|oneplus|\blg\b|sony|xperia|pixel|motorola|\bmoto\b|tablet|\bcell\b|handheld|proton|tutanota|\btuta\b|airmail|\bspark\b|superhuman|canary|blue ?mail|edison|fastmail|zoho|rediff|roundcube|thunderbird|k-9|fairemail|gmx|web\.de|t-online|\bnine\b|\baol\b|t-mobile|verizon|vodafone|orange|polymail|newton|boxer|мобильн|телефон|смартфон|почт|mail\.ru|яндекс|هاتف|جوال|آيفون|مكبر|אייפון|מכשיר|טלפון|फ़ोन|फोन|मोबाइल|আইফোন|মোবাইল|ফোন|অ্যান্ড্রয়েড|স্যামসাং|আউটলুক|জিমেইল|ইয়াহু|โทรศัพท์|điện thoại|手机|手機|携帯|スマートフォン|スマホ|아이폰|휴대폰|휴대전화)`

// digits writes the digits of other scripts as ASCII, for looking at dates.
func digits(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		for _, zero := range [...]rune{'০', '०', '٠', '۰', '๐', '０'} {
			if r >= zero && r < zero+10 {
				return '0' + r - zero
			}
		}
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			return ' '
		}
		return r
	}, s)
}

// canon brings letters that can be written in two ways (Bangla য়) to the one
// of the lists above.
func canon(s string) string { return norm.NFC.String(s) }
