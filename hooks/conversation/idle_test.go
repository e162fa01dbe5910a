package conversation_test

import (
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

func TestAvailabilityIsWhatWasChosenAndWhetherSomebodySitsThere(t *testing.T) {
	app := hookstest.New(t)
	rafi := app.Agent("rafi", schema.RoleAgent)
	base := app.Serve()
	desk := &hookstest.Client{TB: t, Base: base, Token: app.Token(rafi)}
	colleague := &hookstest.Client{TB: t, Base: base, Token: app.Token(app.Agent("mina", schema.RoleAgent))}
	state := func() string {
		t.Helper()
		var boot struct{ Agents []struct{ ID, State string } }
		colleague.Must(200, "GET", "/api/desk/boot", nil).JSON(t, &boot)
		for _, a := range boot.Agents {
			if a.ID == rafi.Id {
				return a.State
			}
		}
		return "gone"
	}
	visitors := func() bool {
		t.Helper()
		var config struct{ Online bool }
		(&hookstest.Client{TB: t, Base: base}).Must(200, "GET", "/api/chat/config", nil).JSON(t, &config)
		return config.Online
	}
	expect := func(when, want string) {
		t.Helper()
		if got := state(); got != want || visitors() != (want == "online") {
			t.Errorf("%s he is %s, and visitors are told %t", when, got, visitors())
		}
	}
	expect("without a desk", "offline")
	ears := colleague.Listen("topic=inbox")
	ears.Await("hello", "")
	colleague.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "offline"}) // so that visitors see him alone
	desk.Listen("topic=inbox").Await("hello", "")
	expect("with a desk", "online")
	desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "away"})
	expect("who chose away", "away")
	desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"availability": "online", "away_after": 5})
	desk.Must(400, "PATCH", "/api/desk/me", map[string]any{"away_after": 481})
	expect("back again", "online")
	// A touch of long ago says nothing against the opening of the desk.
	desk.Must(204, "POST", "/api/desk/active", map[string]any{"on": true, "idle": 900})
	expect("who opened it just now", "online")
	app.Rooms.Conversation.Idle(rafi.Id)
	expect("whom nobody sees move", "away")
	desk.Must(204, "POST", "/api/desk/active", map[string]any{"on": true})
	ears.Await("presence", `"state":"online"`)
	expect("who touched it", "online")
	desk.Must(200, "PATCH", "/api/desk/me", map[string]any{"away_after": -1})
	app.Rooms.Conversation.Idle(rafi.Id)
	expect("who is never away by himself", "online")
	desk.Must(400, "POST", "/api/desk/active", map[string]any{"on": true, "idle": -1})
}
