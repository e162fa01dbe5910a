package site

import (
	"compress/gzip"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// longAnswers are the routes whose JSON may be long: lists and conversations.
// None of them sends a file or a stream. Tokens travel in a header of their
// own, never by themselves, so that no other page can have an answer made and
// learn from its size (CVE-2013-3587).
var longAnswers = map[string]bool{
	"GET /api/chat/config":                      true,
	"POST /api/chat/start":                      true,
	"GET /api/chat/messages":                    true,
	"GET /api/chat/conversations":               true,
	"GET /api/chat/conversations/{id}":          true,
	"GET /api/chat/help":                        true,
	"GET /api/chat/help/{slug}":                 true,
	"GET /api/help/search":                      true,
	"GET /api/desk/boot":                        true,
	"GET /api/desk/conversations":               true,
	"GET /api/desk/conversations/{id}":          true,
	"GET /api/desk/conversations/{id}/messages": true,
	"GET /api/desk/search":                      true,
}

// zip makes long answers short on the line.
var zip = apis.GzipWithConfig(apis.GzipConfig{Level: gzip.BestSpeed, MinLength: packet})

// packet is what goes into one packet anyway.
const packet = 1400

func answers(e *core.RequestEvent) error {
	switch {
	case !longAnswers[e.Request.Pattern]:
		return e.Next()
	case !acceptsGzip(e.Request):
		e.Response.Header().Add("Vary", "Accept-Encoding")
		return e.Next()
	}
	return zip.Func(e)
}
