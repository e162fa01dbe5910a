package importer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/schema"
)

func utf16Of(s string, big bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

func TestATableIsReadHoweverItWasWritten(t *testing.T) {
	const text = "নাম;ফোন\nরহিম;০১৭১১২৩৪৫৬৭\nJosé;1\n"
	want := "[[নাম ফোন] [রহিম ০১৭১১২৩৪৫৬৭] [José 1]]"
	for name, c := range map[string]struct {
		raw      []byte
		encoding string
	}{
		"plain":            {[]byte(text), "UTF-8"},
		"with a mark":      {[]byte("\ufeff" + text), "UTF-8"},
		"UTF-16":           {append([]byte{0xff, 0xfe}, utf16Of(text, false)...), "UTF-16"},
		"UTF-16, big":      {append([]byte{0xfe, 0xff}, utf16Of(text, true)...), "UTF-16"},
		"Windows' lines":   {[]byte(strings.ReplaceAll(text, "\n", "\r\n")), "UTF-8"},
		"commas":           {[]byte(strings.ReplaceAll(text, ";", ",")), "UTF-8"},
		"tabs":             {[]byte(strings.ReplaceAll(text, ";", "\t")), "UTF-8"},
		"Excel's own word": {[]byte("sep=;\n" + text), "UTF-8"},
		"empty lines":      {[]byte("\n" + strings.ReplaceAll(text, "\n", "\n;;\n\n")), "UTF-8"},
	} {
		table, err := readTable(c.raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var rows [][]string
		table.rows(func(_ int, row []string) bool {
			rows = append(rows, row)
			return true
		})
		if got := fmt.Sprint(rows); got != want || table.Encoding != c.encoding {
			t.Errorf("%s: %s %s", name, table.Encoding, got)
		}
	}
	if latin, _ := decode([]byte("Jos\xe9,\x80 5\n")); string(latin) != "José,€ 5\n" {
		t.Errorf("Windows-1252 became %q", latin)
	}
	bare, name := decode(utf16Of("name,mail\nKarim,k@mail.test\n", false))
	if name != "UTF-16" || !strings.HasPrefix(string(bare), "name,mail") {
		t.Errorf("UTF-16 without a mark became %s %q", name, bare)
	}
	for _, raw := range []string{"", "  \n\n", "PK\x03\x04\x00\x00\x00\x00workbook"} {
		if _, err := readTable([]byte(raw)); err == nil {
			t.Errorf("%q is a table", raw)
		}
	}
}

func TestWhatASpreadsheetDidToNumbersIsUndone(t *testing.T) {
	for raw, want := range map[string]string{
		"01711-234567": "+8801711234567", "1711234567": "+8801711234567", "8801711234567": "+8801711234567", "+880 1711 234567": "+8801711234567", "008801711234567": "+8801711234567",
		"১৭১১২৩৪৫৬৭": "+8801711234567", "০১৭১১২৩৪৫৬৭": "+8801711234567", "'01711234567": "+8801711234567", "1711234567.0": "+8801711234567", `="01711234567"`: "+8801711234567",
		"+44 20 7946 0958": "+442079460958", "02-9876543": "029876543", "\u202a+8801711234567\u202c": "+8801711234567",
	} {
		if got, why := phone(raw); got != want {
			t.Errorf("%q: %q %s instead of %q", raw, got, why, want)
		}
	}
	for raw, want := range map[string]string{"8.80171E+12": "import.why_phone_cut", "8,80171E+12": "import.why_phone_cut", "12345": "import.why_phone", "call me": "import.why_phone", "": "import.why_phone"} {
		if got, why := phone(raw); got != "" || why != want {
			t.Errorf("%q: %q %s", raw, got, why)
		}
	}
	if !slices.Contains(spellings("+8801711234567"), "01711234567") || len(spellings("+442079460958")) != 1 {
		t.Error("spellings of a number")
	}
}

func TestColumnsAreGuessed(t *testing.T) {
	got := func(rows ...string) string {
		var list [][]string
		for _, r := range rows {
			list = append(list, strings.Split(r, "|"))
		}
		cols, header := columns(list, nil)
		var fields []string
		for _, c := range cols {
			fields = append(fields, c.Field)
		}
		return fmt.Sprint(header, " ", strings.Join(fields, ","))
	}
	for _, c := range []struct{ want, got string }{
		{"true name,email,phone,", got("Full Name|E-mail Address|Mobile No.|Shoe size", "Rahim|r@mail.test|01711234567|42")},
		{"true name,phone,note", got("গ্রাহকের নাম|মোবাইল নম্বর|ঠিকানা", "রহিম|০১৭১১২৩৪৫৬৭|মিরপুর")},
		{"false ,email,phone", got("Rahim|r@mail.test|01711234567", "Karim|k@mail.test|01811234567")},
		{"true email,name,", got("E-mail|Name|Customer name", "r@mail.test|Rahim|x")},
		{"true phone,phone", got("Phone|Phone 2", "01711234567|01811234567")},
	} {
		if c.got != c.want {
			t.Errorf("%s instead of %s", c.got, c.want)
		}
	}
}

// ownFields are three fields of an owner's; the one for numbers takes digits
// only, the one for days nothing.
func ownFields() []Own {
	return []Own{
		{Key: "shoe_size", Names: []string{"shoe_size", "Size of shoes", "জুতার মাপ"}, Kind: schema.CustomNumber, Fit: func(v string) (string, bool) { return v, strings.Trim(v, "0123456789") == "" }},
		{Key: "home", Names: []string{"home", "Address", "ঠিকানা"}, Kind: schema.CustomText, Fit: func(v string) (string, bool) { return v, true }},
		{Key: "club", Names: []string{"club", "Phone", "!"}, Kind: schema.CustomYesNo, Fit: func(v string) (string, bool) { return v, v == "yes" || v == "no" }},
	}
}

func TestColumnsAreGuessedAsTheOwnersFields(t *testing.T) {
	for heading, want := range map[string]string{
		"Shoe-Size": "own:shoe_size", "size of SHOES": "own:shoe_size", "জুতার মাপ ": "own:shoe_size", "Club": "own:club",
		"Address": "own:home", "ঠিকানা": "own:home", // a note where there is no field for it
		"Phone": fieldPhone, "Remarks": fieldNote, "Shoes": fieldNone, "": fieldNone, "?": fieldNone,
	} {
		if got := guess(heading, ownFields()); got != want {
			t.Errorf("%q: %q instead of %q", heading, got, want)
		}
	}
	cols, header := columns([][]string{{"shoe_size", "জুতার মাপ"}, {"42", "43"}}, ownFields())
	if !header || cols[0].Field != "own:shoe_size" || cols[1].Field != fieldNone {
		t.Errorf("a field twice: %v %+v", header, cols)
	}
}

func TestARowFillsTheOwnersFieldsOrSaysWhyNot(t *testing.T) {
	mapping := []string{fieldEmail, "own:shoe_size", "own:club", "own:gone", "own:home"}
	for row, want := range map[string]string{
		"r@mail.test|42|Yes|x":                           "map[club:yes shoe_size:42] ",
		"r@mail.test||হ্যাঁ":                             "map[club:yes] ",
		"r@mail.test||না":                                "map[club:no] ",
		"r@mail.test|big|no":                             "map[club:no] import.why_own_number|shoe_size",
		"r@mail.test|big|perhaps":                        "map[] import.why_own_number|shoe_size",
		"r@mail.test|42|perhaps":                         "map[shoe_size:42] import.why_own_yes_no|club",
		"|big":                                           "map[] import.why_nothing",
		"r@mail.test||||" + strings.Repeat("a", mostOwn): "map[] import.why_own_much",
	} {
		p, why := personOf(strings.Split(row, "|"), mapping, ownFields())
		if why == whyMuch {
			p.own = nil
		}
		if got := fmt.Sprint(p.own, " ", why); got != want {
			t.Errorf("%.40s: %.80s instead of %s", row, got, want)
		}
	}
}

func TestARowBecomesAPersonOrAReason(t *testing.T) {
	mapping := []string{fieldName, fieldEmail, fieldPhone, fieldTags}
	for row, want := range map[string]string{
		"Rahim|R@Mail.test; r2@mail.test|01711234567|vip, Wholesale": "Rahim [r@mail.test r2@mail.test] [+8801711234567] [vip Wholesale] ",
		"|Karim Ali <k@mail.test>||":                                 "Karim Ali [k@mail.test] [] [] ",
		"Rahim|not an address||":                                     "Rahim [] [] [] import.why_email",
		"Rahim||8.8E+12|":                                            "Rahim [] [] [] import.why_phone_cut",
		"Rahim|wrong|01711234567|":                                   "Rahim [] [+8801711234567] [] ",
		"Rahim":                                                      "Rahim [] [] [] import.why_nothing",
	} {
		p, why := personOf(strings.Split(row, "|"), mapping, nil)
		if got := fmt.Sprint(p.name, " ", p.emails, " ", p.phones, " ", p.tags, " ", why); got != want {
			t.Errorf("%s: %s instead of %s", row, got, want)
		}
	}
	if _, why := personOf(nil, mapping, nil); why != "import.why_row" {
		t.Errorf("an unreadable row: %s", why)
	}
}

func mailsOf(t testing.TB, archive string, most int) (list []string, err error) {
	t.Helper()
	m := newMbox(strings.NewReader(archive), most)
	for {
		mail, cut, ok, err := m.Next()
		if err != nil || !ok {
			return list, err
		}
		s := string(mail)
		if cut {
			s += "(cut)"
		}
		list = append(list, s)
	}
}

func TestAnArchiveIsCutWhereItsMailsBegin(t *testing.T) {
	const first = "From: a@mail.test\nSubject: One\n\nHello\n\nFrom now on we meet at nine.\n>From here\n"
	const second = "From: b@mail.test\n\nBye\n"
	archive := "From a@mail.test Sun Nov 22 10:00:00 2026\nFrom: a@mail.test\nSubject: One\n\nHello\n\nFrom now on we meet at nine.\n>>From here\n\nFrom b@mail.test Sun Nov 22 11:00:00 2026\n" + second + "\n"
	for name, text := range map[string]string{"plain": archive, "Windows' lines": strings.ReplaceAll(archive, "\n", "\r\n"), "empty lines before": "\n\n" + archive, "a mark before": "\ufeff" + archive} {
		got, err := mailsOf(t, text, 1<<20)
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %d mails, %v: %q", name, len(got), err, got)
			continue
		}
		if a, b := strings.ReplaceAll(got[0], "\r\n", "\n"), strings.ReplaceAll(got[1], "\r\n", "\n"); a != first || b != second {
			t.Errorf("%s: %q and %q", name, a, b)
		}
	}
	for _, text := range []string{"Subject: no archive\n\nHello\n", "\x00\x01\x02", "From me to you\nwithout a header\n"} {
		if got, err := mailsOf(t, text, 1<<20); err == nil {
			t.Errorf("%q is an archive of %q", text, got)
		}
	}
	if got, err := mailsOf(t, "", 10); err != nil || len(got) != 0 {
		t.Errorf("an empty file: %q, %v", got, err)
	}
	long := "From x\nSubject: long\n\n" + strings.Repeat("a", 3<<20) + "\n\nFrom y\nSubject: next\n\nb\n"
	if got, err := mailsOf(t, long, 1000); err != nil || len(got) != 2 || len(got[0]) != 1005 || !strings.Contains(got[1], "next") {
		t.Errorf("a long line: %d mails, %v", len(got), err)
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xff\xfea\x00", "\"a\nb\";c\n", "sep=|\na|b\n", "\x00\x00", "\"", "a\xe9;b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		table, err := readTable(raw)
		if err != nil {
			return
		}
		last := 0
		var rows [][]string
		table.rows(func(n int, row []string) bool {
			if n <= last {
				t.Fatalf("row %d after %d", n, last)
			}
			last = n
			for _, cell := range row {
				if !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
					t.Fatalf("a cell %q", cell)
				}
			}
			if len(rows) < 50 && row != nil {
				rows = append(rows, row)
			}
			return n < 1000
		})
		cols, _ := columns(rows, ownFields())
		for _, r := range rows {
			mapping := make([]string, len(cols))
			for i := range mapping {
				mapping[i] = fields[i%len(fields)]
			}
			if p, why := personOf(r, mapping, ownFields()); why == "" && len(p.identities()) == 0 {
				t.Fatalf("%q is a person whom nobody can reach", r)
			}
		}
	})
}

func FuzzMbox(f *testing.F) {
	for _, s := range []string{"From a\nA: b\n\nc\n\nFrom d\nE: f\n\ng\n", "From a\n>From b\n", "\nFrom a\r\nA:b\r\n\r\n>>From \r\n", "From \n:"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, total := newMbox(bytes.NewReader(raw), 1000), 0
		for n := 0; ; n++ {
			mail, _, ok, err := m.Next()
			if err != nil || !ok {
				return
			}
			if total += len(mail); total > len(raw) || len(mail) > 1000 || n > len(raw) {
				t.Fatalf("%d mails with %d bytes out of %d", n, total, len(raw))
			}
		}
	})
}
