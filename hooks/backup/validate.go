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
			stored = room.keys().Seal([]byte(now))
		}
		e.Record.Set(sealed, stored)
		e.Record.Set(typed, "")
	}
	return e.Next()
}

// validate looks for what cannot work. It runs before seal has emptied what
// was typed, and after.
func (room *Room) validate(e *core.RecordEvent) error {
	p, wrong := wrap(e.Record), validation.Errors{}
	missing := func(field, key string) {
		wrong[field] = validation.NewError("backup_"+key, i18n.T(settings.Shop(e.App).Language(), "backup."+key))
	}
	has := func(typed, sealed string) bool { return p.GetString(typed) != "" || p.GetString(sealed) != "" }
	if p.bucket() {
		for field, value := range map[string]string{schema.PlaceEndpoint: p.GetString(schema.PlaceEndpoint), schema.PlaceBucket: p.GetString(schema.PlaceBucket), schema.PlaceAccessKey: p.GetString(schema.PlaceAccessKey)} {
			if value == "" {
				missing(field, "missing")
			}
		}
		if !has(schema.PlaceSecretKey, schema.PlaceSecretSealed) {
			missing(schema.PlaceSecretKey, "missing")
		}
		if !has(schema.PlacePassphrase, schema.PlacePassphraseSealed) {
			missing(schema.PlacePassphrase, "passphrase_missing")
		}
	} else if f := p.GetString(schema.PlaceFolder); f != "" {
		inside, err := filepath.Rel(e.App.DataDir(), f)
		switch {
		case !filepath.IsAbs(f):
			missing(schema.PlaceFolder, "folder_path")
		case err == nil && (inside == "." || filepath.IsLocal(inside)) && strings.Split(filepath.ToSlash(inside), "/")[0] != core.LocalBackupsDirName:
			missing(schema.PlaceFolder, "folder_inside") // each backup would hold the one before
		}
	}
	if typed := p.GetString(schema.PlacePassphrase); typed != "" && len([]rune(typed)) < leastPassphrase {
		missing(schema.PlacePassphrase, "passphrase_short")
	}
	if len(wrong) > 0 {
		return wrong
	}
	return e.Next()
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
	if p.bucket() && p.GetString(schema.PlaceBucket) == "" {
		return nil // validation says what is missing
	}
	if f := p.GetString(schema.PlaceFolder); !p.bucket() && f != "" && !filepath.IsAbs(f) {
		return nil
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
	return to.remove(ctx, name)
}
