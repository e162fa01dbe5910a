package search

import "strings"

// kinds are words beside which another one is meant: who asks about Sylhet is
// answered by what is said of districts, and "seven days" by "7 days". It goes
// one way: what is said of Sylhet answers nobody who asks about districts.
var kinds = func() map[string][]Phrase {
	m := map[string][]Phrase{}
	add := func(words string, kind ...string) {
		var phrases []Phrase
		for _, k := range kind {
			phrases = append(phrases, Analyse(k))
		}
		for w := range strings.FieldsSeq(words) {
			m[Stem(Fold(w))] = phrases
		}
	}
	add(districts, "district", "জেলা")
	add(countries, "abroad", "বিদেশ")
	for number, words := range []string{"", "এক ek one", "দুই দু dui two", "তিন tin three", "চার char four", "পাঁচ pach five", "ছয় choy six", "সাত sat saat seven", "আট at eight", "নয় noy nine", "দশ dosh ten", "এগারো egaro eleven", "বারো baro twelve"} {
		add(words, strings.TrimLeft(twoDigits(number), "0"))
	}
	return m
}()

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// The capital and its surroundings are what districts are told apart from.
const districts = `
	চট্টগ্রাম chattogram chittagong ctg সিলেট sylhet রাজশাহী rajshahi খুলনা khulna বরিশাল barisal barishal রংপুর rangpur ময়মনসিংহ mymensingh কুমিল্লা comilla cumilla
	নোয়াখালী noakhali ফেনী feni চাঁদপুর chandpur লক্ষ্মীপুর lakshmipur laxmipur ব্রাহ্মণবাড়িয়া brahmanbaria কক্সবাজার coxsbazar রাঙামাটি rangamati বান্দরবান bandarban খাগড়াছড়ি khagrachari
	বগুড়া bogra bogura পাবনা pabna নাটোর natore নওগাঁ naogaon সিরাজগঞ্জ sirajganj জয়পুরহাট joypurhat চাঁপাইনবাবগঞ্জ chapainawabganj যশোর jessore jashore সাতক্ষীরা satkhira বাগেরহাট bagerhat
	কুষ্টিয়া kushtia মাগুরা magura মেহেরপুর meherpur নড়াইল narail ঝিনাইদহ jhenaidah চুয়াডাঙ্গা chuadanga ভোলা bhola পটুয়াখালী patuakhali পিরোজপুর pirojpur ঝালকাঠি jhalokathi বরগুনা barguna
	দিনাজপুর dinajpur ঠাকুরগাঁও thakurgaon পঞ্চগড় panchagarh নীলফামারী nilphamari লালমনিরহাট lalmonirhat কুড়িগ্রাম kurigram গাইবান্ধা gaibandha হবিগঞ্জ habiganj মৌলভীবাজার moulvibazar সুনামগঞ্জ sunamganj
	জামালপুর jamalpur শেরপুর sherpur নেত্রকোনা netrokona টাঙ্গাইল tangail কিশোরগঞ্জ kishoreganj ফরিদপুর faridpur গোপালগঞ্জ gopalganj মাদারীপুর madaripur শরীয়তপুর shariatpur রাজবাড়ী rajbari মানিকগঞ্জ manikganj`

const countries = `
	ভারত india কলকাতা kolkata আমেরিকা america usa যুক্তরাষ্ট্র কানাডা canada ইংল্যান্ড england লন্ডন london যুক্তরাজ্য uk ইউরোপ europe জার্মানি germany ফ্রান্স france ইতালি italy স্পেন spain
	সৌদি saudi দুবাই dubai আমিরাত uae কাতার qatar কুয়েত kuwait ওমান oman বাহরাইন bahrain মালয়েশিয়া malaysia সিঙ্গাপুর singapore জাপান japan কোরিয়া korea চীন china অস্ট্রেলিয়া australia নেপাল nepal পাকিস্তান pakistan`
