package mime

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// aliases are names that the web's index does not have or reads differently
// from what mailers mean.
var aliases = map[string]encoding.Encoding{
	"gb2312":         simplifiedchinese.GB18030,
	"gb_2312-80":     simplifiedchinese.GB18030,
	"x-gbk":          simplifiedchinese.GB18030,
	"cp936":          simplifiedchinese.GB18030,
	"hz-gb-2312":     simplifiedchinese.HZGB2312,
	"cp1251":         charmap.Windows1251,
	"cp1252":         charmap.Windows1252,
	"iso8859-1":      charmap.Windows1252,
	"8859_1":         charmap.Windows1252,
	"ansi_x3.4-1968": charmap.Windows1252,
	"cp437":          charmap.CodePage437,
	"cp850":          charmap.CodePage850,
	"cp858":          charmap.CodePage858,
	"macintosh":      charmap.Macintosh,
	"utf-16":         unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
}

func encodingOf(name string) encoding.Encoding {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	if e, ok := aliases[name]; ok {
		return e
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	return nil
}

func isUTF8(name string) bool {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	return name == "utf-8" || name == "utf8" || name == "unicode-1-1-utf-8"
}

// decodeBytes turns bytes of a declared charset into UTF-8. What the bytes say
// counts more than what is declared: a byte order mark, then valid UTF-8, then
// the declaration, then windows-1252.
func decodeBytes(b []byte, charset string) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b, charset = b[3:], "utf-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return convert(b[2:], unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return convert(b[2:], unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
	}
	eightBit, stateful := false, false
	for _, c := range b {
		if c >= 0x80 {
			eightBit = true
			break
		}
		if c == 0x1b || c == '~' || c == 0 {
			stateful = true // ISO-2022, HZ and UTF-16 hide in seven bits
		}
	}
	if !eightBit && !stateful {
		return string(b)
	}
	if utf8.Valid(b) && (eightBit || isUTF8(charset)) {
		return string(b)
	}
	e := encodingOf(charset)
	if isUTF8(charset) {
		if mostlyUTF8(b) {
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
		e = charmap.Windows1252
	}
	if e == nil {
		if !eightBit {
			return string(b)
		}
		e = charmap.Windows1252
	}
	return convert(b, e)
}

func convert(b []byte, e encoding.Encoding) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		out, _ = charmap.Windows1252.NewDecoder().Bytes(b)
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// mostlyUTF8 is true for text with damage rather than text of another charset:
// few bad places, or fewer than good characters beyond ASCII.
func mostlyUTF8(b []byte) bool {
	bad, good, wasBad := 0, 0, false
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		isBad := r == utf8.RuneError && n <= 1
		switch {
		case isBad && !wasBad:
			bad++
		case !isBad && n > 1:
			good++
		}
		wasBad = isBad
		i += max(n, 1)
	}
	return good > bad || bad*20 < len(b)
}

// metaCharset finds the charset an HTML page names for itself.
func metaCharset(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	rest := strings.TrimLeft(string(head[i+len("charset="):]), "\"' ")
	if j := strings.IndexAny(rest, "\"'> ;/\t\r\n"); j >= 0 {
		rest = rest[:j]
	}
	return rest
}

// cleanText makes text storable: valid UTF-8, newlines as \n, no control
// characters but newline and tab.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
