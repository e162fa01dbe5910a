package migrations

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// tidyFields are what tidying up adds to collections that exist.
func tidyFields() map[string][]core.Field {
	return map[string][]core.Field{
		"conversations": {
			moment("deleted_at", "When it was deleted. It is out of every list and can be brought back until the shop's days for that are over."),
			one("deleted_by", "Agent who deleted it.", "shohay_agents01", false, false),
			structured("put_back", "How it stood before it was deleted or merged, kept by itself.", 4<<10),
		},
		"shop": {
			whole("deleted_days", "Days for which a deleted conversation can be brought back. Then it is erased with its files and the originals of its mails. 0 erases in the next night.", 0, 3650),
		},
	}
}

// tidyIndexes are collection, name, columns and condition.
var tidyIndexes = [][4]string{
	{"conversations", "idx_conversations_merged", "`merged_into`", "`merged_into` != ''"},
	{"conversations", "idx_conversations_deleted", "`deleted_at`, `id`", "`deleted_at` != ''"},
	{"conversations", "idx_conversations_priority", "`priority`, `last_activity` DESC, `id` DESC", "`priority` != 0"},
	{"conversations", "idx_conversations_tagged", "`status`, `last_activity` DESC, `id` DESC, `tags`", "`tags` != '[]'"},
}

// Deleted conversations are for owners alone.
const (
	conversationRule = isAgent + ` && (deleted_at = "" || @request.auth.role = "owner")`
	messageRule      = isAgent + ` && (conversation.deleted_at = "" || @request.auth.role = "owner")`
)

func init() {
	m.Register(tidyUp, tidyDown)
}

func tidyUp(app core.App) error {
	if err := extend(app, tidyFields(), tidyIndexes); err != nil {
		return err
	}
	if err := setPriority(app, -1, "-1 low, 0 normal, 1 high, 2 urgent."); err != nil {
		return err
	}
	if err := setRules(app, map[string]string{"conversations": conversationRule, "messages": messageRule}); err != nil {
		return err
	}
	_, err := app.DB().NewQuery(`UPDATE shop SET deleted_days = 30`).Execute()
	return err
}

func tidyDown(app core.App) error {
	if err := setRules(app, map[string]string{"conversations": isAgent, "messages": isAgent}); err != nil {
		return err
	}
	if _, err := app.DB().NewQuery(`UPDATE conversations SET priority = 0 WHERE priority < 0`).Execute(); err != nil {
		return err
	}
	if err := setPriority(app, 0, "0 normal, 1 high, 2 urgent."); err != nil {
		return err
	}
	if err := shrink(app, tidyFields(), tidyIndexes); err != nil {
		return err
	}
	return nil
}

func setPriority(app core.App, least float64, help string) error {
	c, err := app.FindCollectionByNameOrId("conversations")
	if err != nil {
		return err
	}
	f, ok := c.Fields.GetByName("priority").(*core.NumberField)
	if !ok {
		return errors.New("conversations.priority is no number")
	}
	f.Min, f.Help = &least, help
	return app.Save(c)
}

// setRules gives collections the rule of who lists and reads their records.
func setRules(app core.App, rules map[string]string) error {
	for name, rule := range rules {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		c.ListRule, c.ViewRule = types.Pointer(rule), types.Pointer(rule)
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}
