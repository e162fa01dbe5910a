package redact

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTextTakesOutWhatIsPersonalAndLeavesTheRest(t *testing.T) {
	for in, want := range map[string]string{
		"login of nusrat.jahan+shop@example.com failed": "login of " + Mail + " failed",
		"<নুসরাত@উদাহরণ.বাংলা> bounced":                 "<" + Mail + "> bounced",
		"GET /api/desk/search?q=nusrat&lang=bn":         "GET /api/desk/search?" + Values,
		"to=rafi%40shop.test":                           Mail,
		"call +880 1711-000000 back":                    "call " + Phone + " back",
		"call 01711000000 or 01711 000 000":             "call " + Phone + " or " + Phone,
		"ফোন ০১৭১১০০০০০০":                               "ফোন " + Phone,
		"from 203.0.113.9 and 2001:db8::7":              "from " + IP + " and " + IP,
		"listens on 127.0.0.1:8090 and [::1]:8090":      "listens on 127.0.0.1:8090 and [::1]:8090",
		"at 2026-11-22T14:30:05.123Z, 10:20:30":         "at 2026-11-22T14:30:05.123Z, 10:20:30",
		"Authorization: Bearer abc.def":                 "Authorization: " + Token,
		"conversation q1w2e3r4t5y6u7i seq 1024 in 30s":  "conversation q1w2e3r4t5y6u7i seq 1024 in 30s",
		"no such table: messages (SQL logic error)":     "no such table: messages (SQL logic error)",
		"": "",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestDataTakesOutWhatIsPersonalInDepth(t *testing.T) {
	got := fmt.Sprint(Data(map[string]any{
		"userIP": "203.0.113.9", "url": "/x?q=secret", "error": errors.New("mail to nusrat@example.com"), "status": 200, "deep": map[string]any{"Name": "Nusrat", "n": 1},
		"list": []any{"rafi@example.com", 2}, "names": []string{"rafi@example.com"},
	}))
	for _, word := range []string{"203.0", "secret", "nusrat", "Nusrat", "rafi@"} {
		if strings.Contains(got, word) {
			t.Errorf("%s is left in %s", word, got)
		}
	}
	if !strings.Contains(got, "status:200") || !strings.Contains(got, "n:1") {
		t.Errorf("too much was taken out: %s", got)
	}
}
