package site

import (
	"fmt"
	"html"
	htmltemplate "html/template"
	"reflect"
	"strings"

	"github.com/shohay/shohay/hooks/i18n"
)

// HTML is a value that is put into a page as it stands. Everything else is
// escaped.
type HTML = htmltemplate.HTML

// Values fill the holes of a page. A name may hold dots; they have no meaning
// of their own. Lists are []Values.
type Values map[string]any

// template is a page taken apart. The language is a small part of Mustache,
// which the owner of a shop can read.
type template struct{ nodes []node }

type node struct {
	kind rune // 0 literal, '=' value, 't' text, 'a' asset, 's' style, '>' part, '#' and '^' sections
	text string
	body []node
}

func parseTemplate(source string) (*template, error) {
	nodes, rest, err := parseNodes(source, "")
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, fmt.Errorf("the page goes on after its end")
	}
	return &template{nodes}, nil
}

// parseNodes reads up to the end of the section named, or of the page.
func parseNodes(source, section string) (nodes []node, rest string, err error) {
	for {
		before, after, ok := strings.Cut(source, "{{")
		if !ok {
			if section != "" {
				return nil, "", fmt.Errorf("{{#%s}} is not closed", section)
			}
			return append(nodes, node{text: source}), "", nil
		}
		tag, after, ok := strings.Cut(after, "}}")
		if !ok {
			return nil, "", fmt.Errorf("{{ is not closed")
		}
		tag = strings.TrimSpace(tag)
		if tag == "" {
			return nil, "", fmt.Errorf("{{}} is empty")
		}
		if strings.ContainsRune("#^/!>", rune(tag[0])) {
			before, after = trimLine(before, after)
		}
		nodes = append(nodes, node{text: before})
		source = after
		switch name := strings.TrimSpace(tag[1:]); tag[0] {
		case '!':
		case '>':
			nodes = append(nodes, node{kind: '>', text: name})
		case '/':
			if name != section {
				return nil, "", fmt.Errorf("{{/%s}} closes {{#%s}}", name, section)
			}
			return nodes, source, nil
		case '#', '^':
			var body []node
			if body, source, err = parseNodes(source, name); err != nil {
				return nil, "", err
			}
			nodes = append(nodes, node{kind: rune(tag[0]), text: name, body: body})
		default:
			nodes = append(nodes, hole(tag))
		}
	}
}

func hole(tag string) node {
	if key, ok := strings.CutPrefix(tag, "t:"); ok {
		return node{kind: 't', text: strings.TrimSpace(key)}
	}
	if names, ok := strings.CutPrefix(tag, "style:"); ok {
		return node{kind: 's', text: strings.TrimSpace(names)}
	}
	if name, ok := strings.CutPrefix(tag, "asset:"); ok {
		return node{kind: 'a', text: strings.TrimSpace(name)}
	}
	return node{kind: '=', text: tag}
}

// trimLine removes the line of a tag that stands alone on it.
func trimLine(before, after string) (string, string) {
	start := strings.LastIndexByte(before, '\n') + 1
	line, next, ok := strings.Cut(after, "\n")
	if ok && strings.TrimSpace(before[start:]) == "" && strings.TrimSpace(line) == "" {
		return before[:start], next
	}
	return before, after
}

// maxParts is how deep parts may lie in each other; an owner's mistake must
// not go round for ever.
const maxParts = 5

// filler fills one page.
type filler struct {
	out       strings.Builder
	catalogue *i18n.Catalogue
	lang      string
	asset     func(name string) string
	style     func(names []string) string
	styles    []string // written into the page, for its policy
	part      func(name string) *template
	depth     int      // of parts in each other
	scopes    []i18n.V // innermost first
}

func (f *filler) fill(nodes []node) {
	for _, n := range nodes {
		switch n.kind {
		case 0:
			f.out.WriteString(n.text)
		case 't':
			f.out.WriteString(html.EscapeString(f.catalogue.T(f.lang, n.text, f.scopes...)))
		case 'a':
			f.out.WriteString(html.EscapeString(f.asset(n.text)))
		case 's':
			css := f.style(strings.Fields(n.text))
			f.styles = append(f.styles, css)
			f.out.WriteString("<style>" + css + "</style>")
		case '>':
			if f.depth < maxParts {
				f.depth++
				f.fill(f.part(n.text).nodes)
				f.depth--
			}
		case '=':
			f.write(f.look(n.text))
		case '#':
			f.section(n)
		case '^':
			if !present(f.look(n.text)) {
				f.fill(n.body)
			}
		}
	}
}

func (f *filler) section(n node) {
	switch v := f.look(n.text).(type) {
	case []Values:
		for _, item := range v {
			f.within(item, n.body)
		}
	case Values:
		f.within(v, n.body)
	default:
		if present(v) {
			f.fill(n.body)
		}
	}
}

func (f *filler) within(values Values, body []node) {
	outer := f.scopes
	f.scopes = append([]i18n.V{i18n.V(values)}, outer...)
	f.fill(body)
	f.scopes = outer
}

func (f *filler) look(name string) any {
	for _, scope := range f.scopes {
		if v, ok := scope[name]; ok {
			return v
		}
	}
	return nil
}

func (f *filler) write(v any) {
	switch v := v.(type) {
	case nil:
	case HTML:
		f.out.WriteString(string(v))
	case string:
		f.out.WriteString(html.EscapeString(v))
	default:
		f.out.WriteString(html.EscapeString(fmt.Sprint(v)))
	}
}

func present(v any) bool {
	if v == nil {
		return false
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Slice || r.Kind() == reflect.Map {
		return r.Len() > 0
	}
	return !r.IsZero()
}
