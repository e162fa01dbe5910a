package request

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// account is what a customer may do with what is known of them.
func (room *Room) account(e *core.RequestEvent) error {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s == nil || s.only != "" {
		return e.Redirect(http.StatusSeeOther, "/requests?"+url.Values{"lang": {lang}}.Encode())
	}
	return room.accountPage(e, http.StatusOK, lang, s, "")
}

func (room *Room) accountPage(e *core.RequestEvent, status int, lang string, s *session, key string) error {
	v := room.values(e, lang, s)
	v["mine"] = true
	v["title"] = room.Catalogue.T(lang, "portal.requests_account")
	shop := settings.Shop(e.App)
	own := s.contact.Language()
	if own == "" {
		own = lang
	}
	var languages []site.Values
	for _, l := range shop.Languages() {
		if room.Catalogue.Has(l) {
			languages = append(languages, site.Values{"id": l, "name": room.Catalogue.T(l, "portal.language_name"), "chosen": l == own})
		}
	}
	v["languages"], v["several"] = languages, len(languages) > 1
	if s.full {
		agreed := room.agreed(s, lang)
		v["agreed"], v["agreed.any"] = agreed, len(agreed) > 0
	}
	v["at_once"] = shop.GetString(schema.ShopEraseSelf) == schema.EraseAtOnce
	v["sure"] = e.Request.URL.Query().Get("erase") == "sure"
	if key := did[e.Request.URL.Query().Get("did")]; key != "" {
		v["did"] = room.Catalogue.T(lang, key)
	}
	room.fault(v, lang, key, nil)
	return room.send(e, status, lang, v)
}

// mine reads a form of the account's page; nil when it was answered already.
func (room *Room) mine(e *core.RequestEvent) (*session, *form.Form, string, error) {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return nil, nil, lang, room.trouble(e, lang, err)
	}
	if s == nil {
		return nil, nil, lang, room.doorPage(e, http.StatusUnauthorized, lang, "", "portal.requests_signed_out", nil)
	}
	f, err := form.Read(e.Request, 0)
	f.Close()
	if err != nil || !room.ours(s, f) {
		return nil, nil, lang, room.accountPage(e, http.StatusForbidden, lang, s, "portal.error_old")
	}
	if wait, ok := room.writing.Allow(s.id); !ok {
		limit.RetryAfter(e.Response.Header(), wait)
		return nil, nil, lang, room.accountPage(e, http.StatusTooManyRequests, lang, s, "portal.requests_busy")
	}
	return s, f, lang, nil
}

// changeLanguage changes the language of pages, answers and automatic mails.
func (room *Room) changeLanguage(e *core.RequestEvent) error {
	s, f, lang, err := room.mine(e)
	if s == nil {
		return err
	}
	to := f.Raw("language")
	if s.only != "" || !slices.Contains(settings.Shop(e.App).Languages(), to) || !room.Catalogue.Has(to) {
		return room.accountPage(e, http.StatusUnprocessableEntity, lang, s, "portal.requests_broken")
	}
	s.contact.Set(schema.ContactLanguage, to)
	if err := e.App.Save(s.contact.Record); err != nil {
		return room.trouble(e, lang, err)
	}
	room.Talks.TellContact(e.App, s.contact.Id)
	return e.Redirect(http.StatusSeeOther, "/requests/account?"+url.Values{"lang": {to}, "did": {"language"}}.Encode())
}

var consentNames = map[string]string{"newsletter": "profile.consent_newsletter", "messages": "profile.consent_messages", "calls": "profile.consent_calls"}

// agreed are the things that the customer agreed to and has not taken back.
func (room *Room) agreed(s *session, lang string) (list []site.Values) {
	said := contact.Agreed(s.contact.Record)
	for _, what := range contact.ConsentKinds {
		c := said[what]
		if !c.Given {
			continue
		}
		v := site.Values{"what": what, "name": room.Catalogue.T(lang, consentNames[what]), "words": c.Words, "at": ""}
		if at, err := time.Parse(time.RFC3339, c.At); err == nil {
			v["at"] = room.Catalogue.Date(lang, at)
		}
		list = append(list, v)
	}
	return list
}

