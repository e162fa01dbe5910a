package installer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"aead.dev/minisign"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/doctor"
	"github.com/spf13/cobra"
)

const (
	oldSuffix = ".old" // of the executable that was replaced
	signature = ".minisig"

	answerWithin = time.Minute // a first start may have migrations to run

	defaultAddress = "http://127.0.0.1:8090"
)

// upgrade replaces the executable by a newer one.
type upgrade struct {
	c       *control
	exe     string // this executable
	key     string // public key that releases are signed with, "" in builds that are no release
	version func(exe string) (string, error)
	healthy func(ctx context.Context) bool // the server answers
	within  time.Duration
}

func upgradeCommand(app core.App, c *control, key string) *cobra.Command {
	u := &upgrade{c: c, key: key, version: versionOf, within: answerWithin}
	var address string
	command := &cobra.Command{
		Use: "upgrade FILE", Short: "Replace this executable by a newer one, and go back if that does not work",
		Long: "Replace this executable by a newer one. FILE has to be signed: FILE" + signature + " lies beside it.\n\n" +
			"If Shohay runs as a service it is stopped, started again and asked whether it answers; if it does not, the old executable takes its place again.\n" +
			"The database is copied before the new release changes it, and put back if that fails.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name the new executable: shohay upgrade FILE")
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			exe, err := executable()
			if err != nil {
				return err
			}
			u.exe = exe
			u.healthy = func(ctx context.Context) bool {
				at, client := address, new(http.Client)
				if at == "" {
					// The new executable notes it once it serves.
					if at, client = doctor.NotedAddress(app.DataDir()); at == "" {
						at = defaultAddress
					}
				}
				return answers(ctx, client, at)
			}
			return u.do(command.Context(), args[0])
		},
	}
	command.Flags().StringVar(&u.key, "key", key, "public key that the release is signed with")
	command.Flags().StringVar(&address, "address", "", "where the service answers (default where it said last that it does)")
	return command
}

// answers asks for the server's health.
func answers(ctx context.Context, client *http.Client, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/api/health", nil)
	if err != nil {
		return false
	}
	// A server with a domain sends on to it, which shows that it answers too.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	if doctor.Answered(err) || errors.As(err, new(*tls.CertificateVerificationError)) {
		return true // a certificate that is missing or has run out is no fault of the new executable
	}
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode < http.StatusBadRequest
}

// versionOf runs an executable to hear what it is.
func versionOf(exe string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, exe, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s does not run on this computer: %w", exe, err)
	}
	words := strings.TrimSpace(string(out))
	if !strings.HasPrefix(words, name+" ") {
		return "", fmt.Errorf("%s is not Shohay", exe)
	}
	return words, nil
}

func (u *upgrade) do(ctx context.Context, file string) error {
	if err := u.verify(file); err != nil {
		return err
	}
	m, s, err := u.c.open(plan{}, false)
	if err != nil {
		return err
	}
	if s == running && !u.c.elevated() {
		return u.c.lacksRights()
	}
	// The file may lie on a disk that programs cannot run from, and must not
	// change after it was verified: its copy beside the old one is what counts.
	fresh := u.exe + ".new"
	if err := copyExecutable(fresh, file); err != nil {
		return u.c.explain("write the new executable", err)
	}
	defer os.Remove(fresh)
	if err := u.verifyAs(fresh, file+signature); err != nil {
		return err
	}
	version, err := u.version(fresh)
	if err != nil {
		return err
	}
	if s == running {
		if err := m.Stop(); err != nil {
			return u.c.explain("stop the service", err)
		}
	}
	if err := swap(fresh, u.exe); err != nil {
		if s == running {
			err = errors.Join(err, m.Start())
		}
		return u.c.explain("replace the executable", err)
	}
	if s != running {
		u.c.say("This is now %s.\nIt was not running as a service; start it as usual. The executable of before is %s.", version, u.exe+oldSuffix)
		return nil
	}
	err = m.Start()
	if err == nil {
		if u.waitHealthy(ctx) {
			u.c.say("This is now %s, and it answers.\nThe executable of before is %s.", version, u.exe+oldSuffix)
			return nil
		}
		err = fmt.Errorf("%s did not answer within %s", version, u.within)
	}
	// Back to what was.
	back := m.Stop() // it may have ended by itself
	if undo := os.Rename(u.exe+oldSuffix, u.exe); undo != nil {
		return fmt.Errorf("%w; the executable of before could not be put back: %w; it is %s", err, errors.Join(back, undo), u.exe+oldSuffix)
	}
	if undo := m.Start(); undo != nil {
		return fmt.Errorf("%w; the executable of before is in its place again but does not start: %w%s", err, undo, u.c.seeLogs())
	}
	return fmt.Errorf("%w; the executable of before is in its place again and runs%s", err, u.c.seeLogs())
}

func (u *upgrade) waitHealthy(ctx context.Context) bool {
	deadline := time.Now().Add(u.within)
	for ctx.Err() == nil && time.Now().Before(deadline) {
		if u.healthy(ctx) {
			return true
		}
		u.c.pause()
	}
	return false
}

func (u *upgrade) verify(file string) error { return u.verifyAs(file, file+signature) }

func (u *upgrade) verifyAs(file, signed string) error {
	if u.key == "" {
		return errors.New("this build is no release and does not know the key that releases are signed with; give it with --key")
	}
	var key minisign.PublicKey
	if err := key.UnmarshalText([]byte(u.key)); err != nil {
		return fmt.Errorf("%q is no public key of minisign: %w", u.key, err)
	}
	sign, err := os.ReadFile(signed)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there; put the signature that the release comes with beside the file", signed)
	}
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := minisign.NewReader(f)
	if _, err := io.Copy(io.Discard, r); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if !r.Verify(key, sign) {
		return fmt.Errorf("%s is not what was signed: it is damaged, or not ours; nothing was changed", file)
	}
	return nil
}

func copyExecutable(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close(), os.Chmod(to, 0o755))
}

// swap puts the new executable in the place of the old one, which is kept
// beside it. Both lie in one folder, so that each step is one rename; Windows,
// too, lets a program that runs be renamed.
func swap(fresh, exe string) error {
	old := exe + oldSuffix
	if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", filepath.Base(old), err)
	}
	if err := os.Rename(exe, old); err != nil {
		return err
	}
	if err := os.Rename(fresh, exe); err != nil {
		return errors.Join(err, os.Rename(old, exe))
	}
	return nil
}
