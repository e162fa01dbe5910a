package settings_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/shohay/shohay/hooks/settings"
)

func TestAKeyFileThatOthersMayReadIsClosed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no modes")
		return
	}
	dir := t.TempDir()
	name := filepath.Join(dir, settings.KeyFile)
	if err := os.WriteFile(name, bytes.Repeat([]byte{1}, 32), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.OpenKeys(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v: %v", info.Mode(), err)
	}
}
