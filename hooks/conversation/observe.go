package conversation

import "github.com/pocketbase/pocketbase/core"

// Observer is told of each new message of a customer in the transaction that
// takes it in. What it writes with tx exists with the message or not at all;
// its error takes the message back.
type Observer func(tx core.App, in Incoming, got Received) error

const observersKey = "shohay.conversation.observers"

// OnReceive adds an observer to the app. Only at registration.
func OnReceive(app core.App, f Observer) {
	list, _ := app.Store().Get(observersKey).([]Observer)
	app.Store().Set(observersKey, append(list, f))
}

func observed(tx core.App, in Incoming, got Received) error {
	list, _ := tx.Store().Get(observersKey).([]Observer)
	for _, f := range list {
		if err := f(tx, in, got); err != nil {
			return err
		}
	}
	return nil
}
