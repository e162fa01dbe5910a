package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const (
	mostColumns = 60
	mostCell    = 5000 // characters
)

var errNoTable = errors.New("this is no table")

// decode turns a file into UTF-8 and says what it was. Excel writes UTF-8 with
// a mark, UTF-16 ("Unicode text") or, on most machines, Windows-1252.
func decode(raw []byte) (text []byte, name string) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(raw, []byte{0xef, 0xbb, 0xbf}):
		return bytes.ToValidUTF8(raw[3:], []byte("\uFFFD")), "UTF-8"
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		raw, from, name = raw[2:], unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16"
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		raw, from, name = raw[2:], unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16"
	default:
		head := raw[:min(len(raw), 4096)]
		even, odd := 0, 0
		for i, b := range head {
			if b == 0 && i%2 == 0 {
				even++
			} else if b == 0 {
				odd++
			}
		}
		switch {
		case odd > len(head)/8 && odd > 4*even:
			from, name = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "UTF-16"
		case even > len(head)/8 && even > 4*odd:
			from, name = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16"
		case utf8.Valid(raw):
			return raw, "UTF-8"
		default:
			from, name = charmap.Windows1252, "Windows-1252"
		}
	}
	text, err := from.NewDecoder().Bytes(raw)
	if err != nil {
		text = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	return text, name
}

// separator is the character between the cells: the one that cuts the first
// lines into the same number of cells, more than one.
func separator(text []byte) rune {
	if first, rest, ok := bytes.Cut(text, []byte("\n")); ok { // Excel's own way to say it
		if s, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(string(first))), "sep="); ok && len(s) == 1 && len(rest) > 0 {
			return rune(s[0])
		}
	}
	best, score := ',', 0
	for _, s := range ",;\t|" {
		r := reader(text[:min(len(text), 64<<10)], s)
		width, same := 0, 0
		for range 20 {
			row, err := r.Read()
			if err != nil {
				break
			}
			if width == 0 {
				width = len(row)
			}
			if len(row) == width {
				same++
			}
		}
		if points := same * min(width, 8); width > 1 && points > score {
			best, score = s, points
		}
	}
	return best
}

func reader(text []byte, sep rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = sep, true, -1, false
	return r
}

// table is a file that was read as one.
type table struct {
	Encoding  string
	Separator rune
	text      []byte
}

func readTable(raw []byte) (*table, error) {
	text, name := decode(raw)
	if bytes.IndexByte(text[:min(len(text), 64<<10)], 0) >= 0 {
		return nil, errNoTable // a workbook, a picture
	}
	t := &table{Encoding: name, Separator: separator(text), text: text}
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	if ok && strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(first))), "sep=") {
		t.text = rest
	}
	if len(bytes.TrimSpace(t.text)) == 0 {
		return nil, errNoTable
	}
	return t, nil
}

// rows calls f with each row that has something in it, and its number in the
// file from 1. A row that cannot be read is given as nil.
func (t *table) rows(f func(n int, row []string) bool) {
	r := reader(t.text, t.Separator)
	for n := 1; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			var parse *csv.ParseError
			if !errors.As(err, &parse) {
				return
			}
			row = nil
		} else {
			row = tidyRow(row)
			if len(row) == 0 {
				n--
				continue
			}
		}
		if !f(n, row) {
			return
		}
	}
}

// tidyRow cuts what is empty at the end, and cells that no contact has.
func tidyRow(row []string) []string {
	row = row[:min(len(row), mostColumns)]
	last := 0
	for i, cell := range row {
		cell = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(cell, "\x00", ""), "\uFFFD"))
		if r := []rune(cell); len(r) > mostCell {
			cell = string(r[:mostCell])
		}
		if row[i] = cell; cell != "" {
			last = i + 1
		}
	}
	return row[:last]
}
