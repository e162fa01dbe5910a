package imapbox

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// ErrNoSent is a server without a folder for sent mail.
var ErrNoSent = errors.New("the server has no folder for sent mail")

// usualSent are names of the folder on servers that do not mark it.
var usualSent = []string{"sent", "sent items", "sent messages", "sent mail", "inbox.sent", "inbox/sent", "inbox.sent items"}

// SentFolder finds the folder for sent mail: the one the server marks
// (RFC 6154), else one of a usual name.
func (c *Conn) SentFolder() (string, error) {
	var all []*imap.ListData
	err := c.do(c.timing.Command, func() (err error) {
		var opts *imap.ListOptions
		if caps := c.client.Caps(); caps.Has(imap.CapSpecialUse) || caps.Has(imap.CapIMAP4rev2) {
			opts = &imap.ListOptions{ReturnSpecialUse: true}
		}
		all, err = c.client.List("", "*", opts).Collect()
		var no *imap.Error
		if opts != nil && errors.As(err, &no) { // says it can and cannot
			all, err = c.client.List("", "*", nil).Collect()
		}
		return err
	})
	if err != nil {
		return "", err
	}
	for _, f := range all {
		for _, a := range f.Attrs {
			if strings.EqualFold(string(a), string(imap.MailboxAttrSent)) {
				return f.Mailbox, nil
			}
		}
	}
	for _, name := range usualSent {
		for _, f := range all {
			if strings.EqualFold(f.Mailbox, name) {
				return f.Mailbox, nil
			}
		}
	}
	return "", ErrNoSent
}

// File puts a mail into a folder as read, unless one with its Message-ID is
// there already: an earlier try may have succeeded unheard, or the provider
// files by itself (rule 70).
func (c *Conn) File(folder, messageID string, at time.Time, mail []byte) error {
	err := c.do(c.timing.Command, func() error {
		_, err := c.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if err != nil {
		return err
	}
	if messageID != "" {
		found, err := c.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: messageID}}})
		if err != nil || len(found) > 0 {
			return err
		}
	}
	return c.do(c.timing.Command+time.Duration(len(mail)/slowest)*time.Second, func() error {
		var cmd *imapclient.AppendCommand = c.client.Append(folder, int64(len(mail)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: at})
		if _, err := io.Copy(cmd, strings.NewReader(string(mail))); err != nil {
			return err
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		_, err := cmd.Wait()
		return err
	})
}
