package mime_test

import (
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Subjects alone, without any mark of a machine in the head: the worst that
// programs do (rules 33 and 34).
func TestSubjectsOfMachinesAndOfPeople(t *testing.T) {
	for want, list := range map[mime.Verdict]string{
		mime.VerdictAutomatic: `AUTO: Amina Khatun is out of the office (returning 16/11/2026)
AUTO: Amina is on vacation (returning 11/20/2026)
Out of Office AutoReply: Your order
Out of Office: Your order
Out of office reply
Re: Your order [Out of Office]
Your order (Out of Office)
[Auto-Reply] Your order
[Auto Reply] Your order
[AUTOREPLY] Your order
Auto-Reply
Autoreply: Re: [#1042] Your order
Auto: Your order
Automatic Reply from Client Ltd
Automatic response
Automated reply - do not respond
Autoresponder: thanks for your mail
Auto Response from amina@client.test
Auto-response for "Your order"
Vacation: Your order
On vacation
I am on vacation
On holiday until 20 November
On annual leave
I'm on leave: Your order
Away from my mail
away from my desk until Monday
Abwesenheitsnotiz: Ihre Bestellung
Abwesenheit: Ihre Bestellung
Automatische Antwort: Ihre Bestellung
Automatische Abwesenheitsnotiz
AW: Ihre Bestellung (Abwesenheitsnotiz)
Urlaub: Ihre Bestellung
Ich bin im Urlaub
Réponse automatique : Votre commande
Absence : Votre commande
Message d'absence
Absent(e) du bureau
Respuesta automática: Su pedido
Fuera de la oficina: Su pedido
Ausente: Su pedido
Vacaciones: Su pedido
Risposta automatica: Il tuo ordine
Fuori ufficio: Il tuo ordine
Assenza dall'ufficio
Resposta automática: O seu pedido
Ausência temporária: O seu pedido
Afwezig: Uw bestelling
Niet aanwezig
Frånvaro: Din order
Ferie: Din ordre
Ikke til stede
Poissa toimistosta: Tilauksesi
Poza biurem: Twoje zamówienie
Nieobecność: Twoje zamówienie
Nepřítomnost: Vaše objednávka
Távollét: Rendelése
Вне офиса: Ваш заказ
Автоответ: Ваш заказ
Отпуск: Ваш заказ
不在通知
自動返信: ご注文
【自動返信】お問い合わせありがとうございます
自动回复: 您的订单
自動回覆
부재중 자동 회신: 주문
부재중 알림
رد تلقائي: طلبك
ছুটিতে আছি: আপনার অর্ডার
অফিসের বাইরে: আপনার অর্ডার
স্বয়ংক্রিয় জবাব
Tatildeyim: siparişiniz
Otomatik Yanıt: siparişiniz
Ofis Dışında: siparişiniz
Thank you for contacting Client (auto reply)
Ticket received: Your order
Your request has been received [#99021]
We have received your request
Case #12345 created
[Ticket ID: 123] Your order has been received
Support ticket opened: Your order
Request received - #77
Acknowledgement: Your order
Confirmation of receipt
Eingangsbestätigung: Ihre Anfrage
Accusé de réception : votre demande
We've received your message`,
		mime.VerdictHuman: `Vacation dates
Is the office out of stock?
Out of stock
Automatic watch
Auto parts order
Absent item in my parcel
My leave form print
Ferie hotel order
Urlaub in Dhaka, Lieferung?
Holiday order
Thank you
Thank you!
Order confirmation missing
I did not get a confirmation
Request for refund
Ticket for the concert
Your request
Re: We have received your request
Re: Ticket received: order
Case for my phone
Acknowledge my payment please
Away kit
I will be away on Monday, deliver on Tuesday
ছুটির দিনে ডেলিভারি হবে?
অফিসে ডেলিভারি
Out of office hours?
auto rickshaw toy
Response needed
Confirmation of my address
Received the wrong item
I have received your parcel
We received the wrong parcel`,
	} {
		for subject := range strings.SplitSeq(list, "\n") {
			m := mime.Parse([]byte("From: Amina <amina@client.test>\r\nTo: help@shop.test\r\nSubject: " + subject + "\r\nMessage-ID: <x@client.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n"))
			if m.Verdict != want {
				t.Errorf("%s is taken for %s, not %s", subject, m.Verdict, want)
			}
		}
	}
}
