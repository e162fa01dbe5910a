package hookstest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Need passes when missing is nil. Otherwise the test cannot run on this
// machine: it is skipped with the reason, so that `go test ./...` works
// anywhere and names what it left out; with SHOHAY_NO_SKIP=1, as in CI, it
// fails instead, for there everything has to run.
func Need(tb testing.TB, what string, missing error) {
	tb.Helper()
	if missing == nil {
		return
	}
	if os.Getenv("SHOHAY_NO_SKIP") == "1" {
		tb.Fatalf("needs %s: %v (make test installs it on Debian as root)", what, missing)
	}
	tb.Skipf("needs %s: %v", what, missing)
}

// NeedProgram is the path of the first of the programs that is installed; see
// [Need].
func NeedProgram(tb testing.TB, names ...string) string {
	tb.Helper()
	var err error
	for _, n := range names {
		var path string
		if path, err = exec.LookPath(n); err == nil {
			return path
		}
	}
	Need(tb, strings.Join(names, " or "), err)
	return ""
}
