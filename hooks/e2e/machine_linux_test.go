package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
	"golang.org/x/sys/unix"
)

// machine is a computer within this one: systemd as the first of its processes,
// with the files of this computer to begin with and a disk of its own for what
// changes, a network of its own, and nothing that reaches out of it.
type machine struct {
	tb    testing.TB
	top   string // disk/ holds what was changed, root/ is where all is put together
	cg    string // control group that holds it
	cmd   *exec.Cmd
	ended chan struct{}
	doors []net.Listener
}

// bootScript becomes the first process. What of the kernel is this computer's,
// too, can be read only.
const bootScript = `set -e
echo 0 >"$2/cgroup.procs"
exec unshare --cgroup sh -c '
set -e
mount --make-rprivate /
mount -t overlay -o "lowerdir=/,upperdir=$1/disk,workdir=$1/work" overlay "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for d in null zero full random urandom tty; do : >dev/$d; mount --bind /dev/$d dev/$d; done
mkdir dev/pts dev/shm
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
pivot_root . mnt
exec chroot . sh -c "umount -l /mnt; exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin $0 --system --unit=multi-user.target </dev/null"
' "$3" "$1"
`

func systemdBinary() (string, error) {
	for _, at := range []string{"/usr/lib/systemd/systemd", "/lib/systemd/systemd"} {
		if _, err := os.Stat(at); err == nil {
			return at, nil
		}
	}
	return "", errors.New("systemd is not installed")
}

// newMachine prepares a machine, or skips the test where none can be had.
func newMachine(tb testing.TB) *machine {
	tb.Helper()
	if os.Geteuid() != 0 {
		hookstest.Need(tb, "to be root", errors.New("mounting is root's alone"))
	}
	for _, p := range []string{"unshare", "nsenter", "pivot_root", "systemctl", "dbus-daemon", "useradd"} {
		hookstest.NeedProgram(tb, p)
	}
	_, err := systemdBinary()
	hookstest.Need(tb, "systemd", err)
	m := &machine{tb: tb, top: tb.TempDir()}
	// Nothing of it is to survive the test, not even on a real disk.
	hookstest.Need(tb, "a machine that mounts", syscall.Mount("tmpfs", m.top, "tmpfs", 0, "mode=755"))
	tb.Cleanup(func() {
		if err := syscall.Unmount(m.top, syscall.MNT_DETACH); err != nil {
			tb.Error("unmount: ", err)
		}
	})
	groups := filepath.Join(m.top, "groups")
	// What is switched on on this computer is no part of the test.
	for _, dir := range []string{"disk/etc/systemd/system", "disk/etc/rc2.d", "disk/etc/rc3.d", "disk/etc/rc4.d", "disk/etc/rc5.d", "disk/etc/rcS.d", "disk/var/log/journal", "disk/usr/local/bin", "work", "root", "groups"} {
		if err := os.MkdirAll(filepath.Join(m.top, dir), 0o755); err != nil {
			tb.Fatal(err)
		}
		if strings.HasPrefix(dir, "disk/etc/") {
			hookstest.Need(tb, "marks on files", syscall.Setxattr(filepath.Join(m.top, dir), "trusted.overlay.opaque", []byte("y"), 0))
		}
	}
	m.write("/etc/fstab", "")
	hookstest.Need(tb, "control groups (cgroup2)", syscall.Mount("cgroup2", groups, "cgroup2", 0, ""))
	m.cg = filepath.Join(groups, fmt.Sprintf("shohay-test-%d", os.Getpid()))
	if err := os.Mkdir(m.cg, 0o755); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		m.cut()
		m.removeGroups()
		if err := syscall.Unmount(groups, syscall.MNT_DETACH); err != nil {
			tb.Error("unmount: ", err)
		}
	})
	return m
}

// removeGroups takes away what systemd made, the deepest first.
func (m *machine) removeGroups() {
	hookstest.Until(m.tb, "the groups to be empty", time.Minute, func() bool {
		var dirs []string
		_ = filepath.WalkDir(m.cg, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				dirs = append(dirs, path)
			}
			return nil
		})
		for i := len(dirs) - 1; i >= 0; i-- {
			_ = os.Remove(dirs[i])
		}
		_, err := os.Stat(m.cg)
		return os.IsNotExist(err)
	})
}

// on is where a file of the machine lies for us: on its disk, and while it runs
// where it sees the file itself, for what it has looked up is not looked up
// again below.
func (m *machine) on(path string) string {
	if m.cmd != nil {
		return filepath.Join(fmt.Sprintf("/proc/%d/root", m.cmd.Process.Pid), path)
	}
	return filepath.Join(m.top, "disk", path)
}

func (m *machine) write(path, text string) {
	m.tb.Helper()
	if err := os.MkdirAll(filepath.Dir(m.on(path)), 0o755); err != nil {
		m.tb.Fatal(err)
	}
	if err := os.WriteFile(m.on(path), []byte(text), 0o644); err != nil {
		m.tb.Fatal(err)
	}
}

