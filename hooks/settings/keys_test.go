package settings_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/settings"
)

func keys(t *testing.T) *settings.Keys {
	t.Helper()
	k, err := settings.OpenKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheKeyFile(t *testing.T) {
	dir := t.TempDir()
	first, err := settings.OpenKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, settings.KeyFile)
	info, err := os.Stat(name)
	if err != nil || info.Size() != 32 {
		t.Fatalf("%v, %v", info, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others can read it: %o", mode)
	}
	second, err := settings.OpenKeys(dir)
	if err != nil || first.MAC("x", "y") != second.MAC("x", "y") {
		t.Error("the second start has other keys: ", err)
	}
	if keys(t).MAC("x", "y") == first.MAC("x", "y") {
		t.Error("two shops have the same keys")
	}
	for _, n := range []int{0, 31, 33} {
		if err := os.WriteFile(name, bytes.Repeat([]byte{1}, n), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := settings.OpenKeys(dir); err == nil || !strings.Contains(err.Error(), "backup") {
			t.Errorf("a key file of %d bytes: %v", n, err)
		}
		if raw, _ := os.ReadFile(name); len(raw) != n {
			t.Error("the damaged file was replaced")
		}
	}
}

func TestACodeHoldsForItsPartsAlone(t *testing.T) {
	k := keys(t)
	code := k.MAC(settings.PurposeFile, "message", "name", "123")
	if !k.Check(code, settings.PurposeFile, "message", "name", "123") {
		t.Fatal("its own code is refused")
	}
	for _, c := range []struct {
		purpose string
		parts   []string
	}{
		{settings.PurposeThread, []string{"message", "name", "123"}},
		{settings.PurposeFile, []string{"message", "name1", "23"}},
		{settings.PurposeFile, []string{"messagename", "", "123"}},
		{settings.PurposeFile, []string{"message", "name123"}},
		{settings.PurposeFile, []string{"message", "name", "123", ""}},
		{settings.PurposeFile, []string{"name", "message", "123"}},
		{settings.PurposeFile, nil},
	} {
		if k.Check(code, c.purpose, c.parts...) {
			t.Errorf("the code also opens %s %q", c.purpose, c.parts)
		}
	}
	for _, bad := range []string{"", code + "A", code[1:], strings.ToUpper(code)} {
		if k.Check(bad, settings.PurposeFile, "message", "name", "123") {
			t.Errorf("%q opens it", bad)
		}
	}
}

func TestSealing(t *testing.T) {
	k := keys(t)
	for _, secret := range []string{"", "p", "a long password of পাসওয়ার্ড \x00 bytes"} {
		s := k.Seal([]byte(secret))
		if len(secret) > 4 && strings.Contains(s, secret) || s == k.Seal([]byte(secret)) {
			t.Errorf("%q is sealed badly", secret)
		}
		got, err := k.Open(s)
		if err != nil || string(got) != secret {
			t.Errorf("%q comes back as %q, %v", secret, got, err)
		}
		if _, err := keys(t).Open(s); err == nil {
			t.Error("another shop's keys open it")
		}
		for i := range s {
			broken := []byte(s)
			broken[i] ^= 1
			if got, err := k.Open(string(broken)); err == nil && string(got) == secret && !strings.EqualFold(string(broken), s) && i < len(s)-1 {
				t.Fatalf("changed at %d it still opens", i)
			}
		}
	}
	for _, s := range []string{"", "v1.", "v1.AAAA", "v2." + k.Seal([]byte("x"))[3:], "plain text", "v1.!!!"} {
		if _, err := k.Open(s); err == nil {
			t.Errorf("%q opens", s)
		}
	}
}

// The README tells shops to sign like this.
func TestTheIdentityHashIsOrdinaryHMAC(t *testing.T) {
	k := keys(t)
	mac := hmac.New(sha256.New, []byte(k.IdentityKey()))
	mac.Write([]byte("customer-42"))
	hash := hex.EncodeToString(mac.Sum(nil))
	if !k.CheckIdentity("customer-42", hash) || !k.CheckIdentity("customer-42", strings.ToUpper(hash)) {
		t.Error("the right hash is refused")
	}
	if k.CheckIdentity("customer-43", hash) || k.CheckIdentity("customer-42", "") || k.CheckIdentity("customer-42", hash[:62]) {
		t.Error("a wrong hash is taken")
	}
}
