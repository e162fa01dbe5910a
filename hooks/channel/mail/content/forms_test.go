package content

import (
	"strings"
	"testing"
)

// Rule 47: more of what stands above a history, with its lines marked and not.
func TestSplitQuoteKnowsManyForms(t *testing.T) {
	for _, above := range []string{
		"Le 15/02/2026 à 10:54, Shohay Shop a écrit :",
		"Il 15/02/2026 10:54, Shohay Shop ha scritto:",
		"El 15/02/2026 a las 10:54, Shohay Shop escribió:",
		"Op 15-02-2026 om 10:54 schreef Shohay Shop:",
		"Den 15-02-2026 kl. 10:54 skrev Shohay Shop:",
		"W dniu 15.02.2026 o 10:54, Shohay Shop pisze:",
		"Dne 15. 02. 26 v 10:54 Shohay Shop napsal(a):",
		"2026-02-15 10:54 GMT+06:00 Shohay Shop <help@shop.test>:",
		"2026-02-15 10:54 keltezéssel, Shohay Shop írta:",
		"15.02.2026 10:54, Shohay Shop пишет:",
		"Shohay Shop wrote on 15/02/2026 10:54:",
		"在 2026/2/15 10:54, Shohay Shop 写道:",
		"(2026/02/15 10:54), Shohay Shop wrote:",
		"At 10:54 AM 2/15/2026, Shohay Shop wrote:",
		"On Sun, Feb 15, 2026 at 10:54 AM Shohay Shop via Desk <help@shop.test>\nwrote:",
		"Em 15/02/2026 10:54, Shohay Shop escreveu:",
		"Am 15. Februar 2026 10:54:00 MEZ schrieb Shohay Shop <help@shop.test>:",
		"On February 15, 2026 10:54:00 AM GMT+06:00, Shohay Shop <help@shop.test> wrote:",
		"On Sunday, February 15, 2026,\n10:54 AM GMT+6, Shohay Shop <help@shop.test> wrote:",
		"Shohay Shop <help@shop.test> schrieb am So. 15. Feb. 2026 um 10:54:",
		"Shohay Shop <help@shop.test> kirjoitti su 15.2.2026 klo 10.54:",
		"15 Şubat 2026 10:54 tarihinde Shohay Shop <help@shop.test> yazdı:",
		"In article <x@shop.test>, help@shop.test writes:",
		"2026年2月15日(日) 10:54、Shohay Shop <help@shop.test>:",
		"সোম, ১৬ ফেব, ২০২৬ এ ১০:৫৪ AM এ, Shohay Shop <help@shop.test> লিখেছেন:",
		"On Sun, 15 Feb, 2026, 10:54 am Shohay Shop, <help@shop.test> wrote:",
		"Pe dum., 15 feb. 2026 la 10:54, Shohay Shop <help@shop.test> a scris:",
		"Em seg., 16 de fev. de 2026 às 10:54, Shohay\nShop <help@shop.test> escreveu:",
		"Gesendet: Sonntag, 15. Februar 2026 um 10:54 Uhr\nVon: \"Shohay Shop\" <help@shop.test>\nAn: r@c.test\nBetreff: parcel",
		"Sent: Sunday, February 15, 2026 at 10:54 AM\nFrom: \"Shohay Shop\" <help@shop.test>\nTo: r@c.test\nSubject: parcel",
		"------ Original Message ------\nFrom: \"Shohay\" <help@shop.test>\nTo: r@c.test\nSent: 15/02/2026 10:54\nSubject: x",
		"-----Messaggio originale-----\nDa: Shohay",
		"-------- Исходное сообщение --------\nОт: x",
		"প্রেরক: Shohay Shop <help@shop.test>\nপাঠানো: রবিবার ১৫ ফেব\nপ্রাপক: Rahim\nবিষয়: পার্সেল",
		"fra: Shohay <help@shop.test>\nsendt: 15. februar 2026\ntil: r@c.test\nemne: x",
		"From: Shohay Shop\nSent: Sunday, February 15, 2026 10:54 AM\nTo: Rahim\nSubject: parcel",
		"On Sun, 15 Feb 2026 10:54:43 +0600 Shohay Shop <help@shop.test> wrote",
		"Sunday, 15 February 2026, 10:54 AM +0600 from help@shop.test <help@shop.test>:",
		"রবিবার, ১৫ ফেব্রুয়ারি ২০২৬ ১০:৫৪ Shohay Shop <help@shop.test>:",
		"====\n\nMessage du : 15/02/2026 10:54\nDe : \"Shohay Shop \" <help@shop.test>\nA : r@c.test\nCopie à : \nSujet : colis",
		"From: Shohay Shop\nSent: \u200eSunday\u200e, \u200eFebruary\u200e \u200e15\u200e, \u200e2026 \u200e10\u200e:\u200e54\u200e \u200eAM\nTo: Rahim",
		"---\n*Previous Replies*\n\nShohay Shop, 15 February",
		" ------------------------------\nPrevious discussion\nShohay Shop, 15 February",
		"-----\nআগের বার্তাগুলো:\nসহায়, ১৫ ফেব্রুয়ারি",
		"Shohay Shop <help@shop.test> 于2026年2月15日周日\n上午10:54写道：",
	} {
		for _, history := range []string{"> Has it come?\n> Ayesha", "Has it come?\nAyesha"} {
			visible, quoted := SplitQuote("Yes it came.\nThank you\n\n" + above + "\n\n" + history)
			if visible != "Yes it came.\nThank you" || !strings.HasSuffix(quoted, history) {
				t.Errorf("%q: visible %q", above, visible)
			}
		}
	}
}

