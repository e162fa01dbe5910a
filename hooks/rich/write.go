package rich

import (
	"html"
	"slices"
	"strconv"
	"strings"
)

// HTML writes the document, nothing but the subset. Attributes gives what
// stands in a tag besides what it needs, such as ` style="…"`; nil is none.
func (d Doc) HTML(attributes func(tag string) string) string {
	if attributes == nil {
		attributes = func(string) string { return "" }
	}
	var out strings.Builder
	d.write(&out, attributes)
	return out.String()
}

func (d Doc) write(out *strings.Builder, more func(string) string) {
	open := func(tag string) { out.WriteString("<" + tag + more(tag) + ">") }
	for _, b := range d {
		switch b.Kind {
		case Paragraph:
			open("p")
			spansHTML(out, b.Spans, more)
			out.WriteString("</p>")
		case Code:
			open("pre")
			for _, s := range b.Spans {
				if s.Break {
					out.WriteString("\n")
				} else {
					out.WriteString(html.EscapeString(s.Text))
				}
			}
			out.WriteString("</pre>")
		case Quote:
			open("blockquote")
			b.Inner.write(out, more)
			out.WriteString("</blockquote>")
		case List, Ordered:
			tag := "ul"
			if b.Kind == Ordered {
				tag = "ol"
			}
			open(tag)
			for _, item := range b.Items {
				open("li")
				rest := item
				if item[0].Kind == Paragraph { // an item is its first line
					spansHTML(out, item[0].Spans, more)
					rest = item[1:]
				}
				rest.write(out, more)
				out.WriteString("</li>")
			}
			out.WriteString("</" + tag + ">")
		}
	}
}

func spansHTML(out *strings.Builder, spans []Span, more func(string) string) {
	for _, s := range spans {
		if s.Break {
			out.WriteString("<br>")
			continue
		}
		var tags []string
		if s.Href != "" {
			out.WriteString(`<a href="` + html.EscapeString(s.Href) + `"` + more("a") + `>`)
			tags = append(tags, "a")
		}
		for _, t := range []struct {
			on  bool
			tag string
		}{{s.Bold, "strong"}, {s.Italic, "em"}, {s.Code, "code"}} {
			if t.on {
				out.WriteString("<" + t.tag + ">")
				tags = append(tags, t.tag)
			}
		}
		if s.Image != "" {
			out.WriteString(`<img src="cid:` + s.Image + `" alt="` + html.EscapeString(s.Text) + `"` + more("img") + `>`)
		} else {
			out.WriteString(strings.ReplaceAll(html.EscapeString(s.Text), "\u00a0", "&nbsp;"))
		}
		for _, tag := range slices.Backward(tags) {
			out.WriteString("</" + tag + ">")
		}
	}
}

// Text writes the document as plain text: what a reader without formatting
// sees. A message of pictures alone has none.
func (d Doc) Text() string {
	said := false
	d.each(func(s Span) { said = said || s.Image == "" && !s.Break })
	if !said {
		return ""
	}
	return strings.Join(d.lines(), "\n")
}

func (d Doc) lines() (all []string) {
	for i, b := range d {
		if i > 0 {
			all = append(all, "")
		}
		switch b.Kind {
		case Paragraph, Code:
			all = append(all, spanLines(b.Spans)...)
		case Quote:
			for _, line := range b.Inner.lines() {
				all = append(all, strings.TrimRight("> "+line, " "))
			}
		case List, Ordered:
			for n, item := range b.Items {
				mark := "- "
				if b.Kind == Ordered {
					mark = strconv.Itoa(n+1) + ". "
				}
				for j, line := range item.itemLines() {
					switch {
					case j == 0:
						line = mark + line
					case line != "":
						line = strings.Repeat(" ", len(mark)) + line
					}
					all = append(all, line)
				}
			}
		}
	}
	return all
}

// itemLines are the lines of an item; a list in it follows at once.
func (d Doc) itemLines() []string {
	if len(d) > 1 && d[0].Kind == Paragraph && (d[1].Kind == List || d[1].Kind == Ordered) {
		return append(d[:1].lines(), d[1:].lines()...)
	}
	return d.lines()
}

func spanLines(spans []Span) []string {
	var line strings.Builder
	var all []string
	for i, s := range spans {
		switch {
		case s.Break:
			all = append(all, strings.TrimRight(line.String(), " "))
			line.Reset()
		case s.Image != "":
			if s.Text != "" {
				line.WriteString("[" + s.Text + "]")
			}
		default:
			line.WriteString(strings.ReplaceAll(s.Text, "\u00a0", " "))
			if last := i == len(spans)-1 || spans[i+1].Href != s.Href; s.Href != "" && last {
				if where := spelled(spans[:i+1], s.Href); where != "" {
					line.WriteString(" (" + where + ")")
				}
			}
		}
	}
	return append(all, strings.TrimRight(line.String(), " "))
}

// spelled is where the link that ends the spans leads, "" when its own words
// say so.
func spelled(spans []Span, href string) string {
	words := ""
	for _, s := range slices.Backward(spans) {
		if s.Href != href {
			break
		}
		words = s.Text + words
	}
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		for _, prefix := range []string{"https://", "http://", "mailto:", "tel:"} {
			s = strings.TrimPrefix(s, prefix)
		}
		return strings.TrimSuffix(s, "/")
	}
	if bare(words) == bare(href) {
		return ""
	}
	where := href
	for _, prefix := range []string{"mailto:", "tel:"} {
		if len(where) > len(prefix) && strings.EqualFold(where[:len(prefix)], prefix) {
			where = where[len(prefix):]
		}
	}
	return where
}

// Plain tells that nothing in the document needs more than text.
func (d Doc) Plain() bool {
	for _, b := range d {
		if b.Kind != Paragraph {
			return false
		}
	}
	plain := true
	d.each(func(s Span) {
		plain = plain && !s.Bold && !s.Italic && !s.Code && s.Image == "" && (s.Href == "" || s.Href == s.Text)
	})
	return plain
}

// Images are the Content-IDs of the pictures that stand in the text.
func (d Doc) Images() (all []string) {
	d.each(func(s Span) {
		if s.Image != "" && !slices.Contains(all, s.Image) {
			all = append(all, s.Image)
		}
	})
	return all
}

// WithImages is the document without the pictures that are not there.
func (d Doc) WithImages(there func(id string) bool) Doc {
	var kept Doc
	for _, b := range d {
		n := b
		n.Spans, n.Items = nil, nil
		for _, s := range b.Spans {
			if s.Image == "" || there(s.Image) {
				n.Spans = append(n.Spans, s)
			}
		}
		for _, item := range b.Items {
			if item = item.WithImages(there); len(item) > 0 {
				n.Items = append(n.Items, item)
			}
		}
		if b.Kind == Paragraph {
			n.Spans = trimmed(n.Spans)
		}
		n.Inner = b.Inner.WithImages(there)
		if len(lines(n.Spans)) > 0 || len(n.Items) > 0 || len(n.Inner) > 0 {
			kept = append(kept, n)
		}
	}
	return kept
}

func (d Doc) each(look func(Span)) {
	for _, b := range d {
		for _, s := range b.Spans {
			look(s)
		}
		for _, item := range b.Items {
			item.each(look)
		}
		b.Inner.each(look)
	}
}
