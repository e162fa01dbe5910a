package content

import (
	"strings"

	"golang.org/x/net/html"
)

// SplitHTMLSignature cuts a page, its history taken off, where its signature
// begins (rule 50): at the element that mail programs put it in, else at the
// words that [SplitSignature] knows. Nothing is cut when something is written
// below it or nothing would be left.
func SplitHTMLSignature(page string) (body, signature string) {
	if len(page) > maxHTML {
		return page, ""
	}
	cut := signatureElement(page)
	if cut < 0 {
		lines, quote := readLines(page)
		if quote != -1 || len(lines) > maxQuoteLines {
			return page, ""
		}
		texts := make([]string, len(lines))
		for i, l := range lines {
			texts[i] = l.text
		}
		at := signatureLine(texts)
		if at < 0 {
			return page, ""
		}
		cut = lines[at].at
	}
	if blankText(TextOf(page[:cut])) {
		return page, ""
	}
	return page[:cut], page[cut:]
}

// signatureElement is the offset of the last element that holds a signature
// with nothing to read below it, -1 if there is none.
func signatureElement(page string) int {
	z := html.NewTokenizer(strings.NewReader(page))
	at, start, depth, open := 0, -1, 0, ""
	below := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if below {
				return -1
			}
			return start
		}
		begin := at
		at += len(z.Raw())
		switch kind {
		case html.StartTagToken:
			t := z.Token()
			if open != "" {
				if t.Data == open {
					depth++
				}
				continue
			}
			if signClass.MatchString(short(attr(t, "class"))) || signID.MatchString(short(attr(t, "id"))) || attr(t, "data-smartmail") == "gmail_signature" {
				if start < 0 || below {
					start, below = begin, false
				}
				open, depth = t.Data, 1
			}
		case html.EndTagToken:
			if open != "" && z.Token().Data == open {
				if depth--; depth == 0 {
					open = ""
				}
			}
		case html.TextToken:
			if open == "" && start >= 0 && !blankText(z.Token().Data) {
				below = true
			}
		}
	}
}
