package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/shohay/shohay/hooks/schema"
)

const (
	minutes = time.Minute
	hours   = time.Hour
	days    = 24 * time.Hour
)

// The customers.
var (
	nusrat  = person{name: "নুসরাত জাহান", email: "nusrat@example.com", language: "bn", note: "পয়লা বৈশাখ ও ঈদের আগে সবসময় কেনেন। নীল রং পছন্দ।"}
	tanvir  = person{name: "Tanvir Ahmed", email: "tanvir@example.com", visitor: visitorID("tanvir"), language: "en"}
	farhana = person{name: "ফারহানা ইয়াসমিন", visitor: visitorID("farhana"), language: "bn"}
	sumaiya = person{name: "সুমাইয়া ইসলাম", email: "sumaiya@example.com", language: "bn"}
	imran   = person{name: "Imran Hossain", visitor: visitorID("imran"), language: "bn", note: "Banglish e lekhen."}
	shakil  = person{name: "Shakil Mahmud", visitor: visitorID("shakil"), language: "bn"}
	rezaul  = person{name: "Rezaul Karim", email: "rezaul@example.org", language: "en", note: "Owns two shops in Sylhet, buys wholesale."}
	mahbub  = person{name: "Mahbub Alam", email: "mahbub@example.net", language: "en"}
	tasnim  = person{name: "তাসনিম আরা", email: "tasnim@example.com", language: "bn"}
	jui     = person{name: "Jui Das", visitor: visitorID("jui"), language: "bn"}
	visitor = person{visitor: visitorID("somebody"), language: "bn"}
	karim   = person{name: "আবদুল করিম", phone: "01819556677", language: "bn"}
)

