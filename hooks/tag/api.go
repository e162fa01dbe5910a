package tag

import (
	"net/http"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
)

const longest = 40

var colourForm = regexp.MustCompile(`^(#[0-9a-fA-F]{6})?$`)

// list answers GET /api/desk/tags.
func (r *room) list(e *core.RequestEvent) error {
	tags, err := usages(e.App)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return e.JSON(http.StatusOK, map[string]any{"tags": tags})
}

// form is what an agent writes of a tag; nil leaves a field.
type form struct {
	Name   *string `json:"name"`
	Colour *string `json:"colour"`
}

// create answers POST /api/desk/tags {"name", "colour"}.
func (r *room) create(e *core.RequestEvent) error {
	collection, err := e.App.FindCachedCollectionByNameOrId(schema.Tags)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	return r.save(e, core.NewRecord(collection))
}

// change answers PATCH /api/desk/tags/{id}.
func (r *room) change(e *core.RequestEvent) error {
	tag, err := e.App.FindRecordById(schema.Tags, e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError(i18n.T(conversation.LanguageOf(e), "error.tag"), nil)
	}
	return r.save(e, tag)
}

func (r *room) save(e *core.RequestEvent, tag *core.Record) error {
	lang := conversation.LanguageOf(e)
	var f form
	if err := e.BindBody(&f); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	if f.Name != nil {
		tag.Set(schema.TagName, *f.Name)
	}
	if f.Colour != nil {
		if !colourForm.MatchString(*f.Colour) {
			return e.BadRequestError(i18n.T(lang, "error.tag_colour"), nil)
		}
		tag.Set(schema.TagColour, *f.Colour)
	}
	name := tag.GetString(schema.TagName)
	if n := utf8.RuneCountInString(name); n == 0 || n > longest {
		return e.BadRequestError(i18n.T(lang, "error.tag_name", i18n.V{"n": longest}), nil)
	}
	var taken bool // idx_tags_name
	err := e.App.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM tags WHERE name = {:name} COLLATE NOCASE AND id != {:id})`).Bind(dbx.Params{"name": name, "id": tag.Id}).Row(&taken)
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	if taken {
		return e.BadRequestError(i18n.T(lang, "error.tag_taken"), nil)
	}
	if err := e.App.Save(tag); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.save"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"tag": viewOf(tag)})
}

func viewOf(tag *core.Record) map[string]string {
	return map[string]string{"id": tag.Id, "name": tag.GetString(schema.TagName), "colour": tag.GetString(schema.TagColour)}
}

// owned loads the tag in the path for an owner.
func owned(e *core.RequestEvent) (*core.Record, error) {
	lang := conversation.LanguageOf(e)
	if e.Auth.GetString(schema.AgentRole) != schema.RoleOwner {
		return nil, e.ForbiddenError(i18n.T(lang, "error.owners_only"), nil)
	}
	tag, err := e.App.FindRecordById(schema.Tags, e.Request.PathValue("id"))
	if err != nil {
		return nil, e.NotFoundError(i18n.T(lang, "error.tag"), nil)
	}
	return tag, nil
}

// remove answers DELETE /api/desk/tags/{id}.
func (r *room) remove(e *core.RequestEvent) error {
	tag, err := owned(e)
	if err != nil {
		return err
	}
	return r.dissolve(e, tag, "")
}

// merge answers POST /api/desk/tags/{id}/merge {"into": id}: whatever carries
// the tag in the path carries the other one from now on.
func (r *room) merge(e *core.RequestEvent) error {
	tag, err := owned(e)
	if err != nil {
		return err
	}
	var body struct {
		Into string `json:"into"`
	}
	lang := conversation.LanguageOf(e)
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError(i18n.T(lang, "error.body"), err)
	}
	if _, err := e.App.FindRecordById(schema.Tags, body.Into); err != nil || body.Into == tag.Id {
		return e.BadRequestError(i18n.T(lang, "error.tag_merge"), nil)
	}
	return r.dissolve(e, tag, body.Into)
}

// dissolve ends a tag, and has another take its place if into is not "".
func (r *room) dissolve(e *core.RequestEvent, tag *core.Record, into string) error {
	var had, gained map[string][]string
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if had, err = having(tx, tag.Id); err != nil {
			return err
		}
		if into != "" {
			already, err := having(tx, into)
			if err != nil {
				return err
			}
			gained = map[string][]string{}
			for name, ids := range had {
				has := map[string]bool{}
				for _, id := range already[name] {
					has[id] = true
				}
				gained[name] = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return has[id] })
			}
			if err := put(tx, into, gained); err != nil {
				return err
			}
		}
		if err := cut(tx, tag.Id, had); err != nil {
			return err
		}
		return tx.Delete(tag)
	})
	if err != nil {
		return r.Conversation.Fail(e, err)
	}
	undo := r.Undo.Keep(e.Auth.Id, func(app core.App) error {
		return app.RunInTransaction(func(tx core.App) error {
			again := core.NewRecord(tag.Collection())
			again.Load(map[string]any{schema.ID: tag.Id, schema.TagName: tag.GetString(schema.TagName), schema.TagColour: tag.GetString(schema.TagColour)})
			if err := tx.Save(again); err != nil {
				return conversation.ErrChange("error.tag_taken")
			}
			if into != "" {
				if err := cut(tx, into, gained); err != nil {
					return err
				}
			}
			return put(tx, tag.Id, had)
		})
	})
	return e.JSON(http.StatusOK, map[string]any{"id": tag.Id, "conversations": len(had[schema.Conversations]), "undo": undo})
}
