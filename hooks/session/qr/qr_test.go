package qr

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

// Each of these was read back by an independent reader when it was pinned.
func TestCodesStayReadable(t *testing.T) {
	for _, c := range []struct {
		text    string
		version int
		sum     string
	}{
		{"hello", 1, "2c4637195db7c826"}, {"রূপালী", 2, "13dd20fe390fc1d1"}, {strings.Repeat("x", 60), 4, "67eff54134346024"}, {strings.Repeat("w", 150), 7, "13ea94fd36410299"}, {strings.Repeat("z", 520), 15, "80b7ba3ad6e5ff73"}, {strings.Repeat("q", 271), 10, "2c0c1af8e629b064"},
	} {
		m, err := Encode(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if v := (len(m) - 17) / 4; v != c.version {
			t.Errorf("%.10s: version %d instead of %d", c.text, v, c.version)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, m)))[:16]; sum != c.sum {
			t.Errorf("%.10s: %s instead of %s", c.text, sum, c.sum)
		}
	}
	if _, err := Encode(strings.Repeat("q", 521)); err == nil {
		t.Error("what does not fit was drawn")
	}
	svg, err := SVG("hello")
	if err != nil || !strings.Contains(svg, `viewBox="0 0 29 29"`) {
		t.Errorf("%v %.80s", err, svg)
	}
}
