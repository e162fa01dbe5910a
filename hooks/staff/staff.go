// Package staff keeps the owner one person in two rooms: whoever is made a
// superuser of the admin UI is also an agent at the desk, with role owner and
// the same password, and stays so when the password changes there. The admin
// UI links to the desk.
package staff

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// Register binds the room.
func Register(app core.App) {
	app.OnRecordCreate(core.CollectionNameSuperusers).BindFunc(mirror)
	app.OnRecordUpdate(core.CollectionNameSuperusers).BindFunc(mirror)
	app.OnServe().BindFunc(linkDesk)
	app.OnRecordDelete(schema.Agents).BindFunc(keepOneOwner)
	app.OnRecordUpdate(schema.Agents).BindFunc(keepOneOwner)
}

// mirror makes or updates the agent in the transaction that saves the
// superuser.
func mirror(e *core.RecordEvent) error {
	if e.Record.Email() == core.DefaultInstallerEmail {
		return e.Next()
	}
	return inTransaction(e, func() error {
		changed := e.Record.IsNew() || e.Record.GetString(core.FieldNamePassword) != ""
		if err := e.Next(); err != nil {
			return err
		}
		if !changed {
			return nil
		}
		return follow(e.App, e.Record)
	})
}

func follow(app core.App, superuser *core.Record) error {
	agent, err := app.FindAuthRecordByEmail(schema.Agents, superuser.Email())
	if errors.Is(err, sql.ErrNoRows) {
		collection, err := app.FindCachedCollectionByNameOrId(schema.Agents)
		if err != nil {
			return err
		}
		agent = core.NewRecord(collection)
		agent.SetEmail(superuser.Email())
		name, _, _ := strings.Cut(superuser.Email(), "@")
		agent.Set(schema.AgentName, name)
		agent.Set(schema.AgentRole, schema.RoleOwner)
		agent.Set(schema.AgentAvailability, schema.AvailabilityOnline)
		agent.Set(schema.AgentLanguages, []string{settings.Shop(app).Language()})
	} else if err != nil {
		return fmt.Errorf("find the owner at the desk: %w", err)
	}
	agent.SetVerified(true)
	agent.SetRaw(core.FieldNamePassword, &core.PasswordFieldValue{Hash: superuser.GetString(core.FieldNamePassword + ":hash")})
	agent.RefreshTokenKey()
	if err := app.Save(agent); err != nil {
		return fmt.Errorf("give the owner a place at the desk: %w", err)
	}
	return nil
}

// keepOneOwner refuses to delete or demote the last owner: nobody could
// appoint another one from the desk.
func keepOneOwner(e *core.RecordEvent) error {
	was := e.Record.Original().GetString(schema.AgentRole)
	leaves := e.Type == core.ModelEventTypeDelete || e.Record.GetString(schema.AgentRole) != schema.RoleOwner
	if was != schema.RoleOwner || !leaves {
		return e.Next()
	}
	var others int
	err := e.App.DB().NewQuery(`SELECT COUNT(*) FROM agents WHERE role = 'owner' AND id != {:id}`).
		Bind(map[string]any{"id": e.Record.Id}).Row(&others)
	if err != nil {
		return err
	}
	if others == 0 {
		return errors.New("this is the only owner; make another agent an owner first")
	}
	return e.Next()
}

func inTransaction(e *core.RecordEvent, next func() error) error {
	if e.App.IsTransactional() {
		return next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return next()
	})
}
