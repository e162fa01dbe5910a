package site

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/settings"
)

// choice is the name of what a browser keeps once somebody has chosen a
// language: the language and nothing else. All pages of the customers' go by it,
// and so does the chat on them, which speaks the page's language.
const choice = "shohay_lang"

// chosen is the parameter that the links to other languages carry. Other
// addresses with a language, in mails for instance, choose nothing for later.
const chosen = "chosen"

const choiceLasts = 365 * 24 * 60 * 60 // seconds

// keepChoice keeps the language of a link to another language, and goes on to the
// page itself, so that the address which is passed on chooses for nobody.
func (s *Site) keepChoice(e *core.RequestEvent) error {
	u := e.Request.URL
	if e.Request.Method != http.MethodGet || !strings.Contains(u.RawQuery, chosen+"=") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/api/") {
		return e.Next()
	}
	q := u.Query()
	lang := q.Get(chosen)
	if !slices.Contains(s.offered(settings.Shop(e.App)), lang) {
		return e.Next()
	}
	http.SetCookie(e.Response, &http.Cookie{
		Name: choice, Value: lang, Path: "/", MaxAge: choiceLasts, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https",
	})
	q.Del(chosen)
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.Redirect(http.StatusSeeOther, (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String())
}

// chose is the language that was chosen in this browser, "" if none was.
func chose(e *core.RequestEvent) string {
	c, err := e.Request.Cookie(choice)
	if err != nil {
		return ""
	}
	return c.Value
}

// choosable makes links to other languages keep what they lead to.
func choosable(links any) any {
	list, ok := links.([]Values)
	if !ok {
		return links
	}
	made := make([]Values, len(list))
	for i, l := range list {
		href, _ := l["href"].(string)
		code, _ := l["code"].(string)
		mark := "?"
		if strings.Contains(href, "?") {
			mark = "&"
		}
		made[i] = Values{"code": code, "name": l["name"], "href": href + mark + chosen + "=" + url.QueryEscape(code)}
	}
	return made
}
