package hooks_test

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/shohay/shohay/hooks/hookstest"
	"github.com/shohay/shohay/hooks/schema"
)

// The README's examples are run in their order against a new shop:
//
//	```http            a request (line, headers, body), an empty line, the
//	                   status and the answer's body or events
//	```sh example      a command for bash
//
// An answer has to have the fields that the example has and no others, each of
// the same kind; "…" as a field stands for any more. "{name}" in an answer is
// remembered and filled into later requests.

type example struct {
	line int
	kind string
	text string
}

func readme(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(hooksDir(), "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var fence = regexp.MustCompile("(?ms)^```(http|sh example)\n(.*?)^```$")

func examples(t *testing.T) (list []example) {
	t.Helper()
	text := readme(t)
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		list = append(list, example{1 + strings.Count(text[:m[0]], "\n"), text[m[2]:m[3]], text[m[4]:m[5]]})
	}
	return list
}

// exact are fields whose value has to be the example's, not only of its kind.
var exact = []string{"kind", "status", "text", "client_id", "duplicate", "collectionName", "role", "channel", "by", "rating", "more"}

// reader compares answers with examples and remembers what they name.
type reader struct{ named map[string]string }

func (r *reader) fill(s string) string {
	for name, value := range r.named {
		s = strings.ReplaceAll(s, "{"+name+"}", value)
	}
	return s
}

// compare returns how the answer differs from the example.
func (r *reader) compare(at string, want, got any) (differences []string) {
	differ := func(format string, values ...any) {
		differences = append(differences, at+": "+fmt.Sprintf(format, values...))
	}
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			differ("%v instead of an object", got)
			return differences
		}
		_, open := want["…"]
		for key, value := range got {
			if w, told := want[key]; told {
				differences = append(differences, r.compare(at+"."+key, w, value)...)
				if slices.Contains(exact, key) && fmt.Sprint(w) != fmt.Sprint(value) {
					differ("%s is %v instead of %v", key, value, w)
				}
			} else if !open {
				differ("%q is not in the example", key)
			}
		}
		for key := range want {
			if _, there := got[key]; !there && key != "…" {
				differ("%q is only in the example", key)
			}
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(want) > 0 && len(got) == 0 {
			differ("%v instead of a list", got)
		} else if len(want) > 0 {
			differences = append(differences, r.compare(at+"[0]", want[0], got[0])...)
		}
	case string:
		s, ok := got.(string)
		if !ok {
			differ("%v instead of a text", got)
		} else if m := regexp.MustCompile(`^\{(\w+)\}$`).FindStringSubmatch(want); m != nil {
			if known := r.named[m[1]]; known != "" && known != s && m[1] != "message" {
				differ("%s instead of %s", s, known)
			}
			r.named[m[1]] = s
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			differ("%v instead of something like %v", got, want)
		}
	}
	return differences
}

func parseJSON(t *testing.T, raw string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, raw)
	}
	return v
}

// http runs one example of that kind.
func (r *reader) http(t *testing.T, base, text string) {
	request, answer, ok := strings.Cut(text, "\n\n")
	if !ok {
		t.Fatal("the example has no answer")
	}
	lines := strings.SplitN(r.fill(request), "\n", 2)
	method, path, _ := strings.Cut(lines[0], " ")
	c := &hookstest.Client{TB: t, Base: base}
	var body any
	if len(lines) > 1 {
		rest := lines[1]
		if token, ok := strings.CutPrefix(rest, "Authorization: Bearer "); ok {
			c.Token, rest, _ = strings.Cut(token, "\n")
		}
		if rest != "" {
			body = parseJSON(t, rest)
		}
	}
	statusLine, want, _ := strings.Cut(strings.TrimSpace(answer), "\n")
	status, err := strconv.Atoi(statusLine)
	if err != nil {
		t.Fatalf("the answer begins with %q instead of a status", statusLine)
	}
	if strings.HasPrefix(want, "event: ") {
		r.events(t, c, path, want)
		return
	}
	got := c.Must(status, method, path, body)
	if want == "" {
		if len(got.Body) > 0 {
			t.Errorf("the answer has a body: %s", got.Body)
		}
		return
	}
	for _, d := range r.compare("answer", parseJSON(t, want), parseJSON(t, string(got.Body))) {
		t.Error(d)
	}
}

// events compares the beginning of a stream.
func (r *reader) events(t *testing.T, c *hookstest.Client, path, want string) {
	_, query, _ := strings.Cut(path, "?")
	s := c.Listen(query)
	for i, block := range strings.Split(strings.TrimSpace(want), "\n\n") {
		var id, name, data string
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			switch key {
			case "id":
				id = value
			case "event":
				name = value
			case "data":
				data = value
			}
		}
		s.Await(name, "")
		hookstest.Until(t, "an event", 5e9, func() bool { return len(s.Events()) > i })
		got := s.Events()[i]
		if got.Name != name || (got.ID == "") != (id == "") {
			t.Errorf("event %d is %s with id %q instead of %s with %q", i, got.Name, got.ID, name, id)
		}
		for _, d := range r.compare(name, parseJSON(t, data), parseJSON(t, got.Data)) {
			t.Error(d)
		}
	}
}

