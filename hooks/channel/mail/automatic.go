package mail

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/channel/mail/mime"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

// Limits of automatic mail (rules 37 and 38). What has gone out is counted in
// the messages themselves, so the count survives a restart.
const (
	autoPerAddress = 24 * time.Hour // one automatic mail to an address
	autoPerDomain  = 10             // in an hour
	autoInAll      = 60             // in an hour, the whole shop: the last loop breaker
	loopWindow     = 10 * time.Minute
	loopMails      = 5 // more than these from one address in the window stop automatic mail to it
	loopEqual      = 3 // more than these in a row that are nearly equal, likewise
	quietFor       = 24 * time.Hour
	maxHops        = 30 // ids in References above which nothing automatic is sent
)

// Why an automatic mail may not go; "" when it may.
const (
	NoAutoMachine   = "machine"   // a machine wrote, or the mail asks for silence (rules 33, 34)
	NoAutoDoubt     = "doubt"     // the sender is not who they say, or may not be (rule 37)
	NoAutoOwn       = "own"       // it would go to ourselves
	NoAutoBlocked   = "blocked"   // spam, or somebody who is blocked
	NoAutoOnce      = "once"      // this conversation has had one
	NoAutoAddress   = "address"   // this address has had one today
	NoAutoQuiet     = "quiet"     // the loop breaker holds (rule 38)
	NoAutoDomain    = "domain"    // too many to this domain
	NoAutoShop      = "shop"      // too many in all
	NoAutoUnusable  = "unusable"  // no address, or one that bounces
	NoAutoImported  = "imported"  // mail of the past (rule 11)
	NoAutoUndefined = "undefined" // not a message of a customer
)

// MayAutoReply tells whether an automatic mail about a customer's message may
// go to an address; if not, why. It answers for acknowledgements, surveys and
// the like, not for a code that somebody asked for. Call it in the transaction
// that writes the mail: what it counts are outgoing messages marked automatic.
func MayAutoReply(app core.App, incoming *core.Record, address string) (why string, err error) {
	m := conversation.WrapMessage(incoming)
	ev := m.Evidence()
	address = contact.Normalise(schema.KindEmail, address)
	_, domain, _ := strings.Cut(address, "@")
	switch {
	case m.GetString(schema.MsgKind) != schema.MessageIncoming:
		return NoAutoUndefined, nil
	case address == "":
		return NoAutoUnusable, nil
	case ev.Older:
		return NoAutoImported, nil
	case m.GetBool(schema.MsgAutomatic) || ev.NoAutomatic || ev.Bulk:
		return NoAutoMachine, nil
	case ev.Auth == "fail" || m.GetString(schema.MsgTrust) != "":
		return NoAutoDoubt, nil
	case noAutoAddress.MatchString(address):
		return NoAutoMachine, nil
	}
	own, err := ownAddresses(app)
	if err != nil {
		return "", err
	}
	if own[mime.NormalAddress(address)] {
		return NoAutoOwn, nil
	}

	var known struct {
		Spam    bool `db:"spam"`
		Blocked bool `db:"blocked"`
		Had     bool `db:"had"`
	}
	// idx_messages_conversation
	err = app.DB().NewQuery(`SELECT c.spam, COALESCE(p.blocked, FALSE) AS blocked,
		EXISTS (SELECT 1 FROM messages m WHERE m.conversation = c.id AND m.kind = 'outgoing' AND m.automatic = TRUE) AS had
		FROM conversations c LEFT JOIN contacts p ON p.id = c.contact WHERE c.id = {:id}`).Bind(dbx.Params{"id": m.Conversation()}).One(&known)
	if err != nil {
		return "", fmt.Errorf("look at the conversation: %w", err)
	}
	switch {
	case known.Spam || known.Blocked:
		return NoAutoBlocked, nil
	case known.Had:
		return NoAutoOnce, nil
	}

	id, err := findAddress(app, address)
	if err != nil {
		return "", err
	}
	if id != nil {
		switch id.GetString(schema.IdentityBounceKind) {
		case schema.BounceHard, schema.BounceComplaint:
			return NoAutoUnusable, nil
		}
		if id.GetDateTime(schema.IdentityQuietUntil).After(types.NowDateTime()) {
			return NoAutoQuiet, nil
		}
	}

	var sent struct {
		Address int `db:"address"`
		Domain  int `db:"domain"`
		Shop    int `db:"shop"`
	}
	now := types.NowDateTime()
	// idx_messages_machine
	err = app.DB().NewQuery(`SELECT COALESCE(SUM(LOWER(recipient) = {:address}), 0) AS address,
		COALESCE(SUM(created > {:hour} AND LOWER(recipient) LIKE {:domain} ESCAPE '\'), 0) AS domain,
		COALESCE(SUM(created > {:hour}), 0) AS shop
		FROM messages WHERE kind = 'outgoing' AND automatic = TRUE AND created > {:day}`).
		Bind(dbx.Params{
			"address": address, "domain": "%@" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(domain),
			"hour": now.Add(-time.Hour).String(), "day": now.Add(-autoPerAddress).String(),
		}).One(&sent)
	if err != nil {
		return "", fmt.Errorf("count automatic mails: %w", err)
	}
	switch {
	case sent.Address > 0:
		return NoAutoAddress, nil
	case sent.Domain >= autoPerDomain:
		return NoAutoDomain, nil
	case sent.Shop >= autoInAll:
		return NoAutoShop, nil
	}
	return "", nil
}

// findAddress is the identity of an address, nil if nobody is known by it.
func findAddress(app core.App, address string) (*core.Record, error) {
	r, err := app.FindFirstRecordByFilter(schema.Identities, "kind = {:kind} && value = {:value}", dbx.Params{"kind": schema.KindEmail, "value": address})
	if errorsIsNoRows(err) {
		return nil, nil
	}
	return r, err
}

// ownAddresses are all addresses of all mailboxes, in use or not.
func ownAddresses(app core.App) (map[string]bool, error) {
	records, err := app.FindAllRecords(schema.Mailboxes)
	if err != nil {
		return nil, fmt.Errorf("read the mailboxes: %w", err)
	}
	own := map[string]bool{}
	for _, r := range records {
		for a := range wrap(r).own() {
			own[a] = true
		}
	}
	return own, nil
}

// silence stops automatic mail to an address for a day (rule 38). It says
// whether that is news.
func silence(tx core.App, address, reason string) (bool, error) {
	id, err := findAddress(tx, contact.Normalise(schema.KindEmail, address))
	if err != nil {
		return false, err
	}
	if id == nil {
		return false, errors.New("silence: nobody is known by the address")
	}
	news := !id.GetDateTime(schema.IdentityQuietUntil).After(types.NowDateTime())
	id.Set(schema.IdentityQuietUntil, types.NowDateTime().Add(quietFor))
	id.Set(schema.IdentityQuietReason, clip(reason, 290))
	return news, tx.Save(id)
}
