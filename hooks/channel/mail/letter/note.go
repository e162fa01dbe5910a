package letter

// Note is a mail of the shop's own machine to somebody who works there. Its
// words are the catalogue's; they may hold what customers wrote, for they go
// to nobody else.
func Note(lang string, shop Shop, t Template, values Values, footer string) Letter {
	return Letter{Lang: lang, Shop: shop, Banner: true, Subject: oneLine(fill(t.Subject, values)), blocks: parse(t.Body, values, nil), Footer: footer}
}
