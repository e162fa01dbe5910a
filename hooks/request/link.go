package request

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// linkLife is how long the link in a mail opens its conversation.
const linkLife = 30 * 24 * time.Hour

// linkPath begins the address of one request.
const linkPath = "/requests/l/"

// Link is the address that stands in a mail to a customer about one of their
// conversations (mail rule 31): signed for that conversation and that address,
// for a month since at, until they sign out everywhere. "" when the address is
// none of the customer's, or the shop has no public address yet.
func Link(app core.App, keys *settings.Keys, conv *conversation.Conversation, address string, at time.Time) (string, error) {
	base := strings.TrimRight(app.Settings().Meta.AppURL, "/")
	if u, err := url.Parse(base); err != nil || u.Host == "" || base == "http://localhost:8090" { // PocketBase's own default
		return "", nil
	}
	identity, err := app.FindFirstRecordByFilter(schema.Identities, "kind = {:kind} && value = {:value}",
		dbx.Params{"kind": schema.KindEmail, "value": contact.Normalise(schema.KindEmail, address)})
	if err != nil {
		return "", noRows(err)
	}
	if identity.GetString(schema.IdentityContact) != conv.Contact() {
		return "", nil
	}
	return base + linkPath + token(keys, conv.Id, identity.Id, identity.GetInt(schema.IdentityLinkEpoch), at.Add(linkLife)), nil
}

func token(keys *settings.Keys, conv, identity string, epoch int, end time.Time) string {
	parts := []string{conv, identity, strconv.FormatInt(end.Unix(), 36), strconv.Itoa(epoch)}
	return strings.Join(parts[:3], ".") + "." + keys.MAC(settings.PurposeRequests, append([]string{"link"}, parts...)...)
}

// readLink returns what a link opens now: the conversation, or what it was
// merged into, and whose address it was sent to. nil for every link that is
// wrong, too old, called back, or whose conversation is no longer theirs.
func (room *Room) readLink(app core.App, raw string) (*core.Record, *conversation.Conversation, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 4 || len(raw) > 200 {
		return nil, nil, nil
	}
	end, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || room.now().Unix() > end {
		return nil, nil, nil
	}
	identity, err := app.FindRecordById(schema.Identities, parts[1])
	if err != nil {
		return nil, nil, noRows(err)
	}
	if !room.Keys().Check(parts[3], settings.PurposeRequests, "link", parts[0], parts[1], parts[2], strconv.Itoa(identity.GetInt(schema.IdentityLinkEpoch))) {
		return nil, nil, nil
	}
	conv, err := conversation.Live(app, parts[0])
	if err != nil || conv == nil || conv.Contact() != identity.GetString(schema.IdentityContact) {
		return nil, nil, err
	}
	who, err := app.FindRecordById(schema.Contacts, conv.Contact())
	if err != nil || who.GetBool(schema.ContactBlocked) {
		return nil, nil, noRows(err)
	}
	return identity, conv, nil
}

// linkPage is what a link shows when it is fetched, by a person or by a
// program that looks at mails: a button. Nothing is opened and nothing is
// said of the conversation.
func (room *Room) linkPage(e *core.RequestEvent) error {
	identity, conv, err := room.readLink(e.App, e.Request.PathValue("token"))
	lang := room.linkLanguage(e, identity)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if identity == nil {
		return room.doorPage(e, http.StatusNotFound, lang, "", "portal.requests_link_over", nil)
	}
	s, err := room.who(e)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s != nil {
		if ok, err := room.may(e.App, s, conv); err == nil && ok {
			return e.Redirect(http.StatusSeeOther, talkPath(conv.Number(), lang))
		}
	}
	v := room.values(e, lang, nil)
	v["link"] = e.Request.PathValue("token")
	v["title"] = room.Catalogue.T(lang, "portal.requests_link_title")
	return room.send(e, http.StatusOK, lang, v)
}

// linkLanguage is the one that was chosen on the page, else that of whom the
// link was sent to, as the mail it stands in.
func (room *Room) linkLanguage(e *core.RequestEvent, identity *core.Record) string {
	if identity == nil || e.Request.URL.Query().Get("lang") != "" {
		return room.Site.Language(e)
	}
	who, err := e.App.FindRecordById(schema.Contacts, identity.GetString(schema.IdentityContact))
	if err != nil {
		return room.Site.Language(e)
	}
	return room.language(e, &session{contact: contact.Wrap(who)})
}

// openLink opens the one conversation.
func (room *Room) openLink(e *core.RequestEvent) error {
	lang := room.Site.Language(e)
	if wait, ok := room.typing.Allow(limit.Network(e.RealIP())); !ok {
		return room.tooMany(e, lang, "", wait)
	}
	identity, conv, err := room.readLink(e.App, e.Request.PathValue("token"))
	if err != nil {
		return room.trouble(e, lang, err)
	}
	lang = room.linkLanguage(e, identity)
	if identity == nil {
		return room.doorPage(e, http.StatusNotFound, lang, "", "portal.requests_link_over", nil)
	}
	if err := room.enter(e, e.App, identity.Id, conv.Id); err != nil {
		return room.trouble(e, lang, err)
	}
	return e.Redirect(http.StatusSeeOther, talkPath(conv.Number(), lang))
}

func talkPath(number int64, lang string) string {
	return "/requests/" + strconv.FormatInt(number, 10) + "?" + url.Values{"lang": {lang}}.Encode()
}