// story is what happened in the last days, ending a few minutes ago. now is in
// the shop's zone, so that earlier days have the hours of a shop.
func story(now time.Time) []scene {
	clock := func(days int, at string) time.Time {
		t, _ := time.Parse("15:04", at) // literals below
		return time.Date(now.Year(), now.Month(), now.Day()+days, t.Hour(), t.Minute(), 0, 0, now.Location())
	}
	day := func(back int, at string) time.Duration { return now.Sub(clock(-back, at)) }
	tomorrow := func(at string) time.Duration { return clock(1, at).Sub(now) }
	return []scene{
		{channel: schema.ChannelEmail, who: tasnim, subject: "শাড়িটা পেয়েছি, ধন্যবাদ", steps: []step{
			{ago: day(6, "16:10"), in: "আসসালামু আলাইকুম। জামদানি শাড়িটা আজ হাতে পেলাম। ছবির চেয়েও সুন্দর! আম্মু খুব খুশি। প্যাকেটটাও খুব যত্ন করে করা।\n\nধন্যবাদ রূপালী স্টোরকে।\n\nতাসনিম"},
			{ago: day(6, "16:29"), by: OwnerEmail, tag: []string{"regular"}},
			{ago: day(6, "16:31"), by: OwnerEmail, out: "ওয়ালাইকুম আসসালাম তাসনিম আপু, কী যে ভালো লাগল! আন্টিকে আমাদের সালাম দেবেন। পরের বার অর্ডার করলে ৫% ছাড় পাবেন, কোড TASNIM5।\n\nআয়েশা", then: schema.StatusSolved},
		}},
		{channel: schema.ChannelChat, who: tanvir, page: "https://rupali.test/panjabi/navy-42", steps: []step{
			{ago: day(4, "18:20"), in: "Hi, I ordered the navy panjabi in size 42 but it is a bit tight. Can I change it to 44?"},
			{ago: day(4, "18:22"), by: AgentEmail, out: "Hi Tanvir! Of course. Is the tag still on? And may I have your order number?"},
			{ago: day(4, "18:24"), in: "Yes, the tag is on. Order 1987."},
			{ago: day(4, "18:25"), by: AgentEmail, tag: []string{"return"}},
			{ago: day(4, "18:27"), by: AgentEmail, out: "Found it. We have one 44 left in navy and I have put it aside for you. Our rider will bring it tomorrow between 3 and 6 pm and take the 42 back. No extra charge."},
			{ago: day(4, "18:29"), in: "That was quick. Thank you!"},
			{ago: day(4, "18:30"), by: AgentEmail, out: "You are welcome, enjoy it!", then: schema.StatusSolved},
			{ago: day(4, "18:32"), rate: 5, comment: "Solved in ten minutes, great."},
		}},
		{channel: schema.ChannelChat, who: imran, page: "https://rupali.test/checkout", steps: []step{
			{ago: day(3, "11:05"), in: "vai bkash e payment korsi kintu order confirm hoy nai"},
			{ago: day(3, "11:08"), by: OwnerEmail, out: "আসসালামু আলাইকুম ভাই। ট্রানজেকশন আইডিটা একটু দেবেন? সাথে সাথে মিলিয়ে দেখছি।"},
			{ago: day(3, "11:11"), in: "9HK2L7QM4T, 2450 taka"},
			{ago: day(3, "11:13"), by: OwnerEmail, tag: []string{"payment"}},
			{ago: day(3, "11:16"), by: OwnerEmail, note: "বিকাশ অ্যাপে টাকা এসেছে, কিন্তু রেফারেন্স খালি ছিল বলে মেলেনি। হাতে মিলিয়ে দিলাম, অর্ডার ২০১৯।"},
			{ago: day(3, "11:17"), by: OwnerEmail, out: "পেয়েছি ভাই। অর্ডার ২০১৯ কনফার্ম করে দিলাম, কাল কুরিয়ারে যাবে।", then: schema.StatusSolved},
			{ago: day(3, "11:25"), rate: 4, comment: "thanks apu"},
		}},
		{channel: schema.ChannelEmail, who: rezaul, subject: "Invoice for order 1952", steps: []step{
			{ago: day(3, "15:32"), in: "Dear Rupali Store, could you please send me the invoice for order 1952? My accountant needs it for this month's books.\n\nBest regards,\nRezaul Karim\nRezaul Fashion, Sylhet"},
			{ago: day(3, "15:51"), by: AgentEmail, out: "Dear Mr Karim, the invoice for order 1952 is attached. Please tell me if your accountant needs anything else.", file: &attachment{"invoice-1952.pdf", invoice}, then: schema.StatusSolved},
		}},
		{channel: schema.ChannelPortal, who: mahbub, subject: "Can you stitch the blouse as well?", missed: "Can you stitch the blouse, and how long does the stitching take?", steps: []step{
			{ago: day(2, "12:40"), in: "My wife liked the green katan saree. Can you stitch the blouse to her measurements, and how long would that take? We need it before the 5th."},
			{ago: day(2, "12:54"), by: AgentEmail, out: "Hello Mahbub, yes, our tailor needs 4 working days and charges 650 taka. If you send the measurements by Sunday, you will have both on the 2nd. The sheet is simple: bust, waist, shoulder, sleeve and length, in inches.\n\nShall I put the saree aside for you?"},
		}},
		{channel: schema.ChannelEmail, who: nusrat, subject: "অর্ডার ২০২৬: শাড়ি বদলাতে চাই", steps: []step{
			{ago: day(1, "13:15"), in: "আসসালামু আলাইকুম। অর্ডার ২০২৬-এর শাড়িটা পেয়েছি। রংটা ছবির মতো না, একটু বেশি গাঢ়। হালকা নীলটা কি পাওয়া যাবে? ট্যাগ খুলিনি।\n\nনুসরাত", html: `<p>আসসালামু আলাইকুম। অর্ডার <b>২০২৬</b>-এর শাড়িটা পেয়েছি। রংটা ছবির মতো না, একটু বেশি গাঢ়। হালকা নীলটা কি পাওয়া যাবে? ট্যাগ খুলিনি।</p><p>নুসরাত</p>`},
			{ago: day(1, "13:22"), by: OwnerEmail, tag: []string{"return", "regular"}},
			{ago: day(1, "13:24"), by: OwnerEmail, note: "হালকা নীল দুটো আছে গুদামে। আগে ছবি দেখে নিই, তারপর বদলে দেব।"},
			{ago: day(1, "13:27"), by: OwnerEmail, out: "ওয়ালাইকুম আসসালাম নুসরাত আপু, অসুবিধার জন্য দুঃখিত। হালকা নীলটা আছে, আপনার জন্য একটা রেখে দিলাম। হাতে পাওয়া শাড়িটার দিনের আলোতে তোলা একটা ছবি দেবেন? ছবি পেলেই রাইডার পাঠিয়ে দেব।"},
		}},
		{channel: schema.ChannelChat, who: jui, page: "https://rupali.test/jewellery/jhumka", steps: []step{
			{ago: day(1, "20:11"), in: "আপু, এই ঝুমকাটা কি আবার আসবে? স্টকে নাই দেখাচ্ছে"},
			{ago: day(1, "20:16"), by: AgentEmail, out: "আসবে আপু। কারিগর কাল সকালে নতুন একটা চালান দেবেন বলেছেন। এলেই এখানে জানাব, ই-মেইলটা দিয়ে রাখবেন?"},
			{ago: day(1, "20:19"), email: "jui@example.com"},
			{ago: day(1, "20:20"), in: "দিলাম। ধন্যবাদ!"},
			{ago: day(1, "20:23"), by: AgentEmail, out: "ধন্যবাদ আপু। এলেই জানাচ্ছি।"},
			{ago: day(1, "20:24"), by: AgentEmail, snooze: tomorrow("10:00")},
		}},
		{channel: schema.ChannelEmail, who: mahbub, subject: "Parcel for order 2031 not arrived", priority: 1, steps: []step{
			{ago: day(2, "10:05"), in: "Hello, the courier page says order 2031 was delivered on Thursday, but nobody came. Can you check?\n\nMahbub"},
			{ago: day(2, "10:21"), by: AgentEmail, tag: []string{"delivery"}},
			{ago: day(2, "10:24"), by: AgentEmail, out: "Hello Mahbub, I am sorry about that. The rider left it with the guard of your building, Mr Selim. Could you ask him, please?", then: schema.StatusSolved},
			{ago: 50 * minutes, in: "Hello again. I asked the guard and there was no parcel for me. It was meant as a gift for tomorrow evening. What can we do?\n\nMahbub"},
			{ago: 46 * minutes, by: OwnerEmail, note: "Rafi, please call the courier's Banani hub (01700-112233) before noon. If they cannot find it we send a second one today."},
		}},
		{channel: schema.ChannelPortal, who: sumaiya, subject: "ভুল পণ্য এসেছে", priority: 2, steps: []step{
			{ago: 2*hours + 10*minutes, in: "আমি মেরুন থ্রি-পিস অর্ডার করেছিলাম (অর্ডার ২০৪০), এসেছে এই কাপড়টা। পরশু বিয়ের অনুষ্ঠান, খুব দরকার। দয়া করে তাড়াতাড়ি কিছু করুন।", file: &attachment{"kapor.png", cloth()}},
			{ago: 2 * hours, by: AgentEmail, tag: []string{"return", "urgent"}},
			{ago: 2*hours - 1*minutes, by: AgentEmail, assign: OwnerEmail},
			{ago: 2*hours - 3*minutes, by: AgentEmail, note: "গুদামে মেরুনটা একটাই আছে, সরিয়ে রেখেছি। আয়েশা আপু, আজই পাঠিয়ে দিই?"},
		}},
		{channel: schema.ChannelPortal, who: karim, subject: "পাঞ্জাবির মাপ নিয়ে প্রশ্ন", steps: []step{
			{ago: 95 * minutes, in: "বুক ৪৪ ইঞ্চি হলে কোন সাইজ নেব? একটু ঢিলেঢালা পরি। ফোন করলে ভালো হয়, বিকেলের পর।"},
		}},
		{channel: schema.ChannelEmail, who: rezaul, subject: "Wholesale price for cotton sarees", steps: []step{
			{ago: 38 * minutes, in: "Dear Rupali Store, for the winter season I would like to order about 60 cotton sarees, three designs of 20 pieces each. Could you send me your wholesale price list and say how soon you can deliver to Sylhet?\n\nThe designs I like:\n- Tant, white with red border\n- Block print, indigo\n- Khadi, natural\n\nBest regards,\nRezaul Karim",
				html: `<p>Dear Rupali Store, for the winter season I would like to order about <b>60 cotton sarees</b>, three designs of 20 pieces each. Could you send me your wholesale price list and say how soon you can deliver to Sylhet?</p><p>The designs I like:</p><ul><li>Tant, white with red border</li><li>Block print, indigo</li><li>Khadi, natural</li></ul><p>Best regards,<br>Rezaul Karim</p>`},
			{ago: 37 * minutes, by: AgentEmail, tag: []string{"wholesale"}},
		}},
		{channel: schema.ChannelChat, who: shakil, page: "https://rupali.test/orders/2041", steps: []step{
			{ago: 31 * minutes, in: "delivery kobe pabo vai? order 2041"},
			{ago: 29 * minutes, by: AgentEmail, out: "সালাম ভাই। অর্ডার ২০৪১ আজ সকালে কুরিয়ারে গেছে, চট্টগ্রামে পৌঁছাতে ২ থেকে ৩ দিন লাগে।"},
			{ago: 28 * minutes, by: AgentEmail, tag: []string{"delivery"}},
			{ago: 14 * minutes, in: "ok. ekta request, rider jano age call dey. ami office e thaki"},
			{ago: 12 * minutes, in: "ar address ta change kora jabe? Agrabad er office e pathale valo hoy"},
		}},
		{channel: schema.ChannelChat, who: visitor, page: "https://rupali.test/", steps: []step{
			{ago: 9 * minutes, in: "আসসালামু আলাইকুম, আপনাদের দোকান কি মিরপুরেই? শুক্রবার খোলা থাকে?"},
		}},
		{channel: schema.ChannelChat, who: farhana, page: "https://rupali.test/saree/jamdani-sky", steps: []step{
			{ago: 5 * minutes, in: "এই জামদানিটা কি আকাশি রঙে পাওয়া যাবে?"},
			{ago: 4 * minutes, in: "এই রকম রং খুঁজছি", file: &attachment{"akashi.png", swatch(color.RGBA{0x8e, 0xc5, 0xe8, 0xff}, color.RGBA{0xf2, 0xe2, 0xb0, 0xff})}},
			{ago: 3 * minutes, in: "আর আজ অর্ডার করলে কবে পাব, আমি উত্তরায় থাকি"},
		}},
	}
}

