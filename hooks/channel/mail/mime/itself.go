package mime

import (
	"regexp"
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/mail/gate"
	"golang.org/x/text/unicode/norm"
)

// What a machine's mail says of itself when it carries no mark: a notice of
// absence, a promise to answer that nobody typed, a request to prove that one
// is no machine. A person may say some of it too, so it is looked for where
// machines say it, and never in a text that asks something.

var (
	// awayText says that somebody is not there.
	awayText = gate.New(`(?i)\b(?:i am|i'm|i’m|i will be|i'll be|we are|\w{2,20} (?:is|will be)) (?:currently |now |presently |away and )?(?:out of (?:the |my )?office|away from (?:the|my) (?:office|desk|e-?mail)|on (?:annual |sick |maternity |paternity |parental |medical |study |casual )?(?:leave|vacation|holidays?)\b|travell?ing|away (?:until|till|from))|\bout of office (?:until|till|from|between)|thank(?:s| you) for (?:your|contacting).{0,80}(?:i am|i'm|i’m|we are) (?:currently )?(?:out|away|on (?:annual )?leave|closed)|our (?:office|offices) (?:is|are|will be) closed` +
		`|(?:ich bin|bin ich) (?:zur ?zeit |derzeit |momentan |aktuell |ab dem |vom |bis |im |in |auf )?.{0,60}(?:nicht (?:im (?:büro|hause)|erreichbar)|abwesend|außer haus|im urlaub|verreist)|unser büro ist .{0,40}geschlossen` +
		`|je suis (?:actuellement |en ce moment )?(?:absente?|en congés?|en vacances|en déplacement)|je serai (?:absente?|de retour)|nos bureaux (?:sont|seront) fermés` +
		`|(?:estoy|estaré|me encuentro|me encontraré) (?:actualmente )?(?:fuera de (?:la )?oficina|de vacaciones|ausente|de baja)|(?:estou|estarei|encontro-me) (?:atualmente |neste momento )?(?:fora do escritório|de férias|ausente|em férias)` +
		`|(?:sono|sarò) (?:attualmente |al momento )?(?:fuori (?:ufficio|sede)|assente|in ferie)|ik ben (?:momenteel |op dit moment |van .{0,30})?(?:afwezig|niet (?:aanwezig|op kantoor|bereikbaar)|met (?:vakantie|verlof)|op vakantie)` +
		`|jag är (?:för närvarande |just nu )?(?:på semester|frånvarande|inte på kontoret|ledig|tjänstledig)|jeg er (?:for (?:tiden|øjeblikket) |på )?(?:på ferie|ferie|ikke på kontoret|fraværende|bortreist)|olen (?:tällä hetkellä )?(?:lomalla|poissa)` +
		`|(?:jestem|będę|przebywam) (?:obecnie |aktualnie )?(?:na urlopie|poza biurem|nieobecn[ya]|na zwolnieniu)|(?:jsem|budu) (?:momentálně |nyní )?(?:na dovolené|mimo kancelář)|szabadságon vagyok|nem vagyok az irodában|sunt (?:momentan |plecat )?în concediu` +
		`|(?:şu an(?:da)? |halen )?(?:ofiste değilim|ofis dışındayım|izinde(?:yim)?\b|yıllık izindeyim|tatildeyim)|(?:я )?(?:сейчас |в настоящее время )?(?:нахожусь|буду|пребываю) (?:сейчас |в настоящее время )?(?:в отпуске|вне офиса|в командировке|отсутствовать)|меня (?:нет|не будет) (?:в офисе|на месте)|у відпустці` +
		`|(?:আমি|আমরা) (?:বর্তমানে |এখন |এই মুহূর্তে )?[^।\n]{0,60}(?:অফিসের বাইরে|ছুটিতে|ছুটিতে আছি)|(?:休暇|出張|不在|外出)(?:中|にして|のため|を(?:いただ|頂)|とさせて)|(?:我)?(?:目前|现在|現在|正在|将于|將於)?[^。\n]{0,20}(?:休假|出差|外出|不在办公室|不在辦公室|年假)|부재 ?중|휴가 ?중|출장 ?중|أنا (?:حاليا |حالياً |الآن )?(?:خارج المكتب|في إجازة)|(?:मैं|हम) (?:अभी |वर्तमान में )?[^।\n]{0,40}(?:कार्यालय से बाहर|छुट्टी पर|अवकाश पर)|saya (?:sedang |saat ini )?(?:tidak di kantor|cuti|di luar kantor)|sedang (?:cuti|berada di luar kantor)|tôi (?:hiện )?(?:đang )?(?:nghỉ phép|vắng mặt)`)

	// awayPromise is what follows in a notice and hardly in a letter.
	awayPromise = gate.New(`(?i)(?:will|shall|i'll|we'll|i’ll) (?:reply|respond|answer|get back|read your|be (?:back|checking|returning)|return|have (?:limited|no)|contact you|attend to)|(?:limited|no|intermittent) access to (?:my )?(?:e-?mail|messages)|upon my return|when i return|on my return|back (?:in the office|at work|on (?:the )?\w+)|in (?:urgent cases|case of (?:emergency|urgency))|(?:for|if) (?:urgent|your (?:matter|request) is urgent|immediate)|please (?:contact|call|reach)|(?:until|till|through) (?:the )?(?:\d|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)` +
		`|in dringenden|dringende|wenden sie sich|nach meiner rückkehr|wieder (?:erreichbar|im büro|da)|nicht weitergeleitet|ihre (?:e-?mail|nachricht) (?:wird|werde)|en cas d.urgence|à mon retour|de retour|je vous répondrai|contacter|a mi (?:regreso|vuelta)|en caso de urgencia|(?:le|te) responderé|para asuntos urgentes|urgente|no meu retorno|urgência|regresso|retorno|responderei|al mio (?:rientro|ritorno)|in caso di urgenza|rientr|bij terugkomst|terug (?:op|ben)|dringende|ben ik terug|tillbaka|åter|brådskande|vid behov|tilbake|tilbage|haster|hastende|takaisin|kiireelli|po powrocie|pilnych|wracam|w sprawach|po návratu|naléhav|v případě|sürgős|visszatér|întorc|urgen|dönüş|acil|по возвращении|после возвращения|срочн|вернусь|отвечу|терміново|повернусь` +
		`|ফিরে|জরুরি|উত্তর দেব|উত্তর দেবো|যোগাযোগ করুন|戻り次第|後日|ご連絡|お急ぎ|返信|回来|回复|回覆|紧急|緊急|请联系|請聯|복귀|연락|회신|급한|عودتي|للحالات|الطارئة|سأرد|عاجل|लौट|वापस|संपर्क|तत्काल|kembali|mendesak|hubungi|trở lại|liên hệ`)

	// machineText begins a sentence or line that only machines write.
	machineText = gate.New(`(?im)^[^\pL\pN\n]*(?:(?:please note:? )?this is an? (?:automat(?:ed|ic)|auto[- ]?generated|system[- ]generated|computer[- ]generated)(?:ally generated)? (?:e-?mail|message|reply|response|notification|acknowledg\w+|confirmation|mail)|this (?:e-?mail|message|mail|reply|notice) (?:was|is|has been) (?:sent |generated |created )?automatically|this (?:e-?mail|message) (?:was|is) (?:an )?(?:auto|automatically)[ -]?generated|(?:please )?do not (?:reply|respond) (?:directly )?to this (?:automat\w+ |auto[- ]generated )?(?:e-?mail|message|mail)|this mailbox is not (?:monitored|attended)` +
		`|(?:dies|das) ist eine automatisch(?:e| (?:generierte|erzeugte|erstellte|versendete)) (?:e-?mail|mail|nachricht|antwort|bestätigung)|diese (?:e-?mail|nachricht) wurde automatisch|bitte antworten sie nicht auf diese|ceci est (?:un message|une réponse|un e-?mail|un courriel) (?:automatique|généré automatiquement)|cet e-?mail (?:a été|est) (?:envoyé|généré) automatiquement|merci de ne pas répondre à ce|(?:este|esto) es un (?:mensaje|correo)(?: electrónico)? (?:automático|generado automáticamente)|por favor,? no responda (?:a )?este|(?:esta|este) é uma? (?:mensagem|resposta|e-?mail) automátic[ao]|(?:por favor,? )?não responda (?:a )?est[ea]|questo è un messaggio (?:automatico|generato automaticamente)|si prega di non rispondere a quest|dit is een automatisch(?: gegenereerd)?e? (?:bericht|e-?mail|antwoord)|detta är ett automatiskt|dette er (?:en|et) automatisk|(?:to jest|ta) wiadomość (?:została |jest )?(?:wysłana |wygenerowana )?automatyczn|toto je automatick|bu (?:otomatik bir|e-?posta otomatik|mesaj otomatik|ileti otomatik)|это (?:письмо|сообщение) (?:отправлено|создано|сгенерировано|сформировано) автоматически|это автоматическ\S+ (?:письмо|сообщение|ответ|уведомление)` +
		`|এটি (?:একটি )?স্বয়ংক্রিয়|এই (?:ইমেইল|মেইল|বার্তা)টি? স্বয়ংক্রিয়ভাবে|(?:অনুগ্রহ করে |দয়া করে )?এই (?:ইমেইলে|মেইলে|ইমেইলের|বার্তার) (?:উত্তর|জবাব) দেবেন না|(?:※)?\s*(?:このメール|本メール)は(?:自動|送信専用|システム)|(?:这是|這是|此邮件|本邮件|此郵件|本郵件)[^。\n]{0,8}(?:自动|自動|系统|系統)[^。\n]{0,6}(?:发|發|回|生成|产生)|이 (?:메일|이메일)은 (?:자동|발신)|(?:هذه|هذا) (?:رسالة|رد|بريد) (?:تلقائي|آلي)|यह (?:एक )?(?:स्वचालित|ऑटोमेटेड)|(?:ini adalah|email ini|pesan ini) (?:.{0,20})?(?:otomatis|secara otomatis))`)

	// unattendedText says that nobody reads what is sent there, as notices do of
	// somebody who has left.
	unattendedText = gate.New(`(?i)\b(?:this|her|his|their|the) (?:mailbox|inbox|e-?mail(?: address| account|box)?|account) (?:is|are|will be) (?:not|no longer|never) (?:being |actively |regularly )?(?:monitored|attended|checked|read)\b` +
		`|(?:dieses?|diese) (?:postfach|mailbox|e-?mail-?adresse|adresse) wird nicht (?:mehr )?(?:überwacht|gelesen|abgerufen|betreut|bearbeitet)|cette (?:boîte|adresse|messagerie)(?: (?:aux lettres|mail|e-?mail|de messagerie))? n[’']est (?:pas|plus) (?:surveillée|consultée|relevée|lue|utilisée)` +
		`|este (?:buzón|correo)(?: electrónico)? (?:ya )?no (?:es|está)(?: siendo)? (?:supervisado|monitoreado|monitorizado|atendido|revisado)|esta caixa (?:de (?:correio|entrada) )?não é (?:mais )?(?:monitorada|monitorizada|lida)|questa casella (?:di posta )?non è (?:più )?(?:monitorata|presidiata|letta)` +
		`|deze (?:mailbox|inbox) wordt niet (?:meer )?(?:gelezen|gecontroleerd|gemonitord|beheerd)|(?:den här|denna) (?:inkorgen|brevlådan|adressen) (?:övervakas|läses) inte|denne (?:postkasse|postkassen|indbakke|innboksen) (?:overvåges|overvåkes|leses|læses) ikke` +
		`|ta skrzynka (?:pocztowa )?nie jest (?:już )?(?:monitorowana|obsługiwana|sprawdzana)|этот (?:почтовый )?ящик (?:больше )?не (?:проверяется|просматривается|отслеживается|читается)|bu (?:posta kutusu|e-?posta adresi) (?:izlenmemektedir|kontrol edilmemektedir|okunmamaktadır)` +
		`|এই (?:মেইলবক্স|মেইল বক্স|ইনবক্স|ইমেইল)(?:টি)? (?:আর )?(?:দেখা|পড়া|পর্যবেক্ষণ করা) হয় না|このメール(?:ボックス|アドレス)は(?:監視|確認|使用)されて(?:い)?ません|(?:此|本|该)(?:邮箱|信箱)(?:无人值守|不受监控|无人查看|不再使用)`)

	// challengeText asks a sender to prove that they are a person.
	challengeText = gate.New(`(?i)(?:click|visit|follow|reply|respond|confirm)[^.]{0,120}(?:added to [^.]{0,60}(?:allowed|approved|accept|white ?list|safe|contact) ?(?:list|senders)?|to (?:ensure|complete|confirm|release|authori[sz]e) [^.]{0,30}(?:delivery|your (?:message|e-?mail))|(?:prove|verify|confirm) (?:that )?you(?:'re| are) (?:a )?(?:human|person|not))|(?:your (?:message|e-?mail|mail)) (?:is being|has been|was) (?:held|quarantined|queued)[^.]{0,120}(?:confirm|verif|click|reply)|(?:uses|protected by|using) [^.\n]{0,40}(?:challenge|sender verification|spam ?arrest|boxtrapper|bluebottle|tmda|activespam)`)

	// thanksText is how desks say that a mail arrived.
	thanksText = gate.New(`(?i)(?:we have|we've|we’ve) (?:successfully )?received your (?:e-?mail|message|request|enquiry|inquiry|query|ticket|mail)|your (?:e-?mail|message|request|enquiry|inquiry|query|ticket) (?:has been|was) (?:successfully )?(?:received|registered|logged|created|submitted)|a (?:support )?(?:ticket|case|request) (?:has been|was) (?:created|opened|registered)|wir haben ihre (?:anfrage|nachricht|e-?mail|mail) erhalten|ihre (?:anfrage|nachricht|e-?mail) ist (?:bei uns )?eingegangen|nous avons bien reçu votre (?:demande|message|e-?mail|courriel)|votre demande a (?:bien )?été (?:enregistrée|reçue)|hemos recibido (?:su|tu) (?:mensaje|solicitud|consulta|correo)|recebemos (?:a )?su?a (?:mensagem|solicitação)|abbiamo ricevuto la (?:sua|tua) (?:richiesta|e-?mail)|wij hebben uw (?:bericht|vraag|e-?mail) (?:in goede orde )?ontvangen|we hebben je (?:bericht|vraag|e-?mail) ontvangen|otrzymaliśmy (?:twoją|państwa) wiadomość|мы получили ваш|ваш[еа] (?:обращение|письмо|заявка) (?:принят|зарегистрирован|получен)|talebiniz(?:i)? (?:alınmıştır|aldık)|আপনার (?:ইমেইল|মেইল|বার্তা|অনুরোধ|অভিযোগ)(?:টি)? (?:আমরা )?(?:পেয়েছি|পেয়েছি|পাওয়া গেছে|গৃহীত হয়েছে|নথিভুক্ত)|আমরা আপনার (?:ইমেইল|মেইল|বার্তা|অনুরোধ|অভিযোগ)(?:টি)? পেয়েছি|お問い合わせ(?:を|いただき|頂き)[^。]{0,30}(?:受け付け|受付|ありがとう)|已收到您的(?:邮件|郵件|来信|請求|请求)|您的(?:邮件|请求|工单)已`)

	// thanksPromise is what follows there.
	thanksPromise = gate.New(`(?i)(?:will|shall|'ll|’ll) (?:get back|respond|reply|contact|be in touch|review|answer|look into)|within \d|business (?:day|hour)s?|working (?:day|hour)s?|(?:ticket|case|reference|request) (?:number|id|no\b|#)|#\d\d\d|schnellstmöglich|so schnell wie möglich|werktag|dans les (?:plus brefs|meilleurs) délais|heures ouvr|jours ouvr|a la (?:mayor )?brevedad|lo antes posible|días hábiles|assim que possível|o mais breve|dias úteis|al più presto|giorni lavorativi|zo (?:snel|spoedig) mogelijk|werkdag|jak najszybciej|dni robocz|в ближайшее время|рабочих дн|en kısa sürede|যত দ্রুত সম্ভব|শীঘ্রই|খুব শীঘ্র|কার্যদিবস|টিকেট|担当者|営業日|尽快|儘快|工作日`)

	questionMark = regexp.MustCompile(`[\pL\pN)"'» ]\s?[?？؟]`)
)

