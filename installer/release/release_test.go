package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestADebianPackageIsReadByDebiansOwnTools(t *testing.T) {
	at := time.Unix(1764000000, 0).UTC()
	pack, err := debian([]byte("#!/bin/sh\necho hello\n"), "v1.2.3-4-gabc", "amd64", at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := debian([]byte("#!/bin/sh\necho hello\n"), "v1.2.3-4-gabc", "amd64", at)
	if err != nil || !bytes.Equal(pack, again) {
		t.Error("the same package has other bytes the second time")
	}
	deb, err := exec.LookPath("dpkg-deb")
	if err != nil {
		if runtime.GOOS == "linux" {
			t.Log("dpkg-deb is not on this machine")
		}
		return
	}
	file := filepath.Join(t.TempDir(), "shohay.deb")
	if err := os.WriteFile(file, pack, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(deb, "--info", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Version: 1.2.3+4+gabc") || !strings.Contains(string(out), "postinst") {
		t.Errorf("%v: %s", err, out)
	}
	to := t.TempDir()
	if out, err := exec.Command(deb, "--extract", file, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said, err := exec.Command(filepath.Join(to, "usr", "bin", "shohay")).Output()
	if err != nil || string(said) != "hello\n" {
		t.Errorf("the executable said %q: %v", said, err)
	}
}

func TestVersionsOfDebianBeginWithADigit(t *testing.T) {
	for version, want := range map[string]string{"v1.0.0": "1.0.0", "a1b2c3d": "0~a1b2c3d", "1.0-rc1": "1.0+rc1", "": "0~"} {
		if got := debVersion(version); got != want {
			t.Errorf("%q is %q instead of %q", version, got, want)
		}
	}
}

// The test's own executable stands in for the program: it was built from
// modules, too.
func TestTheBillListsTheModules(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := billOf(exe, "v1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"bomFormat": "CycloneDX"`, "pkg:golang/aead.dev/minisign@v", "pkg:golang/std@"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func TestNamesOfWhatIsPublished(t *testing.T) {
	want := "shohay-v1-linux-amd64 shohay-v1-linux-arm64 shohay-v1-linux-armv7 shohay-v1-windows-amd64.exe shohay-v1-darwin-amd64 shohay-v1-darwin-arm64"
	var got []string
	for _, t := range targets {
		got = append(got, t.name("v1"))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("%v", got)
	}
	if s := setupScript("v1", "shohay-v1-windows-amd64.exe"); strings.Contains(s, "EXECUTABLE") || !strings.Contains(s, `Source: "shohay-v1-windows-amd64.exe"`) {
		t.Error(s)
	}
}
