package tag

import (
	"encoding/json/v2"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// carriers are what has tags; the field is called tags in all of them.
var carriers = []string{schema.Conversations, schema.Contacts}

// usage is a tag with how often it is used.
type usage struct {
	ID            string `json:"id" db:"id"`
	Name          string `json:"name" db:"name"`
	Colour        string `json:"colour" db:"colour"`
	Conversations int    `json:"conversations" db:"conversations"`
	Contacts      int    `json:"contacts" db:"contacts"`
}

// usages lists all tags by name. Uses idx_conversations_tagged.
func usages(app core.App) ([]usage, error) {
	list := []usage{}
	err := app.DB().NewQuery(`WITH used AS (SELECT t.value AS tag, COUNT(*) AS n FROM conversations cv, json_each(cv.tags) t WHERE cv.tags != '[]' AND cv.merged_into = '' AND cv.deleted_at = '' GROUP BY t.value),
		people AS (SELECT t.value AS tag, COUNT(*) AS n FROM contacts c, json_each(c.tags) t WHERE c.tags != '[]' GROUP BY t.value)
		SELECT tags.id, tags.name, tags.colour, COALESCE(used.n, 0) AS conversations, COALESCE(people.n, 0) AS contacts
		FROM tags LEFT JOIN used ON used.tag = tags.id LEFT JOIN people ON people.tag = tags.id ORDER BY tags.name COLLATE NOCASE`).All(&list)
	if err != nil {
		return nil, fmt.Errorf("count what tags are used for: %w", err)
	}
	return list, nil
}

// having lists what carries a tag, by collection.
func having(app core.App, tag string) (map[string][]string, error) {
	found := map[string][]string{}
	for _, name := range carriers {
		var ids []string
		// idx_conversations_tagged holds only what has tags.
		err := app.DB().NewQuery(`SELECT id FROM ` + name + ` WHERE tags != '[]' AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = {:tag})`).
			Bind(dbx.Params{"tag": tag}).Column(&ids)
		if err != nil {
			return nil, fmt.Errorf("find what carries a tag: %w", err)
		}
		found[name] = ids
	}
	return found, nil
}

// put adds a tag to records that do not have it.
func put(tx core.App, tag string, on map[string][]string) error {
	return each(tx, `UPDATE %s SET tags = json_insert(CASE tags WHEN '' THEN '[]' ELSE tags END, '$[#]', {:tag}) WHERE id IN (SELECT value FROM json_each({:ids}))
		AND NOT EXISTS (SELECT 1 FROM json_each(CASE tags WHEN '' THEN '[]' ELSE tags END) WHERE value = {:tag})`, tag, on)
}

// cut takes a tag off records.
func cut(tx core.App, tag string, off map[string][]string) error {
	return each(tx, `UPDATE %s SET tags = (SELECT json_group_array(value) FROM json_each(tags) WHERE value != {:tag}) WHERE id IN (SELECT value FROM json_each({:ids})) AND tags != '[]'`, tag, off)
}

func each(tx core.App, query, tag string, records map[string][]string) error {
	for _, name := range carriers {
		if len(records[name]) == 0 {
			continue
		}
		ids, err := json.Marshal(records[name])
		if err != nil {
			return err
		}
		if _, err := tx.DB().NewQuery(fmt.Sprintf(query, name)).Bind(dbx.Params{"tag": tag, "ids": string(ids)}).Execute(); err != nil {
			return fmt.Errorf("change the tags of %s: %w", name, err)
		}
	}
	return nil
}