// saysItself returns how a mail without marks names itself in its words: "away",
// "machine", "challenge", "received", or "" for a person's.
func (m *Mail) saysItself(subject string, answer bool) string {
	if m.Text == "" {
		return ""
	}
	head := norm.NFC.String(strings.ToValidUTF8(m.Text[:min(len(m.Text), 3000)], ""))
	all, begin := gate.Of(head), gate.Of(strings.ToValidUTF8(head[:min(len(head), 480)], ""))
	away, thanks := awayText.Match(begin), thanksText.Match(begin)
	machine, challenge, unattended := machineText.Match(all), challengeText.Match(all), unattendedText.Match(begin)
	if !away && !machine && !challenge && !thanks && !unattended || content.ForwardSubject(subject) {
		return ""
	}
	r := content.Split(m.Subject, head, "")
	own := strings.TrimSpace(r.Visible)
	if own == "" || len(own) > 2500 || strings.Contains(own, "\n>") || strings.HasPrefix(own, ">") || content.Forwarded(subject, own) {
		return ""
	}
	asks := questionMark.MatchString(links.ReplaceAllString(own, ""))
	// In the first sentences, below a salutation.
	first := strings.ToValidUTF8(own[:min(len(own), 320)], "")
	switch {
	case !asks && away && awayText.MatchString(first) && awayPromise.MatchString(own):
		return "away"
	case challenge && challengeText.MatchString(own):
		return "challenge"
	case !asks && (machine && machineText.MatchString(own) || unattended && unattendedText.MatchString(first)):
		return "machine"
	case !asks && thanks && thanksText.MatchString(first) && thanksPromise.MatchString(own):
		return "received"
	}
	return ""
}

var links = regexp.MustCompile(`https?://\S+`)
