package conversation

import (
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClipKeepsLettersWhole(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 5, "short"},
		{"a bit longer", 5, "a bit…"},
		{"কি", 1, "…"},              // the vowel sign belongs to the letter
		{"আমি কি", 5, "আমি…"},       // not "আমি ক"
		{"ক্ষমা", 3, "ক্ষ…"},        // the conjunct whole
		{"ক্ষমা", 2, "…"},           // not "ক্"
		{"অর্ডার", 4, "অ…"},         // র্ডা is one letter
		{"র\u200d্যাব", 2, "…"},     // ya-phala after a joiner
		{"আমার অর্ডার", 4, "আমার…"}, // a cut between words
	} {
		if got := clip(c.in, c.n); got != c.want {
			t.Errorf("clip(%q, %d) = %q instead of %q", c.in, c.n, got, c.want)
		}
	}
	letters := []rune("কখগমরষড া িীুে ো্ংঁ\u200d aé😀")
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		s := make([]rune, r.IntN(30))
		for i := range s {
			s[i] = letters[r.IntN(len(letters))]
		}
		in, n := string(s), r.IntN(25)
		got := clip(in, n)
		if utf8.RuneCountInString(got) > n+1 {
			t.Fatalf("clip(%q, %d) = %q is too long", in, n, got)
		}
		cut, ok := strings.CutSuffix(got, "…")
		if !ok {
			continue
		}
		rest, ok := strings.CutPrefix(strings.TrimSpace(in), cut)
		if !ok {
			t.Fatalf("clip(%q, %d) = %q is not its beginning", in, n, got)
		}
		next, _ := utf8.DecodeRuneInString(rest)
		if last, _ := utf8.DecodeLastRuneInString(cut); cut != "" && !unicode.IsSpace(next) && (unicode.IsMark(next) || last == '\u09cd' || last == '\u200d' || next == '\u200d') {
			t.Fatalf("clip(%q, %d) = %q splits a letter before %q", in, n, got, rest)
		}
	}
}

func TestPreviewIsTheFirstOwnLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"\n\n  hello   there \nmore":    "hello there",
		"> quoted\n> more\nmy answer":   "my answer",
		"কেমন   আছেন?":                  "কেমন আছেন?",
		strings.Repeat("word ", 100):    strings.TrimSpace(strings.Repeat("word ", 28)) + "…",
		"\r\n\t\r\nafter windows lines": "after windows lines",
	} {
		if got := preview(clean(in)); got != want {
			t.Errorf("preview(%q) = %q", in, got)
		}
	}
}

func TestFileNames(t *testing.T) {
	for in, want := range map[string]string{
		"photo.jpg":                      "photo.jpg",
		"../../etc/passwd":               "passwd",
		`C:\Users\me\invoice.pdf`:        "invoice.pdf",
		"/":                              "file",
		"":                               "file",
		"..":                             "file",
		"...":                            "file",
		"invoice\u202Egpj.exe":           "invoicegpj.exe",
		"a\x00b\r\nc\x7f.txt":            "abc.txt",
		`na"me<>|:*?.txt`:                "name.txt",
		"চালান ০১.pdf":                   "চালান ০১.pdf",
		"bad\xffname.txt":                "bad\uFFFDname.txt",
		strings.Repeat("x", 300) + ".gz": strings.Repeat("x", 117) + ".gz",
	} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q instead of %q", in, got, want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	for _, s := range []string{"a.b", "../x", "\\\\", "\u202e.exe", strings.Repeat("ক", 100) + ".কককককক", "a/..", ". ", "x." + strings.Repeat("y", 200), "\xff\xfe."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := FileName(in)
		if got == "" || len(got) > 120 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n") || path.Base(got) != got || got == ".." || got == "." {
			t.Errorf("FileName(%q) = %q", in, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("FileName(%q) = %q keeps %U", in, got, r)
			}
		}
		if again := FileName(got); again != got {
			t.Errorf("FileName is not stable: %q, then %q", got, again)
		}
	})
}
