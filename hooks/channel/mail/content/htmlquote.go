package content

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// SplitHTMLQuote cuts a page where its quoted history begins (rule 46): by the
// marks that mail programs leave in HTML, and where there are none by the words
// that [SplitQuote] knows. Like it, it returns the whole page when it cannot
// tell, when something is written after or between the quotes, or when nothing
// would be left. The two parts are not balanced: each goes through [SafeHTML].
func SplitHTMLQuote(page string) (visible, quoted string) {
	if len(page) > maxHTML {
		return page, ""
	}
	lines, cut := readLines(page)
	if cut == unsure {
		return page, ""
	}
	if cut < 0 {
		cut = cutByWords(lines)
	}
	if cut < 0 {
		return page, ""
	}
	cut = attributionAbove(lines, cut)
	above := TextOf(page[:cut])
	below := TextOf(page[cut:min(len(page), cut+4000)])
	if blankText(above) || isForwardMark(lastLine(above)) || isForwardMark(firstLine(below)) {
		return page, ""
	}
	return page[:cut], page[cut:]
}

var (
	// Elements that hold the history; what follows them may be an answer.
	quoteClass = regexp.MustCompile(`(?:^|\s)(?:x_)*(?:gmail_quote(?:_container)?|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote|zmail_extra|shohay_quote|hs_reply|freshdesk_quote|front-blockquote|ms-outlook-mobile-reference-message|mail-quote-collapse|bloop_original_html|cite2|quoted-mail|elided-text|acronis_quote|sh-quoted-content|adM|zoho-quote|mailbird_quote)(?:\s|$)`)
	quoteID    = regexp.MustCompile(`^(?:x_)*(?:mail-editor-reference-message-container|ms-outlook-mobile-reference-message|yahoo_quoted.*|ydp.*yahoo_quoted.*|isForwardContent|isReplyContent|blockquote_zmail|mail-app-auto-quote|reply-intro|divRplyFwdMsg2|OLK_SRC_BODY_SECTION|tutanota_quote|editor_version_.*_quote)$`)
	quoteName  = regexp.MustCompile(`^(?:quote|messageReplySection)$`)

	// Elements after which everything is history.
	restClass = regexp.MustCompile(`(?:^|\s)(?:x_)*(?:OutlookMessageHeader|zmail_extra_hr)(?:\s|$)`)
	restID    = regexp.MustCompile(`^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling)$`)
	restStyle = regexp.MustCompile(`(?i)border(?:-top)?\s*:\s*(?:solid\s+#(?:B5C4DF|E1E1E1)\b|#(?:B5C4DF|E1E1E1)\s+1(?:\.0)?pt\s+solid|1(?:\.0)?pt\s+solid\s+(?:#(?:B5C4DF|E1E1E1)|rgb\((?:181, ?196, ?223|225, ?225, ?225)\)))`)

	// Elements that mail programs put a signature in.
	signClass = regexp.MustCompile(`(?:^|\s)(?:x_)*(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block(?:-user|-proton)?|yahoo-signature|ms-outlook-mobile-signature|zmail_signature|tutanota_signature)(?:\s|$)`)
	signID    = regexp.MustCompile(`^(?:x_)*(?:Signature|AppleMailSignature|ms-outlook-mobile-signature|composer_signature|DAB4FAD8-2DD7-40BB-A1B8-4E2AA1F9FDF2)$`)
)

// htmlLine is a line of a page as it is read, and where it begins.
type htmlLine struct {
	text string
	at   int
}

// unsure says that something is written between or below the quotes.
const unsure = -2

