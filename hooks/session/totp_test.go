package session

import (
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/session/qr"
)

// RFC 6238, appendix B (the last six digits of its eight).
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := codeAt(secret, stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s instead of %s", at, got, want)
		}
	}
}

func TestACodeIsGoodForAWhileAndOnce(t *testing.T) {
	secret, now := newSecret(), time.Unix(1_800_000_000, 0)
	step := stepAt(now)
	for d, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		got, ok := checkCode(secret, codeAt(secret, step+d), now, 0)
		if ok != want || ok && got != step+d {
			t.Errorf("%d steps off: %t, step %d", d, ok, got)
		}
	}
	code := codeAt(secret, step)
	if _, ok := checkCode(secret, code, now, step); ok {
		t.Error("a used code is good again")
	}
	spaced := code[:3] + " " + code[3:]
	bangla := strings.Map(func(r rune) rune { return r - '0' + '০' }, code)
	for _, c := range []string{spaced, bangla} {
		if _, ok := checkCode(secret, c, now, 0); !ok {
			t.Errorf("%q is refused", c)
		}
	}
	for _, c := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := checkCode(secret, c, now, 0); ok {
			t.Errorf("%q is taken", c)
		}
	}
}

func TestRecoveryCodesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range newCodes() {
		if len(c) != 11 || c[5] != '-' || seen[c] || plainCode(strings.ToUpper(c)) != strings.Replace(c, "-", "", 1) {
			t.Errorf("code %q", c)
		}
		seen[c] = true
	}
	if len(seen) != codeCount {
		t.Errorf("%d codes", len(seen))
	}
}

func TestDevicesHaveNames(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":     "Chrome, Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140":   "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1": "Safari, iPhone",
		"Go-http-client/1.1": "Go-http-client/1.1", "": "",
	} {
		if got := DeviceName(agent); got != want {
			t.Errorf("%.30s: %q", agent, got)
		}
	}
}

func TestTheAppIsGivenAPictureOfAnyShop(t *testing.T) {
	for _, shop := range []string{"Rupali", "রূপালী স্টোর: মিরপুর, ঢাকা, বাংলাদেশ", ""} {
		if _, err := qr.SVG(address(newSecret(), shop, strings.Repeat("a", 60)+"@mail.example")); err != nil {
			t.Errorf("%s: %v", shop, err)
		}
	}
}
