package search

import (
	"strings"
	"unicode/utf8"
)

// stopWords are folded words that nearly every question has, in the three ways
// of writing.
var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, list := range []string{stopBangla, stopBanglish, stopEnglish} {
		for _, w := range strings.Fields(list) {
			m[Fold(w)] = true
		}
	}
	return m
}()

const stopBangla = `
	আমি আমার আমাকে আমাদের আমরা আপনি আপনার আপনাকে আপনাদের আপনারা তুমি তোমার তোমাদের তোমরা সে তার তারা তাদের তাকে
	এ এটা এটি এই এর এগুলো ও ওটা ওই সেটা সেটি সেই যা যে যেটা যদি তবে তাহলে তো কি কী কে কার কাকে কেন কেমন কীভাবে কিভাবে কোন কোনো কোনটা কখন কবে কোথায় কত কতো কতটা
	করা করে করি করব করবো করবেন করতে করলে করেছি করেছে করছি করেন করবে কর করুন হয় হবে হয়েছে হচ্ছে হলে হতে হয়ে হল হলো হই
	আছে আছেন নেই ছিল ছিলো নাই না নয় নি থাকে থাকলে থাকবে যাবে যায় যেতে যাচ্ছে যাবেন গেছে গেলে পারি পারব পারবো পারবেন পারে পারবে পারা পারেন
	চাই চাচ্ছি চান দিয়ে দেন দেবেন দিবেন দেয় দিতে দেওয়া দিলে নিয়ে নিতে নেওয়া নেন
	এবং আর বা অথবা কিন্তু জন্য জন্যে থেকে সাথে সঙ্গে মধ্যে পরে আগে কাছে পর্যন্ত মতো মত তাই বলে এখন এখনো আবার শুধু খুব একটু একটা একটি কিছু সব সকল ভাই আপু প্লিজ দয়া
	পাব পাবো পাবেন পাই পেতে জানতে জানান জানাবেন বলুন বলবেন বলেন লাগে লাগবে জিনিস জিনিসটা জিনিসটি
	করসি করসেন করসে করছিলাম কইরা দিছি দিসি দিছেন দিসেন দিছে দিসে দিছিলাম দিয়া নিছি নিসি নিছেন নিসেন নিসিলাম নিছিলাম নিয়া গেসে আসতেছে আসতেসে পারতেছি পারতেসি
	হইছে হইসে হইতেছে হইব যাইব যাইবো পাইব দিমু করমু নিমু পামু চাইলাম চাইছিলাম আইছে পারুম`

const stopBanglish = `
	ami amar amr amake amader amra apni apnar apnr apnake apnader apnara tumi tomar tomader se tar tara tader eta eti ei er egulo ota oi seta sei ja je jeta jodi tobe tahole to
	ki kii ke kar kake keno kno kemon kivabe kibhabe kemne kon kono konta kokhon kobe kothay kothai koto koy
	kora kore kori korbo korben korte korle korsi korechi korchi korse koren korun hoy hobe hoyeche hoise hocche hole hote hoye holo hoi
	ache achen ase asen nai nei chilo na noy ni thake thakle thakbe jabe jay jete jacche jaben geche gele pari parbo parben pare parbe para paren parbo
	chai cai chacchi chan din diye den deben diben dey dite dewa dile niye nite newa nen
	ar ba othoba kintu jonno jonne theke sathe shathe songe moddhe modhe pore age kache porjonto moto mto tai bole ekhon ekhono abar shudhu sudhu khub ektu ekta ekti kichu kisu sob shob
	vai bhai vaia bhaia apu plz pls please pabo paben pai pete janan janaben bolun bolben bolen lage lagbe jinis jinish jinista
	korsen korchen disi dichi diyechi disen dichen diyechen dise diche disilam diya nisi nichi nisen nichen nisilam niya gese geche astese asteche partesi partechi
	hoiche hoitese hoibo jaibo paibo dimu kormu nimu pamu chailam aise parum`

const stopEnglish = `
	a an the and or but if then so of in on at by for to from with without about into over after before is am are was were be been being do does did doing done
	have has had having can could may might must shall should will would not no nor i me my mine we us our ours you your yours he him his she her it its they them their
	this that these those there here what which who whom whose when where why how any some all each few more most other such only own same than too very just also again
	im ive id dont doesnt didnt cant wont isnt arent get gotplease tell want need know like hi hello`

// asking are words that say what is asked of a thing: stop words, but between
// two entries about the same thing they choose. Each group is one meaning.
var asking = func() map[string][]Phrase {
	m := map[string][]Phrase{}
	for _, group := range [][]string{
		{"কোথায়", "কই", "কোনখানে", "kothay", "kothai", "koi", "where"},
		{"কবে", "কখন", "kobe", "kokhon", "when"},
		{"কত", "কতো", "কয়টা", "koto", "koyta"},
		{"কতদিন", "কয়দিন", "কতক্ষণ", "kotodin", "koydin", "কত দিন", "koto din"},
		{"কীভাবে", "কিভাবে", "কেমনে", "kivabe", "kibhabe", "kemne", "how"},
		{"কেন", "keno", "kno", "why"},
	} {
		phrases := make([]Phrase, len(group))
		for i, w := range group {
			phrases[i] = Analyse(w)
		}
		for i, w := range group {
			others := append(append([]Phrase{}, phrases[:i]...), phrases[i+1:]...)
			if len(phrases[i]) == 1 {
				m[Fold(w)] = others
				stopWords[Fold(w)] = true
			}
		}
	}
	return m
}()

// Ways of writing.
const (
	Bangla   = "bangla"
	Banglish = "banglish"
	English  = "english"
)

var banglishWords, englishWords = func() (b, e map[string]bool) {
	set := func(list string) map[string]bool {
		m := map[string]bool{}
		for w := range strings.FieldsSeq(list) {
			m[w] = true
		}
		return m
	}
	return set(stopBanglish), set(stopEnglish)
}()

// Writing is the way a text is written, by its script and its commonest words;
// "" if that cannot be told.
func Writing(text string) string {
	banglish, english := 0, 0
	for _, t := range Analyse(text) {
		if r, _ := utf8.DecodeRuneInString(t.Word); bangla(r) {
			return Bangla
		}
		if banglishWords[t.Word] {
			banglish++
		}
		if englishWords[t.Word] {
			english++
		}
	}
	switch {
	case banglish > english:
		return Banglish
	case english > banglish:
		return English
	}
	return ""
}

// IsStop tells whether a folded word says nothing of what a text is about.
func IsStop(word string) bool { return stopWords[word] }