// withdraw takes back what the customer agreed to.
func (room *Room) withdraw(e *core.RequestEvent) error {
	s, f, lang, err := room.mine(e)
	if s == nil {
		return err
	}
	what := f.Raw("what")
	if !s.full || !slices.Contains(contact.ConsentKinds, what) {
		return room.accountPage(e, http.StatusUnprocessableEntity, lang, s, "portal.requests_broken")
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Contacts, s.contact.Id)
		if err != nil || !contact.Agreed(r)[what].Given {
			return err // once is enough
		}
		contact.AddConsents(r, contact.Consent{What: what, At: room.now().UTC().Format(time.RFC3339), Source: "portal", Channel: "portal"})
		return tx.Save(r)
	})
	if err != nil {
		return room.trouble(e, lang, err)
	}
	room.Talks.TellContact(e.App, s.contact.Id)
	return e.Redirect(http.StatusSeeOther, "/requests/account?"+url.Values{"lang": {lang}, "did": {"withdrawn"}}.Encode())
}

// signOut ends this browser's session, or with "everywhere" all of the
// customer's and every link in their mails.
func (room *Room) signOut(e *core.RequestEvent) error {
	s, f, lang, err := room.mine(e)
	if s == nil {
		return err
	}
	if f.Raw("everywhere") != "" && s.only == "" {
		err = everywhere(e.App, s)
	} else {
		err = room.leave(e, e.App)
	}
	if err != nil {
		return room.trouble(e, lang, err)
	}
	room.setCookie(e, "", -time.Second)
	return e.Redirect(http.StatusSeeOther, "/requests?"+url.Values{"lang": {lang}}.Encode())
}

// everywhere ends the sessions of the customer, of the one address alone while
// it is not proven theirs.
func everywhere(app core.App, s *session) error {
	where := `id IN (SELECT id FROM identities WHERE kind = 'email' AND value = {:address})`
	if s.full {
		where = `contact = {:contact} AND kind = 'email'`
	}
	params := dbx.Params{"contact": s.contact.Id, "address": s.address}
	return app.RunInTransaction(func(tx core.App) error {
		if _, err := tx.DB().NewQuery(`DELETE FROM sign_ins WHERE identity IN (SELECT id FROM identities WHERE ` + where + `)`).Bind(params).Execute(); err != nil {
			return fmt.Errorf("end the sessions: %w", err)
		}
		if _, err := tx.DB().NewQuery(`UPDATE identities SET link_epoch = link_epoch + 1 WHERE ` + where).Bind(params).Execute(); err != nil {
			return fmt.Errorf("call the links back: %w", err)
		}
		return nil
	})
}

// erase is asked once and means it: there and then, or as a request to an
// owner, as the shop chose.
func (room *Room) erase(e *core.RequestEvent) error {
	s, f, lang, err := room.mine(e)
	if s == nil {
		return err
	}
	if !s.full {
		return room.accountPage(e, http.StatusForbidden, lang, s, "portal.requests_not_proven")
	}
	if f.Raw("sure") == "" {
		return e.Redirect(http.StatusSeeOther, "/requests/account?"+url.Values{"lang": {lang}, "erase": {"sure"}}.Encode()+"#erase")
	}
	if settings.Shop(e.App).GetString(schema.ShopEraseSelf) == schema.EraseAtOnce {
		if err := room.Erase(e.Request.Context(), e.App, s.contact.Id); err != nil {
			return room.trouble(e, lang, err)
		}
		room.setCookie(e, "", -time.Second)
		v := room.values(e, lang, nil)
		v["erased"], v["title"] = true, room.Catalogue.T(lang, "portal.requests_erased")
		return room.send(e, http.StatusOK, lang, v)
	}
	shopLang := settings.Shop(e.App).Language()
	day := room.now().UTC().Format(time.DateOnly) // asked twice on a day is asked once
	got, err := conversation.Receive(e.App, conversation.Incoming{
		Channel: schema.ChannelPortal, Account: "erase:" + s.contact.Id, Keys: []string{day}, ClientID: "erase-" + day,
		From: []conversation.Identity{{Kind: schema.KindEmail, Value: s.address, Verified: true}}, SenderAddress: s.address, Email: s.address, Language: lang,
		Subject: room.Catalogue.T(shopLang, "portal.erase_subject"), Text: room.Catalogue.T(lang, "portal.erase_text"),
	})
	if err != nil || got.Conversation == nil {
		return room.trouble(e, lang, fmt.Errorf("ask to be erased: %w", err))
	}
	return e.Redirect(http.StatusSeeOther, talkPath(got.Conversation.Number(), lang)+"&did=sent#end")
}
