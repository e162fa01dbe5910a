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
	if !eightBit && !stateful && !strings.Contains(strings.ToLower(charset), "utf-7") {
		return string(b)
	}
	if utf8.Valid(b) && (eightBit || isUTF8(charset)) {
		return string(b)
	}
	if noCharset(charset) {
		if e := guess(b, eightBit); e != nil {
			return convert(b, e)
		}
	}
	if strings.EqualFold(strings.Trim(charset, " \t\"'"), "utf-7") || strings.EqualFold(charset, "unicode-1-1-utf-7") {
		return decodeUTF7(b)
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

// noCharset is true for declarations that say nothing.
func noCharset(name string) bool {
	switch strings.ToLower(strings.Trim(name, " \t\"'")) {
	case "", "us-ascii", "ascii", "unknown", "unknown-8bit", "x-unknown", "default", "default_charset", "user-defined", "x-user-defined", "8bit", "7bit", "none", "binary", "ansi_x3.4-1968":
		return true
	}
	return false
}

// guess finds the charset of bytes that declare none and are not UTF-8; nil
// when nothing speaks for one, which means Western.
func guess(b []byte, eightBit bool) encoding.Encoding {
	if !eightBit {
		if bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")) {
			return encodingOf("iso-2022-jp")
		}
		return nil
	}
	sample := b[:min(len(b), 4096)]
	high, latin := 0, 0
	for _, c := range sample {
		switch {
		case c >= 0x80:
			high++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			latin++
		}
	}
	// Nothing but letters of the upper quarter: two-byte charsets hardly ever do.
	if e := cyrillic(sample); high >= 4 && latin == 0 && e != nil || high >= 8 && high > latin && e != nil {
		return e
	}
	if high < 8 || high < latin {
		return nil // accents in a Western text
	}
	// Two-byte charsets: the one that yields letters of its own script only.
	best, bestShare := encoding.Encoding(nil), 0.0
	for _, name := range []string{"gb18030", "big5", "shift_jis", "euc-kr", "euc-jp"} {
		e := encodingOf(name)
		out, err := e.NewDecoder().Bytes(sample)
		if err != nil {
			continue
		}
		good, all := 0.0, 0.0
		for _, r := range string(out) {
			if r < 0x80 {
				continue
			}
			all++
			switch {
			case r == 0xfffd:
				all += 5
			case r >= 0x3040 && r < 0x3100 && name != "gb18030": // kana
				good++
			case r >= 0xac00 && r < 0xd7a4 && name == "euc-kr": // hangul
				good += 1.1
			case r >= 0x4e00 && r < 0x9fff && name == "gb18030" && commonHanzi(sample):
				good += 1.05
			case r >= 0x4e00 && r < 0x9fff && name != "euc-kr" && name != "gb18030":
				good += 0.8
			case r >= 0x3000 && r < 0x3040 || r >= 0xff00 && r < 0xff60:
				good++
			}
		}
		if share := good / max(all, 1); share > bestShare {
			best, bestShare = e, share
		}
	}
	if bestShare > 0.95 {
		return best
	}
	// Cyrillic: small letters are more than capitals.
	upper, lower := 0, 0 // 0xc0-0xdf and 0xe0-0xff
	for _, c := range sample {
		switch {
		case c >= 0xe0:
			lower++
		case c >= 0xc0:
			upper++
		}
	}
	if (upper+lower)*10 > high*8 {
		if upper > lower*2 {
			return charmap.KOI8R
		}
		return charmap.Windows1251
	}
	return nil
}

// cyrillic finds the charset of words that are all letters of Cyrillic, small
// but for the first; nil if they are not.
func cyrillic(b []byte) encoding.Encoding {
	koi, windows := true, true
	run := 0
	for _, c := range b {
		switch {
		case c >= 0xe0: // capital in KOI8-R, small in windows-1251
			koi = koi && run == 0
		case c >= 0xc0:
			windows = windows && run == 0
		case c >= 0x80:
			return nil
		default:
			run = 0
			continue
		}
		run++
	}
	switch {
	case koi && !windows:
		return charmap.KOI8R
	case windows && !koi:
		return charmap.Windows1251
	}
	return nil
}

// commonHanzi is true when most pairs lie in the rows of GB 2312 that hold the
// characters of everyday Chinese.
func commonHanzi(b []byte) bool {
	common, pairs := 0, 0
	for i := 0; i+1 < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		pairs++
		if b[i] >= 0xb0 && b[i] <= 0xd7 && b[i+1] >= 0xa1 {
			common++
		}
		i++
	}
	return common*10 >= pairs*7
}

// decodeUTF7 reads RFC 2152; what is broken stays as it is.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteByte(b[i])
			continue
		}
		j := i + 1
		for j < len(b) && (b[j]|0x20 >= 'a' && b[j]|0x20 <= 'z' || b[j] >= '0' && b[j] <= '9' || b[j] == '+' || b[j] == '/') {
			j++
		}
		switch {
		case j == i+1 && j < len(b) && b[j] == '-':
			out.WriteByte('+')
			i = j
			continue
		case j == i+1:
			out.WriteByte('+')
			continue
		}
		units := decodeBase64(b[i+1 : j])
		out.WriteString(convert(units[:len(units)&^1], unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)))
		if j < len(b) && b[j] == '-' {
			j++
		}
		i = j - 1
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD")
}
