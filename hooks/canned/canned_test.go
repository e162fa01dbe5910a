package canned_test

import (
	"os"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestMain(m *testing.M) {
	code := m.Run()
	hookstest.Cleanup()
	os.Exit(code)
}

type reply struct{ ID, Title, Text, HTML, Folder, Shortcut, Owner string }

func TestACannedReplyIsCleanAndSaysWhatItsFormattingSays(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	c := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(rafi)}
	other := &hookstest.Client{TB: t, Base: c.Base, Token: app.Token(app.Agent("mina", schema.RoleAgent))}
	const path = "/api/collections/canned_replies/records"
	stream := other.Listen("topic=inbox&after=0")

	var r reply
	c.Must(200, "POST", path, map[string]any{"title": "Parcel", "text": "x", "html": `<p onclick="x()">আপনার <b>পার্সেল</b>, {{contact.name|আপু}}</p><script>x</script>`, "folder": "  Delivery   times ", "shortcut": "parcel", "owner": rafi.Id}).JSON(t, &r)
	if r.Text != "আপনার পার্সেল, {{contact.name|আপু}}" || r.HTML != "<p>আপনার <strong>পার্সেল</strong>, {{contact.name|আপু}}</p>" || r.Folder != "Delivery times" {
		t.Errorf("created: %+v", r)
	}
	stream.Await("canned", "{}")

	// The desk is given it with everything; nobody else's desk is.
	type boot struct{ Canned []reply }
	var mine, theirs boot
	c.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &mine)
	other.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &theirs)
	if len(mine.Canned) != 1 || mine.Canned[0].HTML != r.HTML || mine.Canned[0].Folder != r.Folder || mine.Canned[0].Owner != rafi.Id || len(theirs.Canned) != 0 {
		t.Errorf("boot: %+v, another's %+v", mine, theirs)
	}

	// Where the text alone is changed, it is what was meant.
	c.Must(200, "PATCH", path+"/"+r.ID, map[string]any{"text": "just words"}).JSON(t, &r)
	if r.Text != "just words" || r.HTML != "" {
		t.Errorf("changed: %+v", r)
	}
	c.Must(200, "PATCH", path+"/"+r.ID, map[string]any{"text": "x", "html": "<p>only text</p>"}).JSON(t, &r)
	if r.Text != "only text" || r.HTML != "" {
		t.Errorf("without formatting: %+v", r)
	}
}

func TestACannedReplyWithAVariableThatNobodyKnowsIsRefused(t *testing.T) {
	app := hookstest.New(t)
	app.Shop(map[string]any{schema.ShopLanguage: "bn"})
	c := &hookstest.Client{TB: t, Base: app.Serve(), Token: app.Token(app.Agent("rafi", schema.RoleAgent))}
	const path = "/api/collections/canned_replies/records"
	a := c.Must(400, "POST", path, map[string]any{"title": "Hi", "text": "Hello {{contact.nmae}}, {{number}}"})
	if body := string(a.Body); !strings.Contains(body, "{{contact.nmae}}") || !strings.Contains(body, "{{contact.name}}, ") || !strings.Contains(body, "জায়গায় কিছু বসবে না") {
		t.Errorf("refused with %s", body)
	}
	var r reply
	c.Must(200, "POST", path, map[string]any{"title": "Hi", "text": "Hello {{ contact.first_name | there }}, #{{number}}"}).JSON(t, &r)
	c.Must(400, "PATCH", path+"/"+r.ID, map[string]any{"text": "Hello {{customer}}"})

	// One from before is let be until its text is changed.
	if _, err := app.DB().NewQuery("UPDATE canned_replies SET text = 'Hello {{customer}}'").Execute(); err != nil {
		t.Fatal(err)
	}
	c.Must(200, "PATCH", path+"/"+r.ID, map[string]any{"title": "Hello"})
}
