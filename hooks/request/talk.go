package request

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/mail/content"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/limit"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

const (
	maxText    = 5000 // letters of one message
	maxComment = 1000
	// reopenFor is how long a solved request can be opened again; what is
	// written later begins another one (mail rule 18).
	reopenFor = 30 * 24 * time.Hour
)

// did is what a page says after something was done.
var did = map[string]string{
	"sent": "portal.requests_did_sent", "rated": "portal.requests_did_rated", "closed": "portal.requests_did_closed", "reopened": "portal.requests_did_reopened",
	"language": "portal.requests_did_language", "withdrawn": "portal.requests_did_withdrawn",
}

// show is one conversation. Who is not signed in is asked who they are,
// whatever the number.
func (room *Room) show(e *core.RequestEvent) error {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s == nil {
		return e.Redirect(http.StatusSeeOther, "/requests?"+url.Values{"lang": {lang}}.Encode())
	}
	conv, err := room.find(e.App, s, e.Request.PathValue("number"))
	if err != nil {
		return room.trouble(e, lang, err)
	}
	return room.talk(e, http.StatusOK, lang, s, conv, reply{stamp: form.NewStamp(room.Keys(), room.now().Add(-form.TooQuick))})
}

// reply is what stands in the form under a conversation.
type reply struct {
	stamp, text string
	key         string // what is wrong, "" for nothing
	values      map[string]any
	fault       string // the field it is about, "" for none
	lost        bool
}

func (room *Room) talk(e *core.RequestEvent, status int, lang string, s *session, conv *conversation.Conversation, r reply) error {
	msgs, about, err := room.said(e.App, conv)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	shop, c, now := settings.Shop(e.App), room.Catalogue, room.now()
	loc := shop.Location()
	var rows []site.Values
	day, lastKind, newest, foreign := "", "", int64(0), len(about) != len(msgs)
	answered := false
	for _, m := range msgs {
		newest = m.Seq
		at := parsed(m.Created).In(loc)
		row := site.Values{
			"seq": m.Seq, "time": c.Clock(lang, at), "iso": m.Created, "full": c.DateTime(lang, at), "mine": m.Kind == schema.MessageIncoming, "who": m.Author.Name,
			"machine": about[m.ID].Automatic, "day": "", "initial": "", "avatar": m.Author.Avatar,
		}
		if m.Kind == schema.MessageIncoming {
			row["who"] = c.T(lang, "portal.you")
		} else if m.Author.Name == "" {
			row["who"] = shop.Name()
		}
		if r := []rune(fmt.Sprint(row["who"])); len(r) > 0 {
			row["initial"] = strings.ToUpper(string(r[:1]))
		}
		if d := c.ShortDate(lang, at, now.In(loc)); d != day {
			day = d
			row["day"] = d
		}
		text, rest := m.Text, ""
		if m.Kind == schema.MessageIncoming && about[m.ID].Channel == schema.ChannelEmail {
			if parts := content.Split("", m.Text, ""); parts.Visible != "" {
				text = parts.Visible
				rest = strings.TrimSpace(strings.TrimPrefix(m.Text, parts.Visible))
			}
		}
		if about[m.ID].Automatic {
			text = withoutLink(text)
		}
		row["text"], row["rest"] = prose(strings.TrimSpace(text)), prose(rest)
		if row["rest"] == site.HTML("") {
			row["rest"] = nil
		}
		var files []site.Values
		for _, f := range m.Files {
			files = append(files, site.Values{"name": f.Name, "url": f.URL, "size": c.Size(lang, f.Size), "image": f.Image})
		}
		row["files"], row["files.any"] = files, len(files) > 0
		if !about[m.ID].Automatic {
			lastKind = m.Kind
			answered = answered || m.Kind == schema.MessageOutgoing
		}
		rows = append(rows, row)
	}
	if newest > 0 && e.Request.Method == http.MethodGet {
		if err := room.Talks.Seen(e.App, conv.Id, schema.ConvContactSeenSeq, newest); err != nil {
			e.App.Logger().Warn("what a customer has read could not be noted", "conversation", conv.Id, "error", err)
		}
	}
	key, look := state(conv.Status(), lastKind)
	v := room.values(e, lang, s)
	no := c.Digits(lang, strconv.FormatInt(conv.Number(), 10))
	v["talk"], v["rows"], v["no"] = true, rows, no
	v["number"], v["path"] = conv.Number(), talkPath(conv.Number(), lang)
	v["title"] = c.T(lang, "portal.requests_number", i18n.V{"number": no})
	v["subject"] = form.OneLine(conv.GetString(schema.ConvSubject))
	v["state"], v["look"] = c.T(lang, key), look
	v["begun"] = c.T(lang, "portal.requests_begun", i18n.V{"date": c.Date(lang, conv.GetDateTime(schema.Created).Time().In(loc))})
	v["live"], v["newest"] = !foreign, newest
	v["closed"] = conv.Status() == schema.StatusSolved
	v["reopen"] = conv.Status() == schema.StatusSolved && now.Sub(conv.GetDateTime(schema.ConvSolvedAt).Time()) < reopenFor
	v["close"] = conv.Status() != schema.StatusSolved
	rating := conv.GetInt(schema.ConvRating)
	v["rate"] = answered && (conv.Status() == schema.StatusSolved || conv.Status() == schema.StatusPending)
	v["rated"] = rating > 0
	var stars []site.Values
	for n := 1; n <= 5; n++ {
		stars = append(stars, site.Values{"n": n, "chosen": n == rating, "label": c.T(lang, "portal.stars", i18n.V{"n": n})})
	}
	v["stars"], v["comment"] = stars, conv.GetString(schema.ConvRatingComment)
	most := shop.AttachmentBytes()
	v["stamp"], v["typed"], v["max_text"] = r.stamp, r.text, maxText
	v["max_files"], v["max_bytes"], v["accept"] = form.MaxFiles, most, form.Accept
	v["files_hint"] = c.T(lang, "portal.files_hint", i18n.V{"n": form.MaxFiles, "size": c.Size(lang, most)})
	v["files_many"] = c.T(lang, "portal.error_files_many", i18n.V{"n": form.MaxFiles})
	v["files_big"] = c.T(lang, "portal.error_file_big", i18n.V{"name": "{name}", "size": c.Size(lang, most)})
	if r.key != "" {
		v["failed"] = true
		text := c.T(lang, r.key, i18n.V(r.values))
		if r.fault != "" {
			v["error_"+r.fault] = text
		} else {
			v["summary"] = text
		}
		if r.lost && r.fault != "files" {
			v["error_files"] = c.T(lang, "portal.error_files_again")
		}
	}
	if key := did[e.Request.URL.Query().Get("did")]; key != "" {
		v["did"] = c.T(lang, key)
	}
	return room.send(e, status, lang, v)
}

