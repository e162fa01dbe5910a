package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// leastPassphrase is what scrypt's cost makes up for; what is shorter can be
// guessed by a patient thief.
const leastPassphrase = 10

// seal puts what was typed into sealed fields. An empty field keeps what there
// is; the sealed fields themselves cannot be set from outside.
func (room *Room) seal(e *core.RecordEvent) error {
	for typed, sealed := range map[string]string{schema.PlaceSecretKey: schema.PlaceSecretSealed, schema.PlacePassphrase: schema.PlacePassphraseSealed} {
		var stored string
		if !e.Record.IsNew() {
			err := e.App.DB().NewQuery(`SELECT ` + sealed + ` FROM backup_places WHERE id = {:id}`).Bind(dbx.Params{"id": e.Record.Id}).Row(&stored)
			if err != nil {
				return err
			}
		}
		if now := e.Record.GetString(typed); now != "" {
			if typed == schema.PlacePassphrase && len([]rune(now)) < leastPassphrase {
				return validation.Errors{typed: fault(e.App, "passphrase_short")}
			}
			stored = room.keys().Seal([]byte(now))
		}
		e.Record.Set(sealed, stored)
		e.Record.Set(typed, "")
	}
	return e.Next()
}

func fault(app core.App, key string) validation.Error {
	return validation.NewError("backup_"+key, i18n.T(settings.Shop(app).Language(), "backup."+key))
}

// validate looks for what cannot work; what was typed is sealed by now.
func (room *Room) validate(e *core.RecordEvent) error {
	if err := incomplete(e.App, wrap(e.Record)).Filter(); err != nil {
		return err
	}
	return e.Next()
}

// incomplete says by field what a place lacks.
func incomplete(app core.App, p *Place) validation.Errors {
	wrong := validation.Errors{}
	if p.GetBool(schema.PlaceContinuous) {
		if !p.bucket() && p.GetString(schema.PlaceFolder) == "" {
			wrong[schema.PlaceContinuous] = fault(app, "live_folder")
		}
		if n, err := app.CountRecords(schema.BackupPlaces, dbx.HashExp{schema.PlaceContinuous: true}, dbx.Not(dbx.HashExp{schema.ID: p.Id})); err != nil || n > 0 {
			wrong[schema.PlaceContinuous] = fault(app, "live_one")
		}
	}
	if p.bucket() {
		for _, field := range []string{schema.PlaceEndpoint, schema.PlaceBucket, schema.PlaceRegion, schema.PlaceAccessKey} {
			if p.GetString(field) == "" {
				wrong[field] = fault(app, "missing")
			}
		}
		if p.GetString(schema.PlaceSecretSealed) == "" {
			wrong[schema.PlaceSecretKey] = fault(app, "missing")
		}
		if p.GetString(schema.PlacePassphraseSealed) == "" {
			wrong[schema.PlacePassphrase] = fault(app, "passphrase_missing")
		}
		return wrong
	}
	f := p.GetString(schema.PlaceFolder)
	if f == "" {
		return wrong
	}
	inside, err := filepath.Rel(app.DataDir(), f)
	switch {
	case !filepath.IsAbs(f):
		wrong[schema.PlaceFolder] = fault(app, "folder_path")
	case err == nil && (inside == "." || filepath.IsLocal(inside)) && strings.Split(filepath.ToSlash(inside), "/")[0] != core.LocalBackupsDirName:
		wrong[schema.PlaceFolder] = fault(app, "folder_inside") // each backup would hold the one before
	}
	return wrong
}

// tryRequest writes, reads and removes a small file in a place that somebody
// wants to use. Inside a batch nothing is tried: the network would stop every
// writer.
func (room *Room) tryRequest(e *core.RecordRequestEvent) error {
	if !e.Record.GetBool(schema.PlaceActive) || e.App.IsTransactional() {
		return e.Next()
	}
	// As it will be stored, without storing it.
	probe := e.Record.Fresh()
	probe.Load(e.Record.FieldsData())
	for typed, sealed := range map[string]string{schema.PlaceSecretKey: schema.PlaceSecretSealed, schema.PlacePassphrase: schema.PlacePassphraseSealed} {
		if now := e.Record.GetString(typed); now != "" {
			probe.Set(sealed, room.keys().Seal([]byte(now)))
		} else if !e.Record.IsNew() {
			probe.Set(sealed, e.Record.Original().GetString(sealed))
		}
	}
	ctx, cancel := context.WithTimeout(e.Request.Context(), 20*time.Second)
	defer cancel()
	p := wrap(probe)
	if err := room.try(ctx, e.App, p); err != nil {
		field := schema.PlaceFolder
		if p.bucket() {
			field = schema.PlaceEndpoint
		}
		words := i18n.T(language(e.RequestEvent), "backup.unusable", i18n.V{"said": err.Error()})
		return e.BadRequestError("", validation.Errors{field: validation.NewError("backup_unusable", words)})
	}
	return e.Next()
}

func (room *Room) try(ctx context.Context, app core.App, p *Place) error {
	if len(incomplete(app, p)) > 0 {
		return nil // validation says what is missing
	}
	to, _, err := p.open(room.keys(), app.DataDir())
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "shohay-try-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	const name = "shohay-test.txt"
	wrote, read := filepath.Join(temp, "wrote"), filepath.Join(temp, "read")
	text := core.GenerateDefaultRandomId()
	if err := os.WriteFile(wrote, []byte(text), 0o600); err != nil {
		return err
	}
	if err := to.put(ctx, name, wrote); err != nil {
		return err
	}
	if err := to.get(ctx, name, read); err != nil {
		return err
	}
	if got, err := os.ReadFile(read); err != nil || string(got) != text {
		return errors.Join(errors.New("what was written there comes back as something else"), err)
	}
	return to.Remove(ctx, name)
}
