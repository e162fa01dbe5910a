package mail

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/imapbox"
	"github.com/shohay/shohay/hooks/channel/mail/spam"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Health is a mailbox as agents see it: whether mail comes and goes.
type Health struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Address   string `json:"address"`
	Active    bool   `json:"active"`
	LastFetch string `json:"last_fetch"`
	LastSend  string `json:"last_send"`
	LastError string `json:"last_error"` // in words, "" when all is well
	Waiting   int    `json:"waiting"`    // mails in the outbox
	Oldest    string `json:"oldest"`     // since when the oldest of them waits
	Older     Older  `json:"older"`

	Owner *HealthDetails `json:"owner,omitempty"` // owners only
}

// HealthDetails is what owners see beside.
type HealthDetails struct {
	SignIn      string `json:"sign_in"`
	SignedIn    bool   `json:"signed_in"` // a token is there, or a password
	Folder      string `json:"folder"`
	Processed   string `json:"processed_folder"`
	IMAPHost    string `json:"imap_host"`
	SMTPHost    string `json:"smtp_host"`
	UID         int    `json:"uid"`
	Quarantined int    `json:"quarantined"`
	Bounced     int    `json:"bounced"` // addresses that failed within seven days
	Blocked     int    `json:"blocked"` // of these, by policy: a matter of the shop's own reputation (rule 43)

	Alerts []Alert `json:"alerts"` // until they are dismissed
}

// mailboxHealth answers GET /api/desk/mailboxes (rule 73).
func (room *Room) mailboxHealth(e *core.RequestEvent) error {
	records, err := e.App.FindRecordsByFilter(schema.Mailboxes, "", "created", 0, 0)
	if err != nil {
		return e.InternalServerError("", err)
	}
	list := make([]Health, 0, len(records))
	for _, r := range records {
		h, err := room.healthOf(e, wrap(r))
		if err != nil {
			return e.InternalServerError("", err)
		}
		list = append(list, h)
	}
	return e.JSON(http.StatusOK, map[string]any{"mailboxes": list})
}

func (room *Room) healthOf(e *core.RequestEvent, b *Mailbox) (Health, error) {
	iso := func(field string) string { return strings.Replace(b.GetString(field), " ", "T", 1) }
	h := Health{
		ID: b.Id, Name: b.GetString(schema.MailboxName), Address: b.Address(), Active: b.Active(),
		LastFetch: iso(schema.MailboxLastFetch), LastSend: iso(schema.MailboxLastSend), LastError: spoken(e, b.GetString(schema.MailboxLastError)),
	}
	var err error
	if h.Older, err = readOlder(e.App, b.Id); err != nil {
		return h, err
	}
	var queue struct {
		N      int    `db:"n"`
		Oldest string `db:"oldest"`
	}
	// idx_outbox_due
	err = e.App.DB().NewQuery(`SELECT COUNT(*) AS n, COALESCE(MIN(o.created), '') AS oldest FROM outbox o JOIN messages m ON m.id = o.message JOIN conversations c ON c.id = m.conversation
		WHERE o.state IN ('queued','sending','uncertain') AND o.channel = 'email' AND c.mailbox = {:box}`).Bind(dbx.Params{"box": b.Id}).One(&queue)
	if err != nil {
		return h, err
	}
	h.Waiting, h.Oldest = queue.N, strings.Replace(queue.Oldest, " ", "T", 1)
	if !isOwner(e) {
		return h, nil
	}
	d := &HealthDetails{
		SignIn: b.GetString(schema.MailboxSignIn), Folder: b.Folder(), Processed: b.GetString(schema.MailboxProcessed),
		IMAPHost: b.GetString(schema.MailboxIMAPHost), SMTPHost: b.GetString(schema.MailboxSMTPHost), UID: b.GetInt(schema.MailboxUID),
		SignedIn: b.GetString(schema.MailboxSecret) != "",
		Alerts:   told(language(e), readAlerts(b.GetString(schema.MailboxAlerts))),
	}
	if b.oauth() {
		s, err := room.readSecrets(e.App, b.Id)
		d.SignedIn = err == nil && s.Refresh != ""
	}
	if err := e.App.DB().NewQuery(`SELECT COUNT(*) FROM quarantine WHERE mailbox = {:box}`).Bind(dbx.Params{"box": b.Id}).Row(&d.Quarantined); err != nil {
		return h, err
	}
	err = e.App.DB().NewQuery(`SELECT COUNT(*), COALESCE(SUM(bounce_kind = 'blocked'), 0) FROM identities WHERE kind = 'email' AND bounced_at > {:since}`).
		Bind(dbx.Params{"since": types.NowDateTime().Add(-softWindow).String()}).Row(&d.Bounced, &d.Blocked)
	h.Owner = d
	return h, err
}

