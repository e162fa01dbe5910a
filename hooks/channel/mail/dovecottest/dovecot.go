package dovecottest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
)

// Login and Password sign in, as to the other servers of tests; any other name
// does too and has a mailbox of its own.
const (
	Login    = mailtest.Login
	Password = mailtest.Password
)

// Server is a running Dovecot.
type Server struct {
	IMAP  int         // port with STARTTLS
	IMAPS int         // port with TLS
	LMTP  int         // port that takes mail, 0 when the package is not installed
	TLS   *tls.Config // trusts its certificate

	tb  testing.TB
	dir string
	n   int
	uid int
	gid int
}

// Start starts a server, or skips the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	bin, err := exec.LookPath("dovecot")
	if err != nil {
		if _, serr := os.Stat("/usr/sbin/dovecot"); serr != nil {
			skip(tb, "Dovecot is not installed (Debian: apt-get install dovecot-imapd)")
		}
		bin = "/usr/sbin/dovecot"
	}
	if out, err := exec.Command(bin, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "2.3.") {
		skip(tb, "the configuration here is for Dovecot 2.3, this one is "+strings.TrimSpace(string(out)))
	}

	// Sockets have short names: the folder must not lie deep.
	dir, err := os.MkdirTemp("", "dovecot")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{tb: tb, dir: dir, IMAP: freePort(tb), IMAPS: freePort(tb)}
	if _, err := os.Stat("/usr/lib/dovecot/lmtp"); err == nil {
		s.LMTP = freePort(tb)
	}
	me, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	if me.Uid == "0" {
		// Dovecot refuses to serve mail as root.
		if me, err = user.Lookup("nobody"); err != nil {
			tb.Fatal(err)
		}
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		tb.Fatal(err)
	}
	s.uid, _ = strconv.Atoi(me.Uid)
	s.gid, _ = strconv.Atoi(me.Gid)
	s.certificate()
	for _, sub := range []string{"run", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "d.conf"), s.config(me.Username, group.Name), 0o644); err != nil {
		tb.Fatal(err)
	}
	s.give(dir)

	tb.Cleanup(func() { os.RemoveAll(dir) })
	log, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(bin, "-F", "-c", filepath.Join(dir, "d.conf"))
	cmd.Stdout, cmd.Stderr = log, log // it hands them down: pipes would never end
	if err := cmd.Start(); err != nil {
		tb.Fatal("start dovecot: ", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	tb.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			tb.Error("stop dovecot: ", err)
		}
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.IMAP)); err == nil {
			c.Close()
			return s
		}
		select {
		case <-ended:
			tb.Fatalf("dovecot ended: %s%s", s.read("out"), s.read("log"))
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("dovecot does not answer: %s%s", s.read("out"), s.read("log"))
		}
	}
}

func skip(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("SHOHAY_NO_SKIP") == "1" {
		tb.Fatal("skips are forbidden here: ", why)
	}
	tb.Skip(why)
}

func freePort(tb testing.TB) int {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// give makes a tree belong to the user that Dovecot runs as.
func (s *Server) give(root string) {
	s.tb.Helper()
	if os.Getuid() != 0 {
		return
	}
	err := filepath.Walk(root, func(path string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, s.uid, s.gid)
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *Server) read(name string) string {
	raw, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// Log is what Dovecot wrote into its log.
func (s *Server) Log() string { return s.read("log") }

func (s *Server) certificate() {
	s.tb.Helper()
	cert, key, trust := mailtest.Certificate(s.tb)
	for name, block := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(s.dir, name), block, 0o600); err != nil {
			s.tb.Fatal(err)
		}
	}
	s.TLS = trust
}

// config holds every path in the folder and no privilege: no chroot, one user
// for all of it.
func (s *Server) config(name, group string) []byte {
	protocols, lmtp := "imap", ""
	if s.LMTP != 0 {
		protocols = "imap lmtp"
		lmtp = fmt.Sprintf("service lmtp {\n  inet_listener lmtp {\n    port = %d\n  }\n}\n", s.LMTP)
	}
	return fmt.Appendf(nil, `base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/log
protocols = %[2]s
listen = 127.0.0.1
default_internal_user = %[3]s
default_internal_group = %[4]s
default_login_user = %[3]s
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[5]d
  }
  inet_listener imaps {
    port = %[6]d
    ssl = yes
  }
}
%[7]sssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:%[1]s/mail/%%u
first_valid_uid = 1
mail_fsync = never
passdb {
  driver = static
  args = password=%[8]s
}
userdb {
  driver = static
  args = uid=%[3]s gid=%[4]s home=%[1]s/mail/%%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox Verschickt {
    auto = subscribe
    special_use = \Sent
  }
  mailbox Werbung {
    auto = create
    special_use = \Junk
  }
}
`, s.dir, protocols, name, group, s.IMAP, s.IMAPS, lmtp, Password)
}

// Put drops a mail into the INBOX as a delivery agent does: written beside,
// renamed into place.
func (s *Server) Put(raw string) {
	s.tb.Helper()
	box := filepath.Join(s.dir, "mail", Login)
	if s.n++; s.n == 1 {
		for _, sub := range []string{"new", "cur", "tmp"} {
			if err := os.MkdirAll(filepath.Join(box, sub), 0o700); err != nil {
				s.tb.Fatal(err)
			}
		}
		s.give(box)
	}
	name := fmt.Sprintf("%d.M%dP%d.test", time.Now().Unix(), s.n, os.Getpid())
	beside := filepath.Join(box, "tmp", name)
	if err := os.WriteFile(beside, []byte(raw), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(beside, s.uid, s.gid); err != nil {
			s.tb.Fatal(err)
		}
	}
	if err := os.Rename(beside, filepath.Join(box, "new", name)); err != nil {
		s.tb.Fatal(err)
	}
}

// Filed reads a folder of the shop's mailbox; seen tells which of its mails are
// marked as read.
func (s *Server) Filed(folder string) (mails []string, seen int) {
	s.tb.Helper()
	names, err := filepath.Glob(filepath.Join(s.dir, "mail", Login, "."+folder, "*", "*.*"))
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, name := range names {
		if sub := filepath.Base(filepath.Dir(name)); sub != "new" && sub != "cur" {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			s.tb.Fatal(err)
		}
		mails = append(mails, string(raw))
		if _, flags, _ := strings.Cut(name, ":2,"); strings.Contains(flags, "S") {
			seen++
		}
	}
	return mails, seen
}

// Delivered reads the mails in everybody's INBOX but the shop's, as they were
// handed over.
func (s *Server) Delivered() (mails []string) {
	s.tb.Helper()
	for _, sub := range []string{"new", "cur"} {
		names, err := filepath.Glob(filepath.Join(s.dir, "mail", "*", sub, "*"))
		if err != nil {
			s.tb.Fatal(err)
		}
		for _, name := range names {
			if filepath.Base(filepath.Dir(filepath.Dir(name))) == Login {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				s.tb.Fatal(err)
			}
			mails = append(mails, string(raw))
		}
	}
	return mails
}
