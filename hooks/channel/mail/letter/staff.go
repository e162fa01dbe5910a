package letter

// Staff is a mail of the shop to somebody who works there: plain words, with
// an address to follow at their end.
func Staff(lang string, shop Shop, subject, body, link string) Letter {
	if link != "" {
		body += "\n\n" + link
	}
	return Letter{Lang: lang, Shop: shop, Banner: true, Subject: oneLine(subject), blocks: literal(body)}
}
