package hooks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
)

// partial lists the calls of a file that read rows of a query which can be
// stopped in the query builder's own way: that takes a part for the whole.
func partial(file *ast.File) (at []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "All" && sel.Sel.Name != "Column" {
			return true
		}
		for x := sel.X; ; {
			c, ok := x.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if s.Sel.Name == "WithContext" {
				at = append(at, call.Pos())
				return true
			}
			x = s.X
		}
	})
	return at
}

func TestQueriesThatCanBeStoppedAreReadByPackageWhole(t *testing.T) {
	files := token.NewFileSet()
	bad, err := parser.ParseFile(files, "bad.go", `package p
func f() { _ = db.NewQuery("SELECT 1").WithContext(ctx).Bind(p).All(&list); _ = q.WithContext(ctx).Column(&ids); _ = q.WithContext(ctx).Row(&n); _ = q.All(&list) }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(partial(bad)); n != 2 {
		t.Fatalf("%d of 2 are seen", n)
	}
	err = filepath.WalkDir(filepath.Join(hookstest.Root(), "hooks"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, at := range partial(file) {
			t.Errorf("%s: use whole.All or whole.Column", files.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
