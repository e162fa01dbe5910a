package eximtest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/channel/mail/mailtest"
)

// Server is a running Exim.
type Server struct {
	Port  int         // takes mail, anybody's to anybody, with mailtest's password or without; offers STARTTLS
	Ports int         // the same with TLS from the beginning
	TLS   *tls.Config // trusts its certificate

	dir string
}

const binary = "/usr/sbin/exim4"

// Start starts a server that hands mail on to an LMTP port of loopback, or
// skips the test.
func Start(tb testing.TB, lmtp int) *Server {
	tb.Helper()
	if _, err := os.Stat(binary); err != nil || lmtp == 0 {
		why := "Exim or Dovecot's LMTP is not installed (Debian: apt-get install exim4-daemon-light dovecot-lmtpd)"
		if os.Getenv("SHOHAY_NO_SKIP") == "1" {
			tb.Fatal("skips are forbidden here: ", why)
		}
		tb.Skip(why)
	}
	dir, err := os.MkdirTemp("", "exim")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Port: freePort(tb), Ports: freePort(tb), dir: dir}
	cert, key, trust := mailtest.Certificate(tb)
	s.TLS = trust
	for name, block := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), block, 0o644); err != nil { // read by another user, for some seconds
			tb.Fatal(err)
		}
	}

	me, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Setpgid: true}
	if me.Uid == "0" {
		if me, err = user.Lookup("nobody"); err != nil {
			tb.Fatal(err)
		}
		uid, _ := strconv.Atoi(me.Uid)
		gid, _ := strconv.Atoi(me.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, f := range []func(string) error{func(n string) error { return os.Chown(n, uid, gid) }, func(n string) error { return os.Chmod(n, 0o755) }} {
			if err := f(dir); err != nil {
				tb.Fatal(err)
			}
		}
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		tb.Fatal(err)
	}
	conf := filepath.Join(dir, "exim.conf")
	if err := os.WriteFile(conf, s.config(me.Username, group.Name, lmtp), 0o644); err != nil {
		tb.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		tb.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(binary, "-C", conf, "-bdf", "-q2s")
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = out, out, attr
	if err := cmd.Start(); err != nil {
		tb.Fatal("start exim: ", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	tb.Cleanup(func() {
		// The whole group: it has children that deliver.
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			tb.Error("stop exim: ", err)
		}
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.addr()); err == nil {
			c.Close()
			return s
		}
		select {
		case <-ended:
			tb.Fatalf("exim ended: %s%s", s.read("out"), s.read("log/paniclog"))
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("exim does not answer: %s%s", s.read("out"), s.read("log/paniclog"))
		}
	}
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

func (s *Server) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

func (s *Server) read(name string) string {
	raw, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// Log is what Exim says of the mails it had.
func (s *Server) Log() string { return s.read("log/mainlog") }

// Send delivers a mail as another server does, by the plain port.
func (s *Server) Send(from, to, raw string) error {
	c, err := smtp.Dial(s.addr())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(raw)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// Waiting counts the mails that it has not handed on yet.
func (s *Server) Waiting() int {
	waiting, err := filepath.Glob(filepath.Join(s.dir, "spool", "input", "*-H"))
	if err != nil {
		return 0
	}
	deeper, _ := filepath.Glob(filepath.Join(s.dir, "spool", "input", "*", "*-H")) // the pattern is right
	return len(waiting) + len(deeper)
}

// config holds every path in the folder and one user for all of it. What goes
// to "unknown" comes back with a report, "blocked" is refused, "later" is put
// off.
func (s *Server) config(name, group string, lmtp int) []byte {
	return fmt.Appendf(nil, `exim_user = %[2]s
exim_group = %[3]s
trusted_users = %[2]s
never_users =
deliver_drop_privilege = true
spool_directory = %[1]s/spool
log_file_path = %[1]s/log/%%slog
pid_file_path = %[1]s/pid
daemon_smtp_ports = %[4]d : %[7]d
tls_on_connect_ports = %[7]d
tls_advertise_hosts = *
tls_certificate = %[1]s/cert.pem
tls_privatekey = %[1]s/key.pem
local_interfaces = 127.0.0.1
primary_hostname = mx.shop.test
qualify_domain = shop.test
host_lookup =
dns_dnssec_ok = 0
smtp_accept_max = 50
smtp_accept_queue_per_connection = 0
queue_run_max = 3
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  deny local_parts = blocked
  defer local_parts = later
  accept

begin routers
unknown:
  driver = redirect
  local_parts = unknown
  allow_fail
  data = :fail: no such user here
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = dovecot

begin transports
dovecot:
  driver = smtp
  protocol = lmtp
  port = %[5]d
  allow_localhost
  hosts_try_fastopen =

begin retry
* * F,1h,2s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{%[6]s}}
  server_set_id = $auth2
`, s.dir, name, group, s.Port, lmtp, mailtest.Password, s.Ports)
}
