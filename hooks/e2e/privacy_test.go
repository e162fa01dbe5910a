package e2e

import (
	"fmt"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// An owner shortens a time, is told what would go tonight and asked whether it
// is meant; before that nothing is saved.
func TestTheDeskSaysWhatWouldGoBeforeItSavesAShorterTime(t *testing.T) {
	app := hookstest.New(t)
	app.Agent("asha", schema.RoleOwner)
	base := app.Serve()
	for i := range 3 {
		c := &hookstest.Client{TB: t, Base: base}
		var started struct{ Token string }
		c.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &started)
		c.Token = started.Token
		c.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprint("client-id-", i), "text": "where is it"})
	}
	if _, err := app.DB().NewQuery(`UPDATE conversations SET spam = TRUE, last_activity = '2020-01-01 00:00:00.000Z'`).Execute(); err != nil {
		t.Fatal(err)
	}
	app.Shop(map[string]any{schema.ShopSpamDays: 0})
	p := desk(t, chromium(t), base, "asha@shop.test", hookstest.Password)
	p.js(`document.querySelector("desk-app").desk.run("retention")`, nil)
	p.until("the sheet", `document.querySelector("#keep-spam")`)
	write := func(days string) {
		p.js(`{ const f = document.querySelector("#keep-spam"); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true })); }`, nil, days)
	}
	write("2")
	p.until("it to be too short", `document.querySelector("#keep-spam-say").textContent.includes("7")`)
	write("৩০")
	p.until("what would go", `document.querySelector("#keep-spam-say").textContent.includes("Tonight 3")`)
	save := `document.querySelector(".sheet.retention [type=submit]").click()`
	p.js(save, nil)
	p.until("the question", `document.querySelector(".keep-sure")?.textContent.includes("3 things")`)
	for _, look := range []struct {
		width, height int64
		mode          string
	}{{390, 844, "dark"}, {1440, 900, "light"}} {
		p.looks(look.width, look.height, look.mode)
		p.still()
		p.picture(fmt.Sprint("retention-", look.width))
	}
	saved := func() int {
		r, err := app.FindRecordById(schema.Shop, "shop00000000001")
		if err != nil {
			t.Fatal(err)
		}
		return r.GetInt(schema.ShopSpamDays)
	}
	if saved() != 0 {
		t.Error("it was saved before it was asked")
	}
	p.js(save, nil)
	p.until("the sheet to close", `!document.querySelector(".sheet.retention")`)
	if saved() != 30 {
		t.Errorf("saved: %d", saved())
	}
}