// cloth is the photo of the wrong parcel.
func cloth() []byte {
	return swatch(color.RGBA{0x2f, 0x6b, 0x3c, 0xff}, color.RGBA{0xe0, 0xb6, 0x4a, 0xff})
}

// swatch draws woven cloth with a border, so that pictures in the demo are
// pictures without a photo in the executable.
func swatch(ground, border color.RGBA) []byte {
	const w, h = 640, 420
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	shade := func(c color.RGBA, by int) color.RGBA {
		f := func(v uint8) uint8 { return uint8(max(0, min(255, int(v)+by))) }
		return color.RGBA{f(c.R), f(c.G), f(c.B), 0xff}
	}
	for y := range h {
		for x := range w {
			c := ground
			if y > h-90 {
				c = border
				if (x/18+y/18)%2 == 0 {
					c = shade(ground, -25)
				}
			} else if dx, dy := x%64-32, y%64-32; dx*dx+dy*dy < 40 || dx*dx < 6 && dy*dy < 190 || dy*dy < 6 && dx*dx < 190 {
				c = border
			}
			weave := (x%4+y%3)*3 - 6
			fold := (x + y/3) % 213
			img.SetRGBA(x, y, shade(c, weave-fold/12+8))
		}
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	_ = enc.Encode(&b, img) // a buffer does not fail
	return b.Bytes()
}

// invoice is a PDF of one page.
var invoice = func() []byte {
	const page = "BT /F 20 Tf 40 240 Td (Rupali Store) Tj /F 12 Tf 0 -30 Td (Invoice for order 1952) Tj " +
		"0 -24 Td (20 cotton sarees, Tant) Tj 0 -24 Td (Total 24,000 taka, paid) Tj ET\n"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%sendstream", len(page), page),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	b, xref := []byte("%PDF-1.4\n"), "0000000000 65535 f \n"
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return fmt.Appendf(b, "xref\n0 %d\n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref, len(objects)+1, len(b))
}()