// act answers POST /requests/{number}: an answer, a rating, closing, opening
// again.
func (room *Room) act(e *core.RequestEvent) error {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s == nil {
		return room.doorPage(e, http.StatusUnauthorized, lang, "", "portal.requests_signed_out", nil)
	}
	conv, err := room.find(e.App, s, e.Request.PathValue("number"))
	if err != nil {
		return room.trouble(e, lang, err)
	}
	most := settings.Shop(e.App).AttachmentBytes()
	wait, calm := room.writing.Allow(s.id)
	if !calm {
		most = 0
	}
	f, err := form.Read(e.Request, most)
	defer func() { f.Close() }() // there is one even if it could not be read
	r := reply{stamp: f.Raw("form"), text: f.Text("message"), lost: f.Lost}
	switch {
	case err != nil:
		r.key = "portal.error_server"
		return room.talk(e, http.StatusBadRequest, lang, s, conv, r)
	case !room.ours(s, f):
		r.key, r.stamp = "portal.error_old", form.NewStamp(room.Keys(), room.now().Add(-form.TooQuick))
		return room.talk(e, http.StatusForbidden, lang, s, conv, r)
	case !calm:
		limit.RetryAfter(e.Response.Header(), wait)
		r.key, r.values = "portal.requests_many", map[string]any{"time": room.Catalogue.Duration(lang, wait+time.Second)}
		return room.talk(e, http.StatusTooManyRequests, lang, s, conv, r)
	}
	done := ""
	switch f.Raw("do") {
	case "rate":
		score, _ := strconv.Atoi(f.Raw("score"))
		_, err = conversation.Rate(e.App, conv.Id, score, clip(f.Text("comment"), maxComment))
		done = "rated"
	case "close":
		_, err = conversation.ByCustomer(e.App, conv.Id, schema.StatusSolved)
		done = "closed"
	case "reopen":
		if time.Since(conv.GetDateTime(schema.ConvSolvedAt).Time()) < reopenFor || conv.Status() != schema.StatusSolved {
			_, err = conversation.ByCustomer(e.App, conv.Id, schema.StatusOpen)
		}
		done = "reopened"
	default:
		return room.answer(e, lang, s, conv, f, r)
	}
	var refused conversation.ErrChange
	if errors.As(err, &refused) {
		r.key = string(refused)
		return room.talk(e, http.StatusUnprocessableEntity, lang, s, conv, r)
	}
	if err != nil {
		return room.trouble(e, lang, err)
	}
	return e.Redirect(http.StatusSeeOther, talkPath(conv.Number(), lang)+"&did="+done+"#end")
}

