package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// measured is one line of a table of times in milliseconds.
type measured struct {
	name string
	n    int // different requests
	took []float64
}

func (m measured) at(percent int) float64 { return m.took[(len(m.took)-1)*percent/100] }

// tabled prints each line of a table as soon as it is measured, and reports it
// as a metric.
type tabled struct {
	b    *testing.B
	list []measured
}

func (t *tabled) add(name string, n int, took []float64) {
	m := measured{name, n, took}
	if len(t.list) == 0 {
		fmt.Printf("\n%-22s %8s %8s %8s %8s %8s\n", "", "asked", "p50 ms", "p95 ms", "p99 ms", "max ms")
	}
	fmt.Printf("%-22s %8d %8.1f %8.1f %8.1f %8.1f\n", m.name, m.n, m.at(50), m.at(95), m.at(99), m.at(100))
	t.b.ReportMetric(m.at(95), strings.ReplaceAll(m.name, " ", "-")+"-p95-ms")
	t.b.ReportMetric(0, "ns/op")
	t.list = append(t.list, m)
}

// one follows the other through a list.
func one(list []string) func() string {
	n := 0
	return func() string {
		n++
		return list[n%len(list)]
	}
}

// BenchmarkBig measures the lists and conversations of a desk with 100,000
// conversations and a million messages: the time of each request over one
// connection, so it holds all that the server does and the loopback beside.
func BenchmarkBig(b *testing.B) {
	s := bigShop(b)
	p := serve(b, s.dir)
	r := rand.New(rand.NewPCG(3, 4))
	some := func() string { return fmt.Sprintf("v%014d", r.IntN(100_000)) }
	recent := func() string { return fmt.Sprintf("v%014d", 99_999-r.IntN(2000)) }
	desk := p.client(s.tokens[0])
	save := func(name string, filter map[string]any, sort string) string {
		var v struct{ View struct{ ID string } }
		desk.Must(200, "POST", "/api/desk/views", map[string]any{"name": name, "filter": filter, "sort": sort}).JSON(b, &v)
		b.Cleanup(func() { desk.Do("DELETE", "/api/desk/views/"+v.View.ID, nil) })
		return "saved:" + v.View.ID
	}
	rows := tabled{b: b}
	measure := func(name string, n int, path func() string) {
		rows.add(name, n, timed(b, p, s.tokens[0], n, path))
	}
	view := func(name, view, sort string) {
		paths := []string{"/api/desk/conversations?limit=30&view=" + url.QueryEscape(view) + "&sort=" + sort}
		// And the pages below.
		for range 9 {
			var page struct{ Next string }
			desk.Must(200, "GET", paths[len(paths)-1], nil).JSON(b, &page)
			if page.Next == "" {
				break
			}
			paths = append(paths, paths[0]+"&before="+page.Next)
		}
		measure(name, 200, one(paths))
	}
	for _, v := range []string{"mine", "unassigned", "open", "pending", "snoozed", "solved", "all", "spam", "automatic", "channel:email", "channel:chat", "tag:t00000000000000"} {
		view(v, v, "")
		if v == "mine" || v == "unassigned" || v == "open" || v == "all" || v == "channel:chat" || strings.HasPrefix(v, "tag") {
			view(v+" waiting", v, "waiting")
			view(v+" priority", v, "priority")
			view(v+" due", v, "due")
		}
	}
	view("saved urgent mine", save("Urgent", map[string]any{"assignee": "me", "priority": []int{2}}, ""), "")
	view("saved tag old", save("Old refunds", map[string]any{"tags": []string{"t00000000000000"}, "older": 24, "status": []string{"open", "pending"}}, "waiting"), "")
	view("saved text", save("Parcels", map[string]any{"text": "parcel", "channels": []string{"chat"}}, ""), "")
	view("saved solved tag", save("Solved refunds", map[string]any{"tags": []string{"t00000000000000"}, "status": []string{"solved"}}, ""), "")
	view("saved nothing", save("Nothing", map[string]any{"text": "no such words", "status": []string{"open"}}, ""), "")
	measure("counts of views", 100, one([]string{"/api/desk/views"}))
	measure("boot", 100, one([]string{"/api/desk/boot"}))
	measure("open recent", 300, func() string { return "/api/desk/conversations/" + recent() })
	measure("open any", 300, func() string { return "/api/desk/conversations/" + some() })
	measure("older messages", 200, func() string { return "/api/desk/conversations/" + some() + "/messages?before=900000" })
	measure("contact", 200, func() string { return fmt.Sprintf("/api/desk/contacts/c%014d", r.IntN(40_000)) })
	b.ReportMetric(memory(b, p.cmd.Process.Pid, "VmRSS"), "rss-MB")
}

