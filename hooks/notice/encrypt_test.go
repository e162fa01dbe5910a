package notice

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	browser "github.com/shohay/shohay/hooks/hookstest/device"
	"github.com/shohay/shohay/hooks/outward"
)

func b64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestAPushIsSealedAsInTheRFC(t *testing.T) {
	to, err := readDevice("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdh.P256().NewPrivateKey(b64(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte("When I grow up, I want to be a watermelon")
	got, err := seal(to, plain, key, b64(t, "DGv6ra1nlYgDCS1FRnbzlw"), len(plain)+1)
	if err != nil {
		t.Fatal(err)
	}
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if s := base64.RawURLEncoding.EncodeToString(got); s != want {
		t.Errorf("sealed\n%s\ninstead of\n%s", s, want)
	}
}

func TestOnlyTheDeviceOpensAPushAndItsLengthIsHidden(t *testing.T) {
	r, other := browser.New(t), browser.New(t)
	to, err := readDevice(r.Keys())
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[int]bool{}
	for _, text := range []string{"", "a", strings.Repeat("ক", 100), strings.Repeat("x", 400)} {
		body, err := encrypt(to, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Open(body)
		if err != nil || string(got) != text {
			t.Errorf("opened %q, %v", got, err)
		}
		if _, err := other.Open(body); err == nil {
			t.Error("another device opened it")
		}
		lengths[len(body)] = true
	}
	if len(lengths) != 1 {
		t.Errorf("the lengths tell texts apart: %v", lengths)
	}
	for n, ok := range map[int]bool{maxContent: true, maxContent + 1: false} {
		body, err := encrypt(to, make([]byte, n))
		if (err == nil) != ok || len(body) > maxRecord {
			t.Errorf("%d bytes: %d sealed, %v", n, len(body), err)
		}
	}
}

func TestKeysOfADeviceAreChecked(t *testing.T) {
	key, auth := browser.New(t).Keys()
	if _, err := readDevice(key+"=", auth+"=="); err != nil {
		t.Errorf("padded keys are refused: %v", err)
	}
	point := b64(t, key)
	point[40] ^= 1
	for name, pair := range map[string][2]string{
		"no key": {"", auth}, "no secret": {key, ""}, "a short secret": {key, auth[:20]}, "not base64": {"!" + key[1:], auth},
		"a point beside the curve": {base64.RawURLEncoding.EncodeToString(point), auth}, "a compressed point": {base64.RawURLEncoding.EncodeToString(append([]byte{2}, point[1:33]...)), auth},
	} {
		if _, err := readDevice(pair[0], pair[1]); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// checkVAPID verifies Authorization as a push service does.
func checkVAPID(header, origin string, now time.Time) error {
	rest, ok := strings.CutPrefix(header, "vapid t=")
	token, k, ok2 := strings.Cut(rest, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !ok2 || len(parts) != 3 {
		return errors.New("not vapid")
	}
	dec := base64.RawURLEncoding.DecodeString
	point, err := dec(k)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	sig, err := dec(parts[2])
	if err != nil || len(sig) != 64 {
		return errors.New("no signature")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return errors.New("a wrong signature")
	}
	raw, err := dec(parts[1])
	if err != nil {
		return err
	}
	var claims struct {
		Aud string `json:"aud"`
		Exp int64  `json:"exp"`
		Sub string `json:"sub"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return err
	}
	left := time.Unix(claims.Exp, 0).Sub(now)
	if claims.Aud != origin || left <= 0 || left > 24*time.Hour || !strings.HasPrefix(claims.Sub, "mailto:") && !strings.HasPrefix(claims.Sub, "https:") {
		return errors.New("wrong claims: " + string(raw))
	}
	return nil
}

func TestWhereAPushMayGo(t *testing.T) {
	for _, good := range []string{
		"https://fcm.googleapis.com/fcm/send/abc:def", "https://updates.push.services.mozilla.com/wpush/v2/x", "https://web.push.apple.com/Q", "https://wns2-par02p.notify.windows.com/w/?token=a",
	} {
		if _, err := checkEndpoint(good); err != nil {
			t.Errorf("%s was refused", good)
		}
	}
	for _, bad := range []string{
		"", "http://fcm.googleapis.com/x", "https://", "https://localhost/x", "https://a.localhost/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/", "https://192.168.1.1/",
		"https://169.254.169.254/latest", "https://100.64.0.1/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://0.0.0.0/",
		"https://user:pw@fcm.googleapis.com/x", "ftp://fcm.googleapis.com/", "https:fcm.googleapis.com", "https://printer.local/x", "https://metadata.google.internal/x", "https://fcm.googleapis.com/#x",
		"https://a.example/" + strings.Repeat("a", maxEndpoint),
	} {
		if _, err := checkEndpoint(bad); err == nil {
			t.Errorf("%.60s was taken", bad)
		}
	}
	// A name that leads inside is refused when it is dialled.
	res, err := outward.Internet.Client(5 * time.Second).Get("https://localhost:1/x")
	if err == nil {
		res.Body.Close()
	}
	if !errors.Is(err, outward.ErrForbidden) {
		t.Errorf("a name of this machine: %v", err)
	}
}

func TestHoursOfAnAgent(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		v, err := time.Parse("Mon 2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	day := Hours{On: true, Days: []int{0, 1}, From: "09:00", To: "18:00"}
	night := Hours{On: true, Days: []int{6}, From: "20:00", To: "02:00"}
	for _, c := range []struct {
		h    Hours
		at   string
		want bool
	}{
		{Hours{}, "Sun 2026-11-22 03:00", true},
		{day, "Sun 2026-11-22 09:00", true}, {day, "Sun 2026-11-22 08:59", false}, {day, "Sun 2026-11-22 18:00", false}, {day, "Tue 2026-11-24 10:00", false},
		{night, "Sat 2026-11-21 21:00", true}, {night, "Sun 2026-11-22 01:59", true}, {night, "Sun 2026-11-22 02:00", false}, {night, "Sun 2026-11-22 21:00", false}, {night, "Sat 2026-11-21 01:00", false},
	} {
		if got := c.h.In(at(c.at)); got != c.want {
			t.Errorf("%+v at %s: %t", c.h, c.at, got)
		}
	}
}

func TestAChoiceIsChecked(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "null": "", "{}": "", `{"sound":false,"desktop":true}`: "", `{"push":"all","mail":"mine","mail_minutes":5}`: "", `{"later_room":{"x":1}}`: "",
		`{"hours":{"on":true,"days":[1],"from":"09:00","to":"18:00"}}`: "", `{"hours":{"on":false,"days":[],"from":"","to":""}}`: "",
		`{"push":"everything"}`: "notice.bad_choice", `{"mail":1}`: "notice.bad_choice", `[]`: "notice.bad_choice", `{"mail_minutes":4}`: "notice.bad_minutes", `{"mail_minutes":1441}`: "notice.bad_minutes",
		`{"hours":{"on":true,"days":[1],"from":"9","to":"18:00"}}`: "notice.bad_hours", `{"hours":{"on":true,"days":[7],"from":"09:00","to":"18:00"}}`: "notice.bad_hours",
		`{"hours":{"on":true,"days":[],"from":"09:00","to":"18:00"}}`: "notice.bad_days",
	} {
		if got := problem(raw); got != want {
			t.Errorf("%s: %q instead of %q", raw, got, want)
		}
	}
}

func TestPushesWaitAndNewsTakesTheirPlace(t *testing.T) {
	q := newQueue()
	now := time.Now()
	q.add(push{subscription: "s", tag: "a", made: now, due: now})
	p, _, ok := q.take(now)
	if !ok {
		t.Fatal("nothing is due")
	}
	p.tried, p.due = 1, now.Add(gap(1, time.Minute))
	q.add(p)
	if _, wait, ok := q.take(now); ok || wait != time.Minute {
		t.Errorf("due %t, wait %s", ok, wait)
	}
	// News of the same conversation takes its place, and is not replaced by it.
	q.add(push{subscription: "s", tag: "a", made: now.Add(time.Second), due: now, content: []byte("news")})
	q.add(p)
	if got, _, ok := q.take(now); !ok || string(got.content) != "news" {
		t.Errorf("took %+v", got)
	}
	if _, _, ok := q.take(now.Add(2 * time.Hour)); ok {
		t.Error("an old push is still delivered")
	}
}
