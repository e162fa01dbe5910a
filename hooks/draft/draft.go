package draft

import (
	"encoding/json/v2"
	"net/url"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/rich"
	"github.com/shohay/shohay/hooks/schema"
)

// Draft is the typed drafts record.
type Draft struct{ core.BaseRecordProxy }

func wrap(r *core.Record) *Draft {
	d := &Draft{}
	d.SetProxyRecord(r)
	return d
}

// State is schema.DraftWriting, ….
func (d *Draft) State() string { return d.GetString(schema.DraftState) }

// Agent is the record id of who writes it.
func (d *Draft) Agent() string { return d.GetString(schema.DraftAgent) }

// Conversation is the record id of its conversation.
func (d *Draft) Conversation() string { return d.GetString(schema.DraftConversation) }

// waits tells that it goes out by itself.
func (d *Draft) waits() bool {
	return d.State() == schema.DraftHeld || d.State() == schema.DraftScheduled
}

// info describes a file of a draft.
type info struct {
	Stored string `json:"stored"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	CID    string `json:"cid"`
}

func (d *Draft) infos() (all []info) {
	if raw := d.GetString(schema.DraftFileInfo); raw != "" && raw != "null" {
		_ = json.Unmarshal([]byte(raw), &all) // written by this room: always a list
	}
	return all
}

// other is a text that another device wrote at the same time.
type other struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

func (d *Draft) other() *other {
	var o other
	if raw := d.GetString(schema.DraftOther); raw == "" || raw == "null" || json.Unmarshal([]byte(raw), &o) != nil || o == (other{}) {
		return nil
	}
	return &o
}

// View is a draft for the desk.
type View struct {
	ID           string     `json:"id"`
	Conversation string     `json:"conversation"`
	Agent        string     `json:"agent"`
	State        string     `json:"state"`
	Kind         string     `json:"kind"` // reply or note
	Text         string     `json:"text"`
	HTML         string     `json:"html"`
	To           string     `json:"to"`
	CC           string     `json:"cc"`
	BCC          string     `json:"bcc"`
	Then         string     `json:"then"`
	Channel      string     `json:"channel"`
	Files        []FileView `json:"files"`
	Base         int64      `json:"base"`
	Rev          int        `json:"rev"`
	Other        *other     `json:"other"`
	ClientID     string     `json:"client_id"`
	Due          string     `json:"due"`
	IfReply      string     `json:"if_reply"`
	Error        string     `json:"error"`
	Updated      string     `json:"updated"`
}

// FileView is an attachment of a draft; URL wants the agent's token.
type FileView struct {
	Stored string `json:"stored"`
	Name   string `json:"name"`
	URL    string `json:"url"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
	CID    string `json:"cid"`
}

func stamp(d types.DateTime) string {
	if d.IsZero() {
		return ""
	}
	return d.Time().UTC().Format("2006-01-02T15:04:05.000Z")
}

func view(d *Draft) View {
	text := d.GetString
	v := View{
		ID: d.Id, Conversation: d.Conversation(), Agent: d.Agent(), State: d.State(), Kind: "reply", Text: text(schema.DraftText), HTML: text(schema.DraftHTML),
		To: text(schema.DraftTo), CC: text(schema.DraftCC), BCC: text(schema.DraftBCC), Then: text(schema.DraftThen), Channel: text(schema.DraftChannel), Files: []FileView{},
		Base: int64(d.GetInt(schema.DraftBase)), Rev: d.GetInt(schema.DraftRev), Other: d.other(), ClientID: text(schema.DraftClientID),
		Due: stamp(d.GetDateTime(schema.DraftDue)), IfReply: text(schema.DraftIfReply), Error: text(schema.DraftError), Updated: stamp(d.GetDateTime(schema.Updated)),
	}
	if text(schema.DraftKind) == schema.MessageNote {
		v.Kind = "note"
	}
	for _, f := range d.infos() {
		v.Files = append(v.Files, FileView{Stored: f.Stored, Name: f.Name, URL: "/api/desk/drafts/" + d.Id + "/files/" + url.PathEscape(f.Stored), Size: f.Size, Type: f.Type, CID: f.CID})
	}
	return v
}

// written puts what a desk says into the record. Its HTML is kept in the
// subset, so that nothing else ever stands in a composer.
func (d *Draft) written(kind, text, html, cc, bcc string) {
	d.Set(schema.DraftKind, schema.MessageOutgoing)
	if kind == "note" {
		d.Set(schema.DraftKind, schema.MessageNote)
	}
	// A multipart body ends lines in another way than JSON.
	d.Set(schema.DraftText, strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n"))
	if html != "" {
		html = rich.Parse(html).HTML(nil)
	}
	d.Set(schema.DraftHTML, html)
	d.Set(schema.DraftCC, strings.TrimSpace(cc))
	d.Set(schema.DraftBCC, strings.TrimSpace(bcc))
}

// empty tells that there is nothing to keep.
func (d *Draft) empty() bool {
	return strings.TrimSpace(d.GetString(schema.DraftText)) == "" && len(d.infos()) == 0 && d.GetString(schema.DraftCC) == "" && d.GetString(schema.DraftBCC) == "" && d.other() == nil
}

// replaced keeps the text of a save that this one did not know, unless the new
// text holds it.
func (d *Draft) replaced(text string) {
	was := strings.TrimSpace(d.GetString(schema.DraftText))
	if was == "" || strings.Contains(text, was) {
		return
	}
	d.Set(schema.DraftOther, other{was, d.GetString(schema.DraftHTML)})
}

// message is the draft as the conversation takes it; files are read by open.
func (d *Draft) message(files []conversation.File) conversation.Draft {
	m := conversation.Draft{
		Conversation: d.Conversation(), Kind: d.GetString(schema.DraftKind), Agent: d.Agent(), ClientID: d.GetString(schema.DraftClientID),
		Text: d.GetString(schema.DraftText), Files: files, To: d.GetString(schema.DraftTo), CC: addresses(d.GetString(schema.DraftCC)), BCC: addresses(d.GetString(schema.DraftBCC)),
		Then: d.GetString(schema.DraftThen), Channel: d.GetString(schema.DraftChannel),
	}
	if html := d.GetString(schema.DraftHTML); html != "" {
		m.Format(html)
	}
	return m
}

func addresses(list string) []string {
	all := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' })
	return slices.DeleteFunc(all, func(a string) bool { return strings.TrimSpace(a) == "" })
}
