package mail

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/channel/mail/submit"
	"github.com/shohay/shohay/hooks/schema"
)

// Mailbox is the typed mailboxes record.
type Mailbox struct{ core.BaseRecordProxy }

func wrap(r *core.Record) *Mailbox {
	b := &Mailbox{}
	b.SetProxyRecord(r)
	return b
}

// Address is what customers write to.
func (b *Mailbox) Address() string { return b.GetString(schema.MailboxAddress) }

// Domain is the part of the address after the @.
func (b *Mailbox) Domain() string {
	_, domain, _ := strings.Cut(mime.NormalAddress(b.Address()), "@")
	return domain
}

// Folder is the folder that is read.
func (b *Mailbox) Folder() string {
	if f := b.GetString(schema.MailboxFolder); f != "" {
		return f
	}
	return "INBOX"
}

// Active tells whether the mailbox is in use.
func (b *Mailbox) Active() bool { return b.GetBool(schema.MailboxActive) }

// fetches and sends tell what the mailbox is set up for.
func (b *Mailbox) fetches() bool { return b.GetString(schema.MailboxIMAPHost) != "" }
func (b *Mailbox) sends() bool   { return b.GetString(schema.MailboxSMTPHost) != "" }

// own lists the addresses of the mailbox, compared in lower case.
func (b *Mailbox) own() map[string]bool {
	own := map[string]bool{mime.NormalAddress(b.Address()): true}
	var aliases []string
	if err := b.UnmarshalJSONField(schema.MailboxAliases, &aliases); err == nil {
		for _, a := range aliases {
			own[mime.NormalAddress(a)] = true
		}
	}
	delete(own, "")
	return own
}

var errNoPassword = errors.New("no password is stored")

// password is the one typed just now, else the stored one.
func (b *Mailbox) password(keys Keys) (string, error) {
	if p := b.GetString(schema.MailboxPassword); p != "" {
		return p, nil
	}
	sealed := b.GetString(schema.MailboxSecret)
	if sealed == "" {
		return "", errNoPassword
	}
	p, err := keys.Open(sealed)
	return string(p), err
}

// login is the user name at both servers.
func (b *Mailbox) login() string {
	if l := b.GetString(schema.MailboxLogin); l != "" {
		return l
	}
	return b.Address()
}

// port is the one set, else the usual one.
func port(set int, security string, tlsPort, otherPort int) int {
	switch {
	case set > 0:
		return set
	case security == schema.SecurityTLS || security == "":
		return tlsPort
	}
	return otherPort
}

// imap is the account that mail is fetched from.
func (b *Mailbox) imap(password string, conf *tls.Config) imapbox.Account {
	security := b.GetString(schema.MailboxIMAPSecurity)
	return imapbox.Account{
		Host: b.GetString(schema.MailboxIMAPHost), Port: port(b.GetInt(schema.MailboxIMAPPort), security, 993, 143), Security: security,
		Login: b.login(), Password: password, Folder: b.Folder(), TLS: conf,
	}
}

// smtp is the account that answers are sent through.
func (b *Mailbox) smtp(password string, conf *tls.Config) submit.Account {
	security := b.GetString(schema.MailboxSMTPSecurity)
	return submit.Account{
		Host: b.GetString(schema.MailboxSMTPHost), Port: port(b.GetInt(schema.MailboxSMTPPort), security, 465, 587), Security: security,
		Login: b.login(), Password: password, Hello: b.Domain(), TLS: conf,
	}
}

// fingerprint changes when the loop has to begin again with new settings.
func (b *Mailbox) fingerprint() string {
	parts := []string{}
	for _, f := range []string{schema.MailboxAddress, schema.MailboxAliases, schema.MailboxIMAPHost, schema.MailboxIMAPPort, schema.MailboxIMAPSecurity, schema.MailboxLogin, schema.MailboxSecret, schema.MailboxFolder,
		schema.MailboxSignIn, schema.MailboxOAuthClient, schema.MailboxOAuthURLs, schema.MailboxProcessed, schema.MailboxAuthServ} {
		parts = append(parts, b.GetString(f))
	}
	return strings.Join(parts, "\x00")
}