// Rule 49: a sentence that only looks like it.
func TestSplitQuoteLeavesSentences(t *testing.T) {
	for _, text := range []string{
		"Hello,\nmy brother said:\nsend two cups, not one.",
		"On Monday your agent wrote:\nit comes tomorrow. It did not.",
		"Contact him <karim@other.test> wrote yesterday.\nThanks",
		"Two addresses: a@b.test and c@d.test:\nwhich one is yours?",
		"To: Rahim\nSubject: cup\nplease answer",
		"On Tuesday, 3 of us came.\n<karim@other.test> wrote to you too",
		"On 15 February 2026 at 10:54 I wrote to <help@shop.test>\nand nobody answered",
		"Ticket\nFrom: Dhaka\nTo: Khulna\nDate: 15/02/2026 10:54\nSeat: 3",
		"Previous replies were of no help.\n---\nRahim",
		"The list:\n> cups\n> lids\nis that right?",
		"Order 2026-02-15:\n3 cups\n1 lid",
		"I pay on 15/02/2026 at 10:54:\nby card",
		"===========\nThank you\n===========",
		"Date: Monday\nTime: 10:30\nPlace: Dhaka",
	} {
		if visible, quoted := SplitQuote(text); visible != text || quoted != "" {
			t.Errorf("%q became %q and %q", text, visible, quoted)
		}
	}
}

// Rule 48: what the writer marks with ">" for another reason is theirs, and the
// history is found below it; three lines about who wrote are one.
func TestSplitQuoteBelowCode(t *testing.T) {
	for text, want := range map[string]string{
		"this is what it prints:\n\n> {\n>   \"total\": 0\n> }\n\nRahim\n\nOn Feb 15, 2026, at 10:54 AM, Shohay Shop\n<help@shop.test>\nwrote:\n\n> Which one?\n": "this is what it prints:\n\n> {\n>   \"total\": 0\n> }\n\nRahim",
		"Blue.\n\nOn Sun, Feb 15, Shohay Shop\n<help@shop.test>\nwrote:\n> Which one?\n\n--\nRahim":                                                               "Blue.",
		"> Which colour?\nBlue\n> Which size?\nLarge": "> Which colour?\nBlue\n> Which size?\nLarge",
	} {
		if visible, _ := SplitQuote(text); visible != want {
			t.Errorf("%q: visible %q", text, visible)
		}
	}
}

// Rule 50: a card below a line of dashes; what only looks like one stays.
func TestSplitSignatureKnowsCards(t *testing.T) {
	for text, want := range map[string]string{
		"Thanks!\n\n————————\nSarah Rahman\nProduct Manager\nsarah@c.test":               "Thanks!",
		"Thanks!\n\n_____\nRahim\n+880 1711 000000":                                      "Thanks!",
		"Two cups:\n-----\n1. blue\n2. green":                                            "",
		"The rules:\n-----\nWrite to help@shop.test if it is broken at all.\nThen wait.": "",
		"Choose:\n———\nhttps://shop.test/a\nor this one?":                                "",
	} {
		if want == "" {
			want = text
		}
		if body, _ := SplitSignature(text); body != want {
			t.Errorf("%q: %q", text, body)
		}
	}
}

// Rule 50: what lawyers put below a mail is folded with the signature; a
// customer who writes of what is confidential is read.
func TestSplitSignatureFoldsLegalFooters(t *testing.T) {
	const body = "The parcel came broken.\n\nPlease take it back."
	for _, below := range []string{
		"This e-mail and any files transmitted with it are confidential and intended solely for the use of the individual or entity to whom they are addressed. If you have received this e-mail in error please notify the sender.",
		"CONFIDENTIALITY NOTICE: The contents of this email message and any attachments are intended solely for the addressee(s)\nand may contain confidential information. If you are not the intended recipient,\nplease delete this message.",
		"_______________________\nThis message may contain privileged information. Any unauthorized copying is prohibited.",
		"*DISCLAIMER*\nThe information in this email is confidential. It is intended for the addressee only.",
		"Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Empfänger sind, löschen Sie diese E-Mail.",
		"Ce message est confidentiel et destiné à la personne nommée. Toute diffusion est interdite.",
		"এই ইমেইলটি গোপনীয় এবং শুধু প্রাপকের জন্য। ভুল করে পেলে মুছে ফেলুন।",
		"-- \nRahim Uddin\nAcme Ltd\n\nThis email is confidential and intended only for the recipient.",
		"Rahim\n\n" + "Sent from my iMachine",
	} {
		rest := below
		want := body
		if strings.HasPrefix(below, "Rahim") {
			want, rest = body+"\n\nRahim", "Sent from my iMachine"
		}
		if got, signature := SplitSignature(body + "\n\n" + below); got != want || signature != rest {
			t.Errorf("%q: visible %q, signature %q", below, got, signature)
		}
	}
	for _, all := range []string{
		"Hello,\n\nThis message is confidential: my neighbours must not know what I ordered.",
		"Hello,\n\nThis email is for the recipient of parcel 7. Is it confidential? Please delete my number.",
		"Please resend it.\n\nThe message on the card was wrong, it was intended for my mother.",
		"It was\nsent from my husband",
		"This e-mail is confidential and intended only for the addressee.",
	} {
		if got, signature := SplitSignature(all); got != all || signature != "" {
			t.Errorf("%q: visible %q, signature %q", all, got, signature)
		}
	}
}
