//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is a user without rights.
const nobody = 65534

// unprivileged makes the command run without root's rights, which would write
// to any folder.
func unprivileged(tb testing.TB, cmd *exec.Cmd) {
	tb.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chmod(filepath.Dir(cmd.Path), 0o755); err != nil { // so that it may be run at all
		tb.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	cmd.Dir = "/"
}

func TestAnUnwritableFolderIsSaidInOneSentence(t *testing.T) {
	// Not below t.TempDir, which others cannot even enter.
	top, err := os.MkdirTemp("", "shohay-unwritable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	s := prepare(t, 0, nil)
	full, bare := filepath.Join(top, "full"), filepath.Join(top, "bare")
	if err := os.CopyFS(full, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(bare, 0o755); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o555)
		}
		return os.Chmod(path, 0o444)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(top, 0o755); _ = os.Chmod(full, 0o755); _ = os.Chmod(bare, 0o755) })
	for name, dir := range map[string]string{"a folder that is there": bare, "one that has to be made": filepath.Join(top, "new"), "one with a shop": full} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(built(t), "serve", "--dir", dir, "--http", freeAddress(t))
			unprivileged(t, cmd)
			oneSentence(t, finish(t, cmd), "cannot write", "--dir")
		})
	}
}

func TestServiceCommandsWithoutRightsTellWhatToRun(t *testing.T) {
	// The executable of a test lies in a temporary folder, which install
	// refuses before it asks for rights.
	for _, c := range []string{"start", "stop", "uninstall"} {
		cmd := exec.Command(built(t), c)
		unprivileged(t, cmd)
		oneSentence(t, finish(t, cmd), "administrator", "sudo "+cmd.Path+" "+c)
	}
}
