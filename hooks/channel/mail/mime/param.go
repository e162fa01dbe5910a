package mime

import (
	"strconv"
	"strings"
)

// parseParams reads "value; name=value; …" as mailers write it: missing
// quotes, blanks round the equals sign, RFC 2231 continuations and charsets
// (name*0*=utf-8'”…), RFC 2047 words in quotes. The value and the names come
// back in lower case; the first of two equal names wins.
func parseParams(raw string) (string, map[string]string) {
	params := map[string]string{}
	value, rest, _ := strings.Cut(raw, ";")
	value = strings.ToLower(strings.TrimSpace(value))
	if i := strings.IndexAny(value, " \t("); i >= 0 {
		value = value[:i]
	}

	pieces := map[string]map[int]string{} // RFC 2231: name -> number -> piece
	encoded := map[string]bool{}
	for i := 0; rest != "" && i < 100; i++ {
		var name, v string
		name, v, rest = nextParam(rest)
		if name == "" {
			continue
		}
		base, star, isExtended := strings.Cut(name, "*")
		if !isExtended {
			if _, ok := params[name]; !ok {
				params[name] = v
			}
			continue
		}
		number := 0
		percent := strings.HasSuffix(star, "*") || star == ""
		if digits := strings.TrimSuffix(star, "*"); digits != "" {
			n, err := strconv.Atoi(digits)
			if err != nil || n < 0 || n > 99 {
				continue
			}
			number = n
		}
		if pieces[base] == nil {
			pieces[base] = map[int]string{}
		}
		if number == 0 && percent {
			encoded[base] = true
		}
		if percent {
			if number == 0 {
				pieces[base][0] = v // decoded below, with its charset
				continue
			}
			v = unpercent(v)
		}
		pieces[base][number] = v
	}

	for base, byNumber := range pieces {
		charset, first := "", byNumber[0]
		if encoded[base] {
			if parts := strings.SplitN(first, "'", 3); len(parts) == 3 {
				charset, first = parts[0], parts[2]
			}
			first = unpercent(first)
		}
		joined := []byte(first)
		for i := 1; ; i++ {
			piece, ok := byNumber[i]
			if !ok {
				break
			}
			joined = append(joined, piece...)
		}
		params[base] = decodeBytes(joined, charset)
	}
	return value, params
}

// nextParam cuts one "name=value" off.
func nextParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for j := 1; j < len(s); j++ {
		switch c := s[j]; c {
		case '\\':
			// A backslash before a letter is a Windows path, not an escape.
			if j+1 < len(s) && (s[j+1] == '"' || s[j+1] == '\\') {
				j++
			}
			b.WriteByte(s[j])
		case '"':
			_, rest, _ = strings.Cut(s[j+1:], ";")
			return name, b.String(), rest
		default:
			b.WriteByte(c)
		}
	}
	return name, b.String(), ""
}

func unpercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
