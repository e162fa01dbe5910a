// Package tnef takes winmail.dat apart, the form in which Outlook sends mail
// that it takes to be for another Outlook (MS-OXTNEF): the text and the
// attachments, nothing else (rule 56).
package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Limits of one file.
const (
	MaxSize        = 20 << 20
	maxAttachments = 100
	maxAttributes  = 10_000
	maxProperties  = 2_000
	maxText        = 5 << 20
)

// Message is what a file holds.
type Message struct {
	Class       string // IPM.Note and the like
	Text        string
	HTML        string
	Attachments []Attachment
}

// Attachment is one file in it.
type Attachment struct {
	Name      string // as the sender's, not made safe
	Type      string // MIME type, "" if not said
	ContentID string
	Data      []byte
}

// ErrFormat says that a file is no winmail.dat.
var ErrFormat = errors.New("not a TNEF file")

const (
	signature = 0x223e9f78

	attrBody        = 0x0002800c
	attrClass       = 0x00078008
	attrCodepage    = 0x00069007
	attrProperties  = 0x00069003
	attrAttachBegin = 0x00069002
	attrAttachTitle = 0x00018010
	attrAttachData  = 0x0006800f
	attrAttachProps = 0x00069005

	propClass     = 0x001a
	propBody      = 0x1000
	propRTF       = 0x1009
	propHTML      = 0x1013
	propData      = 0x3701
	propShortName = 0x3704
	propLongName  = 0x3707
	propMIME      = 0x370e
	propContentID = 0x3712
	propName      = 0x3001
	propCPID      = 0x3fde
)

// Decode reads a file. A file that breaks off gives what stands before the
// break; the error says that it is no such file at all.
func Decode(raw []byte) (Message, error) {
	var m Message
	if len(raw) < 6 || binary.LittleEndian.Uint32(raw) != signature {
		return m, ErrFormat
	}
	d := decoder{codepage: 1252}
	d.run(raw[6:min(len(raw), MaxSize)])
	m.Class = d.class
	m.Text = d.plain
	if m.Text == "" && len(d.body) > 0 {
		m.Text = d.text(d.body)
	}
	if len(d.html) > 0 {
		m.HTML = d.page()
	}
	if m.Text == "" && m.HTML == "" && len(d.rtf) > 0 {
		m.Text, m.HTML = fromRTF(inflate(d.rtf))
	}
	m.Text, m.HTML = clean(m.Text), clean(m.HTML)
	for _, a := range d.attachments {
		if a.long != "" {
			a.Name = a.long
		}
		if a.Data != nil || a.Name != "" {
			m.Attachments = append(m.Attachments, a.Attachment)
		}
	}
	return m, nil
}

type attachment struct {
	Attachment
	long string
}

type decoder struct {
	codepage    int
	cpid        int // of the HTML
	class       string
	body        []byte
	plain       string
	html        []byte
	htmlText    string
	rtf         []byte
	attachments []attachment
}

// run reads the attributes: level, id with type, length, data, checksum.
func (d *decoder) run(raw []byte) {
	for n := 0; len(raw) >= 9 && n < maxAttributes; n++ {
		id := binary.LittleEndian.Uint32(raw[1:])
		size := binary.LittleEndian.Uint32(raw[5:])
		raw = raw[9:]
		data := raw
		if uint64(size) < uint64(len(raw)) {
			data = raw[:size]
		}
		d.attribute(id, data)
		if uint64(size)+2 >= uint64(len(raw)) {
			return
		}
		raw = raw[size+2:]
	}
}

func (d *decoder) last() *attachment {
	if len(d.attachments) == 0 {
		return &attachment{}
	}
	return &d.attachments[len(d.attachments)-1]
}

func (d *decoder) attribute(id uint32, data []byte) {
	switch id {
	case attrCodepage:
		if len(data) >= 4 {
			d.codepage = int(binary.LittleEndian.Uint32(data))
		}
	case attrClass:
		d.class = strings.TrimRight(string(data), "\x00")
	case attrBody:
		d.body = data
	case attrProperties:
		d.properties(data, nil)
	case attrAttachBegin:
		if len(d.attachments) < maxAttachments {
			d.attachments = append(d.attachments, attachment{})
		}
	case attrAttachTitle:
		d.last().Name = d.text(data)
	case attrAttachData:
		d.last().Data = data
	case attrAttachProps:
		d.properties(data, d.last())
	}
}

// properties reads MAPI properties of the message, or of an attachment.
func (d *decoder) properties(raw []byte, a *attachment) {
	r := reader{raw: raw}
	count := r.u32()
	for n := uint32(0); n < count && n < maxProperties && !r.failed; n++ {
		head := r.u32()
		kind, id := int(head&0xffff), int(head>>16)
		if id >= 0x8000 { // named
			r.skip(16)
			if r.u32() == 0 {
				r.skip(4)
			} else {
				r.padded(int(r.u32()))
			}
			id = 0
		}
		multiple := kind&0x1000 != 0
		values := uint32(1)
		kind &= 0x0fff
		if multiple || kind == 0x1e || kind == 0x1f || kind == 0x102 || kind == 0x0d {
			values = r.u32()
		}
		for v := uint32(0); v < values && v < 1000 && !r.failed; v++ {
			value := r.value(kind)
			if v == 0 && !r.failed {
				d.property(id, kind, value, a)
			}
		}
	}
}

