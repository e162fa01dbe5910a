package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// file builds a winmail.dat.
type file struct{ bytes.Buffer }

func begin() *file {
	f := &file{}
	f.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
	return f
}

func (f *file) attr(level byte, id uint32, data []byte) *file {
	f.WriteByte(level)
	f.Write(binary.LittleEndian.AppendUint32(nil, id))
	f.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	f.Write(data)
	f.Write([]byte{0, 0})
	return f
}

// prop is one MAPI property of variable length.
func prop(kind, id uint16, data []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func props(all ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(all))), bytes.Join(all, nil)...)
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// Rule 56: text in its forms, and attachments with their long names.
func TestDecode(t *testing.T) {
	plainRTF := append(binary.LittleEndian.AppendUint32(nil, 100), 100, 0, 0, 0, 'M', 'E', 'L', 'A', 0, 0, 0, 0)
	plainRTF = append(plainRTF, `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}caf\'e9 \u2438?\par second}`...)
	wrapped := append(binary.LittleEndian.AppendUint32(nil, 100), 100, 0, 0, 0, 'M', 'E', 'L', 'A', 0, 0, 0, 0)
	wrapped = append(wrapped, `{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\par\htmlrtf0 Hello{\*\htmltag72 </p>}}`...)
	// Compressed: literals only, then the end.
	packed := binary.LittleEndian.AppendUint32(nil, 40)
	packed = binary.LittleEndian.AppendUint32(packed, 14)
	packed = append(packed, 'L', 'Z', 'F', 'u', 0, 0, 0, 0, 0)
	packed = append(packed, `{\rtf1 h`...)
	packed = append(packed, 0, 'e', 'l', 'l', 'o', '}', ' ')

	for _, tt := range []struct {
		name       string
		raw        []byte
		text, html string
	}{
		{"8-bit body", begin().attr(1, attrCodepage, []byte{0xe3, 4, 0, 0, 0, 0, 0, 0}).attr(1, attrBody, []byte("\xcf\xf0\xe8\x00")).Bytes(), "При", ""},
		{"wide body", begin().attr(1, attrProperties, props(prop(0x1f, propBody, wide("আমি")))).Bytes(), "আমি", ""},
		{"page", begin().attr(1, attrProperties, props(prop(0x102, propHTML, []byte("<p>caf\xe9</p>")))).Bytes(), "", "<p>café</p>"},
		{"rich text", begin().attr(1, attrProperties, props(prop(0x102, propRTF, plainRTF))).Bytes(), "café আ\nsecond", ""},
		{"page in rich text", begin().attr(1, attrProperties, props(prop(0x102, propRTF, wrapped))).Bytes(), "", "<p>Hello</p>"},
		{"compressed", begin().attr(1, attrProperties, props(prop(0x102, propRTF, packed))).Bytes(), "hello", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Decode(tt.raw)
			if err != nil || m.Text != tt.text || m.HTML != tt.html {
				t.Errorf("text %q, page %q, %v", m.Text, m.HTML, err)
			}
		})
	}

	raw := begin().attr(2, attrAttachBegin, make([]byte, 14)).attr(2, attrAttachData, []byte("PDF")).attr(2, attrAttachTitle, []byte("BILL~1.PDF\x00")).
		attr(2, attrAttachProps, props(prop(0x1f, propLongName, wide("বিল.pdf")), prop(0x1e, propMIME, []byte("application/pdf\x00")), prop(0x1e, propContentID, []byte("<a@b>\x00")))).
		attr(2, attrAttachBegin, make([]byte, 14)).attr(2, attrAttachTitle, []byte("b.txt\x00")).attr(2, attrAttachProps, props(prop(0x102, propData, []byte("hi")))).Bytes()
	m, err := Decode(raw)
	if err != nil || len(m.Attachments) != 2 {
		t.Fatalf("%+v %v", m, err)
	}
	if a := m.Attachments[0]; a.Name != "বিল.pdf" || a.Type != "application/pdf" || a.ContentID != "a@b" || string(a.Data) != "PDF" {
		t.Errorf("%+v", a)
	}
	if a := m.Attachments[1]; a.Name != "b.txt" || string(a.Data) != "hi" {
		t.Errorf("%+v", a)
	}
	if _, err := Decode([]byte("no such file")); !errors.Is(err, ErrFormat) {
		t.Errorf("another file: %v", err)
	}
	for n := range raw {
		if _, err := Decode(raw[:n]); err != nil && n >= 6 {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

// A file made to keep a reader busy, or to fill the memory, does neither.
func TestHostileFiles(t *testing.T) {
	bomb := binary.LittleEndian.AppendUint32(nil, 0)
	bomb = binary.LittleEndian.AppendUint32(bomb, 0xffffffff)
	bomb = append(bomb, 'L', 'Z', 'F', 'u', 0, 0, 0, 0)
	bomb = append(bomb, bytes.Repeat([]byte{0xff, 0, 15, 0, 15, 0, 15, 0, 15, 0, 15, 0, 15, 0, 15, 0, 15}, 600_000)...)
	many := begin()
	for range 100_000 {
		many.attr(2, attrAttachBegin, nil)
	}
	count := append(binary.LittleEndian.AppendUint32(nil, 0xffffffff), bytes.Repeat([]byte{3, 0, 1, 0, 0, 0, 0, 0}, 100_000)...)
	nested := append(binary.LittleEndian.AppendUint32(nil, 0), 0xff, 0xff, 0xff, 0, 'M', 'E', 'L', 'A', 0, 0, 0, 0)
	nested = append(nested, bytes.Repeat([]byte("{"), 3_000_000)...)
	for name, raw := range map[string][]byte{
		"bomb":        begin().attr(1, attrProperties, props(prop(0x102, propRTF, bomb))).Bytes(),
		"attachments": many.Bytes(),
		"properties":  begin().attr(1, attrProperties, count).Bytes(),
		"values":      begin().attr(1, attrProperties, append([]byte{1, 0, 0, 0, 0x1e, 0x10, 0, 0x10}, bytes.Repeat([]byte{0xff}, 1000)...)).Bytes(),
		"groups":      begin().attr(1, attrProperties, props(prop(0x102, propRTF, nested))).Bytes(),
	} {
		began := time.Now()
		m, err := Decode(raw)
		if err != nil || len(m.Attachments) > maxAttachments || len(m.Text) > 2*maxText {
			t.Errorf("%s: %d attachments, %d bytes of text, %v", name, len(m.Attachments), len(m.Text), err)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(begin().attr(1, attrBody, []byte("hello")).Bytes())
	f.Add(begin().attr(1, attrProperties, props(prop(0x1f, propBody, wide("hello")), prop(0x102, propHTML, []byte("<p>x")))).Bytes())
	f.Add(begin().attr(2, attrAttachBegin, nil).attr(2, attrAttachData, []byte("x")).attr(2, attrAttachTitle, []byte("a.txt\x00")).Bytes())
	rtf := append(binary.LittleEndian.AppendUint32(nil, 30), 30, 0, 0, 0, 'L', 'Z', 'F', 'u', 0, 0, 0, 0, 0x10, '{', '\\', 'r', 't', 0, 1, 'x')
	f.Add(begin().attr(1, attrProperties, props(prop(0x102, propRTF, rtf))).Bytes())
	plain := append(binary.LittleEndian.AppendUint32(nil, 30), 30, 0, 0, 0, 'M', 'E', 'L', 'A', 0, 0, 0, 0)
	f.Add(begin().attr(1, attrProperties, props(prop(0x102, propRTF, append(plain, `{\rtf1\fromhtml1{\*\htmltag <p>}\'e9\u2438?\bin3 abc}`...)))).Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Decode(raw)
		if err != nil {
			return
		}
		for _, s := range []string{m.Text, m.HTML} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("text %q", s)
			}
		}
		size := 0
		for _, a := range m.Attachments {
			size += len(a.Data)
		}
		if size > len(raw)*(maxAttachments+1) {
			t.Errorf("%d bytes of attachments from %d", size, len(raw))
		}
	})
}
