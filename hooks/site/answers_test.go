package site_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/site"
)

// asked is an answer as it is on the line, and what it says.
func asked(t *testing.T, method, url, token, coding string) (header http.Header, line int, says string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	r.Header.Set("Accept-Encoding", coding) // so that Go leaves the answer as it is
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	says = string(raw)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(says))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		says = string(plain)
	}
	return answer.Header, len(raw), says
}

func TestLongAnswersAreShortOnTheLine(t *testing.T) {
	app := hookstest.New(t)
	token := app.Token(app.Agent("rafi", schema.RoleAgent))
	base := app.Serve()
	visitor := &hookstest.Client{TB: t, Base: base}
	var begun struct{ Token string }
	visitor.Must(200, "POST", "/api/chat/start", map[string]any{}).JSON(t, &begun)
	visitor.Token = begun.Token
	for i := range 3 {
		visitor.Must(200, "POST", "/api/chat/messages", map[string]any{"client_id": fmt.Sprint("client-id-", i), "text": strings.Repeat("আমার পার্সেল কোথায়, তিন দিন হলো এখনো পাইনি। ", 20)})
	}
	history := base + "/api/chat/messages"
	var plain, zipped http.Header
	var whole, short int
	var says, same string
	for range 10 { // the bot may say something in between; not so often that it is too often
		plain, whole, says = asked(t, http.MethodGet, history, begun.Token, "identity")
		zipped, short, same = asked(t, http.MethodGet, history, begun.Token, "br, gzip")
		if says == same {
			break
		}
		time.Sleep(time.Second)
	}
	if plain.Get("Content-Encoding") != "" || zipped.Get("Content-Encoding") != "gzip" || short*4 > whole || says != same {
		t.Errorf("%d bytes became %d, the same: %t", whole, short, says == same)
	}
	if h, n, _ := asked(t, http.MethodGet, history, begun.Token, "gzip;q=0"); h.Get("Content-Encoding") != "" || n < whole {
		t.Errorf("compressed although gzip was refused: %d bytes", n)
	}
	if h, _, says := asked(t, http.MethodGet, history, "", "gzip"); h.Get("Content-Encoding") != "" || !strings.Contains(says, `"status":401`) {
		t.Errorf("a refusal: %q", says)
	}
	// Each is a route there is, and caches know that it has two forms.
	for _, route := range site.LongAnswers() {
		method, path, _ := strings.Cut(strings.NewReplacer("{id}", "none00000000000", "{slug}", "none").Replace(route), " ")
		if h, _, _ := asked(t, method, base+path, token, "gzip"); !strings.Contains(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s is no route", route)
		}
	}
}
