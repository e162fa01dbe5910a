package request

import (
	"archive/zip"
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// The archive: everything that is kept about a customer and theirs to have.
// Notes of the staff are not.
type (
	archive struct {
		Made     string            `json:"made"`
		Shop     string            `json:"shop"`
		Customer person            `json:"customer"`
		Reached  []reach           `json:"reached_by"`
		Fields   map[string]string `json:"fields"`
		Consents jsontext.Value    `json:"consents"`
		Requests []request         `json:"requests"`
	}
	person struct {
		Name     string `json:"name"`
		Number   string `json:"customer_number"`
		Language string `json:"language"`
		Since    string `json:"since"`
		LastSeen string `json:"last_seen"`
	}
	reach struct {
		Kind     string `json:"kind" db:"kind"`
		Value    string `json:"value" db:"value"`
		Verified bool   `json:"proven" db:"verified"`
	}
	request struct {
		Number   int64     `json:"number"`
		Subject  string    `json:"subject"`
		Status   string    `json:"status"`
		Channel  string    `json:"channel"`
		Begun    string    `json:"begun"`
		Rating   int       `json:"rating,omitzero"`
		Comment  string    `json:"rating_comment,omitzero"`
		Messages []message `json:"messages"`
	}
	message struct {
		At    string   `json:"at"`
		From  string   `json:"from"` // you or shop
		Name  string   `json:"name"`
		Text  string   `json:"text"`
		Files []string `json:"files,omitempty"` // paths in the archive
	}
	packed struct{ message, stored, path string }
)

// export sends the archive.
func (room *Room) export(e *core.RequestEvent) error {
	s, err := room.who(e)
	lang := room.language(e, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	if s == nil || s.only != "" {
		return e.Redirect(http.StatusSeeOther, "/requests?lang="+lang)
	}
	if !s.full {
		return room.accountPage(e, http.StatusForbidden, lang, s, "portal.requests_not_proven")
	}
	if _, ok := room.writing.Allow(s.id); !ok {
		return room.accountPage(e, http.StatusTooManyRequests, lang, s, "portal.requests_busy")
	}
	return room.sendArchive(e, lang, s)
}

// sendArchive writes the archive of the session's customer.
func (room *Room) sendArchive(e *core.RequestEvent, lang string, s *session) error {
	select {
	case room.heavy <- struct{}{}:
		defer func() { <-room.heavy }()
	case <-e.Request.Context().Done():
		return e.Request.Context().Err()
	}
	all, files, err := room.collect(e.App, s)
	if err != nil {
		return room.trouble(e, lang, err)
	}
	raw, err := json.Marshal(all, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return room.trouble(e, lang, err)
	}
	h := e.Response.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+strings.ToLower(all.Customer.Number)+`.zip"`)
	h.Set("X-Content-Type-Options", "nosniff")
	z, at := zip.NewWriter(e.Response), time.Now()
	write := func(name string, from io.Reader) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = io.Copy(w, from)
		}
		return err
	}
	fsys, err := e.App.NewFilesystem()
	if err != nil {
		return err
	}
	defer fsys.Close()
	err = errors.Join(write("index.html", strings.NewReader(room.readable(lang, all))), write("data.json", bytes.NewReader(raw)))
	collection, cerr := e.App.FindCachedCollectionByNameOrId(schema.Messages)
	if err = errors.Join(err, cerr); err != nil {
		return err
	}
	for _, f := range files {
		r, err := fsys.GetReader(collection.Id + "/" + f.message + "/" + f.stored)
		if err != nil {
			e.App.Logger().Warn("a file is missing in an archive", "message", f.message, "error", err)
			continue
		}
		err = write(f.path, r)
		r.Close()
		if err != nil {
			return err // the customer has gone, or the disk is broken; headers are out
		}
	}
	return z.Close()
}

