package mime

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"
)

// decodeTransfer undoes a Content-Transfer-Encoding, by its beginning:
// "base64;" and "quoted-printable (…)" are seen. Anything unknown is taken as
// it stands.
func decodeTransfer(body []byte, encoding string) []byte {
	switch {
	case strings.HasPrefix(encoding, "base64"):
		return decodeBase64(body)
	case strings.HasPrefix(encoding, "quoted"):
		return decodeQuoted(body, false)
	case strings.HasPrefix(encoding, "x-uu"), strings.HasPrefix(encoding, "uu"):
		return decodeUU(body)
	}
	return body
}

// transferSize is the length of what decodeTransfer returns. Attachments are
// large and base64: theirs is counted, not decoded.
func transferSize(body []byte, encoding string) int64 {
	if !strings.HasPrefix(encoding, "base64") {
		size, _ := io.Copy(io.Discard, transferReader(body, encoding)) // from memory to nowhere: it cannot fail
		return size
	}
	var size int64
	quad := 0
	for _, c := range body {
		if letter64(c) {
			if quad++; quad == 4 {
				size += 3
				quad = 0
			}
		} else if c == '=' {
			size += int64(max(quad-1, 0))
			quad = 0
		}
	}
	return size + int64(max(quad-1, 0))
}

// inBase64 has the letters of both alphabets.
var inBase64 = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") {
		t[c] = true
	}
	return t
}()

const readAhead = 48 << 10 // bytes of a part that are decoded at a time

// transferReader undoes a Content-Transfer-Encoding piece by piece, with the
// same result as [decodeTransfer].
func transferReader(body []byte, encoding string) io.Reader {
	switch {
	case strings.HasPrefix(encoding, "base64"):
		return &pieces{rest: body, decode: base64Pieces}
	case strings.HasPrefix(encoding, "quoted"):
		return &pieces{rest: body, decode: quotedPieces}
	case strings.HasPrefix(encoding, "x-uu"), strings.HasPrefix(encoding, "uu"):
		return bytes.NewReader(decodeUU(body))
	}
	return bytes.NewReader(body)
}

// pieces reads what decode makes of the beginning of a body; decode says how
// much of it that took.
type pieces struct {
	rest, ready []byte
	decode      func(rest []byte) (out []byte, taken int)
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.ready) == 0 {
		if len(p.rest) == 0 {
			return 0, io.EOF
		}
		var taken int
		p.ready, taken = p.decode(p.rest)
		p.rest = p.rest[taken:]
	}
	n := copy(b, p.ready)
	p.ready = p.ready[n:]
	return n, nil
}

// base64Pieces cuts where four letters end, so that the pieces join.
func base64Pieces(rest []byte) ([]byte, int) {
	if len(rest) <= readAhead {
		return decodeBase64(rest), len(rest)
	}
	quad, cut := 0, 0
	for i, c := range rest[:readAhead] {
		switch {
		case letter64(c):
			if quad++; quad == 4 {
				quad, cut = 0, i+1
			}
		case c == '=':
			quad, cut = 0, i+1
		}
	}
	switch {
	case cut > 0:
		return decodeBase64(rest[:cut]), cut
	case quad == 0: // nothing but blanks
		return nil, readAhead
	}
	return decodeBase64(rest), len(rest) // hardly a letter among blanks
}

func letter64(c byte) bool { return inBase64[c] }

// quotedPieces cuts behind the end of a line, where nothing is pending.
func quotedPieces(rest []byte) ([]byte, int) {
	if len(rest) <= readAhead {
		return decodeQuoted(rest, false), len(rest)
	}
	if i := bytes.LastIndexByte(rest[:readAhead], '\n'); i >= 0 {
		return decodeQuoted(rest[:i+1], false), i + 1
	}
	return decodeQuoted(rest, false), len(rest) // one enormous line
}

// decodeBase64 keeps the letters of the alphabet and cuts a broken tail. A
// padding in the middle ends one run and starts the next: some mailers join
// encoded blocks.
func decodeBase64(body []byte) []byte {
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(body)))
	run, n := make([]byte, 0, len(body)), 0
	flush := func() {
		if len(run)%4 == 1 {
			run = run[:len(run)-1] // six bits make no byte
		}
		m, _ := base64.RawStdEncoding.Decode(out[n:], run) // of letters of the alphabet alone
		n += m
		run = run[:0]
	}
	for _, c := range body {
		if letter := base64Letters[c]; letter != 0 {
			run = append(run, letter)
		} else if c == '=' {
			flush()
		}
	}
	flush()
	return out[:n]
}

// base64Letters are the letters of the alphabet, and those of the one for
// addresses as the first has them.
var base64Letters = func() (letters [256]byte) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		letters[c] = c
	}
	letters['-'], letters['_'] = '+', '/'
	return letters
}()

// plainWords says whether a text that is declared as base64 is none: words
// with blanks between them, where base64 has whole lines.
func plainWords(body []byte) bool {
	body = bytes.TrimSpace(body[:min(len(body), 2000)])
	blanks, inLine := 0, false
	for i, c := range body {
		switch c {
		case '\n':
			inLine = false
		case ' ', '\t':
			if inLine && i+1 < len(body) && body[i+1] > ' ' {
				blanks++
			}
		case '\r':
		default:
			inLine = true
		}
	}
	return blanks >= 4 && blanks*20 > len(body) && !utf8.Valid(decodeBase64(body))
}

// decodeQuoted undoes quoted-printable; a bad escape stays as it is. In a
// header word there are no soft line breaks.
func decodeQuoted(body []byte, header bool) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c != '=' {
			out = append(out, c)
			continue
		}
		if i+2 < len(body) {
			if hi, lo := unhex(body[i+1]), unhex(body[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		if !header {
			// A soft break: "=", blanks, line ending; or "=" at the very end.
			j := i + 1
			for j < len(body) && (body[j] == ' ' || body[j] == '\t') {
				j++
			}
			if j == len(body) {
				break
			}
			if body[j] == '\n' {
				i = j
				continue
			}
			if body[j] == '\r' && j+1 < len(body) && body[j+1] == '\n' {
				i = j + 1
				continue
			}
			if j > i+1 {
				// Blanks that lead nowhere: keep them, and do not look again.
				out = append(out, body[i:j]...)
				i = j - 1
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// decodeUU undoes uuencode between "begin" and "end".
func decodeUU(body []byte) []byte {
	var out []byte
	started := false
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		if !started {
			started = bytes.HasPrefix(line, []byte("begin "))
			continue
		}
		if bytes.Equal(line, []byte("end")) || len(line) == 0 {
			break
		}
		n := int(line[0]-' ') & 0x3f
		data := line[1:]
		for len(data)%4 != 0 {
			data = append(data[:len(data):len(data)], ' ') // blanks at the end get lost on the way
		}
		for i := 0; i+3 < len(data) && n > 0; i += 4 {
			a, b, c, d := (data[i]-' ')&0x3f, (data[i+1]-' ')&0x3f, (data[i+2]-' ')&0x3f, (data[i+3]-' ')&0x3f
			three := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
			k := min(n, 3)
			out = append(out, three[:k]...)
			n -= k
		}
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
