package conversation

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Parts are what rooms above this one add to what a desk is given, so that it
// need not ask for each by itself.
type (
	// BootPart is for the desk's start.
	BootPart func(app core.App, agent string) (any, error)
	// ShowPart is for a conversation that is opened.
	ShowPart func(app core.App, conv, agent string) (any, error)
	// Attendant tells whether the bot takes care of a customer's message, so
	// that nobody has to be called for it; an event handed_over calls them when
	// the bot gives the conversation away.
	Attendant func(app core.App, conv string, seq int64) bool
)

// OnBoot adds a part to GET /api/desk/boot. Only at registration.
func (room *Room) OnBoot(name string, part BootPart) { room.bootParts[name] = part }

// OnShow adds a part to GET /api/desk/conversations/{id}. Only at registration.
func (room *Room) OnShow(name string, part ShowPart) { room.showParts[name] = part }

// OnAttended says who knows whether a machine takes care of a message. Only at
// registration.
func (room *Room) OnAttended(attended Attendant) { room.attended = attended }

// Attended tells whether the bot takes care of an incoming message of a chat.
func (room *Room) Attended(app core.App, channel, conv string, seq int64) bool {
	return room.attended != nil && channel == schema.ChannelChat && room.attended(app, conv, seq)
}

func (room *Room) addBoot(answer map[string]any, app core.App, agent string) error {
	for name, part := range room.bootParts {
		v, err := part(app, agent)
		if err != nil {
			return err
		}
		answer[name] = v
	}
	return nil
}

func (room *Room) addShow(answer map[string]any, app core.App, conv, agent string) error {
	for name, part := range room.showParts {
		v, err := part(app, conv, agent)
		if err != nil {
			return err
		}
		answer[name] = v
	}
	return nil
}
