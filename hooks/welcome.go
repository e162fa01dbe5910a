package hooks

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// Welcome prints where everything is once the server listens, and to the owner
// of a new shop what to do first. Nothing opens a browser: a service has none.
func Welcome(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
		Id: "shohayWelcome",
		Func: func(e *core.ServeEvent) error {
			e.InstallerFunc = firstSteps
			if err := e.Next(); err != nil {
				return err
			}
			if e.InstallerFunc == nil { // the demo prints its own
				return nil
			}
			base := BaseURL(e)
			fmt.Printf("Shohay is running.\n  Shop page  %s/\n  Desk       %s/desk/\n  Admin UI   %s/_/\n", base, base, base)
			return nil
		},
		Priority: -900,
	})
}

// BaseURL is the address a person on this machine types.
func BaseURL(e *core.ServeEvent) string {
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

// firstSteps is called while there is no owner yet.
func firstSteps(app core.App, installer *core.Record, baseURL string) error {
	token, err := installer.NewStaticAuthToken(30 * time.Minute)
	if err != nil {
		return err
	}
	base := strings.TrimRight(baseURL, "/")
	fmt.Printf("\nThis shop has no owner yet. Do this first:\n"+
		"  1. Open this link within 30 minutes and choose your e-mail address and password:\n       %s/_/#/pbinstall/%s\n"+
		"  2. In the admin UI, open \"shop\" and write the shop's name; open \"mailboxes\" to add your e-mail.\n"+
		"  3. Sign in at the desk with the same address and password: %s/desk/\n"+
		"  4. Put this line into your shop's pages:\n       <script src=\"%s/widget.js\" async></script>\n"+
		"Without a browser here: shohay superuser upsert you@example.com a-long-password --dir %q\n\n", base, token, base, base, app.DataDir())
	return nil
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