// boot starts the machine and waits until everything of it is started.
func (m *machine) boot() {
	m.tb.Helper()
	systemd, err := systemdBinary()
	if err != nil {
		m.tb.Fatal(err)
	}
	said := &tail{}
	m.cmd = exec.Command("sh", "-c", bootScript, "sh", m.top, m.cg, systemd)
	m.cmd.Stdout, m.cmd.Stderr = said, said
	m.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		Setsid:     true,
	}
	if err := m.cmd.Start(); err != nil {
		hookstest.Need(m.tb, "a machine that makes name spaces", err)
	}
	m.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(m.cmd, m.ended)
	up := ""
	hookstest.Until(m.tb, "the machine to be up", 2*time.Minute, func() bool {
		select {
		case <-m.ended:
			m.tb.Fatalf("the machine ended while it started: %s", said)
		default:
		}
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", m.cmd.Process.Pid)); err != nil || filepath.Base(exe) != "systemd" {
			return false
		}
		up, _ = m.try(0, "systemctl", "is-system-running")
		return up == "running\n" || up == "degraded\n"
	})
	if up != "running\n" {
		failed, _ := m.try(0, "systemctl", "--failed", "--no-legend", "--plain")
		m.tb.Logf("not everything of the machine runs: %s", failed)
	}
}

// cut takes the power away.
func (m *machine) cut() {
	if m.cmd == nil {
		return
	}
	_ = m.cmd.Process.Kill() // it may have ended
	m.off()
}

// down switches it off in order (systemd(1): SIGRTMIN+4).
func (m *machine) down() {
	m.tb.Helper()
	if err := m.cmd.Process.Signal(syscall.Signal(34 + 4)); err != nil {
		m.tb.Fatal(err)
	}
	m.off()
}

func (m *machine) off() {
	m.tb.Helper()
	select {
	case <-m.ended:
	case <-time.After(2 * time.Minute):
		m.tb.Fatal("the machine does not end")
	}
	m.cmd = nil
	for _, d := range m.doors {
		d.Close()
	}
	m.doors = nil
}

// try runs a command in the machine as a user.
func (m *machine) try(uid int, command ...string) (string, int) {
	m.tb.Helper()
	id := strconv.Itoa(uid)
	args := append([]string{
		"--target", strconv.Itoa(m.cmd.Process.Pid), "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--root", "--wd=/",
		"--setuid", id, "--setgid", id,
	}, command...)
	cmd := exec.Command("nsenter", args...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"}
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		m.tb.Fatalf("%v: %v: %s", command, err, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// want runs a command as root, which has to end with a code and say words.
func (m *machine) want(code int, words string, command ...string) string {
	m.tb.Helper()
	return m.wantAs(0, code, words, command...)
}

func (m *machine) wantAs(uid, code int, words string, command ...string) string {
	m.tb.Helper()
	said, got := m.try(uid, command...)
	if got != code || !strings.Contains(said, words) {
		m.tb.Fatalf("%q ended with %d instead of %d and without %q:\n%s", command, got, code, words, said)
	}
	return said
}

// soon is want for what takes a moment to become so.
func (m *machine) soon(code int, words string, command ...string) {
	m.tb.Helper()
	hookstest.Until(m.tb, fmt.Sprintf("%q to say %q", command, words), time.Minute, func() bool {
		said, got := m.try(0, command...)
		return got == code && strings.Contains(said, words)
	})
}

// within runs f on a thread that is in the machine's network.
func (m *machine) within(f func() error) error {
	done := make(chan error, 1)
	pid := m.cmd.Process.Pid
	go func() {
		runtime.LockOSThread() // and never given back: the thread ends with it
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			ns.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// dial reaches a port of the machine's own loopback.
func (m *machine) dial(port int) (c net.Conn, err error) {
	err = m.within(func() error {
		c, err = net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 10*time.Second)
		return err
	})
	return c, err
}

// listen takes a port of the machine's own loopback.
func (m *machine) listen(port int) (l net.Listener) {
	m.tb.Helper()
	err := m.within(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		return err
	})
	if err != nil {
		m.tb.Fatal(err)
	}
	return l
}

// reach is where a port of the machine is reached from here.
func (m *machine) reach(port int) string {
	m.tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		m.tb.Fatal(err)
	}
	m.doors = append(m.doors, l)
	go relay(l, func() (net.Conn, error) { return m.dial(port) })
	return "http://" + l.Addr().String()
}

// lend makes a port of ours one of the machine's.
func (m *machine) lend(port int) {
	m.tb.Helper()
	l := m.listen(port)
	m.doors = append(m.doors, l)
	go relay(l, func() (net.Conn, error) { return net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)) })
}

func relay(l net.Listener, dial func() (net.Conn, error)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			to, err := dial()
			if err != nil {
				return
			}
			defer to.Close()
			ctx, cancel := context.WithCancel(context.Background())
			go func() { _, _ = io.Copy(to, c); cancel() }()
			go func() { _, _ = io.Copy(c, to); cancel() }()
			<-ctx.Done()
		}()
	}
}

// property is what systemd says of the service.
func (m *machine) property(name string) string {
	m.tb.Helper()
	said, _ := m.try(0, "systemctl", "show", "shohay", "--value", "--property="+name)
	return strings.TrimSpace(said)
}

// status is a line of /proc/<pid>/status of the service's process, as the
// machine counts processes.
func (m *machine) status(field string) string {
	m.tb.Helper()
	said := m.want(0, field, "cat", "/proc/"+m.property("MainPID")+"/status")
	for line := range bytes.Lines([]byte(said)) {
		if key, value, ok := strings.Cut(string(line), ":"); ok && key == field {
			return strings.TrimSpace(value)
		}
	}
	m.tb.Fatalf("no %s in %s", field, said)
	return ""
}