// readLines returns the lines of a page up to its history, and the offset of
// the element that begins the history: -1 for none, unsure for answers that
// stand among quotes.
func readLines(page string) (lines []htmlLine, cut int) {
	z := html.NewTokenizer(strings.NewReader(page))
	cut = -1
	at := 0
	heads := 0             // places where fields were looked for
	inside, depth := "", 0 // the history's element while it is open
	sign, signDepth := "", 0
	plain := 0 // open blockquotes without a mark
	skip := "" // an element whose content is not text
	var line strings.Builder
	lineAt := -1
	size := 0
	flush := func() {
		if lineAt >= 0 {
			text := strings.Join(strings.Fields(line.String()), " ")
			if plain > 0 {
				text = strings.Repeat(">", min(plain, 5)) + " " + text
			}
			if len(lines) <= maxQuoteLines {
				lines = append(lines, htmlLine{text, lineAt})
			}
		}
		line.Reset()
		lineAt = -1
	}
	var after []string // what is written below the quote
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			flush()
			if cut >= 0 && len(after) > 0 && !signatureFrom(after, 0) {
				return lines, unsure
			}
			return lines, cut
		}
		start := at
		at += len(z.Raw())
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if skip != "" {
				continue
			}
			if t.DataAtom == atom.Br || paragraphs[t.DataAtom] > 0 {
				flush()
				if paragraphs[t.DataAtom] == 2 && cut < 0 && len(lines) > 0 && lines[len(lines)-1].text != "" {
					lines = append(lines, htmlLine{"", start})
				}
			}
			if kind == html.SelfClosingTagToken || voidInText[t.DataAtom] {
				continue
			}
			switch t.DataAtom {
			case atom.Style, atom.Script, atom.Title:
				skip = t.Data
				continue
			}
			if inside != "" {
				if t.Data == inside {
					depth++
				}
				continue
			}
			if sign != "" {
				if t.Data == sign {
					signDepth++
				}
			}
			class, id := short(attr(t, "class")), short(attr(t, "id"))
			switch {
			case restID.MatchString(id), restClass.MatchString(class), t.DataAtom == atom.Div && restStyle.MatchString(short(attr(t, "style"))) && limited(&heads) && headerFollows(page[at:]):
				if cut < 0 {
					cut = start
				}
				return lines, cut
			case quoteClass.MatchString(class), quoteID.MatchString(id), quoteName.MatchString(short(attr(t, "name"))), t.DataAtom == atom.Blockquote && isCite(t):
				if cut < 0 {
					cut = start
				}
				inside, depth = t.Data, 1
			case sign == "" && (signClass.MatchString(class) || signID.MatchString(id)):
				sign, signDepth = t.Data, 1
			case t.DataAtom == atom.Blockquote:
				plain++
			}
		case html.EndTagToken:
			t := z.Token()
			if skip != "" {
				if t.Data == skip {
					skip = ""
				}
				continue
			}
			if paragraphs[t.DataAtom] > 0 {
				flush()
			}
			if t.Data == inside {
				if depth--; depth == 0 {
					inside = ""
				}
				continue
			}
			if t.Data == sign {
				if signDepth--; signDepth == 0 {
					sign = ""
				}
			}
			if t.DataAtom == atom.Blockquote {
				plain = max(0, plain-1)
			}
		case html.TextToken:
			if skip != "" {
				continue
			}
			text := z.Token().Data
			if cut >= 0 {
				if inside == "" && sign == "" && !blankText(text) && len(after) < 20 {
					after = append(after, strings.Join(strings.Fields(text), " "))
				}
				continue
			}
			if strings.TrimSpace(text) == "" {
				if lineAt >= 0 {
					line.WriteByte(' ')
				}
				continue
			}
			if lineAt < 0 {
				lineAt = start
			}
			if size += len(text); size < 4<<20 {
				line.WriteString(text)
			}
		}
	}
}

// limited is true for the first few times.
func limited(n *int) bool {
	*n++
	return *n <= 20
}

// isCite knows a quotation from an indented paragraph.
func isCite(t html.Token) bool {
	return strings.EqualFold(attr(t, "type"), "cite") || attr(t, "cite") != "" || strings.Contains(strings.ToLower(short(attr(t, "style"))), "border-left")
}

func texts(lines []htmlLine) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.text
	}
	return out
}

// cutByWords finds the history by what its first lines say.
func cutByWords(lines []htmlLine) int {
	if len(lines) > maxQuoteLines {
		return -1
	}
	if i := quoteStart(texts(lines)); i > 0 {
		return lines[i].at
	}
	return -1
}

// attributionAbove moves the cut up over "On … wrote:", which some programs
// leave outside of the element with the history.
func attributionAbove(lines []htmlLine, cut int) int {
	n := 0
	for n < len(lines) && lines[n].at < cut {
		n++
	}
	last := n
	for last > 0 && lines[last-1].text == "" {
		last--
	}
	above := append(texts(lines[:last]), "> ")
	for i := max(0, last-maxAttribute); i < last; i++ {
		if above[i] == "" {
			continue
		}
		if start, size := wroteLine(above, i); size > 0 && start+size == last && start > 0 {
			return lines[start].at
		}
		if originalMark.MatchString(above[i]) && i > 0 {
			return lines[i].at
		}
	}
	return cut
}

// headerFollows is true when the fields of a quoted mail come next.
func headerFollows(rest string) bool {
	lines := strings.Split(TextOf(rest[:min(len(rest), 6000)]), "\n")
	return headerBlock(lines, true)
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimLeft(line, "> ")
}

// PageLine is a line of a page as it is read, and the offset where it begins.
type PageLine struct {
	Text string
	At   int
}

// PageLines cuts a page into the lines that a reader sees.
func PageLines(page string) []PageLine {
	if len(page) > maxHTML {
		return nil
	}
	z := html.NewTokenizer(strings.NewReader(page))
	var out []PageLine
	var line strings.Builder
	at, lineAt, skip := 0, -1, ""
	flush := func() {
		if lineAt >= 0 && len(out) < maxQuoteLines {
			out = append(out, PageLine{strings.Join(strings.Fields(line.String()), " "), lineAt})
		}
		line.Reset()
		lineAt = -1
	}
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			flush()
			return out
		}
		start := at
		at += len(z.Raw())
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			switch {
			case skip != "":
				if kind == html.EndTagToken && string(name) == skip {
					skip = ""
				}
			case kind == html.StartTagToken && (tag == atom.Style || tag == atom.Script || tag == atom.Title):
				skip = string(name)
			case tag == atom.Br || paragraphs[tag] > 0:
				flush()
			case tag == atom.Td || tag == atom.Th:
				line.WriteByte(' ')
			}
		case html.TextToken:
			text := z.Token().Data
			if skip != "" || strings.TrimSpace(text) == "" && lineAt < 0 {
				continue
			}
			if lineAt < 0 {
				lineAt = start
			}
			if line.Len() < 2*maxLine {
				line.WriteString(text)
			}
		}
	}
}
