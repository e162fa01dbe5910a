package hookstest

import (
	"net/http"

	"github.com/shohay/shohay/hooks"
)

// PushTo lets web pushes go wherever the client leads: to a push service of
// the test on this machine.
func PushTo(client *http.Client) func(*hooks.Deps) {
	return func(d *hooks.Deps) { d.PushHTTP = client }
}
