package tnef

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"
)

// dictionary is what compressed RTF starts from (MS-OXRTFCP 2.1.2.1).
const dictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// inflate undoes the compression of RTF, as far as the bytes go.
func inflate(raw []byte) []byte {
	if len(raw) < 16 {
		return nil
	}
	size := binary.LittleEndian.Uint32(raw[4:])
	switch binary.LittleEndian.Uint32(raw[8:]) {
	case 0x414c454d: // not compressed
		return raw[16:min(len(raw), 16+maxText)]
	case 0x75465a4c:
	default:
		return nil
	}
	limit := int(min(size, maxText))
	out := make([]byte, 0, min(limit, 1<<20))
	var window [4096]byte
	at := copy(window[:], dictionary)
	put := func(b byte) {
		out = append(out, b)
		window[at] = b
		at = (at + 1) & 4095
	}
	raw = raw[16:]
	for len(raw) > 0 && len(out) < limit {
		control := raw[0]
		raw = raw[1:]
		for bit := 0; bit < 8 && len(out) < limit; bit++ {
			if control>>bit&1 == 0 {
				if len(raw) < 1 {
					return out
				}
				put(raw[0])
				raw = raw[1:]
				continue
			}
			if len(raw) < 2 {
				return out
			}
			ref := int(raw[0])<<8 | int(raw[1])
			raw = raw[2:]
			from, n := ref>>4, ref&15+2
			if from == at {
				return out // the end
			}
			for ; n > 0 && len(out) < limit; n-- {
				put(window[from])
				from = (from + 1) & 4095
			}
		}
	}
	return out
}

// Groups of RTF that hold no text.
var unread = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "header": true, "footer": true,
	"listtable": true, "listoverridetable": true, "generator": true, "themedata": true, "datastore": true, "xmlnstbl": true, "rsidtbl": true,
	"latentstyles": true, "pntext": true, "fldinst": true, "bkmkstart": true, "bkmkend": true,
}

// fromRTF reads the text of RTF; HTML that was wrapped in RTF (MS-OXRTFEX)
// comes back as HTML.
func fromRTF(raw []byte) (text, page string) {
	var out strings.Builder
	wrapped := strings.Contains(string(raw[:min(len(raw), 512)]), `\fromhtml`)
	type group struct {
		skip    bool
		rtfOnly bool // between \htmlrtf and \htmlrtf0
		uc      int
	}
	current := group{uc: 1}
	var stack []group
	codepage := 1252
	pending := []byte(nil) // 8-bit characters that may belong together
	drop := 0              // characters that stand for a \u before them
	flush := func() {
		if len(pending) > 0 {
			out.WriteString(inCodepage(pending, codepage))
			pending = pending[:0]
		}
	}
	emit := func(s string) {
		flush()
		if !current.skip && !current.rtfOnly {
			out.WriteString(s)
		}
	}
	high := rune(0) // first half of a pair
	for i := 0; i < len(raw) && out.Len() < maxText; {
		c := raw[i]
		i++
		switch c {
		case '{':
			flush()
			if len(stack) < 500 {
				stack = append(stack, current)
			}
			drop = 0
		case '}':
			flush()
			if n := len(stack); n > 0 {
				current = stack[n-1]
				stack = stack[:n-1]
			}
			drop = 0
		case '\r', '\n':
		case '\\':
			if i >= len(raw) {
				break
			}
			c = raw[i]
			if (c|0x20) < 'a' || (c|0x20) > 'z' {
				i++
				switch c {
				case '\'':
					if i+1 < len(raw) {
						if n, err := strconv.ParseUint(string(raw[i:i+2]), 16, 8); err == nil {
							i += 2
							switch {
							case drop > 0:
								drop--
							case !current.skip && !current.rtfOnly:
								pending = append(pending, byte(n))
							}
						}
					}
				case '*':
					// A group to be passed over unless its word is known.
					rest := string(raw[i:min(len(raw), i+12)])
					flush()
					current.skip = !strings.HasPrefix(rest, `\htmltag`)
				case '~':
					emit("\u00a0")
				case '\\', '{', '}':
					if drop > 0 {
						drop--
					} else {
						emit(string(rune(c)))
					}
				}
				continue
			}
			start := i
			for i < len(raw) && (raw[i]|0x20) >= 'a' && (raw[i]|0x20) <= 'z' && i-start < 32 {
				i++
			}
			word := string(raw[start:i])
			start = i
			if i < len(raw) && raw[i] == '-' {
				i++
			}
			for i < len(raw) && raw[i] >= '0' && raw[i] <= '9' && i-start < 10 {
				i++
			}
			number, err := strconv.Atoi(string(raw[start:i]))
			has := err == nil
			if i < len(raw) && raw[i] == ' ' {
				i++
			}
			switch word {
			case "ansicpg":
				if has {
					codepage = number
				}
			case "htmlrtf":
				flush()
				current.rtfOnly = !has || number != 0
			case "uc":
				if has {
					current.uc = min(max(number, 0), 10)
				}
			case "u":
				r := rune(number)
				if r < 0 {
					r += 65536
				}
				drop = current.uc
				switch {
				case r >= 0xd800 && r < 0xdc00:
					high = r
				case r >= 0xdc00 && r < 0xe000:
					if high != 0 {
						emit(string((high-0xd800)<<10 + (r - 0xdc00) + 0x10000))
					}
					high = 0
				case utf8.ValidRune(r):
					emit(string(r))
				}
			case "par", "line", "sect", "page":
				emit("\n")
			case "row":
				emit("\n")
			case "tab", "cell":
				emit("\t")
			case "lquote", "rquote":
				emit("'")
			case "ldblquote", "rdblquote":
				emit(`"`)
			case "bullet":
				emit("•")
			case "endash":
				emit("–")
			case "emdash":
				emit("—")
			case "bin":
				if has && number > 0 {
					i = min(len(raw), i+number)
				}
			default:
				if unread[word] {
					flush()
					current.skip = true
				}
			}
		default:
			switch {
			case drop > 0:
				drop--
			case !current.skip && !current.rtfOnly:
				pending = append(pending, c)
			}
		}
	}
	flush()
	if wrapped {
		return "", out.String()
	}
	return strings.TrimSpace(out.String()), ""
}
