package site

import (
	"fmt"
	"strings"
)

// MaxCSS is how much CSS of its own a shop may have.
const MaxCSS = 20_000

// atRules are the at-rules a shop may use: none of them fetches anything.
var atRules = map[string]bool{"media": true, "supports": true, "container": true, "layer": true, "keyframes": true, "-webkit-keyframes": true, "scope": true, "starting-style": true, "property": true}

// fetching are functions that name something to be fetched.
var fetching = map[string]bool{"image-set": true, "-webkit-image-set": true, "image": true, "cross-fade": true, "-webkit-cross-fade": true, "src": true, "element": true, "paint": true, "expression": true, "attr": true}

// CSSError is what a shop's CSS may not hold, and where. Key is a text of the
// catalogue.
type CSSError struct {
	Line int
	Key  string
	What string
}

func (e *CSSError) Error() string {
	return fmt.Sprintf("line %d: %s may not be used here", e.Line, e.What)
}

// CheckCSS reads CSS as far as it is needed to know that it fetches nothing
// from elsewhere and ends where it should. Nothing is repaired: the owner is
// told the line.
func CheckCSS(css string) error {
	c := &cssReader{text: css, line: 1}
	if len(css) > MaxCSS {
		return &CSSError{1, "error.css_long", ""}
	}
	return c.read()
}

type cssReader struct {
	text string
	at   int
	line int
	open []byte // closing brackets awaited
}

func (c *cssReader) fail(key, what string) error { return &CSSError{c.line, key, what} }

func (c *cssReader) read() error {
	for c.at < len(c.text) {
		rest := c.text[c.at:]
		ch := rest[0]
		switch {
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return c.fail("error.css_open", "/*")
			}
			c.skip(end + 4)
		case strings.HasPrefix(rest, "<!--"), strings.HasPrefix(rest, "-->"), ch == '<':
			return c.fail("error.css_sign", "<")
		case ch == '\\':
			return c.fail("error.css_sign", `\`)
		case ch == '"' || ch == '\'':
			if _, err := c.quoted(); err != nil {
				return err
			}
		case ch == '@':
			name := strings.ToLower(ident(rest[1:]))
			if !atRules[name] {
				return c.fail("error.css_rule", "@"+name)
			}
			c.skip(1 + len(name))
		case ch == '{' || ch == '(' || ch == '[':
			c.open = append(c.open, map[byte]byte{'{': '}', '(': ')', '[': ']'}[ch])
			c.skip(1)
		case ch == '}' || ch == ')' || ch == ']':
			if len(c.open) == 0 || c.open[len(c.open)-1] != ch {
				return c.fail("error.css_bracket", string(ch))
			}
			c.open = c.open[:len(c.open)-1]
			c.skip(1)
		case isIdent(ch):
			name := ident(rest)
			c.skip(len(name))
			if c.at < len(c.text) && c.text[c.at] == '(' {
				if err := c.function(strings.ToLower(name)); err != nil {
					return err
				}
			} else if low := strings.ToLower(name); low == "behavior" || low == "-moz-binding" {
				return c.fail("error.css_rule", name)
			}
		default:
			c.skip(1)
		}
	}
	if len(c.open) > 0 {
		return c.fail("error.css_open", string(c.open[len(c.open)-1]))
	}
	return nil
}

func (c *cssReader) function(name string) error {
	if fetching[name] {
		return c.fail("error.css_rule", name+"()")
	}
	if name != "url" {
		return nil // its bracket is read next
	}
	c.skip(1)
	c.skip(len(c.text[c.at:]) - len(strings.TrimLeft(c.text[c.at:], " \t\r\n\f")))
	var target string
	if c.at < len(c.text) && (c.text[c.at] == '"' || c.text[c.at] == '\'') {
		var err error
		if target, err = c.quoted(); err != nil {
			return err
		}
	} else {
		end := strings.IndexAny(c.text[c.at:], ") \t\r\n\f\"'(\\")
		if end < 0 {
			return c.fail("error.css_open", "url(")
		}
		target = c.text[c.at : c.at+end]
		c.skip(end)
	}
	c.skip(len(c.text[c.at:]) - len(strings.TrimLeft(c.text[c.at:], " \t\r\n\f")))
	if c.at >= len(c.text) || c.text[c.at] != ')' {
		return c.fail("error.css_open", "url(")
	}
	c.skip(1)
	low := strings.ToLower(target)
	local := strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//") && !strings.ContainsAny(target, "\\") || strings.HasPrefix(target, "#")
	picture := strings.HasPrefix(low, "data:image/") && !strings.HasPrefix(low, "data:image/svg")
	if !local && !picture {
		return c.fail("error.css_url", target)
	}
	return nil
}

// quoted reads a string and returns what is in it.
func (c *cssReader) quoted() (string, error) {
	mark := c.text[c.at]
	for i := c.at + 1; i < len(c.text); i++ {
		switch c.text[i] {
		case mark:
			inside := c.text[c.at+1 : i]
			c.skip(i + 1 - c.at)
			return inside, nil
		case '\n', '\r', '\f':
			return "", c.fail("error.css_open", string(mark))
		case '\\':
			i++
		case '<':
			return "", c.fail("error.css_sign", "<")
		}
	}
	return "", c.fail("error.css_open", string(mark))
}

func (c *cssReader) skip(n int) {
	c.line += strings.Count(c.text[c.at:c.at+n], "\n")
	c.at += n
}

func ident(s string) string {
	i := 0
	for i < len(s) && isIdent(s[i]) {
		i++
	}
	return s[:i]
}

func isIdent(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
