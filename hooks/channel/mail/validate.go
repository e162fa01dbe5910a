package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/outward"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// tryTime is how long each of the two sign-ins may take.
const tryTime = 15 * time.Second

// tryRequest signs in to both servers of a mailbox that somebody wants to put
// to use. It runs on requests only, outside of any transaction; inside one
// (a batch) nothing is tried, because the network would stop every writer.
func (room *Room) tryRequest(e *core.RecordRequestEvent) error {
	box := wrap(e.Record)
	if !box.Active() || e.App.IsTransactional() {
		return e.Next()
	}
	lang := i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
	if err := room.try(e.Request.Context(), box, lang); err != nil {
		return e.BadRequestError("", err)
	}
	return e.Next()
}

// try returns what is wrong with a mailbox, by field, in words.
func (room *Room) try(ctx context.Context, box *Mailbox, lang string) error {
	if !box.fetches() && !box.sends() {
		return validation.Errors{schema.MailboxIMAPHost: validation.NewError("mail_host", i18n.T(lang, "mail.host_missing", i18n.V{"example": "imap.gmail.com"}))}
	}
	if box.oauth() {
		return room.tryTokens(box, lang)
	}
	password, err := box.password(room.keys())
	if err != nil && !errors.Is(err, errNoPassword) {
		return validation.Errors{schema.MailboxPassword: validation.NewError("mail_secret", i18n.T(lang, "mail.secret_unreadable"))}
	}
	if password == "" && box.fetches() {
		return validation.Errors{schema.MailboxPassword: validation.NewError("mail_password", i18n.T(lang, "mail.password_missing"))}
	}

	wrong := validation.Errors{}
	add := func(field, code, words string) {
		if before := wrong[field]; before != nil { // both servers refuse one password
			words = before.Error() + "\n" + words
		}
		wrong[field] = validation.NewError(code, words)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*tryTime+time.Second)
	defer cancel()
	if box.fetches() {
		timing := imapbox.Timing{Dial: tryTime, Command: tryTime}
		ctx, cancel := context.WithTimeout(ctx, tryTime)
		defer cancel()
		if err := imapbox.Check(ctx, box.imap(password, room.tls), timing); err != nil {
			field, words := imapWords(lang, box, err)
			add(field, "mail_imap", words)
		}
	}
	if box.sends() {
		ctx, cancel := context.WithTimeout(ctx, tryTime)
		defer cancel()
		conn, err := submit.Dial(ctx, box.smtp(password, room.tls), tryTime)
		if err == nil {
			conn.Close()
		} else {
			field, words := smtpWords(lang, box, err)
			add(field, "mail_smtp", words)
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// tryTokens looks whether a mailbox can sign in with tokens at all. The sign-in
// itself is done at the provider after the mailbox is saved, and tried there.
func (room *Room) tryTokens(box *Mailbox, lang string) error {
	if box.GetString(schema.MailboxOAuthClient) == "" {
		return validation.Errors{schema.MailboxOAuthClient: validation.NewError("mail_client", i18n.T(lang, "mail.signin_client"))}
	}
	return nil
}

// imapWords says what is wrong with fetching, and which field to look at.
func imapWords(lang string, box *Mailbox, err error) (field, words string) {
	var auth *imapbox.AuthError
	var said *imap.Error
	switch {
	case errors.As(err, &auth):
		return schema.MailboxPassword, i18n.T(lang, "mail.imap_login", i18n.V{"said": auth.Text})
	case errors.As(err, &said):
		return schema.MailboxFolder, i18n.T(lang, "mail.folder_failed", i18n.V{"folder": box.Folder(), "said": said.Text})
	}
	return schema.MailboxIMAPHost, i18n.T(lang, "mail.imap_failed", i18n.V{"host": box.GetString(schema.MailboxIMAPHost), "said": netWords(lang, err)})
}

// smtpWords says what is wrong with sending.
func smtpWords(lang string, box *Mailbox, err error) (field, words string) {
	var auth *submit.AuthError
	if errors.As(err, &auth) {
		return schema.MailboxPassword, i18n.T(lang, "mail.smtp_login", i18n.V{"said": auth.Error()})
	}
	return schema.MailboxSMTPHost, i18n.T(lang, "mail.smtp_failed", i18n.V{"host": box.GetString(schema.MailboxSMTPHost), "said": netWords(lang, err)})
}

// netWords says why a server cannot be reached, in words where there are some.
func netWords(lang string, err error) string {
	var unknown *net.DNSError
	var timeout net.Error
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return i18n.T(lang, "mail.server_unknown")
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &invalid):
		return i18n.T(lang, "mail.server_certificate", i18n.V{"said": lastWords(err)})
	case errors.As(err, &record):
		return i18n.T(lang, "mail.server_no_tls")
	case errors.Is(err, outward.ErrForbidden):
		return i18n.T(lang, "mail.server_forbidden")
	case errors.Is(err, syscall.ECONNREFUSED):
		return i18n.T(lang, "mail.server_refuses")
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, imapbox.ErrSilent), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return i18n.T(lang, "mail.server_silent")
	}
	return lastWords(err)
}

