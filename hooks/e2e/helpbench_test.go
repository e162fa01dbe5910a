package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shohay/shohay/hooks"
	"github.com/shohay/shohay/hooks/search/sample"
)

// helpCentre writes so many articles into a data folder: the sample ones again
// and again, each with words of its own, in both languages.
func helpCentre(tb testing.TB, dir string, articles int) {
	tb.Helper()
	entries, err := sample.Entries()
	if err != nil {
		tb.Fatal(err)
	}
	db, err := hooks.ConnectDB(filepath.Join(dir, "data.db"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	tx, err := db.DB().Begin()
	if err != nil {
		tb.Fatal(err)
	}
	defer tx.Rollback()
	for i := range articles {
		e := entries[i%len(entries)]
		own := fmt.Sprintf(" %d%sin %s%d", i/len(entries), string(rune('a'+i%26)), tagNames[i%len(tagNames)], i%97)
		_, err := tx.Exec("INSERT INTO articles (id, `group`, language, slug, title, text, body, status, published_at, created, updated) VALUES (?, ?, ?, ?, ?, ?, '', 'published', ?, ?, ?)",
			fmt.Sprintf("h%014d", i), fmt.Sprintf("g%014d", i), e.Language, fmt.Sprintf("entry-%d", i), e.Title+own, e.Body+own, "2026-01-01 00:00:00.000Z", "2026-01-01 00:00:00.000Z", "2026-01-01 00:00:00.000Z")
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// asking asks from many addresses, as customers do: one alone is slowed down.
func asking() *http.Client {
	n := 0
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		n++
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+n/200%200), byte(1+n%200))}}
		return d.DialContext(ctx, network, address)
	}}}
}

// BenchmarkHelpTyping is a help centre of 10,000 articles, asked over HTTP as
// somebody types: the questions that come with the program, letter by letter
// from the third on.
func BenchmarkHelpTyping(b *testing.B) {
	s := prepare(b, 1, nil)
	helpCentre(b, s.dir, 10_000)
	p := serve(b, s.dir)
	questions, err := sample.Questions()
	if err != nil {
		b.Fatal(err)
	}
	client := asking()
	ask := func(text string) (took float64, found int) {
		begun := time.Now()
		res, err := client.Get(p.Base + "/api/help/search?lang=bn&q=" + url.QueryEscape(text))
		if err != nil {
			b.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%q: %d after %s, %v, %s", text, res.StatusCode, time.Since(begun), err, body)
		}
		return float64(time.Since(begun).Microseconds()) / 1000, strings.Count(string(body), `"sure"`)
	}
	for begun := time.Now(); ; time.Sleep(200 * time.Millisecond) { // what was written past the program is indexed after its start
		if _, found := ask("delivery"); found > 0 {
			break
		}
		if time.Since(begun) > 3*time.Minute {
			b.Fatal("nothing is found")
		}
	}
	rows := tabled{b: b}
	for _, class := range []string{"bangla", "banglish", "english", "typo"} {
		var took []float64
		typed := 0
		for _, q := range questions {
			letters := []rune(q.Question)
			if q.Class != class || typed == 12 {
				continue
			}
			typed++
			for n := 3; n <= min(len(letters), 30); n++ {
				ms, _ := ask(string(letters[:n]))
				took = append(took, ms)
			}
		}
		slices.Sort(took)
		rows.add("typing "+class, len(took), took)
	}
}
