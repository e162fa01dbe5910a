package mime

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
)

// A part read piece by piece is the part decoded at once.
func TestPiecesOfAPartJoin(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	random := make([]byte, 300_000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	wrap := func(s string, n int) string {
		var b strings.Builder
		for len(s) > n {
			b.WriteString(s[:n] + "\r\n")
			s = s[n:]
		}
		return b.String() + s
	}
	var quoted bytes.Buffer
	w := quotedprintable.NewWriter(&quoted)
	_, _ = w.Write(random)
	_ = w.Close()
	encoded := base64.StdEncoding.EncodeToString(random)
	noise := []byte(wrap(encoded, 61))
	for range 3000 { // letters that do not belong there, paddings in the middle
		noise[r.IntN(len(noise))] = " \t!=\r\n-_="[r.IntN(9)]
	}
	for name, c := range map[string]struct{ body, encoding string }{
		"base64":            {wrap(encoded, 76), "base64"},
		"one line":          {encoded, "base64"},
		"noise":             {string(noise), "base64"},
		"blanks":            {strings.Repeat("\r\n", 100_000) + "YWJj" + strings.Repeat(" ", 200_000) + "ZGVm", "base64"},
		"hardly a letter":   {"YW" + strings.Repeat(" ", 200_000) + "Jj", "base64"},
		"cut off":           {encoded[:len(encoded)-3], "base64"},
		"quoted":            {quoted.String(), "quoted-printable"},
		"quoted, one line":  {strings.ReplaceAll(quoted.String(), "=\r\n", ""), "quoted-printable"},
		"quoted, soft ends": {strings.Repeat("abc=  \r\n=3D= =\r\n", 20_000), "quoted-printable"},
		"as it is":          {string(random), "8bit"},
		"uuencoded":         {"begin 644 a\n#86)C\nend\n", "x-uuencode"},
		"empty":             {"", "base64"},
	} {
		want := decodeTransfer([]byte(c.body), c.encoding)
		p := Part{body: []byte(c.body), encoding: c.encoding}
		f, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes instead of %d, %v", name, len(got), len(want), err)
		}
		if size := transferSize([]byte(c.body), c.encoding); size != int64(len(want)) {
			t.Errorf("%s: the size is said to be %d, it is %d", name, size, len(want))
		}
	}
}
