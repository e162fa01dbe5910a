package intent

import "testing"

func TestIntents(t *testing.T) {
	for want, list := range map[Intent][]string{
		Person: {"I want to talk to a real person", "can I speak to someone please", "agent er sathe kotha bolte chai", "ভাই মানুষের সাথে কথা বলতে চাই", "একজন প্রতিনিধি দিন", "kotha bola jabe karo sathe?",
			"প্রতিনিধির সঙ্গে কথা বলব", "human please", "representative", "I do not want a bot, I want a human", "রোবট না, মানুষ চাই"},
		Anger:  {"you people are cheaters", "তোমরা সব বাটপার", "this is the worst service ever", "khub baje service apnader", "আমি ভোক্তা অধিকারে মামলা করব", "আপনাদের রাইডার খারাপ ব্যবহার করেছে", "ovijog janabo kothay", "faltu dokan"},
		Refund: {"I want a refund", "taka ferot chai", "আমার টাকা ফেরত দিন", "রিফান্ড কবে পাব", "give me my money back", "refund er taka kobe pabo"},
		Order: {"where is my order?", "amar parcel ekhon kothay", "আমার পার্সেলটা কোথায়", "order kobe pabo", "পার্সেল কবে আসবে ভাই", "track my parcel", "সাত দিন হয়ে গেল এখনো পার্সেল পেলাম না", "parcel pai nai",
			"I have not received my parcel", "why is my package so delayed"},
		Hours:    {"are you open now?", "what are your opening hours", "আপনারা কখন খোলা থাকেন", "shukrobar khola thake?", "office time ki", "আজ কি খোলা আছেন"},
		Greeting: {"hi", "Hello!", "আসসালামু আলাইকুম ভাই", "salam vai", "হ্যালো আপু"},
		Thanks:   {"thanks", "Thank you so much", "ধন্যবাদ", "onek dhonnobad vai"},
		Robot:    {"are you a bot?", "আপনি কি রোবট?", "apni ki manush naki robot", "Are you a real person", "আপনি মানুষ নাকি বট?"},
		Yes:      {"yes", "হ্যাঁ", "জি", "ok", "thik ache"},
		No:       {"no", "না", "ji na", "কাজ হয়নি"},
		None: {"how do I return a product", "ফেরত পাঠানোর নিয়ম কী", "delivery charge koto", "account khulbo kivabe", "parcel khule dekhe nite parbo?", "শোরুম কয়টা পর্যন্ত খোলা", "বিকাশে টাকা দেব কীভাবে",
			"bashar kajer manush lagbe", "order cancel korte chai", "what is the return policy", "", "???", "how is the weather today", "অর্ডার করলাম, কোনো মেসেজ তো পেলাম না", "প্রি অর্ডার দিলে কতদিন পরে পাব",
			"কাস্টমার কেয়ারের ফোন নম্বর দিন", "product ki asol naki nokol", "hello how do I pay with bkash", "na bujhe order korsi, size bodlabo kivabe"},
	} {
		for _, s := range list {
			if got := Of(s); got != want {
				t.Errorf("%q is %q instead of %q", s, got, want)
			}
		}
	}
}
