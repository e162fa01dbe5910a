package stray

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/lifecycle"
	"github.com/shohay/shohay/hooks/whole"
)

const (
	// Age is how old a file is at least that goes.
	Age = 24 * time.Hour

	some   = 200 // folders that are looked at between two breaths
	breath = 20 * time.Millisecond
	most   = 50_000 // folders of a collection that something goes from in a night
	few    = 100    // files that may go although fewer stay
)

const (
	attrs  = ".attrs"  // a file's type lies beside it
	thumbs = "thumbs_" // smaller pictures of a file lie in a folder
)

// form is that of the ids of records; a folder named otherwise is not ours.
var form = regexp.MustCompile(`^[a-z0-9]{15}$`)

// Swept is what went.
type Swept struct {
	Folders int // of records that are not there any more
	Files   int // without their types and smaller pictures
}

// sweeper looks at one collection.
type sweeper struct {
	app    core.App
	coll   *core.Collection
	fields []string
	root   string
	before time.Time // what was written later stays
}

// Sweep removes what no record names and was older than [Age] now. It pauses
// again and again and ends with ctx. What cannot be removed does not keep the
// rest.
func Sweep(ctx context.Context, app core.App, now time.Time) (gone Swept, err error) {
	if app.Settings().S3.Enabled {
		return gone, nil
	}
	all, err := app.FindAllCollections()
	if err != nil {
		return gone, fmt.Errorf("list the collections: %w", err)
	}
	for _, c := range all {
		s := &sweeper{app: app, coll: c, before: now.Add(-Age), root: filepath.Join(app.DataDir(), core.LocalStorageDirName, c.BaseFilesPath())}
		for _, f := range c.Fields {
			if f.Type() == core.FieldTypeFile {
				s.fields = append(s.fields, f.GetName())
			}
		}
		if c.IsView() || len(s.fields) == 0 {
			continue
		}
		if serr := s.sweep(ctx, &gone); serr != nil {
			err = errors.Join(err, fmt.Errorf("files of %s: %w", c.Name, serr))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return gone, err
}

// sweep first looks at everything and then removes, so that a doubt about one
// folder keeps them all.
func (s *sweeper) sweep(ctx context.Context, gone *Swept) error {
	var strays []string
	goes, stays := 0, 0
	err := s.each(ctx, func(ids []string) error {
		named, err := s.named(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			f, err := s.look(id, named[id])
			if err != nil {
				return err
			}
			goes, stays = goes+f.files, stays+f.stays
			if f.any() && len(strays) < most {
				strays = append(strays, id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if goes > few && goes > stays {
		return fmt.Errorf("%d files are named by no record and only %d are: the database seems to be another one than the files belong to, so all of them stay", goes, stays)
	}
	var failed error
	for i, id := range strays {
		if i%some == some-1 && !lifecycle.Rest(ctx, breath) {
			break
		}
		named, err := s.named(ctx, []string{id})
		if err != nil {
			return errors.Join(failed, err)
		}
		f, err := s.look(id, named[id])
		if err == nil {
			err = f.remove(gone)
		}
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, ctx.Err())
}

// each goes through the folders of records, some at a time.
func (s *sweeper) each(ctx context.Context, do func(ids []string) error) error {
	dir, err := os.Open(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // no record has had a file
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(some)
		if err != nil && err != io.EOF {
			return err
		}
		var ids []string
		for _, e := range entries {
			if e.IsDir() && form.MatchString(e.Name()) {
				ids = append(ids, e.Name())
			}
		}
		if len(ids) > 0 {
			if err := do(ids); err != nil {
				return err
			}
		}
		if err == io.EOF || len(entries) == 0 {
			return ctx.Err()
		}
		if !lifecycle.Rest(ctx, breath) {
			return ctx.Err()
		}
	}
}

// named are the files that records name, by the record; nil for one that is not
// there. By the primary key.
func (s *sweeper) named(ctx context.Context, ids []string) (map[string]map[string]bool, error) {
	columns := make([]string, len(s.fields))
	for i, f := range s.fields {
		columns[i] = "[[" + f + "]]"
	}
	places, params := make([]string, len(ids)), dbx.Params{}
	for i, id := range ids {
		key := fmt.Sprint("id", i)
		places[i], params[key] = "{:"+key+"}", id
	}
	var records []struct {
		ID    string `db:"id"`
		Names string `db:"names"` // a name or a list of them from each field
	}
	query := s.app.DB().NewQuery("SELECT [[id]], json_array(" + strings.Join(columns, ", ") + ") AS [[names]] FROM {{" + s.coll.Name + "}} WHERE [[id]] IN (" + strings.Join(places, ", ") + ")").Bind(params)
	if err := whole.All(ctx, query, &records); err != nil {
		return nil, fmt.Errorf("ask what the records name: %w", err)
	}
	all := make(map[string]map[string]bool, len(records))
	for _, r := range records {
		var values []*string
		if err := json.Unmarshal([]byte(r.Names), &values); err != nil {
			return nil, fmt.Errorf("read what record %s names: %w", r.ID, err)
		}
		names := map[string]bool{}
		for _, v := range values {
			if v == nil || *v == "" {
				continue
			}
			list := []string{*v}
			if strings.HasPrefix(*v, "[") {
				if err := json.Unmarshal([]byte(*v), &list); err != nil {
					return nil, fmt.Errorf("read what record %s names: %w", r.ID, err)
				}
			}
			for _, name := range list {
				names[name] = true
			}
		}
		all[r.ID] = names
	}
	return all, nil
}

// found is what goes of a record's folder.
type found struct {
	at       string
	whole    bool     // the record is not there
	paths    []string // files
	folders  []string // that are empty then
	files    int      // of paths, without types and smaller pictures
	stays    int      // files that stay
	unneeded bool     // the folder is old, empty and of no record
}

func (f *found) any() bool { return len(f.paths) > 0 || f.unneeded }

// look finds what goes of a record's folder; names is nil if there is no record.
func (s *sweeper) look(id string, names map[string]bool) (*found, error) {
	f := &found{at: filepath.Join(s.root, id), whole: names == nil}
	entries, err := os.ReadDir(f.at)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	kept := false // something of the folder stays
	for _, e := range entries {
		name := e.Name()
		if names[name] {
			f.stays++
			continue
		}
		of, isType := strings.CutSuffix(name, attrs)
		smaller, isThumbs := strings.CutPrefix(name, thumbs)
		switch {
		case isType && names[of], isThumbs && e.IsDir() && names[smaller]:
		case strings.Contains(name, "__0x"): // written otherwise than the record has it
			kept = true
		case isThumbs && e.IsDir():
			pictures, ok, err := s.old(filepath.Join(f.at, name))
			if err != nil {
				return nil, err
			}
			if !ok {
				kept = true
				continue
			}
			f.paths = append(f.paths, pictures...)
			f.folders = append(f.folders, filepath.Join(f.at, name))
		default:
			old, err := s.goes(f.at, e, names)
			if err != nil {
				return nil, err
			}
			if !old {
				kept = true
				continue
			}
			f.paths = append(f.paths, filepath.Join(f.at, name))
			if !isType {
				f.files++
			}
		}
	}
	if f.whole && kept {
		// Somebody may be writing here, or it is none of ours.
		return &found{at: f.at, stays: len(entries)}, nil
	}
	if f.whole && len(entries) == 0 {
		info, err := os.Stat(f.at)
		f.unneeded = err == nil && info.ModTime().Before(s.before)
	}
	return f, nil
}

// goes tells whether an entry of a folder is an old file that the record does
// not name by any spelling that the disk takes for the same.
func (s *sweeper) goes(folder string, e fs.DirEntry, names map[string]bool) (bool, error) {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(s.before) {
		return false, err
	}
	for name := range names {
		for _, name := range []string{name, name + attrs} {
			if same, err := os.Lstat(filepath.Join(folder, name)); err == nil && os.SameFile(info, same) {
				return false, nil
			}
		}
	}
	return true, nil
}

// old lists a folder of smaller pictures if all of them are old files.
func (s *sweeper) old(folder string) (paths []string, all bool, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		ok, err := s.goes(folder, e, nil)
		if err != nil || !ok {
			return nil, false, err
		}
		paths = append(paths, filepath.Join(folder, e.Name()))
	}
	return paths, true, nil
}

// remove removes what goes. A folder goes only when it is empty.
func (f *found) remove(gone *Swept) error {
	if !f.any() {
		return nil
	}
	for _, p := range f.paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	gone.Files += f.files
	for _, d := range f.folders {
		if err := os.Remove(d); err != nil {
			return err
		}
	}
	if !f.whole {
		return nil
	}
	if err := os.Remove(f.at); err != nil {
		return err
	}
	gone.Folders++
	return nil
}
