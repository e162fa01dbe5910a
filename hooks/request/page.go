package request

import (
	"database/sql"
	"errors"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/channel/portal/form"
	"github.com/shohay/shohay/hooks/disk"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/shohay/shohay/hooks/site"
)

// template is the file of all pages of the room; an owner may replace it.
const template = "parts/requests.html"

// values are those of every page of the room.
func (room *Room) values(e *core.RequestEvent, lang string, s *session) site.Values {
	v := site.ShopValues(settings.Shop(e.App), room.Catalogue, lang)
	if room.Bar != nil {
		maps.Copy(v, room.Bar(e, lang))
	}
	v["title"] = room.Catalogue.T(lang, "portal.requests")
	v["here"] = true
	if s != nil {
		v["in"], v["csrf"], v["full"] = true, room.csrf(s), s.full
		v["account"] = s.only == ""
		v["me"] = s.contact.Name()
		v["address"] = s.address
	}
	return v
}

func (room *Room) send(e *core.RequestEvent, status int, lang string, v site.Values) error {
	return room.Site.Show(e, status, site.View{Page: template, Lang: lang, Values: v})
}

// doorPage asks for an address to mail a code to. key says what went wrong,
// "" for nothing.
func (room *Room) doorPage(e *core.RequestEvent, status int, lang, typed, key string, values map[string]any) error {
	v := room.values(e, lang, nil)
	v["door"], v["typed"] = true, typed
	v["stamp"] = form.NewStamp(room.Keys(), room.now())
	room.fault(v, lang, key, values)
	return room.send(e, status, lang, v)
}

// askForCode asks for the code that was mailed, if one was.
func (room *Room) askForCode(e *core.RequestEvent, status int, lang, flow, key string, values map[string]any) error {
	v := room.values(e, lang, nil)
	v["code"], v["flow"] = true, clip(flow, 60)
	v["minutes"] = room.Catalogue.Digits(lang, strconv.Itoa(int(codeLife/time.Minute)))
	room.fault(v, lang, key, values)
	return room.send(e, status, lang, v)
}

func (room *Room) fault(v site.Values, lang, key string, values map[string]any) {
	if key != "" {
		v["failed"], v["summary"] = true, room.Catalogue.T(lang, key, i18n.V(values))
	}
}

// refuse shows one sentence.
func (room *Room) refuse(e *core.RequestEvent, status int, key string) error {
	return room.doorPage(e, status, room.Site.Language(e), "", key, nil)
}

// trouble says that something of ours broke, or that something is not there.
func (room *Room) trouble(e *core.RequestEvent, lang string, err error) error {
	s, _ := room.who(e)
	v := room.values(e, lang, s)
	if errors.Is(err, sql.ErrNoRows) {
		v["lost"] = true
		return room.send(e, http.StatusNotFound, lang, v)
	}
	e.App.Logger().Error("a page of requests cannot be shown", "error", err)
	status, key := disk.Form(e.Response.Header(), err, "portal.requests_broken")
	v["broken"] = true
	room.fault(v, lang, key, nil)
	return room.send(e, status, lang, v)
}

// language is the one asked for by the address, else the customer's own.
func (room *Room) language(e *core.RequestEvent, s *session) string {
	if s != nil && e.Request.URL.Query().Get("lang") == "" {
		if own := s.contact.Language(); slices.Contains(settings.Shop(e.App).Languages(), own) && room.Catalogue.Has(own) {
			return own
		}
	}
	return room.Site.Language(e)
}

// state is a conversation's status in words that say whose turn it is, and how
// it looks.
func state(status, lastKind string) (key, look string) {
	switch {
	case status == schema.StatusSolved:
		return "portal.state_solved", "over"
	case status == schema.StatusPending:
		return "portal.state_answered", "yours"
	case status == schema.StatusSnoozed, lastKind == schema.MessageOutgoing:
		return "portal.state_working", "ours"
	}
	return "portal.state_received", "ours"
}

// list shows the requests, or the door.
func (room *Room) list(e *core.RequestEvent) error {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s == nil {
		return room.doorPage(e, http.StatusOK, lang, "", "", nil)
	}
	lines, err := room.lines(e.App, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	now, loc := room.now(), settings.Shop(e.App).Location()
	var rows []site.Values
	for _, l := range lines {
		key, look := state(l.Status, l.LastKind)
		title := l.Subject
		if title == "" {
			title = l.LastText
		}
		rows = append(rows, site.Values{
			"href": talkPath(l.Number, lang), "no": room.Catalogue.Digits(lang, strconv.FormatInt(l.Number, 10)), "subject": clip(form.OneLine(title), 90),
			"preview": clip(form.OneLine(l.LastText), 140), "state": room.Catalogue.T(lang, key), "look": look,
			"at": room.Catalogue.Relative(lang, parsed(l.At).In(loc), now.In(loc)), "unread": l.Answered > l.Seen,
		})
	}
	v := room.values(e, lang, s)
	v["list"], v["rows"], v["none"] = true, rows, len(rows) == 0
	v["wider"] = s.only != ""
	v["narrow"] = s.only == "" && !s.full
	return room.send(e, http.StatusOK, lang, v)
}

func parsed(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, strings.Replace(s, " ", "T", 1))
	if err != nil {
		return time.Time{}
	}
	return t
}

var linkForm = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]'।]`)

// prose is a text as HTML: escaped, its addresses made links.
func prose(text string) site.HTML {
	var b strings.Builder
	at := 0
	for _, part := range linkForm.FindAllStringIndex(text, 200) {
		link := html.EscapeString(text[part[0]:part[1]])
		b.WriteString(html.EscapeString(text[at:part[0]]) + `<a href="` + link + `" rel="noopener noreferrer nofollow">` + link + `</a>`)
		at = part[1]
	}
	return site.HTML(b.String() + html.EscapeString(text[at:]))
}
