package mime

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// plainForms reads the patterns that are made with gate.New in this folder from
// the source, as ordinary expressions.
func plainForms(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	found := map[string]*regexp.Regexp{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			call, ok := v.Values[0].(*ast.CallExpr)
			if !ok {
				return true
			}
			if fun, ok := call.Fun.(*ast.SelectorExpr); !ok || fun.Sel.Name != "New" {
				return true
			}
			var text func(e ast.Expr) string
			text = func(e ast.Expr) string {
				switch e := e.(type) {
				case *ast.BasicLit:
					return strings.Trim(e.Value, "`")
				case *ast.BinaryExpr:
					return text(e.X) + text(e.Y)
				}
				t.Fatalf("%s: not a literal", v.Names[0].Name)
				return ""
			}
			found[v.Names[0].Name] = regexp.MustCompile(norm.NFC.String(text(call.Args[0])))
			return true
		})
	}
	return found
}

// The patterns taken apart find what they find whole.
func TestAGateHidesNothing(t *testing.T) {
	forms := plainForms(t)
	gates := map[string]interface{ MatchString(string) bool }{
		"bounceSubject": bounceSubject, "bounceText": bounceText, "autoSubject": autoSubject, "anyReturned": anyReturned, "noHTML": noHTML, "daemonName": daemonName,
		"badRecipient": badRecipient, "notDelivered": notDelivered, "awaySubject": awaySubject, "awayBrackets": awayBrackets, "officeHours": officeHours,
		"receivedSubject": receivedSubject, "awayText": awayText, "awayPromise": awayPromise, "machineText": machineText, "challengeText": challengeText, "unattendedText": unattendedText,
		"thanksText": thanksText, "thanksPromise": thanksPromise,
	}
	for name := range forms {
		if gates[name] == nil {
			t.Errorf("%s is not tried here", name)
		}
	}
	var texts []string
	files, err := filepath.Glob("testdata/corpus/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := Parse(raw)
		text := norm.NFC.String(m.Text[:min(len(m.Text), 8<<10)])
		texts = append(texts, norm.NFC.String(m.Subject), text)
		for line := range strings.Lines(text) {
			texts = append(texts, line)
		}
	}
	found := 0
	for _, s := range texts {
		for name, g := range gates {
			plain := forms[name].MatchString(s)
			if plain {
				found++
			}
			if g.MatchString(s) != plain {
				t.Errorf("%s: the gate says %v of %q", name, !plain, s)
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d matches were tried", found)
	}
}
