package live

import (
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// Register binds the stream and closes the hub when the app ends.
func Register(app core.App, s *Server) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.GET("/api/stream", s.stream).Bind(apis.SkipSuccessActivityLog())
		return e.Next()
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		s.Hub.Close()
		return e.Next()
	})
}