func TestTheExamplesOfTheReadmeWork(t *testing.T) {
	list := examples(t)
	if len(list) < 15 {
		t.Fatalf("only %d examples were found", len(list))
	}
	app := hookstest.New(t)
	app.Agent("rafi", schema.RoleAgent)
	base := app.Serve()
	r := &reader{named: map[string]string{}}
	key := app.Rooms.Settings.Keys().IdentityKey()
	for _, e := range list {
		ok := t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			if e.kind == "http" {
				r.http(t, base, e.text)
				return
			}
			bash := hookstest.NeedProgram(t, "bash")
			for _, program := range []string{"curl", "openssl"} {
				if strings.Contains(e.text, program) {
					hookstest.NeedProgram(t, program)
				}
			}
			command := exec.Command(bash, "-euo", "pipefail", "-c", e.text)
			command.Dir = t.TempDir()
			if err := os.WriteFile(filepath.Join(command.Dir, "label.txt"), []byte("parcel 7"), 0o600); err != nil {
				t.Fatal(err)
			}
			command.Env = append(os.Environ(), "SHOP="+base, "TOKEN="+r.named["token"], "IDENTITY_KEY="+key)
			out, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			switch {
			case strings.Contains(e.text, "openssl"):
				hash := strings.TrimSpace(string(out))
				c := &hookstest.Client{TB: t, Base: base}
				c.Must(200, "POST", "/api/chat/start", map[string]any{"identity": map[string]any{"id": "42", "hash": hash}})
			default:
				var sent struct {
					Message struct {
						Text  string
						Files []map[string]any
					}
				}
				if err := json.Unmarshal(out, &sent, json.MatchCaseInsensitiveNames(true)); err != nil || len(sent.Message.Files) != 1 {
					t.Fatalf("answered %s (%v)", out, err)
				}
				var fields []string
				for name := range sent.Message.Files[0] {
					fields = append(fields, name)
				}
				slices.Sort(fields)
				if want := []string{"height", "image", "name", "size", "type", "url", "width"}; !slices.Equal(fields, want) {
					t.Errorf("a file has the fields %v instead of %v", fields, want)
				}
			}
		})
		if !ok {
			break // the next ones build on this one
		}
	}
}

// The table of the desk's routes is that of the program.
func TestTheReadmeNamesEveryRouteOfTheDesk(t *testing.T) {
	var told []string
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:GET|POST|PUT|PATCH|DELETE) /api/desk/[^`]*)` \\|").FindAllStringSubmatch(readme(t), -1) {
		told = append(told, m[1])
	}
	app := hookstest.New(t)
	var all []string
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Priority: 9999, Func: func(e *core.ServeEvent) error {
		all = registered(e.Router)
		return e.Next()
	}})
	app.Serve()
	for _, route := range all {
		if strings.Contains(route, " /api/desk/") && !slices.Contains(told, route) {
			t.Errorf("the README does not name %s", route)
		}
		if _, path, _ := strings.Cut(route, " "); strings.HasPrefix(path, "/api/chat/") && !strings.Contains(readme(t), path) {
			t.Errorf("the README does not name %s", route)
		}
	}
	for _, route := range told {
		if !slices.Contains(all, route) {
			t.Errorf("the README names %s, which does not exist", route)
		}
	}
}

// An answer that differs from its example is found.
func TestTheComparisonWithExamplesFindsDifferences(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{`{"a": 1}`, `{"a": 2}`, true},
		{`{"a": 1}`, `{"a": "2"}`, false},
		{`{"a": 1}`, `{"a": 1, "b": 2}`, false},
		{`{"a": 1, "b": 2}`, `{"a": 1}`, false},
		{`{"a": 1, "…": "…"}`, `{"a": 1, "b": 2}`, true},
		{`{"status": "open"}`, `{"status": "solved"}`, false},
		{`{"l": [{"a": 1}]}`, `{"l": []}`, false},
		{`{"l": [{"a": 1}]}`, `{"l": [{"b": 1}]}`, false},
		{`{"a": null}`, `{"a": {}}`, false},
	} {
		r := &reader{named: map[string]string{}}
		if d := r.compare("", parseJSON(t, c.want), parseJSON(t, c.got)); (len(d) == 0) != c.same {
			t.Errorf("%s and %s: %q", c.want, c.got, d)
		}
	}
	if !bytes.Contains([]byte(readme(t)), []byte("make test")) {
		t.Error("the README does not say how to test")
	}
}
