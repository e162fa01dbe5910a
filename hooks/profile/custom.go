package profile

import (
	"encoding/json/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/contact"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Field is something the owner wants to know of customers.
type Field struct {
	ID       string   `json:"id"`
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Choices  []string `json:"choices"`
	Required bool     `json:"required"`
	Widget   bool     `json:"-"`
	Names    []string `json:"-"` // its key, and its labels in every language
}

// Fields are those of the shop, in their order.
func Fields(app core.App, lang string) ([]Field, error) {
	records, err := app.FindRecordsByFilter(schema.ContactFields, "", schema.CustomSort+",created,id", 0, 0)
	if err != nil {
		return nil, err
	}
	list := make([]Field, 0, len(records))
	for _, r := range records {
		f := fieldOf(r)
		if f.Label = r.GetString(schema.CustomLabelBN); lang != "bn" {
			f.Label = r.GetString(schema.CustomLabelEN)
		}
		list = append(list, f)
	}
	return list, nil
}

func fieldOf(r *core.Record) Field {
	f := Field{ID: r.Id, Key: r.GetString(schema.CustomKey), Kind: r.GetString(schema.CustomKind), Choices: []string{}, Required: r.GetBool(schema.CustomRequired), Widget: r.GetBool(schema.CustomWidget)}
	f.Names = []string{f.Key, r.GetString(schema.CustomLabelEN), r.GetString(schema.CustomLabelBN)}
	if raw := r.GetString(schema.CustomChoices); strings.HasPrefix(raw, "[") {
		if err := json.Unmarshal([]byte(raw), &f.Choices); err != nil {
			f.Choices = []string{}
		}
	}
	return f
}

// Fit brings a value into the form it is kept in: text as it is, numbers as
// decimal digits, dates as 2026-03-26, yes or no. ok is false for what the
// field cannot hold. Bangla digits count as digits.
func (f Field) Fit(value string) (kept string, ok bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", true
	}
	latin := strings.Map(func(r rune) rune {
		if r >= '০' && r <= '৯' {
			return '0' + r - '০'
		}
		return r
	}, value)
	switch f.Kind {
	case schema.CustomNumber:
		n, err := strconv.ParseFloat(strings.ReplaceAll(latin, ",", ""), 64)
		if err != nil || n != n || n > 1e15 || n < -1e15 {
			return "", false
		}
		return strconv.FormatFloat(n, 'f', -1, 64), true
	case schema.CustomDate:
		_, err := time.Parse(time.DateOnly, latin)
		return latin, err == nil
	case schema.CustomChoice:
		return value, slices.Contains(f.Choices, value)
	case schema.CustomYesNo:
		return value, value == "yes" || value == "no"
	}
	return value, len(value) <= 2000
}

// valuesOf are a contact's values by key.
func valuesOf(r *core.Record) map[string]string {
	values := map[string]string{}
	if raw := r.GetString(schema.ContactCustom); strings.HasPrefix(raw, "{") {
		if err := json.Unmarshal([]byte(raw), &values); err != nil {
			return map[string]string{}
		}
	}
	return values
}

// checkField refuses a choice without choices.
func checkField(e *core.RecordEvent) error {
	f := fieldOf(e.Record)
	if f.Kind == schema.CustomChoice && len(f.Choices) == 0 {
		return validation.Errors{schema.CustomChoices: validation.NewError("field_choices", i18n.T(settings.Shop(e.App).Language(), "error.field_choices"))}
	}
	return e.Next()
}

// checkValues refuses values that their fields cannot hold, however they were
// written. What belongs to no field any more is left as it is.
func checkValues(e *core.RecordEvent) error {
	raw := e.Record.GetString(schema.ContactCustom)
	if raw == "" || raw == "null" || !e.Record.IsNew() && raw == e.Record.Original().GetString(schema.ContactCustom) {
		return e.Next()
	}
	lang := settings.Shop(e.App).Language()
	refuse := func(key string, v ...i18n.V) error {
		return validation.Errors{schema.ContactCustom: validation.NewError(strings.TrimPrefix(key, "error."), i18n.T(lang, key, v...))}
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(raw), &values); err != nil {
		return refuse("error.field_shape")
	}
	fields, err := Fields(e.App, lang)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if v, given := values[f.Key]; given {
			if _, ok := f.Fit(v); !ok {
				return refuse("error.field_value", i18n.V{"field": f.Label})
			}
		}
	}
	return e.Next()
}

// customBlock shows the owner's fields.
type customBlock struct{}

// ID implements [Block].
func (customBlock) ID() string { return "custom" }

// Data implements [Block].
func (customBlock) Data(app core.App, contact, lang string) (any, error) {
	fields, err := Fields(app, lang)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	r, err := app.FindRecordById(schema.Contacts, contact)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": fields, "values": valuesOf(r)}, nil
}

// FromSite keeps what the shop's own site says of a customer whose id it
// signed: values of the fields that the site may fill. What they cannot hold,
// and a customer who has not written yet, is passed over: a page is not told of
// it, and says it again when it is opened next.
func (room *Room) FromSite(app core.App, user string, said map[string]string) error {
	who, err := contact.FindByIdentity(app, schema.KindUser, contact.Normalise(schema.KindUser, user))
	if err != nil || who == nil {
		return err
	}
	fields, err := Fields(app, "")
	if err != nil {
		return err
	}
	changed := false
	err = app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(schema.Contacts, who.Id)
		if err != nil {
			return err
		}
		values := valuesOf(r)
		for _, f := range fields {
			v, given := said[f.Key]
			kept, ok := f.Fit(v)
			if !f.Widget || !given || !ok || kept == values[f.Key] {
				continue
			}
			changed = true
			if values[f.Key] = kept; kept == "" {
				delete(values, f.Key)
			}
		}
		if !changed {
			return nil
		}
		r.Set(schema.ContactCustom, values)
		return tx.Save(r)
	})
	if err == nil && changed {
		room.Tell(app, who.Id)
	}
	return err
}

// FromChat keeps what a customer said in a chat in a field of the owner's;
// false if the field is gone or does not take it.
func FromChat(tx core.App, contactID, key, said string) (bool, error) {
	fields, err := Fields(tx, "")
	if err != nil {
		return false, err
	}
	for _, f := range fields {
		kept, ok := f.Fit(said)
		if f.Key != key || !ok || kept == "" {
			continue
		}
		r, err := tx.FindRecordById(schema.Contacts, contactID)
		if err != nil {
			return false, err
		}
		values := valuesOf(r)
		values[f.Key] = kept
		r.Set(schema.ContactCustom, values)
		return true, tx.Save(r)
	}
	return false, nil
}

// Keys are the keys of the owner's fields.
func Keys(app core.App) ([]string, error) {
	fields, err := Fields(app, "")
	keys := make([]string, 0, len(fields))
	for _, f := range fields {
		keys = append(keys, f.Key)
	}
	return keys, err
}
