package installer

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"
)

// release is a folder with an executable, a newer one and its signature.
type release struct {
	*upgrade
	fake  *fake
	out   *bytes.Buffer
	fresh string
	sign  minisign.PrivateKey
}

func newRelease(t *testing.T) *release {
	t.Helper()
	public, private, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := public.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := &fake{installed: true, running: true}
	c, out := desk(f)
	r := &release{
		upgrade: &upgrade{
			c: c, exe: filepath.Join(dir, "shohay"), key: string(key), within: 50 * time.Millisecond,
			version: func(string) (string, error) { return "shohay v2", nil },
			healthy: func(context.Context) bool { return true },
		},
		fake: f, out: out, fresh: filepath.Join(dir, "download"), sign: private,
	}
	c.pause = func() { time.Sleep(5 * time.Millisecond) }
	r.put(t, r.exe, "old")
	r.put(t, r.fresh, "new")
	r.put(t, r.fresh+signature, signed(t, private, "new"))
	return r
}

func signed(t *testing.T, key minisign.PrivateKey, words string) string {
	t.Helper()
	r := minisign.NewReader(strings.NewReader(words))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	return string(r.Sign(key))
}

func (r *release) put(t *testing.T, name, words string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(words), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (r *release) is(t *testing.T, want string) {
	t.Helper()
	if got, err := os.ReadFile(r.exe); err != nil || string(got) != want {
		t.Errorf("the executable is %q instead of %q: %v", got, want, err)
	}
	if _, err := os.Stat(r.exe + ".new"); err == nil {
		t.Error("the copy of the new executable was left")
	}
}

func TestUpgradeSwapsTheExecutableAndRestarts(t *testing.T) {
	r := newRelease(t)
	if err := r.do(t.Context(), r.fresh); err != nil {
		t.Fatal(err)
	}
	r.is(t, "new")
	if old, err := os.ReadFile(r.exe + oldSuffix); err != nil || string(old) != "old" {
		t.Errorf("the old one is %q: %v", old, err)
	}
	if !r.fake.running || !slices.Equal(r.fake.calls, []string{"stop", "start"}) || !strings.Contains(r.out.String(), "v2") {
		t.Errorf("did %v, said %q", r.fake.calls, r.out)
	}
}

func TestUpgradeGoesBackWhenTheNewOneDoesNotAnswer(t *testing.T) {
	r := newRelease(t)
	r.healthy = func(context.Context) bool {
		raw, _ := os.ReadFile(r.exe)
		return string(raw) == "old"
	}
	err := r.do(t.Context(), r.fresh)
	if err == nil || !strings.Contains(err.Error(), "did not answer") || !strings.Contains(err.Error(), "in its place again") {
		t.Errorf("said %v", err)
	}
	r.is(t, "old")
	if !r.fake.running {
		t.Error("the old one does not run")
	}
}

func TestUpgradeRefusesWhatIsNotSigned(t *testing.T) {
	for what, change := range map[string]func(*release){
		"is not what was signed": func(r *release) { r.put(t, r.fresh, "evil") },
		"is not there":           func(r *release) { _ = os.Remove(r.fresh + signature) },
		"--key":                  func(r *release) { r.key = "" },
		"no public key":          func(r *release) { r.key = "abc" },
		"is damaged": func(r *release) {
			_, other, err := minisign.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			r.put(t, r.fresh+signature, signed(t, other, "new"))
		},
	} {
		r := newRelease(t)
		change(r)
		if err := r.do(t.Context(), r.fresh); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("instead of something with %q: %v", what, err)
		}
		r.is(t, "old")
		if len(r.fake.calls) > 0 {
			t.Errorf("%s: the service was touched: %v", what, r.fake.calls)
		}
	}
}

func TestUpgradeOfWhatIsNoServiceOnlySwaps(t *testing.T) {
	r := newRelease(t)
	r.fake.installed, r.fake.running = false, false
	if err := r.do(t.Context(), r.fresh); err != nil {
		t.Fatal(err)
	}
	r.is(t, "new")
	if len(r.fake.calls) > 0 {
		t.Errorf("did %v", r.fake.calls)
	}
}

func TestUpgradeWantsAProgramThatRunsHere(t *testing.T) {
	r := newRelease(t)
	r.version = versionOf
	if err := r.do(t.Context(), r.fresh); err == nil {
		t.Error("a text file became the executable")
	}
	r.is(t, "old")
	if !r.fake.running || len(r.fake.calls) > 0 {
		t.Errorf("the service was touched: %v", r.fake.calls)
	}
}
