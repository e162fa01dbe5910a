package conversation

import (
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Since is the error of an answer that was begun before its conversation went
// on: the customer wrote, or a colleague answered. Seqs are those messages, the
// oldest first. Draft.Anyway sends all the same.
type Since struct {
	Conversation string
	Seqs         []int64
}

func (e *Since) Error() string {
	return fmt.Sprintf("%d messages came since the answer was begun", len(e.Seqs))
}

// sinceMost is how many of them are shown to somebody whose answer was stopped.
const sinceMost = 20

// overtaken refuses an answer that its writer began without knowing the newest
// messages. What a machine says, notes among staff and the writer's own
// messages overtake nobody. Uses idx_messages_conversation.
func overtaken(app core.App, conv *Conversation, d Draft) error {
	if d.Base <= 0 || d.Anyway || d.Kind != schema.MessageOutgoing || d.Automatic {
		return nil
	}
	var seqs []int64
	err := app.DB().NewQuery(`SELECT seq FROM messages WHERE conversation = {:conv} AND seq > {:base} AND automatic = FALSE
		AND (kind = 'incoming' AND COALESCE(json_extract(NULLIF(evidence, ''), '$.older'), FALSE) = FALSE OR kind = 'outgoing' AND agent != {:agent})
		ORDER BY seq LIMIT {:most}`).
		Bind(dbx.Params{"conv": conv.Id, "base": d.Base, "agent": d.Agent, "most": sinceMost}).Column(&seqs)
	if err != nil {
		return fmt.Errorf("look for what came since: %w", err)
	}
	if len(seqs) > 0 {
		return &Since{Conversation: conv.Id, Seqs: seqs}
	}
	return nil
}

// sinceAnswer is 409 with the messages, beside the usual form of an error.
func (room *Room) sinceAnswer(e *core.RequestEvent, since *Since) error {
	rows, _, err := page(e.App, since.Conversation, since.Seqs[0]-1, 0, sinceMost*3, false)
	if err != nil {
		return e.InternalServerError(room.say(language(e), "error.internal"), err)
	}
	wanted := make(map[int64]bool, len(since.Seqs))
	for _, seq := range since.Seqs {
		wanted[seq] = true
	}
	messages := []StaffMessage{}
	for _, r := range rows {
		if wanted[r.Seq] {
			messages = append(messages, room.staff(r))
		}
	}
	return e.JSON(http.StatusConflict, map[string]any{
		"status": http.StatusConflict, "message": room.say(language(e), "error.overtaken"), "data": map[string]any{}, "since": messages,
	})
}
