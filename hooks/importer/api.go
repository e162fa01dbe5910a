package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/audit"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

const (
	mostTable = 64 << 20 // bytes; a table of 100,000 customers has about 15 MB
	mostMbox  = 8 << 30
	previewed = 200 // rows that are looked at
	shown     = 8   // rows that are shown
)

func language(e *core.RequestEvent) string {
	return i18n.Match(e.Request.Header.Get("Accept-Language"), i18n.Current().Languages(), settings.Shop(e.App).Language())
}

func say(e *core.RequestEvent, key string, v ...i18n.V) string { return i18n.T(language(e), key, v...) }

func ownersOnly(e *core.RequestEvent) error {
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return e.ForbiddenError(say(e, "error.owners_only"), nil)
	}
	return e.Next()
}

// view is an import as the desk shows it.
type view struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Dry     bool     `json:"dry"`
	Header  bool     `json:"header"`
	Mapping []string `json:"mapping"`
	Total   int      `json:"total"`
	Done    int      `json:"done"`
	Made    int      `json:"made"`
	Joined  int      `json:"joined"`
	Refused int      `json:"refused"`
	Error   string   `json:"error"`
	Created string   `json:"created"`
}

func viewOf(e *core.RequestEvent, j *job) view {
	v := view{
		ID: j.Id, Kind: j.Kind(), Name: j.GetString(schema.ImportName), State: j.State(), Dry: j.GetBool(schema.ImportDry), Header: j.GetBool(schema.ImportHeader),
		Mapping: j.mapping(), Total: j.GetInt(schema.ImportTotal), Done: j.GetInt(schema.ImportDone), Made: j.GetInt(schema.ImportMade),
		Joined: j.GetInt(schema.ImportJoined), Refused: j.GetInt(schema.ImportRefused), Created: strings.Replace(j.GetString(schema.Created), " ", "T", 1),
	}
	if key := j.GetString(schema.ImportError); key != "" {
		v.Error = say(e, key)
	}
	return v
}

// list answers GET /api/desk/imports.
func (room *Room) list(e *core.RequestEvent) error {
	records, err := e.App.FindRecordsByFilter(schema.Imports, "id != ''", "-created", 20, 0)
	if err != nil {
		return err
	}
	views := []view{}
	for _, r := range records {
		views = append(views, viewOf(e, wrap(r)))
	}
	return e.JSON(http.StatusOK, map[string]any{"imports": views})
}

func (room *Room) job(e *core.RequestEvent) (*job, error) {
	j, err := load(e.App, e.Request.PathValue("id"))
	if err != nil {
		return nil, e.NotFoundError(say(e, "import.gone"), nil)
	}
	return j, nil
}

// preview is what a table looks like.
type preview struct {
	Encoding  string     `json:"encoding"`
	Separator string     `json:"separator"`
	Columns   []column   `json:"columns"`
	Rows      [][]string `json:"rows"`
	Own       []ownView  `json:"own"`
}

// ownView is a contact field of the owner's that a column may be put into.
type ownView struct {
	Field string `json:"field"`
	Label string `json:"label"`
}

// show answers GET /api/desk/imports/{id}; with ?preview= also how the table
// looks.
func (room *Room) show(e *core.RequestEvent) error {
	j, err := room.job(e)
	if err != nil {
		return err
	}
	answer := map[string]any{"import": viewOf(e, j)}
	if e.Request.URL.Query().Has("preview") && j.Kind() == schema.ImportContacts {
		own, err := room.own(e.App, language(e))
		if err != nil {
			return err
		}
		if p, _, _, err := look(fileOf(e.App, j.Id), own); err == nil {
			answer["preview"] = p
		}
	}
	return e.JSON(http.StatusOK, answer)
}

// look reads a table's beginning and counts its rows.
func look(file string, own []Own) (p preview, header bool, total int, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return p, false, 0, err
	}
	t, err := readTable(raw)
	if err != nil {
		return p, false, 0, err
	}
	var rows [][]string
	t.rows(func(_ int, row []string) bool {
		if len(rows) < previewed && row != nil {
			rows = append(rows, row)
		}
		total++
		return true
	})
	p = preview{Encoding: t.Encoding, Separator: string(t.Separator)}
	p.Columns, header = columns(rows, own)
	p.Own = make([]ownView, len(own))
	for i, o := range own {
		p.Own[i] = ownView{o.field(), o.Label}
	}
	if len(p.Columns) == 0 {
		return p, false, 0, errNoTable
	}
	if header {
		total--
		rows = rows[1:]
	}
	p.Rows = [][]string{}
	for _, r := range rows[:min(len(rows), shown)] {
		cut := make([]string, len(r))
		for i, cell := range r {
			cut[i] = short(cell)
		}
		p.Rows = append(p.Rows, cut)
	}
	return p, header, total, nil
}

