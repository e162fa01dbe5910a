package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
)

// Bounds of a server that anybody on the machine may write to.
const (
	maxMail      = 30 << 20
	maxBoxes     = 500
	maxMails     = 2000 // in one mailbox
	shutdownTime = 3 * time.Second
)

// post is the mail server of the demo: SMTP in, files, IMAP out.
type post struct {
	dir    string
	log    *slog.Logger
	imap   *imapserver.Server
	smtp   *smtp.Server
	imapAt net.Addr
	smtpAt net.Addr
	wg     sync.WaitGroup

	mu    sync.Mutex
	boxes map[string]*box
}

// box is one person's mail. The IMAP side keeps it in memory; the files are
// what survives. UIDs are the same after a restart because files are read in
// the order they came.
type box struct {
	user  *imapmemserver.User
	mails []string // file names, oldest first
}

func openPost(dir, imapAddr, smtpAddr string, log *slog.Logger) (*post, error) {
	p := &post{dir: dir, log: log, boxes: map[string]*box{}}
	if err := p.load(); err != nil {
		return nil, err
	}
	if _, err := p.box(ShopAddress); err != nil {
		return nil, err
	}
	imapListener, err := listen(imapAddr)
	if err != nil {
		return nil, err
	}
	smtpListener, err := listen(smtpAddr)
	if err != nil {
		imapListener.Close()
		return nil, err
	}
	p.imapAt, p.smtpAt = imapListener.Addr(), smtpListener.Addr()

	quiet := slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	p.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{post: p}, nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapIdle: {}, imap.CapUIDPlus: {}, imap.CapMove: {},
		},
		InsecureAuth: true, // loopback only
		Logger:       quiet,
	})
	p.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &letter{post: p}, nil }))
	p.smtp.Domain = "rupali.test"
	p.smtp.AllowInsecureAuth = true // loopback only
	p.smtp.EnableSMTPUTF8 = true
	p.smtp.MaxMessageBytes = maxMail
	p.smtp.MaxRecipients = 50
	p.smtp.ReadTimeout, p.smtp.WriteTimeout = 5*time.Minute, time.Minute
	p.smtp.ErrorLog = quiet
	p.serve("IMAP", func() error { return p.imap.Serve(imapListener) })
	p.serve("SMTP", func() error { return p.smtp.Serve(smtpListener) })
	return p, nil
}

// listen opens the address, or a free port of it if that one is taken. The
// servers have a published password: they never leave the loopback.
func listen(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not an address of this machine alone", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	return l, nil
}

func (p *post) serve(name string, run func() error) {
	p.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				p.log.Error("the demo's mail server panicked", "server", name, "panic", fmt.Sprint(r))
			}
		}()
		if err := run(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, smtp.ErrServerClosed) {
			p.log.Debug("the demo's mail server stopped", "server", name, "error", err)
		}
	})
}

// closeAfter is the loop that belongs to the app's life.
func (p *post) closeAfter(ctx context.Context) {
	<-ctx.Done()
	p.close()
}

func (p *post) close() {
	_ = p.imap.Close()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if p.smtp.Shutdown(ctx) != nil {
		_ = p.smtp.Close()
	}
	p.wg.Wait()
}

// load reads the mail of an earlier run.
func (p *post) load() error {
	people, err := os.ReadDir(p.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, person := range people {
		address := mime.NormalAddress(person.Name())
		if !person.IsDir() || address != person.Name() {
			continue
		}
		b, err := p.box(address)
		if err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(p.dir, address, "*.eml"))
		if err != nil {
			return err
		}
		slices.Sort(files)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := b.add(raw); err != nil {
				return fmt.Errorf("put %s into its mailbox: %w", file, err)
			}
			b.mails = append(b.mails, filepath.Base(file))
		}
	}
	return nil
}

// box returns the mailbox of an address and makes it if there is none.
func (p *post) box(address string) (*box, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b := p.boxes[address]; b != nil {
		return b, nil
	}
	if len(p.boxes) >= maxBoxes {
		return nil, errors.New("the demo's mail server has no room for more mailboxes")
	}
	b := &box{user: imapmemserver.NewUser(address, MailPassword)}
	for _, folder := range []string{"INBOX", "Sent", "Trash"} {
		if err := b.user.Create(folder, nil); err != nil {
			return nil, err
		}
	}
	p.boxes[address] = b
	return b, nil
}

