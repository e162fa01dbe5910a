package chat

import (
	"context"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/limit"
)

// Help is the help centre as the widget shows it: nothing but what anybody
// may read.
type Help interface {
	// Popular are the articles that are offered before anything is asked.
	Popular(app core.App, lang string) any
	// Find is what fits a question, while it is typed or when it is asked.
	Find(ctx context.Context, app core.App, lang, question string, typing bool) (any, error)
	// Read is an article; nil if there is none for everybody at the address.
	Read(app core.App, lang, slug, browser string) (any, error)
}

const (
	mostEarlier = 30 // conversations that are listed
	lastLine    = 140
	wholeTalk   = 200 // messages of an earlier conversation
)

// search asks the help centre.
func (room *Room) search(e *core.RequestEvent) error {
	if wait, ok := room.perSearch.Allow(limit.Network(e.RealIP())); !ok {
		return tooMany(e, wait)
	}
	query := e.Request.URL.Query()
	found, err := room.help().Find(e.Request.Context(), e.App, language(e), valid(query.Get("q"), 100), query.Get("typing") != "0")
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"articles": found})
}

func (room *Room) article(e *core.RequestEvent) error {
	if wait, ok := room.perSearch.Allow(limit.Network(e.RealIP())); !ok {
		return tooMany(e, wait)
	}
	found, err := room.help().Read(e.App, language(e), e.Request.PathValue("slug"), e.Request.UserAgent())
	switch {
	case err != nil:
		return e.InternalServerError(say(e, "error.internal"), err)
	case found == nil:
		return e.NotFoundError(say(e, "portal.missing_title"), nil)
	}
	return e.JSON(http.StatusOK, found)
}

// earlier lists the conversations that were begun with the visitor's token.
func (room *Room) earlier(e *core.RequestEvent) error {
	claims, err := room.visitor(e)
	if err != nil {
		return err
	}
	if err := room.calm(e, room.perVisitor, claims.Visitor); err != nil {
		return err
	}
	all, err := conversation.AllOfVisitor(e.App, claims.Visitor, mostEarlier)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	list := []map[string]any{}
	for _, conv := range all {
		msgs, _, err := room.conv.PublicPage(e.App, conv.Id, 0, 0, 1)
		if err != nil {
			return e.InternalServerError(say(e, "error.internal"), err)
		}
		if len(msgs) == 0 { // nothing that its customer sees
			continue
		}
		m := msgs[0]
		files := len(m.Files)
		list = append(list, map[string]any{"id": conv.Id, "status": conv.Status(), "last": valid(m.Text, lastLine), "files": files, "mine": m.Kind == "incoming", "at": m.Created})
	}
	return e.JSON(http.StatusOK, map[string]any{"conversations": list})
}

// reread shows one of them; to everybody else it does not exist.
func (room *Room) reread(e *core.RequestEvent) error {
	claims, err := room.visitor(e)
	if err != nil {
		return err
	}
	if err := room.calm(e, room.perVisitor, claims.Visitor); err != nil {
		return err
	}
	id := e.Request.PathValue("id")
	if own, err := conversation.VisitorOwns(e.App, claims.Visitor, id); err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	} else if !own {
		return e.NotFoundError(say(e, "error.conversation_gone"), nil)
	}
	msgs, more, err := room.conv.PublicPage(e.App, id, 0, 0, wholeTalk)
	if err != nil {
		return e.InternalServerError(say(e, "error.internal"), err)
	}
	return e.JSON(http.StatusOK, map[string]any{"messages": msgs, "more": more})
}
