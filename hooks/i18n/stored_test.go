package i18n

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestKeptSentencesAreToldInTheReadersLanguage(t *testing.T) {
	c, err := Load(os.DirFS("../../pb_public"))
	if err != nil {
		t.Fatal(err)
	}
	inner := c.T(Stored, "mail.bounce_full")
	kept := c.T(Stored, "mail.bounced", V{"address": "a@b.test", "reason": inner, "n": 3, "said": strings.Repeat(`"`, 900)})
	if !strings.HasPrefix(kept, `{"say":"mail.bounced"`) || len([]rune(kept)) > 900 {
		t.Fatalf("kept as %d: %s", len(kept), kept)
	}
	for _, lang := range []string{"en", "bn"} {
		if got, want := c.Told(lang, kept, time.UTC), c.T(lang, "mail.bounced", V{"address": "a@b.test", "reason": c.T(lang, "mail.bounce_full")}); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
	waits := c.T(Stored, "mail.waiting_long", V{"said": "451 later", "when": time.Date(2016, 11, 22, 4, 0, 0, 0, time.UTC), "time": 2 * time.Hour})
	if got := c.Told("en", waits, time.FixedZone("Dhaka", 6*3600)); got != "Not sent for 2 hours: 451 later. Next try on 22 Nov 2016 at 10 am." {
		t.Error(got)
	}
	for _, other := range []string{"", "550 no", `{"say":`, `{"say":"broken`, `{"a":1}`} {
		if got := c.Told("en", other, time.UTC); got != other {
			t.Errorf("%q became %q", other, got)
		}
	}
}
