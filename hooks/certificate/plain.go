package certificate

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// answerPlain serves the port without encryption until ctx ends.
func (room *Room) answerPlain(ctx context.Context) {
	if room.plain == nil {
		<-ctx.Done()
		return
	}
	server := &http.Server{
		Handler:           room.manager.HTTPHandler(http.HandlerFunc(room.withoutTLS)),
		ReadHeaderTimeout: time.Minute, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, // as PocketBase's
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(io.Discard, "", 0), // strangers fill it
	}
	stop := context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = server.Shutdown(ending)
		_ = server.Close()
	})
	defer stop()
	if err := server.Serve(room.plain); !errors.Is(err, http.ErrServerClosed) {
		room.app.Logger().Error("the port without encryption is not served any more", "error", err)
	}
}

// withoutTLS sends everybody on to https://, and where that cannot work serves
// what is not for staff.
func (room *Room) withoutTLS(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	if !slices.Contains(room.wish.Domains, host) {
		host = room.wish.Domains[0]
	}
	switch {
	case room.has(host):
		if room.secure != "443" && room.secure != "https" {
			host = net.JoinHostPort(host, room.secure)
		}
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusTemporaryRedirect) // the method stays
	case forStaff(r.URL.Path) && !near(r.RemoteAddr):
		shop := settings.Shop(room.app)
		lang := i18n.Match(r.Header.Get("Accept-Language"), i18n.Current().Languages(), shop.Language())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Language", lang)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, i18n.T(lang, "error.no_certificate")+"\n")
	default:
		room.handler.ServeHTTP(w, r)
	}
}

// forStaff are the paths on which passwords and tokens of staff travel.
func forStaff(path string) bool {
	for _, p := range []string{"/desk", "/_", "/api/desk", "/api/welcome", "/api/collections", "/api/settings", "/api/backups", "/api/logs", "/api/crons", "/api/realtime", "/api/batch"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// near tells whether somebody is on this machine or in its own network.
func near(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap()
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}