// add puts a mail into the IMAP folder; the server tells idling clients.
func (b *box) add(raw []byte) error {
	_, err := b.user.Append("INBOX", literal{bytes.NewReader(raw), int64(len(raw))}, &imap.AppendOptions{})
	return err
}

type literal struct {
	*bytes.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// valid tells whether an address may name a folder of ours.
func valid(address string) bool {
	return address != "" && len(address) <= 120 && address == mime.NormalAddress(address) && strings.Contains(address, "@") &&
		!strings.ContainsAny(address, `/\:*?"<>|`+"\x00") && !strings.HasPrefix(address, ".")
}

// deliver keeps the mail and puts it into the mailbox: first the file, so that
// what was accepted survives.
func (p *post) deliver(address string, raw []byte) error {
	b, err := p.box(address)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(b.mails) >= maxMails {
		return errors.New("the mailbox is full")
	}
	dir := filepath.Join(p.dir, address)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next := 1
	if n := len(b.mails); n > 0 {
		next = number(b.mails[n-1]) + 1
	}
	name := fmt.Sprintf("%06d.eml", next)
	if err := writeFile(filepath.Join(dir, name), raw); err != nil {
		return err
	}
	b.mails = append(b.mails, name)
	return b.add(raw)
}

func writeFile(name string, data []byte) error {
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// mails returns what an address received, newest first, and nil for somebody
// who never received anything.
func (p *post) mails(address string) ([]received, error) {
	p.mu.Lock()
	b := p.boxes[address]
	var names []string
	if b != nil {
		names = slices.Clone(b.mails)
	}
	p.mu.Unlock()
	slices.Reverse(names)
	var list []received
	for _, name := range names[:min(len(names), 50)] {
		raw, err := os.ReadFile(filepath.Join(p.dir, address, name))
		if err != nil {
			return nil, err
		}
		list = append(list, received{number: number(name), raw: raw, Mail: mime.Parse(raw)})
	}
	return list, nil
}

// number of a mail's file, 0 for a name that is none.
func number(name string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(name, ".eml"))
	return n
}

type received struct {
	*mime.Mail
	number int
	raw    []byte
}

// people are the addresses that received mail, the shop's own left out.
func (p *post) people() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for address, b := range p.boxes {
		if address != ShopAddress && len(b.mails) > 0 {
			list = append(list, address)
		}
	}
	slices.Sort(list)
	return list
}

// session is an IMAP session. Whoever knows the demo's password has a mailbox.
type session struct {
	*imapmemserver.UserSession // nil before Login
	post                       *post
}

func (s *session) Login(username, password string) error {
	address := mime.NormalAddress(username)
	if password != MailPassword || !valid(address) {
		return imapserver.ErrAuthFailed
	}
	b, err := s.post.box(address)
	if err != nil {
		return imapserver.ErrAuthFailed
	}
	s.UserSession = imapmemserver.NewUserSession(b.user)
	return nil
}

func (s *session) Close() error {
	if s.UserSession == nil {
		return nil
	}
	return s.UserSession.Close()
}

// letter is an SMTP session.
type letter struct {
	post *post
	to   []string
}

func (l *letter) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (l *letter) Auth(mech string) (sasl.Server, error) {
	check := func(password string) error {
		if password != MailPassword {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	if mech == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, _, password string) error { return check(password) }), nil
}

// loginServer speaks AUTH LOGIN, which sasl has only for clients.
type loginServer struct {
	step  int
	check func(password string) error
}

func (s *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	s.step++
	switch s.step {
	case 1:
		if response == nil {
			return []byte("Username:"), false, nil
		}
		s.step++ // the name came at once
		fallthrough
	case 2:
		return []byte("Password:"), false, nil
	}
	return nil, true, s.check(string(response))
}

func (l *letter) Mail(string, *smtp.MailOptions) error { return nil }

func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error {
	address := mime.NormalAddress(to)
	if !valid(address) {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 3}, Message: "This is no address the demo's server can keep"}
	}
	if !slices.Contains(l.to, address) {
		l.to = append(l.to, address)
	}
	return nil
}

func (l *letter) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, address := range l.to {
		if err := l.post.deliver(address, raw); err != nil {
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "The mail cannot be kept now"}
		}
	}
	return nil
}

func (l *letter) Reset()        { l.to = nil }
func (l *letter) Logout() error { return nil }
