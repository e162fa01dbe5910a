package mime

import (
	"strings"

	"github.com/shohay/shohay/hooks/channel/mail/gate"
)

// What people's programs write above an absence when the mail carries no mark
// of a machine. A subject that only begins with such a word is a person's:
// "Holiday order", "Urlaub in Dhaka".
var (
	awaySubject = gate.New(`(?i)^\W*auto\s*[:：]` +
		`|\b(?:is|am) (?:on (?:annual |sick |maternity |parental |paternity )?(?:vacation|leave|holidays?)|away(?: from)?|out of (?:the )?office|travell?ing)\b.{0,40}\((?:returning|back|until|till)\b` +
		`|^\W*(?:i am |i'm |i’m |currently )?on (?:annual |sick |maternity |parental |paternity )?(?:vacation|leave|holidays?)(?:\W*$|\s*[:：]|\s+(?:until|till|from)\b)` +
		`|^\W*(?:vacation|abwesenheit|urlaub|ferien|absence|ausente|ausencia|ausência(?: temporária)?|vacances|vacaciones|assenza|ferie|afwezigheid|frånvaro|fravær|nieobecność|urlop|nepřítomnost|neprítomnosť|távollét|отпуск|відпустка|απουσία|izin)\s*[:：]` +
		`|^\W*(?:absent\(e\) du bureau|assen(?:za|te) dall[’']ufficio|poza biurem|niet aanwezig|ikke til stede|poissa toimistosta|ej på kontoret|ich bin (?:im urlaub|nicht im (?:büro|haus))|tatildeyim|izindeyim)(?:\W*$|\s*[:：])` +
		`|^\W*(?:আমি )?(?:ছুটিতে আছি|অফিসের বাইরে আছি)|^\W*(?:ছুটিতে|অফিসের বাইরে)\s*[:：]`)

	// The same in brackets at the end, which stands behind "Re:" too.
	awayBrackets = gate.New(`(?i)[\[(](?:auto(?:matic|mated)?[ -]*re(?:ply|sponse)|out[ -]of[ -](?:the[ -])?office(?: (?:auto)?reply)?|abwesenheitsnotiz|abwesend|vacation|absence|réponse automatique|respuesta automática|fuera de la oficina|স্বয়ংক্রিয় উত্তর)[\])]\W*$`)

	officeHours = gate.New(`(?i)out[ -]of[ -](?:the[ -])?office hours`)

	// How help desks say that a mail arrived.
	receivedSubject = gate.New(`(?i)\bwe(?:'ve|’ve| have)? received your (?:request|message|e-?mail|inquiry|enquiry|ticket|question|query)\b` +
		`|\byour (?:request|ticket|message|inquiry|enquiry|case|query|support request|e-?mail)\b.{0,30}\b(?:has been|was|is) (?:received|created|registered|logged|opened)\b` +
		`|^\W*(?:new )?(?:support )?(?:ticket|request|case)\b(?: id)?[^\pL]{0,24}(?:received|created|opened|registered)(?:\W*$|\s*[:：\-–—]|\s+for\b)|^\[(?:ticket|case|request)\b.{0,30}\].{0,40}(?:has been|was) received` +
		`|^\W*(?:eingangsbestätigung|accusé de réception|acuse de recibo|conferma di ricezione|ontvangstbevestiging|confirmation of receipt|aviso de recepção|mottagningsbekräftelse|আপনার (?:বার্তা|অনুরোধ|মেইল) (?:পেয়েছি|পেয়েছি|পাওয়া গেছে|পাওয়া গেছে))` +
		`|^\W*acknowledge?ment(?: of receipt)?\s*[:：-]`)
)

// away says whether a subject is that of a notice of absence.
func away(subject string, answer bool) bool {
	if awayBrackets.MatchString(subject) {
		return true
	}
	return !answer && awaySubject.MatchString(subject)
}

// autoNames says whether a subject calls its mail automatic.
func autoNames(subject string, answer bool) bool {
	if away(subject, answer) {
		return true
	}
	return !answer && !asks(subject) && autoSubject.MatchString(subject) && !strings.Contains(strings.ToLower(subject), "from you") && !(strings.Contains(strings.ToLower(subject), "hours") && officeHours.MatchString(subject))
}