// lastWords is what the innermost error says: the outer ones name packages.
func lastWords(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSpace(err.Error())
		}
		err = next
	}
}

// sealNew and sealChanged run on every save, from wherever it comes.

func (room *Room) sealNew(e *core.RecordEvent) error {
	room.seal(e.Record, "")
	if err := room.sealClient(e.App, e.Record, true); err != nil {
		return err
	}
	return e.Next()
}

// sealChanged also puts back what the loops keep: a form that was open for an
// hour must not turn back the checkpoint. A mailbox that is now elsewhere is
// read from the beginning.
func (room *Room) sealChanged(e *core.RecordEvent) error {
	s, err := readState(e.App, e.Record.Id)
	if err != nil {
		return err
	}
	room.seal(e.Record, s.Secret)
	if err := room.sealClient(e.App, e.Record, false); err != nil {
		return err
	}
	older, err := readOlder(e.App, e.Record.Id)
	if err != nil {
		return err
	}
	before := e.Record.Original()
	for _, f := range []string{schema.MailboxIMAPHost, schema.MailboxLogin, schema.MailboxAddress, schema.MailboxFolder} {
		if before.GetString(f) == e.Record.GetString(f) || f == schema.MailboxAddress && e.Record.GetString(schema.MailboxLogin) != "" {
			continue
		}
		s.checkpoint, older = checkpoint{}, Older{}
		if err := forgetPlaces(e.App, e.Record.Id); err != nil {
			return err
		}
		break
	}
	if !e.Record.GetBool(schema.MailboxActive) {
		s.LastError = ""
	}
	e.Record.Set(schema.MailboxOlder, older)
	e.Record.Set(schema.MailboxUIDValidity, s.Validity)
	e.Record.Set(schema.MailboxUID, s.UID)
	e.Record.Set(schema.MailboxLastFetch, s.LastFetch)
	e.Record.Set(schema.MailboxLastSend, s.LastSend)
	e.Record.Set(schema.MailboxLastError, s.LastError)
	return e.Next()
}

// seal encrypts a typed password; without one the stored one stays.
func (room *Room) seal(r *core.Record, stored string) {
	if p := r.GetString(schema.MailboxPassword); p != "" {
		stored = room.keys().Seal([]byte(p))
	}
	r.Set(schema.MailboxSecret, stored)
	r.Set(schema.MailboxPassword, "")
}

// conceal keeps what is secret even from those who see hidden fields.
func conceal(e *core.RecordEnrichEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	e.Record.Hide(schema.MailboxPassword, schema.MailboxSecret, schema.MailboxOAuthSecret, schema.MailboxTokens, schema.MailboxDKIMSecret)
	return nil
}

func (room *Room) mailboxChanged(e *core.RecordEvent) error {
	select {
	case room.reload <- struct{}{}:
	default:
	}
	return e.Next()
}
