package setup

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/rules"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
)

// steps in their order.
var steps = []string{
	schema.StepAccount, schema.StepShop, schema.StepHours, schema.StepLook, schema.StepMail, schema.StepWidget, schema.StepStaff, schema.StepBackup,
}

// stepOpen is the state of a step that has no record.
const stepOpen = "open"

// proven are the steps that nobody can simply say are done.
var proven = []string{schema.StepMail, schema.StepWidget, schema.StepBackup}

// Step is one of them as the owner sees it.
type Step struct {
	Name  string         `json:"step"`
	State string         `json:"state"` // open, done, skipped
	Proof jsontext.Value `json:"proof"` // an object or null
}

// Progress is how far the set-up is.
type Progress struct {
	Done   int    `json:"done"`
	Of     int    `json:"of"`
	Closed bool   `json:"closed"` // the owner put it away
	Steps  []Step `json:"steps"`
}

// wanted tells whether the desk still reminds of it.
func (p Progress) wanted() bool { return !p.Closed && p.Done < p.Of }

// backupProof is the last backup that was read back.
type backupProof struct {
	File  string `json:"file" db:"last_file"`
	Bytes int64  `json:"bytes" db:"last_bytes"`
	At    string `json:"at" db:"last_good"`
}

// progress reads it. What other rooms know is asked there, so that a step that
// was done elsewhere is done here too.
func progress(app core.App) (Progress, error) {
	p := Progress{Of: len(steps), Steps: make([]Step, len(steps))}
	var rows []struct {
		Step  string `db:"step"`
		State string `db:"state"`
		Proof string `db:"proof"`
	}
	if err := app.DB().NewQuery(`SELECT step, state, COALESCE(proof, '') AS proof FROM setup_steps`).All(&rows); err != nil {
		return p, fmt.Errorf("read the set-up: %w", err)
	}
	for i, name := range steps {
		p.Steps[i] = Step{Name: name, State: stepOpen, Proof: jsontext.Value("null")}
	}
	for _, row := range rows {
		i := slices.Index(steps, row.Step)
		if i < 0 {
			p.Closed = true
			continue
		}
		p.Steps[i].State = row.State
		if row.Proof != "" {
			p.Steps[i].Proof = jsontext.Value(row.Proof)
		}
	}
	var facts struct {
		Hours  int `db:"hours"`
		Boxes  int `db:"boxes"`
		Agents int `db:"agents"`
	}
	err := app.DB().NewQuery(`SELECT (SELECT COUNT(*) FROM office_hours) AS hours, (SELECT COUNT(*) FROM mailboxes WHERE active = TRUE) AS boxes, (SELECT COUNT(*) FROM agents) AS agents`).One(&facts)
	if err != nil {
		return p, fmt.Errorf("read what is set up: %w", err)
	}
	var backups []backupProof
	err = app.DB().NewQuery(`SELECT last_file, last_bytes, REPLACE(last_good, ' ', 'T') AS last_good FROM backup_places WHERE active = TRUE AND last_good != '' AND last_error = '' ORDER BY last_good DESC LIMIT 1`).All(&backups)
	if err != nil {
		return p, fmt.Errorf("read the backups: %w", err)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		switch s.Name {
		case schema.StepAccount:
			s.State = schema.StepDone
		case schema.StepHours:
			if facts.Hours > 0 {
				s.State = schema.StepDone
			}
		case schema.StepStaff:
			if facts.Agents > 1 {
				s.State = schema.StepDone
			}
		case schema.StepMail:
			if s.State == schema.StepDone && facts.Boxes == 0 { // it was taken away or switched off
				s.State = stepOpen
			}
		case schema.StepBackup:
			switch {
			case len(backups) > 0:
				s.State, s.Proof = schema.StepDone, encode(backups[0])
			case s.State == schema.StepDone:
				s.State = stepOpen
			}
		}
		if s.State == schema.StepDone {
			p.Done++
		}
	}
	return p, nil
}

// encode makes JSON of our own plain values, which cannot fail.
func encode(v any) jsontext.Value {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// mark keeps the state of a step; open forgets it. proof is any value that
// makes a JSON object, nil for none.
func mark(app core.App, step, state string, proof any) error {
	return app.RunInTransaction(func(tx core.App) error {
		if state == stepOpen && proof == nil {
			_, err := tx.DB().NewQuery(`DELETE FROM setup_steps WHERE step = {:step}`).Bind(dbx.Params{"step": step}).Execute()
			return err
		}
		r, err := tx.FindFirstRecordByData(schema.SetupSteps, schema.StepName, step)
		if err != nil {
			collection, err := tx.FindCachedCollectionByNameOrId(schema.SetupSteps)
			if err != nil {
				return err
			}
			r = core.NewRecord(collection)
			r.Set(schema.StepName, step)
		}
		r.Set(schema.StepState, state)
		r.Set(schema.StepProof, nil)
		if proof != nil {
			r.Set(schema.StepProof, string(encode(proof)))
		}
		return tx.Save(r)
	})
}

// office is what customers are told of the hours now.
type office struct {
	Open   bool   `json:"open"`
	Always bool   `json:"always"` // no hours are set
	Next   string `json:"next"`   // RFC 3339: when it closes, or opens; "" for never
	Now    string `json:"now"`
	Zone   string `json:"zone"`
}

func officeNow(app core.App, now time.Time) office {
	calendar := rules.Current(app)
	s := calendar.At(now)
	o := office{Open: s.Open, Always: len(calendar.Week) == 0, Now: now.UTC().Format(time.RFC3339), Zone: settings.Shop(app).GetString(schema.ShopTimeZone)}
	next := s.Opens
	if s.Open {
		next = s.Closes
	}
	if !next.IsZero() {
		o.Next = next.UTC().Format(time.RFC3339)
	}
	return o
}
