package draft

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/schema"
)

func find(app core.App, id string) (*Draft, error) {
	r, err := app.FindRecordById(schema.Drafts, id)
	if err != nil {
		return nil, err
	}
	return wrap(r), nil
}

func all(app core.App, where, order string, params dbx.Params) (list []*Draft, err error) {
	records, err := app.FindRecordsByFilter(schema.Drafts, where, order, 200, 0, params)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	for _, r := range records {
		list = append(list, wrap(r))
	}
	return list, nil
}

// mine is the agent's draft in a conversation, nil if there is none. Uses
// idx_drafts_writing.
func mine(app core.App, conv, agent string) (*Draft, error) {
	var records []*core.Record
	err := app.RecordQuery(schema.Drafts).AndWhere(dbx.NewExp("conversation = {:conv} AND agent = {:agent} AND state = 'writing'", dbx.Params{"conv": conv, "agent": agent})).Limit(1).All(&records)
	if err != nil {
		return nil, fmt.Errorf("read a draft: %w", err)
	}
	if len(records) == 0 {
		return nil, nil
	}
	return wrap(records[0]), nil
}

// waiting are a conversation's messages that are not sent yet, as they go.
// Uses idx_drafts_conversation.
func waiting(app core.App, conv string) ([]View, error) {
	list, err := all(app, "conversation = {:conv} && state != 'writing'", "due,created", dbx.Params{"conv": conv})
	views := make([]View, 0, len(list))
	for _, d := range list {
		views = append(views, view(d))
	}
	return views, err
}

// byClient finds what a repeated request made before. Uses idx_drafts_client.
func byClient(app core.App, conv, client string) (*Draft, error) {
	list, err := all(app, "conversation = {:conv} && client_id = {:client}", "", dbx.Params{"conv": conv, "client": client})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// openedBy is the waiting message that a repeated request of an agent made.
func openedBy(app core.App, agent, client string) (*Draft, error) {
	list, err := all(app, "agent = {:agent} && client_id = {:client} && state != 'writing'", "", dbx.Params{"agent": agent, "client": client})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// sentAs tells whether the message of a client id exists. Uses
// idx_messages_client.
func sentAs(app core.App, conv, client string) (yes bool, err error) {
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM messages WHERE conversation = {:conv} AND client_id = {:id} AND client_id != '')`).
		Bind(dbx.Params{"conv": conv, "id": client}).Row(&yes)
	return yes, err
}

// due lists what has to go by now, and says when the next one has to. Uses
// idx_drafts_due.
func due(app core.App, now time.Time) (ids []string, next time.Time, err error) {
	at, _ := types.ParseDateTime(now)
	err = app.DB().NewQuery(`SELECT id FROM drafts WHERE state IN ('held', 'scheduled') AND due <= {:now} ORDER BY due LIMIT 50`).
		Bind(dbx.Params{"now": at.String()}).Column(&ids)
	if err != nil {
		return nil, next, fmt.Errorf("read what is due: %w", err)
	}
	var first types.DateTime
	err = app.DB().NewQuery(`SELECT due FROM drafts WHERE state IN ('held', 'scheduled') AND due > {:now} ORDER BY due LIMIT 1`).
		Bind(dbx.Params{"now": at.String()}).Row(&first)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return ids, first.Time(), err
}

// stop takes the scheduled messages of a conversation off the clock whose
// authors wanted to be asked, and says whether there were some.
func stop(tx core.App, conv string) (some bool, err error) {
	return stopWhere(tx, `conversation = {:conv} AND state = 'scheduled' AND if_reply = 'stop'`, dbx.Params{"conv": conv})
}

// stopOthers takes what others than the agent are about to send off the clock,
// also within the seconds in which they can take it back: else two answers
// would cross.
func stopOthers(tx core.App, conv, agent string) (some bool, err error) {
	return stopWhere(tx, `conversation = {:conv} AND agent != {:agent} AND kind = 'outgoing' AND (state = 'held' OR state = 'scheduled' AND if_reply = 'stop')`,
		dbx.Params{"conv": conv, "agent": agent})
}

// stopWhere looks before it writes: nearly every message meets none, and a
// statement that may change several rows makes SQLite write out what the search
// was given so far. Uses idx_drafts_conversation.
func stopWhere(tx core.App, which string, params dbx.Params) (some bool, err error) {
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM drafts WHERE ` + which + `)`).Bind(params).Row(&some)
	if err != nil || !some {
		return false, err
	}
	params["now"] = types.NowDateTime().String()
	_, err = tx.DB().NewQuery(`UPDATE drafts SET state = 'stopped', updated = {:now} WHERE ` + which).Bind(params).Execute()
	return err == nil, err
}

// drafted lists the conversations in which an agent has a draft. Uses
// idx_drafts_agent.
func drafted(app core.App, agent string) (ids []string, err error) {
	ids = []string{}
	err = app.DB().NewQuery(`SELECT conversation FROM drafts WHERE agent = {:agent} AND state = 'writing' AND (TRIM(text) != '' OR file_info LIKE '[{%') LIMIT 2000`).
		Bind(dbx.Params{"agent": agent}).Column(&ids)
	return ids, err
}

func forget(app core.App, before time.Time) error {
	at, _ := types.ParseDateTime(before)
	list, err := all(app, "state = 'writing' && updated < {:before}", "updated", dbx.Params{"before": at.String()})
	for _, d := range list {
		if err := app.Delete(d.ProxyRecord()); err != nil {
			return fmt.Errorf("delete an old draft: %w", err)
		}
	}
	return err
}

// addFiles puts files beside those that the draft keeps.
func (d *Draft) addFiles(keep []string, files []conversation.File) error {
	names, infos := []any{}, []info{}
	for _, f := range d.infos() {
		for _, k := range keep {
			if k == f.Stored {
				names, infos = append(names, f.Stored), append(infos, f)
				break
			}
		}
	}
	for _, f := range files {
		data, err := read(f)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			continue
		}
		stored, err := filesystem.NewFileFromBytes(data, conversation.FileName(f.Name))
		if err != nil {
			return fmt.Errorf("store the file: %w", err)
		}
		names = append(names, stored)
		infos = append(infos, info{Stored: stored.Name, Name: conversation.FileName(f.Name), Type: f.Type, Size: int64(len(data)), CID: f.ContentID})
	}
	d.Set(schema.DraftFiles, names)
	d.Set(schema.DraftFileInfo, infos)
	return nil
}

func read(f conversation.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, conversation.MaxFile+1))
}

// contents reads the draft's files.
func (d *Draft) contents(app core.App) (files []conversation.File, err error) {
	infos := d.infos()
	if len(infos) == 0 {
		return nil, nil
	}
	store, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open the files: %w", err)
	}
	defer store.Close()
	for _, f := range infos {
		r, err := store.GetReader(d.BaseFilesPath() + "/" + f.Stored)
		if err != nil {
			return nil, fmt.Errorf("open the attachment: %w", err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("read the attachment: %w", err)
		}
		files = append(files, conversation.File{Name: f.Name, Type: f.Type, ContentID: f.CID, Size: int64(len(data)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(data)), nil
		}})
	}
	return files, nil
}