func (d *decoder) property(id, kind int, value []byte, a *attachment) {
	if a == nil {
		switch id {
		case propClass:
			d.class = d.word(kind, value)
		case propCPID:
			if len(value) >= 4 {
				d.cpid = int(binary.LittleEndian.Uint32(value))
			}
		case propBody:
			d.plain = d.word(kind, value)
		case propHTML:
			d.html = value
			if kind == 0x1f {
				d.htmlText = d.word(kind, value)
			}
		case propRTF:
			d.rtf = value
		}
		return
	}
	switch id {
	case propLongName:
		a.long = d.word(kind, value)
	case propShortName, propName:
		if a.Name == "" {
			a.Name = d.word(kind, value)
		}
	case propMIME:
		a.Type = strings.ToLower(d.word(kind, value))
	case propContentID:
		a.ContentID = strings.Trim(d.word(kind, value), "<> ")
	case propData:
		if kind == 0x0d && len(value) > 16 {
			value = value[16:] // an object names its interface first
			if a.Type == "" && len(value) > 4 && binary.LittleEndian.Uint32(value) == signature {
				a.Type = "application/ms-tnef"
			}
		}
		if len(a.Data) == 0 {
			a.Data = value
		}
	}
}

// word reads a string property.
func (d *decoder) word(kind int, value []byte) string {
	if kind == 0x1f {
		units := make([]uint16, 0, len(value)/2)
		for i := 0; i+1 < len(value) && len(units) < maxText; i += 2 {
			u := binary.LittleEndian.Uint16(value[i:])
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		return string(utf16.Decode(units))
	}
	return d.text(value)
}

// text reads 8-bit text in the file's code page.
func (d *decoder) text(value []byte) string {
	if i := bytes.IndexByte(value, 0); i >= 0 {
		value = value[:i]
	}
	return inCodepage(value[:min(len(value), maxText)], d.codepage)
}

func (d *decoder) page() string {
	if d.htmlText != "" {
		return d.htmlText
	}
	page := bytes.TrimRight(d.html[:min(len(d.html), maxText)], "\x00")
	codepage := d.cpid
	if codepage == 0 {
		codepage = d.codepage
	}
	if bytes.Contains(bytes.ToLower(page[:min(len(page), 2048)]), []byte("charset=utf-8")) {
		codepage = 65001
	}
	return inCodepage(page, codepage)
}

var pages = map[int]string{
	874: "windows-874", 932: "shift_jis", 949: "euc-kr", 950: "big5", 1250: "windows-1250", 1251: "windows-1251", 1252: "windows-1252",
	1253: "windows-1253", 1254: "windows-1254", 1255: "windows-1255", 1256: "windows-1256", 1257: "windows-1257", 1258: "windows-1258",
	20866: "koi8-r", 21866: "koi8-u", 28591: "windows-1252", 28592: "iso-8859-2", 28595: "iso-8859-5", 28605: "iso-8859-15", 50220: "iso-2022-jp", 51932: "euc-jp", 65001: "utf-8",
}

func inCodepage(b []byte, codepage int) string {
	if codepage == 936 || codepage == 54936 {
		if out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil {
			return string(out)
		}
	}
	if codepage == 65001 {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	name := pages[codepage]
	if name == "" {
		name = "windows-1252"
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// clean makes text storable.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t' || r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// reader reads little-endian values and stops at the end.
type reader struct {
	raw    []byte
	failed bool
}

func (r *reader) skip(n int) []byte {
	if n < 0 || n > len(r.raw) {
		r.failed = true
		return nil
	}
	out := r.raw[:n]
	r.raw = r.raw[n:]
	return out
}

// padded reads n bytes and what fills them up to a multiple of four.
func (r *reader) padded(n int) []byte {
	out := r.skip(n)
	if pad := (4 - n&3) & 3; !r.failed {
		r.skip(min(pad, len(r.raw)))
	}
	return out
}

func (r *reader) u32() uint32 {
	b := r.skip(4)
	if r.failed {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// value reads one value of a MAPI type.
func (r *reader) value(kind int) []byte {
	switch kind {
	case 0x02, 0x0b: // two bytes, filled up
		return r.skip(4)
	case 0x03, 0x04, 0x0a:
		return r.skip(4)
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return r.skip(8)
	case 0x48:
		return r.skip(16)
	case 0x1e, 0x1f, 0x102, 0x0d:
		size := r.u32()
		if uint64(size) > uint64(len(r.raw)) {
			r.failed = true
			return nil
		}
		return r.padded(int(size))
	}
	r.failed = true // not known, so neither is its length
	return nil
}
