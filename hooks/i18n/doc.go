// Package i18n speaks the shop's languages: one JSON file a language, the same
// files that the browser reads.
//
// A file holds sections ("widget", "portal", "mail", …) of flat keys. A value
// is a sentence with {placeholders}, or an object of plural forms chosen by
// {n}. A key is written "section.key". What a language lacks is said in
// English; what English lacks is shown as the key, so that a gap is seen and
// nothing breaks.
//
//	c, err := i18n.Load(public)
//	c.T("bn", "portal.sent_title", i18n.V{"number": 1024}) // numbers come out as ১০২৪
//
// Section "time" holds what dates, clocks and durations need, so a new
// language is a new file and no code.
package i18n
