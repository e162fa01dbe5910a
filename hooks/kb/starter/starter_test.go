package starter_test

import (
	"os"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/kb/starter"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

func TestTheSampleIsInstalledOnceAndWhole(t *testing.T) {
	app := hookstest.New(t)
	n, err := starter.Install(app.App)
	if err != nil || n < 120 {
		t.Fatalf("%d articles: %v", n, err)
	}
	records, err := app.FindAllRecords(schema.Articles)
	if err != nil {
		t.Fatal(err)
	}
	languages, longer, internal := map[string]int{}, 0, 0
	for _, r := range records {
		languages[r.GetString("group")]++
		if r.GetString("category") == "" || r.GetString("text") == "" || r.GetString("status") != schema.StatusPublished {
			t.Errorf("%s is not whole", r.GetString("slug"))
		}
		if strings.Contains(r.GetString("body"), "<h2>") {
			longer++
		}
		if r.GetBool("internal") {
			internal++
		}
	}
	for group, n := range languages {
		if n != 2 {
			t.Errorf("the group %s has %d languages", group, n)
		}
	}
	if longer < 12 || internal != 2 {
		t.Errorf("%d long articles, %d for staff", longer, internal)
	}
	mine := records[0]
	mine.Set("title", "In my words")
	if err := app.Save(mine); err != nil {
		t.Fatal(err)
	}
	if n, err = starter.Install(app.App); err != nil || n != 0 {
		t.Errorf("installed again: %d (%v)", n, err)
	}
	if r, err := app.FindRecordById(schema.Articles, mine.Id); err != nil || r.GetString("title") != "In my words" {
		t.Error("what the owner changed is lost")
	}
}
