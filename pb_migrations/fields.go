package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The builders below only shorten the field literals of a migration: name and
// help text first, then what differs from the type's zero value.

func text(name, help string, change ...func(*core.TextField)) *core.TextField {
	f := &core.TextField{Name: name, Help: help}
	for _, c := range change {
		c(f)
	}
	return f
}

func required(f *core.TextField)          { f.Required = true }
func presentable(f *core.TextField)       { f.Presentable = true }
func hidden(f *core.TextField)            { f.Hidden = true }
func long(max int) func(*core.TextField)  { return func(f *core.TextField) { f.Max = max } }
func like(p string) func(*core.TextField) { return func(f *core.TextField) { f.Pattern = p } }

func whole(name, help string, min, max float64) *core.NumberField {
	return &core.NumberField{Name: name, Help: help, OnlyInt: true, Min: &min, Max: &max}
}

func counter(name, help string) *core.NumberField {
	return &core.NumberField{Name: name, Help: help, OnlyInt: true, Min: types.Pointer(0.0)}
}

func flag(name, help string) *core.BoolField { return &core.BoolField{Name: name, Help: help} }

func moment(name, help string) *core.DateField { return &core.DateField{Name: name, Help: help} }

func email(name, help string) *core.EmailField { return &core.EmailField{Name: name, Help: help} }

func structured(name, help string, max int64) *core.JSONField {
	return &core.JSONField{Name: name, Help: help, MaxSize: max}
}

func oneOf(name, help string, must bool, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Help: help, MaxSelect: 1, Required: must, Values: values}
}

func someOf(name, help string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Help: help, MaxSelect: len(values), Values: values}
}

func one(name, help, collection string, must, cascade bool) *core.RelationField {
	return &core.RelationField{Name: name, Help: help, CollectionId: collection, MaxSelect: 1, Required: must, CascadeDelete: cascade}
}

func many(name, help, collection string) *core.RelationField {
	return &core.RelationField{Name: name, Help: help, CollectionId: collection, MaxSelect: 99}
}

func stamps() []core.Field {
	return []core.Field{
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	}
}

// base starts a collection with a fixed id, so that a database made on one
// machine can be compared with one made on another.
func base(id, name string, fields ...core.Field) *core.Collection {
	c := core.NewBaseCollection(name, id)
	c.Fields.Add(fields...)
	c.Fields.Add(stamps()...)
	return c
}

// extend adds fields to collections that exist, then indexes, each given as
// collection, name, columns and condition.
func extend(app core.App, fields map[string][]core.Field, indexes [][4]string) error {
	for name, add := range fields {
		if err := alter(app, name, func(c *core.Collection) { c.Fields.Add(add...) }); err != nil {
			return err
		}
	}
	for _, i := range indexes {
		if err := alter(app, i[0], func(c *core.Collection) { c.AddIndex(i[1], false, i[2], i[3]) }); err != nil {
			return err
		}
	}
	return nil
}

// shrink takes back what extend added.
func shrink(app core.App, fields map[string][]core.Field, indexes [][4]string) error {
	for _, i := range indexes {
		if err := alter(app, i[0], func(c *core.Collection) { c.RemoveIndex(i[1]) }); err != nil {
			return err
		}
	}
	for name, gone := range fields {
		err := alter(app, name, func(c *core.Collection) {
			for _, f := range gone {
				c.Fields.RemoveByName(f.GetName())
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func alter(app core.App, collection string, change func(*core.Collection)) error {
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		return err
	}
	change(c)
	return app.Save(c)
}