// upload answers POST /api/desk/imports: the fields kind and mailbox, then the
// file, which is written to the disk as it comes.
func (room *Room) upload(e *core.RequestEvent) error {
	parts, err := e.Request.MultipartReader()
	if err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	given := map[string]string{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return e.BadRequestError(say(e, "import.no_file"), nil)
		}
		if err != nil {
			return e.BadRequestError(say(e, "error.body"), err)
		}
		if part.FormName() == "file" {
			return room.receive(e, part, given)
		}
		value, err := io.ReadAll(io.LimitReader(part, 200))
		if err != nil {
			return e.BadRequestError(say(e, "error.body"), err)
		}
		given[part.FormName()] = string(value)
	}
}

func (room *Room) receive(e *core.RequestEvent, part *multipart.Part, given map[string]string) error {
	kind, most := given["kind"], int64(mostTable)
	switch kind {
	case schema.ImportContacts:
	case schema.ImportMail:
		most = mostMbox
		if _, err := e.App.FindRecordById(schema.Mailboxes, given["mailbox"]); err != nil {
			return e.BadRequestError(say(e, "import.no_mailbox"), nil)
		}
	default:
		return e.BadRequestError(say(e, "error.body"), nil)
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(schema.Imports)
	if err != nil {
		return err
	}
	r := core.NewRecord(collection)
	r.Id = core.GenerateDefaultRandomId()
	name := clip(strings.ToValidUTF8(filepath.Base(strings.ReplaceAll(part.FileName(), `\`, "/")), ""), 190)
	file := fileOf(e.App, r.Id)
	keep := false
	defer func() {
		if !keep {
			_ = os.Remove(file) // what was refused is of no use; it may not be there
		}
	}()
	size, err := store(file, part, most)
	if err != nil {
		return e.BadRequestError(say(e, "import.not_stored"), err)
	}
	if size > most {
		return e.BadRequestError(say(e, "import.too_large", i18n.V{"size": i18n.Current().Size(language(e), most)}), nil)
	}
	answer := map[string]any{}
	r.Set(schema.ImportKind, kind)
	r.Set(schema.ImportName, name)
	r.Set(schema.ImportAgent, e.Auth.Id)
	r.Set(schema.ImportState, schema.ImportNew)
	if kind == schema.ImportMail {
		total, err := countMails(file)
		if err != nil || total == 0 {
			return e.BadRequestError(say(e, "import.bad_mbox"), err)
		}
		r.Set(schema.ImportMailbox, given["mailbox"])
		r.Set(schema.ImportTotal, total)
	} else {
		own, err := room.own(e.App, language(e))
		if err != nil {
			return err
		}
		p, header, total, err := look(file, own)
		if err != nil || total == 0 {
			return e.BadRequestError(say(e, "import.bad_table"), err)
		}
		mapping := make([]string, len(p.Columns))
		for i, c := range p.Columns {
			mapping[i] = c.Field
		}
		r.Set(schema.ImportMapping, mapping)
		r.Set(schema.ImportHeader, header)
		r.Set(schema.ImportTotal, total)
		answer["preview"] = p
	}
	if err := e.App.Save(r); err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	keep = true
	answer["import"] = viewOf(e, wrap(r))
	return e.JSON(http.StatusOK, answer)
}

// store writes a file to the disk, at most one byte more than is allowed.
func store(name string, from io.Reader, most int64) (int64, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, io.LimitReader(from, most+1))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return n, err
}

func countMails(file string) (n int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	m := newMbox(f, 0)
	for {
		_, _, ok, err := m.Next()
		if err != nil || !ok {
			return n, err
		}
		n++
	}
}

// start answers POST /api/desk/imports/{id}/start {"mapping", "header", "dry"}.
func (room *Room) start(e *core.RequestEvent) error {
	j, err := room.job(e)
	if err != nil {
		return err
	}
	var body struct {
		Mapping []string `json:"mapping"`
		Header  *bool    `json:"header"`
		Dry     bool     `json:"dry"`
	}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(say(e, "error.body"), err)
	}
	if s := j.State(); s != schema.ImportNew && s != schema.ImportFailed {
		return e.BadRequestError(say(e, "import.not_now"), nil)
	}
	if j.Kind() == schema.ImportContacts {
		if body.Mapping == nil {
			body.Mapping = j.mapping()
		}
		own, err := room.own(e.App, language(e))
		if err != nil {
			return err
		}
		for _, f := range body.Mapping {
			if !slices.Contains(fields, f) && !slices.ContainsFunc(own, func(o Own) bool { return o.field() == f }) {
				return e.BadRequestError(say(e, "error.body"), nil)
			}
		}
		if !slices.Contains(body.Mapping, fieldEmail) && !slices.Contains(body.Mapping, fieldPhone) {
			return e.BadRequestError(say(e, "import.no_address"), nil)
		}
		if len(body.Mapping) > mostColumns {
			return e.BadRequestError(say(e, "error.body"), nil)
		}
		j.Set(schema.ImportMapping, body.Mapping)
		if was := j.GetBool(schema.ImportHeader); body.Header != nil && *body.Header != was {
			j.Set(schema.ImportHeader, *body.Header)
			by := 1
			if *body.Header {
				by = -1
			}
			j.Set(schema.ImportTotal, max(j.GetInt(schema.ImportTotal)+by, 0))
		}
		j.Set(schema.ImportDry, body.Dry)
	}
	for _, f := range []string{schema.ImportDone, schema.ImportMade, schema.ImportJoined, schema.ImportRefused} {
		j.Set(f, 0)
	}
	j.Set(schema.ImportError, "")
	j.Set(schema.ImportState, schema.ImportRunning)
	err = e.App.RunInTransaction(func(tx core.App) error {
		if err := dropRows(tx, j.Id); err != nil {
			return err
		}
		return tx.Save(j.ProxyRecord())
	})
	if err != nil {
		return e.BadRequestError(say(e, "error.save"), err)
	}
	if !j.GetBool(schema.ImportDry) {
		room.note(e, "import", j)
	}
	room.ring()
	return e.JSON(http.StatusOK, map[string]any{"import": viewOf(e, j)})
}

// undoAll answers POST /api/desk/imports/{id}/undo. One that is running is
// stopped and taken back as far as it came.
func (room *Room) undoAll(e *core.RequestEvent) error {
	j, err := room.job(e)
	if err != nil {
		return err
	}
	if s := j.State(); j.Kind() != schema.ImportContacts || j.GetBool(schema.ImportDry) || s != schema.ImportDoneAll && s != schema.ImportRunning && s != schema.ImportFailed {
		return e.BadRequestError(say(e, "import.not_now"), nil)
	}
	if err := setState(e.App, j.Id, j.State(), schema.ImportUndoing, ""); err != nil {
		return err
	}
	room.note(e, "import_undo", j)
	room.ring()
	if j, err = load(e.App, j.Id); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"import": viewOf(e, j)})
}

func (room *Room) note(e *core.RequestEvent, action string, j *job) {
	err := audit.Note(e.App, audit.By(e, audit.Entry{Kind: schema.AuditExport, Action: action, Collection: schema.Imports, Target: j.Id, Label: j.GetString(schema.ImportName)}))
	if err != nil {
		e.App.Logger().Error("an import is not noted", "error", err)
	}
}

// report answers GET /api/desk/imports/{id}/report: the rows that were
// refused, as they were, each with the reason, as a table that Excel opens.
func (room *Room) report(e *core.RequestEvent) error {
	j, err := room.job(e)
	if err != nil {
		return err
	}
	if j.Kind() != schema.ImportContacts {
		return e.NotFoundError(say(e, "import.gone"), nil)
	}
	why, err := reasons(e.App, j.Id)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(fileOf(e.App, j.Id))
	if err != nil {
		return e.NotFoundError(say(e, "import.gone"), nil)
	}
	t, err := readTable(raw)
	if err != nil {
		return err
	}
	own, err := room.own(e.App, language(e))
	if err != nil {
		return err
	}
	room.note(e, "import_report", j)
	h := e.Response.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "refused-" + j.Id + ".csv"}))
	if _, err := io.WriteString(e.Response, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(e.Response)
	header := j.GetBool(schema.ImportHeader)
	first := true
	t.rows(func(n int, row []string) bool {
		switch key := why[n]; {
		case first && header:
			err = w.Write(append([]string{say(e, "import.report_row"), say(e, "import.report_why")}, safe(row)...))
		case key != "":
			err = w.Write(append([]string{fmt.Sprint(n), words(language(e), key, own)}, safe(row)...))
		}
		first = false
		return err == nil
	})
	w.Flush()
	return errors.Join(err, w.Error())
}

// safe keeps a spreadsheet from reading a cell as a formula: what strangers
// wrote into a form may end in this file.
func safe(row []string) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			if number, _ := phone(cell); number == "" {
				cell = "'" + cell
			}
		}
		out[i] = cell
	}
	return out
}