// BenchmarkSearch measures the desk's search over a million messages, each
// kind of question with many different ones of it.
func BenchmarkSearch(b *testing.B) {
	s := bigShop(b)
	p := serve(b, s.dir)
	r := rand.New(rand.NewPCG(5, 6))
	common := strings.Fields("parcel courier tomorrow arrive ordered Monday yesterday delivery phone payment confirm thank fits hello navy panjabi tight change reach page left everything size")
	bangla := strings.Fields("পার্সেল পার্সেলটা কুরিয়ার নম্বরটা শাড়ি শাড়িটা ছবির ফেরত টাকা দুঃখিত রাইডার দুপুরের পাঠিয়ে")
	banglish := strings.Fields("ferot taka vai amar ekhono delivery dhore bkash korsi confirm asheni parsel kurier sari chobi dukkhito")
	var rare []string
	for len(rare) < 150 {
		words := strings.Fields(saying(r, 1))
		rare = append(rare, words[len(words)-1-r.IntN(4)])
	}
	rare = append(rare, "umbrella")
	two := func(a, b []string) (list []string) {
		for range 100 {
			x, y := a[r.IntN(len(a))], b[r.IntN(len(b))]
			list = append(list, x+" "+y)
		}
		return list
	}
	each := func(list []string, before, after string) (all []string) {
		for _, w := range list {
			all = append(all, before+w+after)
		}
		return all
	}
	begun := func(list []string, least, most int) (all []string) {
		for _, w := range list {
			letters := []rune(w)
			for n := least; n <= min(most, len(letters)); n++ {
				all = append(all, string(letters[:n])+"&typing=1")
			}
		}
		return all
	}
	var phrases, people, dates, none []string
	for _, text := range sayings {
		words := strings.Fields(strings.NewReplacer(",", " ", "?", " ", ".", " ").Replace(text))
		for i := range len(words) - 2 {
			phrases = append(phrases, `"`+strings.Join(words[i:i+2+r.IntN(2)], " ")+`"`)
		}
	}
	for i := range 100 {
		people = append(people, fmt.Sprintf("from:customer%d@mail.test", r.IntN(40_000)), `from:"`+called(r.IntN(400))+`"`, "from:"+firstNames[i%20])
		dates = append(dates, time.Now().AddDate(0, 0, -r.IntN(340)).Format("2006-01-02"))
		none = append(none, fmt.Sprintf("zq%dx%s", r.IntN(1e6), []string{"", " parcel", " ferot"}[i%3]))
	}
	typo := []string{"panjbai", "confrim payment", "umbrela", "delivary", "tomorow", "yestarday", "parcle", "couriar", "arive", "exhange", "refundd"}
	var tags []string
	for _, t := range tagNames {
		tags = append(tags, "tag:"+t)
	}
	state := []string{"is:open", "is:pending", "is:unread", "is:unassigned", "is:mine", "is:solved", "-is:solved"}
	with := func(filters, words []string) (all []string) {
		for range 100 {
			all = append(all, words[r.IntN(len(words))]+" "+filters[r.IntN(len(filters))])
		}
		return all
	}
	words := slices.Concat(common, bangla, banglish, rare[:40])
	rows := tabled{b: b}
	for _, c := range []struct {
		name    string
		queries []string
	}{
		{"common word", common},
		{"rare word", rare},
		{"Bangla", bangla},
		{"Banglish", banglish},
		{"two words", slices.Concat(two(common, common), two(common, rare), two(bangla, bangla), two(banglish, common))},
		{"three words", each(two(common, common), "", " "+rare[3])},
		{"phrase", phrases},
		{"without", each(common, "parcel -", "")},
		{"number", []string{"#2000", "#50000", "#101999", "77777"}},
		{"person", slices.Concat(firstNames, lastNames, []string{"nusrat jahan", "customer77@mail.test", "rahim uddin"})},
		{"from:", people},
		{"word from:", with(people, words)},
		{"tag:", tags},
		{"word tag:", with(tags, words)},
		{"is:", state},
		{"word is:", with(state, words)},
		{"in: assigned:", with([]string{"in:chat", "in:email", "assigned:me", "assigned:agent1", "assigned:nobody"}, words)},
		{"has:file", with([]string{"has:file"}, words)},
		{"before:", each(dates, "parcel before:", "")},
		{"after:", each(dates, "parcel after:", "")},
		{"combined", slices.Concat(with(each(dates, "is:open in:chat after:", ""), words), with(each(tags, "has:file ", ""), words), with(each(people, "is:solved ", ""), words))},
		{"nothing found", none},
		{"misspelt", typo},
		{"typing 2-3 letters", begun(words, 2, 3)},
		{"typing 4+ letters", begun(words, 4, 12)},
		{"best first", each(words, "", "&sort=best")},
	} {
		var paths []string
		for _, q := range c.queries {
			query, more, _ := strings.Cut(q, "&")
			paths = append(paths, "/api/desk/search?q="+url.QueryEscape(query)+"&"+more)
		}
		r.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		took := timed(b, p, s.tokens[0], max(60, min(len(paths), 120)), one(paths))
		rows.add(c.name, len(paths), took)
	}
}

// timed makes n requests one after another and returns their times in
// milliseconds, sorted.
func timed(tb testing.TB, p *program, token string, n int, path func() string) []float64 {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var took []float64
	for range n {
		req, err := http.NewRequest(http.MethodGet, p.Base+path(), nil)
		if err != nil {
			tb.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		begun := time.Now()
		res, err := client.Do(req)
		if err != nil {
			tb.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		// A search that is too slow is refused; the time tells.
		if err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable {
			tb.Fatalf("%s: %d %v: %s", req.URL, res.StatusCode, err, body)
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
	slices.Sort(took)
	return took
}