func isOwner(e *core.RequestEvent) bool {
	return e.Auth != nil && e.Auth.Collection().Name == schema.Agents && e.Auth.GetString(schema.AgentRole) == schema.RoleOwner
}

// ownersOnly keeps agents from what sets up a mailbox.
func ownersOnly(e *core.RequestEvent) error {
	if !isOwner(e) {
		return e.ForbiddenError(i18n.T(language(e), "error.owners_only"), nil)
	}
	return e.Next()
}

func (room *Room) boxOf(e *core.RequestEvent) (*Mailbox, error) {
	r, err := e.App.FindRecordById(schema.Mailboxes, e.Request.PathValue("id"))
	if err != nil {
		return nil, e.NotFoundError(i18n.T(language(e), "mail.mailbox_gone"), nil)
	}
	return wrap(r), nil
}

// folders answers GET /api/desk/mailboxes/{id}/folders.
func (room *Room) folders(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	lang := language(e)
	if !box.fetches() {
		return e.BadRequestError(i18n.T(lang, "mail.host_missing", i18n.V{"example": "imap.gmail.com"}), nil)
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), 2*tryTime)
	defer cancel()
	account, err := room.imapAccount(ctx, box)
	var list []imapbox.Folder
	if err == nil {
		var conn *imapbox.Conn
		if conn, err = imapbox.Dial(ctx, account, imapbox.Timing{Dial: tryTime, Command: tryTime}); err == nil {
			defer conn.Close()
			list, err = conn.Folders()
		}
	}
	if err != nil {
		_, words := imapWords(lang, box, err)
		return e.Error(http.StatusBadGateway, words, nil)
	}
	return e.JSON(http.StatusOK, map[string]any{"folders": list, "folder": box.Folder()})
}

// askOlder answers POST /api/desk/mailboxes/{id}/older {"days", "all", "stop"}:
// mail of the past is read, quietly (rule 11).
func (room *Room) askOlder(e *core.RequestEvent) error {
	box, err := room.boxOf(e)
	if err != nil {
		return err
	}
	lang := language(e)
	var body struct {
		Days int  `json:"days"`
		All  bool `json:"all"`
		Stop bool `json:"stop"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	o, err := readOlder(e.App, box.Id)
	if err != nil {
		return e.InternalServerError("", err)
	}
	switch {
	case body.Stop:
		if o.State == olderRunning {
			o.State, o.Ended = olderStopped, time.Now().UTC().Format(time.RFC3339)
		}
	case !body.All && (body.Days < 1 || body.Days > 36500):
		return e.BadRequestError(i18n.T(lang, "mail.older_days"), nil)
	case !box.Active() || !box.fetches():
		return e.BadRequestError(i18n.T(lang, "mail.older_off"), nil)
	case o.State == olderRunning:
		return e.Error(http.StatusConflict, i18n.T(lang, "mail.older_running"), nil)
	default:
		o = Older{State: olderRunning, Days: body.Days, Began: time.Now().UTC().Format(time.RFC3339)}
		if body.All {
			o.Days = 0
		}
	}
	if err := saveOlder(e.App, box.Id, o, false); err != nil {
		return e.InternalServerError("", err)
	}
	room.ring(box.Id)
	return e.JSON(http.StatusOK, map[string]any{"older": o})
}

// tidyBlocked brings what was typed into the form that is compared, and
// refuses what would block everybody.
func tidyBlocked(e *core.RecordEvent) error {
	value, kind := spam.Entry(e.Record.GetString(schema.BlockedValue))
	if kind == "" {
		return validation.Errors{schema.BlockedValue: validation.NewError("blocked_value", i18n.T(settings.Shop(e.App).Language(), "mail.blocked_value"))}
	}
	e.Record.Set(schema.BlockedValue, value)
	return e.Next()
}
