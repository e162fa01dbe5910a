package hookstest

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Agent makes a member of staff; role is schema.RoleOwner or schema.RoleAgent.
func (a *App) Agent(name, role string) *core.Record {
	a.tb.Helper()
	r := a.record(schema.Agents)
	r.SetEmail(name + "@shop.test")
	r.SetPassword(Password)
	r.SetVerified(true)
	r.Set(schema.AgentName, name)
	r.Set(schema.AgentRole, role)
	r.Set(schema.AgentLanguages, []string{"en"})
	a.save(r)
	return r
}

// Superuser makes one (and, by the staff room, an agent of the same address).
func (a *App) Superuser(email string) *core.Record {
	a.tb.Helper()
	r := a.record(core.CollectionNameSuperusers)
	r.SetEmail(email)
	r.SetPassword(Password)
	a.save(r)
	return r
}

// Token is an auth token of the record.
func (a *App) Token(r *core.Record) string {
	a.tb.Helper()
	t, err := r.NewAuthToken()
	if err != nil {
		a.tb.Fatal(err)
	}
	return t
}

// Shop changes the shop's settings.
func (a *App) Shop(values map[string]any) {
	a.tb.Helper()
	r, err := a.FindRecordById(schema.Shop, "shop00000000001")
	if err != nil {
		a.tb.Fatal(err)
	}
	r.Load(values)
	a.save(r)
}

func (a *App) record(collection string) *core.Record {
	a.tb.Helper()
	c, err := a.FindCollectionByNameOrId(collection)
	if err != nil {
		a.tb.Fatal(err)
	}
	return core.NewRecord(c)
}

func (a *App) save(r *core.Record) {
	a.tb.Helper()
	if err := a.Save(r); err != nil {
		a.tb.Fatal("save: ", err)
	}
}
