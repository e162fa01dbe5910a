package hooks

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/certificate"
	"github.com/shohay/shohay/hooks/doctor"
	"github.com/shohay/shohay/hooks/setup"
)

// Welcome prints where everything is once the server listens, and to the owner
// of a new shop what to do first. Nothing opens a browser: a service has none.
// The demo prints its own words.
func Welcome(app core.App, rooms *Rooms, demo bool) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id: "shohayWelcome",
		Func: func(e *core.ServeEvent) error {
			e.InstallerFunc = nil // the way of the admin UI to its first superuser is not ours
			if err := e.Next(); err != nil || demo {
				return err
			}
			base := BaseURL(e)
			fmt.Printf("Shohay is running.\n  Shop page  %s/\n  Desk       %s/desk/\n  Admin UI   %s/_/\n", base, base, base)
			if err := doctor.NoteAddress(e.App.DataDir(), base, e.Server.Addr); err != nil {
				e.App.Logger().Warn("the server's address cannot be noted for doctor", "error", err)
			}
			return setup.Begin(e.App, rooms.Settings.Keys(), base)
		},
		Priority: -900,
	})
}

// BaseURL is the address a person types: the first domain that is served, else
// this machine's own.
func BaseURL(e *core.ServeEvent) string {
	if domains := certificate.Wanted(e.App).Domains; len(domains) > 0 {
		if _, port, err := net.SplitHostPort(e.Server.Addr); err == nil && port != "443" && port != "https" {
			return "https://" + net.JoinHostPort(domains[0], port)
		}
		return "https://" + domains[0]
	}
	scheme := "http"
	addr := e.Server.Addr
	if strings.HasSuffix(addr, ":443") || strings.HasSuffix(addr, ":https") {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return scheme + "://" + addr
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	if port == "80" && scheme == "http" || port == "443" && scheme == "https" {
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Sentence turns an error that ends the program into one sentence that says
// what to do.
func Sentence(err error) string {
	var op *net.OpError
	var path *fs.PathError
	switch {
	case errors.Is(err, ErrNewer):
		return ErrNewer.Error() + "."
	case errors.Is(err, syscall.EADDRINUSE) || strings.Contains(err.Error(), "address already in use") || strings.Contains(err.Error(), "Only one usage of each socket address"):
		where := "this address"
		if errors.As(err, &op) && op.Addr != nil {
			where = op.Addr.String()
		}
		return "another program already listens on " + where + "; stop it, or choose another address with --http, such as --http 127.0.0.1:8091."
	case errors.As(err, &op) && op.Op == "listen":
		return "cannot listen on " + op.Addr.String() + ": " + op.Err.Error() + "; choose another address with --http."
	case errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS) || strings.Contains(err.Error(), "readonly database") || strings.Contains(err.Error(), "unable to open database file"):
		where := "the data folder"
		if errors.As(err, &path) {
			where = path.Path
		}
		return "cannot write to " + where + "; check its permissions, or choose another data folder with --dir."
	}
	return err.Error()
}
