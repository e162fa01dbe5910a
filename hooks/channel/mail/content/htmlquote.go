package content

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SplitHTMLQuote cuts a page where its quoted history begins (rule 46), by the
// marks that mail programs leave in HTML. Like [SplitQuote] it returns the
// whole page when it cannot tell, when something is written after or between
// the quotes, or when nothing would be left. The two parts are not balanced:
// each goes through [SafeHTML].
func SplitHTMLQuote(page string) (visible, quoted string) {
	if len(page) > maxHTML {
		return page, ""
	}
	cut := htmlQuoteStart(page)
	if cut < 0 {
		return page, ""
	}
	above := TextOf(page[:cut])
	below := TextOf(page[cut:min(len(page), cut+4000)])
	if blankText(above) || forwardMark.MatchString(lastLine(above)) || forwardMark.MatchString(firstLine(below)) {
		return page, ""
	}
	return page[:cut], page[cut:]
}

var (
	// Elements that hold the history; what follows them may be an answer.
	quoteClass = regexp.MustCompile(`(?:^|\s)(gmail_quote(?:_container)?|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|shohay_quote)(?:\s|$)`)
	quoteID    = regexp.MustCompile(`^(?:x_)*(?:mail-editor-reference-message-container|yahoo_quoted.*|isForwardContent)$`)

	// Elements after which everything is history.
	restClass = regexp.MustCompile(`(?:^|\s)OutlookMessageHeader(?:\s|$)`)
	restID    = regexp.MustCompile(`^(?:x_)*(?:divRplyFwdMsg|appendonsend)$`)
	restStyle = regexp.MustCompile(`(?i)border-top\s*:\s*solid\s+#(?:B5C4DF|E1E1E1)\b`)
)

// htmlQuoteStart returns the offset of the element that begins the history, -1
// for none.
func htmlQuoteStart(page string) int {
	z := html.NewTokenizer(strings.NewReader(page))
	cut, at := -1, 0
	inside, depth := "", 0 // the history's element while it is open
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return cut
		}
		start := at
		at += len(z.Raw())
		switch kind {
		case html.StartTagToken:
			t := z.Token()
			if inside != "" {
				if t.Data == inside {
					depth++
				}
				continue
			}
			class, id := attr(t, "class"), attr(t, "id")
			switch {
			case restID.MatchString(id), restClass.MatchString(class), t.DataAtom == atom.Div && restStyle.MatchString(attr(t, "style")) && headerFollows(page[at:]):
				if cut < 0 {
					cut = start
				}
				return cut
			case quoteClass.MatchString(class), quoteID.MatchString(id), t.DataAtom == atom.Blockquote && strings.EqualFold(attr(t, "type"), "cite"):
				if cut < 0 {
					cut = start
				}
				inside, depth = t.Data, 1
			}
		case html.EndTagToken:
			if t := z.Token(); t.Data == inside {
				if depth--; depth == 0 {
					inside = ""
				}
			}
		case html.TextToken:
			if cut >= 0 && inside == "" && !blankText(z.Token().Data) {
				return -1 // written below or between the quotes
			}
		}
	}
}

// headerFollows is true when the fields of a quoted mail come next.
func headerFollows(rest string) bool {
	lines := strings.Split(TextOf(rest[:min(len(rest), 4000)]), "\n")
	return headerBlock(lines)
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimLeft(line, "> ")
}