// collect reads everything.
func (room *Room) collect(app core.App, s *session) (all archive, files []packed, err error) {
	c := s.contact
	all = archive{
		Made: room.now().UTC().Format(time.RFC3339), Shop: settings.Shop(app).Name(), Fields: map[string]string{}, Consents: jsontext.Value("[]"),
		Customer: person{Name: c.Name(), Number: c.GetString(schema.ContactCustomerNo), Language: c.Language(), Since: c.GetString(schema.Created), LastSeen: c.GetString(schema.ContactLastSeen)},
	}
	if raw := c.GetString(schema.ContactConsents); strings.HasPrefix(raw, "[") {
		all.Consents = jsontext.Value(raw)
	}
	if raw := c.GetString(schema.ContactCustom); strings.HasPrefix(raw, "{") {
		if err := json.Unmarshal([]byte(raw), &all.Fields); err != nil {
			return all, nil, err
		}
	}
	// idx_identities_contact
	err = app.DB().NewQuery(`SELECT kind, value, verified FROM identities WHERE contact = {:contact} AND kind != 'visitor' ORDER BY kind, created`).
		Bind(dbx.Params{"contact": c.Id}).All(&all.Reached)
	if err != nil {
		return all, nil, fmt.Errorf("read how the customer is reached: %w", err)
	}
	var ids []string
	// idx_conversations_contact
	err = app.DB().NewQuery(`SELECT id FROM conversations WHERE contact = {:contact} AND merged_into = '' AND deleted_at = '' ORDER BY number`).
		Bind(dbx.Params{"contact": c.Id}).Column(&ids)
	if err != nil {
		return all, nil, fmt.Errorf("list the requests: %w", err)
	}
	for _, id := range ids {
		conv, err := conversation.Live(app, id)
		if err != nil || conv == nil {
			return all, nil, err
		}
		said, _, err := room.said(app, conv)
		if err != nil {
			return all, nil, err
		}
		q := request{
			Number: conv.Number(), Subject: conv.GetString(schema.ConvSubject), Status: conv.Status(), Channel: conv.Channel(), Begun: conv.GetString(schema.Created),
			Rating: conv.GetInt(schema.ConvRating), Comment: conv.GetString(schema.ConvRatingComment),
		}
		for _, m := range said {
			line := message{At: m.Created, From: "shop", Name: m.Author.Name, Text: m.Text}
			if m.Kind == schema.MessageIncoming {
				line.From = "you"
			}
			for i, f := range m.Files {
				stored := storedName(f.URL)
				if stored == "" {
					continue
				}
				path := fmt.Sprintf("files/%d/%d-%d-%s", conv.Number(), m.Seq, i+1, f.Name)
				line.Files = append(line.Files, path)
				files = append(files, packed{m.ID, stored, path})
			}
			q.Messages = append(q.Messages, line)
		}
		all.Requests = append(all.Requests, q)
	}
	return all, files, nil
}

// storedName is the file's name in the storage, from its signed link.
func storedName(link string) string {
	path, _, _ := strings.Cut(link, "?")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if strings.ContainsAny(name, `%/\`) {
		return "" // names of ours have none of these
	}
	return name
}

// readable is the archive as a page that needs nothing else.
func (room *Room) readable(lang string, all archive) string {
	t := func(key string, v ...i18n.V) string { return html.EscapeString(room.Catalogue.T(lang, key, v...)) }
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%s</title>
<style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,"Noto Sans Bengali","Nirmala UI",sans-serif;max-width:720px;margin:40px auto;padding:0 20px}h2{margin-top:48px}article{border-left:3px solid #8888;padding-left:14px;margin:20px 0}article.you{border-color:#0a7d5c}small{opacity:.7}p{white-space:pre-line;margin:4px 0}dt{font-weight:600}dd{margin:0 0 8px}</style></head><body>`,
		html.EscapeString(lang), t("portal.requests_account"))
	fmt.Fprintf(&b, "<h1>%s</h1><dl><dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>%s</dd>", html.EscapeString(all.Shop), t("portal.name"), html.EscapeString(all.Customer.Name), t("portal.customer_number"), html.EscapeString(all.Customer.Number))
	for _, r := range all.Reached {
		fmt.Fprintf(&b, "<dt>%s</dt><dd>%s</dd>", html.EscapeString(r.Kind), html.EscapeString(r.Value))
	}
	for key, v := range all.Fields {
		fmt.Fprintf(&b, "<dt>%s</dt><dd>%s</dd>", html.EscapeString(key), html.EscapeString(v))
	}
	b.WriteString("</dl>")
	for _, q := range all.Requests {
		fmt.Fprintf(&b, "<h2>%s %s</h2>", t("portal.requests_number", i18n.V{"number": room.Catalogue.Digits(lang, fmt.Sprint(q.Number))}), html.EscapeString(q.Subject))
		for _, m := range q.Messages {
			name := m.Name
			if m.From == "you" {
				name = room.Catalogue.T(lang, "portal.you")
			} else if name == "" {
				name = all.Shop
			}
			fmt.Fprintf(&b, `<article class="%s"><small>%s · %s</small><p>%s</p>`, m.From, html.EscapeString(name), html.EscapeString(m.At), html.EscapeString(m.Text))
			for _, f := range m.Files {
				parts := strings.Split(f, "/")
				fmt.Fprintf(&b, `<a href="%s">📎 %s</a><br>`, html.EscapeString((&url.URL{Path: f}).String()), html.EscapeString(parts[len(parts)-1]))
			}
			b.WriteString("</article>")
		}
	}
	b.WriteString("</body></html>")
	return b.String()
}