// ours tells whether a form was made for this session.
func (room *Room) ours(s *session, f *form.Form) bool {
	return room.Keys().Check(f.Raw("csrf"), settings.PurposeRequests, "form", s.id)
}

// answer takes what the customer writes in by the one door. The same press
// twice is one message.
func (room *Room) answer(e *core.RequestEvent, lang string, s *session, conv *conversation.Conversation, f *form.Form, r reply) error {
	if key := form.CheckStamp(room.Keys(), r.stamp, room.now()); key == "portal.error_old" {
		r.key, r.stamp = key, form.NewStamp(room.Keys(), room.now().Add(-form.TooQuick))
		return room.talk(e, http.StatusUnprocessableEntity, lang, s, conv, r)
	}
	switch n := utf8.RuneCountInString(r.text); {
	case n == 0 && len(f.Files) == 0:
		r.key, r.fault = "portal.requests_empty", "message"
	case n > maxText:
		r.key, r.fault, r.values = "portal.error_message_long", "message", map[string]any{"n": maxText}
	}
	if faults := f.CheckFiles(settings.Shop(e.App).AttachmentBytes(), func(n int64) string { return room.Catalogue.Size(lang, n) }); r.key == "" && len(faults) > 0 {
		r.key, r.fault, r.values = faults[0].Key, "files", faults[0].Values
	}
	if r.key != "" {
		return room.talk(e, http.StatusUnprocessableEntity, lang, s, conv, r)
	}
	if len(f.Files) > 0 {
		select {
		case room.heavy <- struct{}{}:
			defer func() { <-room.heavy }()
		case <-e.Request.Context().Done():
			return e.Request.Context().Err()
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s:%s:%s:", conv.Id, form.ID(r.stamp), r.text)
	f.Sum(h)
	key := hex.EncodeToString(h.Sum(nil)[:20])
	in := conversation.Incoming{
		Channel: schema.ChannelPortal, Account: schema.ChannelPortal, Keys: []string{key}, ClientID: key,
		From:   []conversation.Identity{{Kind: schema.KindEmail, Value: s.address, Verified: s.full}},
		Thread: conversation.Thread{Conversation: conv.Id, Address: s.address}, SenderAddress: s.address,
		Language: lang, Subject: conv.GetString(schema.ConvSubject), Text: r.text, Files: f.Attachments(),
	}
	if conv.GetString(schema.ConvEmail) == "" {
		in.Email = s.address // where the answer is read if nobody looks here
	}
	got, err := conversation.Receive(e.App, in)
	if err != nil || got.Conversation == nil {
		if err != nil {
			e.App.Logger().Error("an answer could not be saved", "conversation", conv.Id, "error", err)
		}
		var status int
		status, r.key = disk.Form(e.Response.Header(), err, "portal.error_server")
		return room.talk(e, status, lang, s, conv, r)
	}
	if s.only != "" && got.Conversation.Id != conv.Id { // it was solved long ago and goes on in a new one
		if err := follow(e.App, s.id, got.Conversation.Id); err != nil {
			return room.trouble(e, lang, err)
		}
	}
	return e.Redirect(http.StatusSeeOther, talkPath(got.Conversation.Number(), lang)+"&did=sent#end")
}

// follow lets somebody who came by a link see where their words went.
func follow(app core.App, session, conv string) error {
	r, err := app.FindRecordById(schema.SignIns, session)
	if err != nil {
		return err
	}
	r.Set(schema.DoorConversation, conv)
	return app.Save(r)
}

// withoutLink leaves out the paragraphs of a mail of ours that hold the link to
// this very page.
func withoutLink(text string) string {
	var kept []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if !strings.Contains(p, linkPath) {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}
