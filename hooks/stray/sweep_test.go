package stray_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/stray"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type shop struct {
	*hookstest.App
	t *testing.T
}

func open(t *testing.T) *shop { return &shop{hookstest.New(t), t} }

func (s *shop) file(name string) *filesystem.File {
	s.t.Helper()
	f, err := filesystem.NewFileFromBytes([]byte("what is in "+name), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// article is a record with files in one field for one and one for many.
func (s *shop) article(app core.App, names ...string) *core.Record {
	s.t.Helper()
	c, err := s.FindCollectionByNameOrId(schema.Articles)
	if err != nil {
		s.t.Fatal(err)
	}
	r := core.NewRecord(c)
	var files []*filesystem.File
	for _, n := range names {
		files = append(files, s.file(n))
	}
	r.Set(schema.ArticleFiles, files)
	r.Set(schema.ArticleCover, s.file("cover.png"))
	if err := app.SaveNoValidate(r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *shop) folder(r *core.Record) string {
	return filepath.Join(s.DataDir(), core.LocalStorageDirName, r.BaseFilesPath())
}

// write makes a file that is some days old.
func (s *shop) write(days int, path ...string) string {
	s.t.Helper()
	name := filepath.Join(path...)
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte("x"), 0o600)
	}
	if err == nil {
		at := time.Now().AddDate(0, 0, -days)
		err = os.Chtimes(name, at, at)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return name
}

// age makes everything in the storage three days old.
func (s *shop) age() {
	s.t.Helper()
	at := time.Now().AddDate(0, 0, -3)
	for name := range s.all() {
		if err := os.Chtimes(name, at, at); err != nil {
			s.t.Fatal(err)
		}
	}
}

// all are the files and folders of the storage.
func (s *shop) all() map[string]bool {
	s.t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(s.DataDir(), core.LocalStorageDirName), func(name string, _ fs.DirEntry, err error) error {
		all[name] = true
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *shop) sweep() stray.Swept {
	s.t.Helper()
	gone, err := stray.Sweep(s.t.Context(), s, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return gone
}

// stays checks that nothing goes.
func (s *shop) stays(what string) {
	s.t.Helper()
	before := s.all()
	if gone := s.sweep(); gone != (stray.Swept{}) || !maps.Equal(before, s.all()) {
		s.t.Errorf("%s: %+v went, %d of %d are there", what, gone, len(s.all()), len(before))
	}
}

// forget takes a record out of the database behind PocketBase's back, as a
// program that ends before it has removed the files does.
func (s *shop) forget(r *core.Record) {
	s.t.Helper()
	if _, err := s.DB().NewQuery("DELETE FROM {{" + r.Collection().Name + "}} WHERE id = {:id}").Bind(dbx.Params{"id": r.Id}).Execute(); err != nil {
		s.t.Fatal(err)
	}
}

func TestTheFilesOfEveryCollectionStay(t *testing.T) {
	s := open(t)
	all, err := s.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, c := range all {
		var names []string
		for _, f := range c.Fields {
			if f.Type() == core.FieldTypeFile {
				names = append(names, f.GetName())
			}
		}
		if len(names) == 0 || c.IsView() {
			continue
		}
		r, err := s.FindFirstRecordByFilter(c, "id != ''")
		if err != nil {
			r = core.NewRecord(c)
		}
		for _, f := range names {
			fields++
			r.Set(f, []*filesystem.File{s.file(f + " one.png"), s.file("ছবি " + f + ".png")})
		}
		if err := s.SaveNoValidate(r); err != nil {
			t.Fatal(c.Name, ": ", err)
		}
		for _, f := range names {
			for _, name := range r.GetStringSlice(f) {
				s.write(3, s.folder(r), "thumbs_"+name, "96x96_"+name)
				s.write(3, s.folder(r), "thumbs_"+name, "96x96_"+name+".attrs")
			}
		}
	}
	if fields < 5 {
		t.Fatal("there are fields of files in ", fields)
	}
	s.age()
	s.stays("files of records")
}

func TestWhatNoRecordNamesGoes(t *testing.T) {
	s := open(t)
	r, erased := s.article(s, "one.pdf", "two.pdf"), s.article(s, "name.pdf")
	var goes []string
	goes = append(goes,
		s.write(2, s.folder(r), "left_abcdefghij.pdf"), s.write(2, s.folder(r), "left_abcdefghij.pdf.attrs"),
		s.write(2, s.folder(r), "thumbs_left_abcdefghij.png", "96x96_left_abcdefghij.png"),
		s.write(2, s.folder(r), "alone_abcdefghij.png.attrs"),
		s.write(2, s.folder(r), r.GetStringSlice(schema.ArticleFiles)[0]+".1879abcdef.tmp"),
		s.write(2, s.folder(erased), "thumbs_x.png", "96x96_x.png"),
	)
	empty := filepath.Join(filepath.Dir(s.folder(r)), "emptyemptyempty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	s.age()
	before := s.all()
	s.forget(erased)
	if gone := s.sweep(); gone.Folders != 2 || gone.Files != 4 {
		t.Errorf("%+v went", gone)
	}
	for name := range s.all() {
		delete(before, name)
	}
	goes = append(goes, filepath.Join(s.folder(r), "thumbs_left_abcdefghij.png"), filepath.Join(s.folder(erased), "thumbs_x.png"), s.folder(erased), empty)
	for _, name := range append(erased.GetStringSlice(schema.ArticleFiles), erased.GetString(schema.ArticleCover)) {
		goes = append(goes, filepath.Join(s.folder(erased), name), filepath.Join(s.folder(erased), name+".attrs"))
	}
	slices.Sort(goes)
	if went := slices.Sorted(maps.Keys(before)); !slices.Equal(went, goes) {
		t.Errorf("went\n%s\ninstead of\n%s", strings.Join(went, "\n"), strings.Join(goes, "\n"))
	}
	s.stays("what is left")
}

func TestWhatIsYoungOrNotOfRecordsStays(t *testing.T) {
	s := open(t)
	r, erased := s.article(s, "one.pdf"), s.article(s, "two.pdf")
	s.age()
	s.forget(erased)
	s.write(0, s.folder(erased), "fresh.pdf") // somebody writes there
	s.write(0, s.folder(r), "fresh.pdf")
	s.write(0, s.folder(r), "thumbs_fresh.png", "96x96_fresh.png")
	collection, storage := filepath.Dir(s.folder(r)), filepath.Join(s.DataDir(), core.LocalStorageDirName)
	s.write(3, collection, "readme.txt")
	s.write(3, collection, "my own", "picture.png")
	s.write(3, collection, "ABCDEFGHIJKLMNO", "picture.png")
	s.write(3, storage, "pbc_not_a_collection", "abcdefghijklmno", "picture.png")
	s.write(3, storage, "picture.png")
	s.write(3, s.folder(r), "a folder", "picture.png")
	s.write(3, s.folder(r), "spoken__0x3a__otherwise.png")
	tags, err := s.FindCollectionByNameOrId(schema.Tags) // has no files
	if err != nil {
		t.Fatal(err)
	}
	s.write(3, storage, tags.BaseFilesPath(), "abcdefghijklmno", "picture.png")
	outside := s.write(3, t.TempDir(), "picture.png")
	if err := os.Symlink(outside, filepath.Join(s.folder(r), "link.png")); err != nil {
		t.Log("no links here: ", err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(collection, "abcdefghijklmno")); err != nil {
		t.Log("no links here: ", err)
	}
	s.stays("what is young, or not of records")
}

func TestTheFilesOfARecordThatIsBeingCreatedStay(t *testing.T) {
	s := open(t)
	var r *core.Record
	err := s.RunInTransaction(func(tx core.App) error {
		r = s.article(tx, "one.pdf")
		if len(s.all()) < 5 {
			t.Error("nothing is written before the end")
		}
		s.stays("a record that is being created")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.age()
	s.stays("a record that was created")
	if _, err := os.Stat(filepath.Join(s.folder(r), r.GetString(schema.ArticleCover))); err != nil {
		t.Error(err)
	}
}

func TestNothingGoesWhileTheFilesLieInABucket(t *testing.T) {
	s := open(t)
	r := s.article(s, "one.pdf")
	s.age()
	s.forget(r)
	s.Settings().S3.Enabled = true
	s.stays("files in a bucket")
	s.Settings().S3.Enabled = false
	if gone := s.sweep(); gone.Files != 2 {
		t.Errorf("%+v went", gone)
	}
}

// The data folder of a shop with the database of another.
func TestNothingGoesWhenMoreWouldGoThanStays(t *testing.T) {
	s := open(t)
	r := s.article(s, "one.pdf")
	for i := range 101 {
		s.write(3, filepath.Dir(s.folder(r)), fmt.Sprintf("article%08d", i), "file.pdf")
	}
	s.age()
	before := s.all()
	gone, err := stray.Sweep(t.Context(), s, time.Now())
	if err == nil || !strings.Contains(err.Error(), schema.Articles) || gone != (stray.Swept{}) || !maps.Equal(before, s.all()) {
		t.Errorf("%+v went, %v", gone, err)
	}
}

func TestASweepIsInterrupted(t *testing.T) {
	s := open(t)
	r := s.article(s, "one.pdf")
	s.age()
	s.forget(r)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	before := s.all()
	if gone, err := stray.Sweep(ctx, s, time.Now()); err == nil || gone != (stray.Swept{}) || !maps.Equal(before, s.all()) {
		t.Errorf("%+v went, %v", gone, err)
	}
}
