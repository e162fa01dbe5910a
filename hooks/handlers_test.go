package hooks_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// A PocketBase hook handler that returns nil without having called e.Next()
// silently stops everything behind it: other rooms' handlers, and for record
// hooks the saving itself. This file finds such handlers.
//
// The rule: on every path a handler calls e.Next(), hands e or a closure that
// calls e.Next() to something that runs it, or returns what cannot be nil: a
// freshly made error, or a variable inside `if err != nil`. What the check
// does not understand it reports, so that it is never silently blind.

// instead are handlers that take the place of what lies behind them, and so
// call e.Next() only where they do not.
var instead = map[string]string{
	"health":     "answers GET /api/health for owners instead of PocketBase",
	"keepChoice": "leads on from the link to another language, whose choice it keeps",
	"codeMail":   "sends the mail with the sign-in code by the shop's mailbox instead of PocketBase's mailer",
}

// source is the parsed non-test code of one package.
type source struct {
	fset    *token.FileSet
	files   []*ast.File
	funcs   map[string]*ast.FuncDecl   // package functions
	methods map[string][]*ast.FuncDecl // methods of any type, by name
}

func parse(t *testing.T, files map[string]string) *source {
	t.Helper()
	s := &source{fset: token.NewFileSet(), funcs: map[string]*ast.FuncDecl{}, methods: map[string][]*ast.FuncDecl{}}
	for name, text := range files {
		var src any
		if text != "" {
			src = text
		}
		f, err := parser.ParseFile(s.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				s.funcs[fn.Name.Name] = fn
			} else if ok {
				s.methods[fn.Name.Name] = append(s.methods[fn.Name.Name], fn)
			}
		}
	}
	return s
}

// check returns the number of handlers found and what is wrong with them.
func (s *source) check() (handlers int, problems []string) {
	for _, f := range s.files {
		imported := map[string]bool{}
		for _, spec := range f.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			name := path[strings.LastIndex(path, "/")+1:]
			if spec.Name != nil {
				name = spec.Name.Name
			}
			imported[name] = true
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "BindFunc" && sel.Sel.Name != "Bind" {
				return true
			}
			strict := sel.Sel.Name == "BindFunc" || onHook(sel.X)
			for _, arg := range call.Args {
				found, wrong := s.argument(arg, strict, imported)
				handlers += found
				problems = append(problems, wrong...)
			}
			return true
		})
	}
	slices.Sort(problems)
	return handlers, slices.Compact(problems)
}

// onHook tells whether x is a call such as app.OnServe().
func onHook(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(sel.Sel.Name, "On")
}

// argument checks what was given to Bind or BindFunc. Bind is also the name
// of things that have nothing to do with handlers, so there (not strict) only
// hook.Handler literals count.
func (s *source) argument(arg ast.Expr, strict bool, imported map[string]bool) (int, []string) {
	if u, ok := arg.(*ast.UnaryExpr); ok {
		arg = u.X
	}
	if lit, ok := arg.(*ast.CompositeLit); ok {
		if !strings.Contains(nameOf(lit.Type), "Handler") {
			return 0, nil // parameters of a query
		}
		for _, el := range lit.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok && nameOf(kv.Key) == "Func" {
				return s.argument(kv.Value, true, imported)
			}
		}
		return 1, []string{s.at(arg) + ": a handler without Func"}
	}
	if name := nameOf(arg); instead[name[strings.LastIndex(name, ".")+1:]] != "" {
		return 1, nil
	}
	switch a := arg.(type) {
	case *ast.FuncLit:
		return 1, s.handler(a.Type, a.Body)
	case *ast.Ident:
		if fn := s.funcs[a.Name]; fn != nil {
			return 1, s.handler(fn.Type, fn.Body)
		}
	case *ast.SelectorExpr:
		if x, ok := a.X.(*ast.Ident); ok && imported[x.Name] {
			break
		}
		var problems []string
		found := 0
		for _, fn := range s.methods[a.Sel.Name] {
			if _, ok := eventOf(fn.Type); ok {
				found++
				problems = append(problems, s.handler(fn.Type, fn.Body)...)
			}
		}
		if found > 0 {
			return 1, problems
		}
	case *ast.CallExpr:
		// Middlewares that PocketBase makes are PocketBase's.
		if sel, ok := a.Fun.(*ast.SelectorExpr); ok && nameOf(sel.X) == "apis" {
			return 0, nil
		}
	}
	if !strict {
		return 0, nil
	}
	return 1, []string{s.at(arg) + ": cannot tell which function handles this"}
}

// eventOf is the name of a handler's parameter.
func eventOf(t *ast.FuncType) (string, bool) {
	if t.Params == nil || len(t.Params.List) == 0 || t.Results == nil || len(t.Results.List) != 1 || nameOf(t.Results.List[0].Type) != "error" {
		return "", false
	}
	first := t.Params.List[0]
	star, ok := first.Type.(*ast.StarExpr)
	if !ok || !strings.HasSuffix(nameOf(star.X), "Event") {
		return "", false
	}
	if len(first.Names) == 0 {
		return "_", true
	}
	return first.Names[0].Name, true
}

func nameOf(x ast.Node) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return nameOf(x.X) + "." + x.Sel.Name
	case *ast.IndexExpr:
		return nameOf(x.X)
	case *ast.StarExpr:
		return nameOf(x.X)
	}
	return ""
}

func (s *source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename[strings.LastIndex(p.Filename, "/")+1:], p.Line)
}

// handler checks one handler.
func (s *source) handler(t *ast.FuncType, body *ast.BlockStmt) []string {
	event, ok := eventOf(t)
	if !ok {
		return []string{s.at(t) + ": a handler takes an event and returns an error"}
	}
	return s.body(event, body, map[*ast.BlockStmt]bool{}, nil)
}

// body checks a function's body in which event is the event.
func (s *source) body(event string, body *ast.BlockStmt, under map[*ast.BlockStmt]bool, closures map[string]*ast.FuncLit) []string {
	if under[body] {
		return nil // it calls itself; the outer check decides
	}
	under[body] = true
	defer delete(under, body)
	w := &walk{source: s, event: event, under: under, closures: map[string]*ast.FuncLit{}}
	for k, v := range closures {
		w.closures[k] = v
	}
	if end := w.list(body.List, state{falls: true}); end.falls && !end.called {
		w.report(body, "can end without e.Next()")
	}
	return w.problems
}

// state is what is known at a point: whether it is reached, whether e.Next()
// was called on every way to it, and which variables hold an error there.
type state struct {
	falls  bool
	called bool
	errors []string
}

func (a state) join(b state) state {
	switch {
	case !a.falls:
		return b
	case !b.falls:
		return a
	}
	var both []string
	for _, e := range a.errors {
		if slices.Contains(b.errors, e) {
			both = append(both, e)
		}
	}
	return state{true, a.called && b.called, both}
}

func (a state) with(errors ...string) state {
	a.errors = append(slices.Clone(a.errors), errors...)
	return a
}

func (a state) without(name string) state {
	a.errors = slices.DeleteFunc(slices.Clone(a.errors), func(e string) bool { return e == name })
	return a
}

// walk follows one body.
type walk struct {
	*source
	event    string
	under    map[*ast.BlockStmt]bool
	closures map[string]*ast.FuncLit // closures held by variables
	problems []string
}

func (w *walk) report(n ast.Node, what string) {
	w.problems = append(w.problems, w.at(n)+": "+what)
}

func (w *walk) list(stmts []ast.Stmt, at state) state {
	for _, stmt := range stmts {
		if !at.falls {
			return at
		}
		at = w.stmt(stmt, at)
	}
	return at
}

func (w *walk) stmt(stmt ast.Stmt, at state) state {
	switch s := stmt.(type) {
	case *ast.ReturnStmt:
		w.returns(s, at)
		return state{}
	case *ast.ExprStmt:
		if w.isNext(s.X) {
			w.report(s, "the error of e.Next() is dropped")
		}
		if call, ok := s.X.(*ast.CallExpr); ok && (nameOf(call.Fun) == "panic" || nameOf(call.Fun) == "os.Exit") {
			return state{}
		}
		at.called = at.called || w.calls(s.X)
	case *ast.AssignStmt:
		for i, x := range s.Lhs {
			at = at.without(nameOf(x))
			if len(s.Lhs) == len(s.Rhs) {
				if lit, ok := s.Rhs[i].(*ast.FuncLit); ok {
					w.closures[nameOf(x)] = lit
				}
				if w.isNext(s.Rhs[i]) && nameOf(x) == "_" {
					w.report(s, "the error of e.Next() is dropped")
				}
				if w.isError(s.Rhs[i], at) {
					at = at.with(nameOf(x))
				}
			}
		}
		for _, x := range s.Rhs {
			at.called = at.called || w.calls(x)
		}
	case *ast.DeclStmt:
		ast.Inspect(s, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				for i, x := range v.Values {
					at.called = at.called || w.calls(x)
					if lit, ok := x.(*ast.FuncLit); ok {
						w.closures[v.Names[i].Name] = lit
					}
				}
			}
			return true
		})
	case *ast.BlockStmt:
		return w.list(s.List, at)
	case *ast.LabeledStmt:
		return w.stmt(s.Stmt, at)
	case *ast.IfStmt:
		if s.Init != nil {
			at = w.stmt(s.Init, at)
		}
		at.called = at.called || w.calls(s.Cond)
		then := w.list(s.Body.List, at.with(notNil(s.Cond)...))
		other := at.with(isNil(s.Cond)...)
		if s.Else != nil {
			other = w.stmt(s.Else, other)
		}
		return then.join(other)
	case *ast.ForStmt:
		if s.Init != nil {
			at = w.stmt(s.Init, at)
		}
		inner := w.list(s.Body.List, at)
		if s.Cond == nil && !breaks(s.Body) {
			return state{}
		}
		return at.join(inner)
	case *ast.RangeStmt:
		at.called = at.called || w.calls(s.X)
		return at.join(w.list(s.Body.List, at))
	case *ast.SwitchStmt:
		if s.Init != nil {
			at = w.stmt(s.Init, at)
		}
		return w.clauses(s.Body, at, s.Tag == nil)
	case *ast.TypeSwitchStmt:
		return w.clauses(s.Body, at, false)
	case *ast.SelectStmt:
		var end state
		for _, c := range s.Body.List {
			end = end.join(w.list(c.(*ast.CommClause).Body, at))
		}
		return end
	}
	// Go and defer do not count: what they run comes too late. The rest
	// neither calls nor ends.
	return at
}

func (w *walk) clauses(body *ast.BlockStmt, at state, tagless bool) state {
	var end state
	byDefault := false
	for _, c := range body.List {
		clause := c.(*ast.CaseClause)
		inner := at
		byDefault = byDefault || clause.List == nil
		if tagless && len(clause.List) == 1 {
			inner = inner.with(notNil(clause.List[0])...)
		}
		end = end.join(w.list(clause.Body, inner))
	}
	if !byDefault {
		end = end.join(at)
	}
	return end
}

func breaks(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.BREAK {
			found = true
		}
		return true
	})
	return found
}

// notNil are the variables that are errors where cond holds: of
// `err != nil`, also with && and more, and of `errors.Is(err, …)`.
func notNil(cond ast.Expr) []string {
	switch c := cond.(type) {
	case *ast.ParenExpr:
		return notNil(c.X)
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LAND:
			return append(notNil(c.X), notNil(c.Y)...)
		case c.Op == token.NEQ && nameOf(c.Y) == "nil":
			return []string{nameOf(c.X)}
		}
	case *ast.CallExpr:
		if f := nameOf(c.Fun); (f == "errors.Is" || f == "errors.As") && len(c.Args) == 2 {
			return []string{nameOf(c.Args[0])}
		}
	}
	return nil
}

// isNil are those that are errors where cond does not hold: of `err == nil`.
func isNil(cond ast.Expr) []string {
	switch c := cond.(type) {
	case *ast.ParenExpr:
		return isNil(c.X)
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LOR:
			return append(isNil(c.X), isNil(c.Y)...)
		case c.Op == token.EQL && nameOf(c.Y) == "nil":
			return []string{nameOf(c.X)}
		}
	}
	return nil
}

func (w *walk) returns(s *ast.ReturnStmt, at state) {
	if at.called {
		return
	}
	if len(s.Results) != 1 {
		w.report(s, "returns without e.Next()")
		return
	}
	x := s.Results[0]
	if w.calls(x) || w.isError(x, at) {
		return
	}
	w.report(s, "returns what may be nil without e.Next()")
}

// isError tells whether the expression is certainly an error.
func (w *walk) isError(x ast.Expr, at state) bool {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return w.isError(x.X, at)
	case *ast.Ident:
		return slices.Contains(at.errors, x.Name) || strings.HasPrefix(x.Name, "Err") || strings.HasPrefix(x.Name, "err") && len(x.Name) > 3 && x.Name[3] >= 'A' && x.Name[3] <= 'Z'
	case *ast.UnaryExpr:
		_, lit := x.X.(*ast.CompositeLit)
		return lit
	case *ast.CompositeLit:
		return true
	case *ast.SelectorExpr:
		return strings.HasPrefix(x.Sel.Name, "Err")
	case *ast.CallExpr:
		f := nameOf(x.Fun)
		if f == "errors.New" || f == "fmt.Errorf" {
			return true
		}
		// e.BadRequestError(…), validation.NewError(…), router.NewApiError(…)
		return strings.HasSuffix(f, "Error") && strings.Contains(f, ".")
	}
	return false
}

func (w *walk) isNext(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	return ok && w.event != "_" && nameOf(call.Fun) == w.event+".Next"
}

// calls tells whether evaluating the expression calls e.Next(): itself, by
// handing e to a function of the package, or by a closure that is run.
func (w *walk) calls(x ast.Expr) (yes bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false // only run when something runs it
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || yes {
			return !yes
		}
		yes = w.isNext(call) || w.runsClosure(call) || w.handsOn(call)
		return !yes
	})
	return yes
}

// runsClosure: the call runs a closure that always reaches e.Next(): one held
// by a variable, or one given to a function that runs it.
func (w *walk) runsClosure(call *ast.CallExpr) bool {
	if lit, ok := w.closures[nameOf(call.Fun)]; ok {
		return w.good(lit)
	}
	if lit, ok := call.Fun.(*ast.FuncLit); ok {
		return w.good(lit)
	}
	for i, arg := range call.Args {
		lit, ok := arg.(*ast.FuncLit)
		if !ok {
			lit = w.closures[nameOf(arg)]
		}
		if lit != nil && w.runs(call.Fun, i) && w.good(lit) {
			return true
		}
	}
	return false
}

// good: the closure reaches e.Next() on every path that returns no error.
func (w *walk) good(lit *ast.FuncLit) bool {
	return len(w.body(w.event, lit.Body, w.under, w.closures)) == 0
}

// runs tells whether a function calls its i-th parameter. RunInTransaction is
// known to; functions of the package are looked into.
func (w *walk) runs(f ast.Expr, i int) bool {
	name := nameOf(f)
	if strings.HasSuffix(name, ".RunInTransaction") {
		return true
	}
	fn := w.funcs[name]
	if fn == nil {
		return false
	}
	var names []string
	for _, p := range fn.Type.Params.List {
		for _, n := range p.Names {
			names = append(names, n.Name)
		}
	}
	if i >= len(names) {
		return false
	}
	called := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && nameOf(call.Fun) == names[i] {
			called = true
		}
		return true
	})
	return called
}

// handsOn: e itself is handed to a function or method of the package that
// always reaches e.Next().
func (w *walk) handsOn(call *ast.CallExpr) bool {
	at := slices.IndexFunc(call.Args, func(a ast.Expr) bool { return nameOf(a) == w.event && w.event != "_" })
	if at < 0 {
		return false
	}
	if strings.HasSuffix(nameOf(call.Fun), ".Func") {
		return true // a middleware of PocketBase's, run within ours
	}
	var candidates []*ast.FuncDecl
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if fn := w.funcs[f.Name]; fn != nil {
			candidates = append(candidates, fn)
		}
	case *ast.SelectorExpr:
		candidates = w.methods[f.Sel.Name]
	}
	for _, fn := range candidates {
		var names []string
		for _, p := range fn.Type.Params.List {
			for _, n := range p.Names {
				names = append(names, n.Name)
			}
		}
		if at >= len(names) || len(w.body(names[at], fn.Body, w.under, nil)) > 0 {
			return false
		}
	}
	return len(candidates) > 0
}

func TestEveryHandlerReachesNext(t *testing.T) {
	total := 0
	for pkg, files := range packages(t) {
		texts := map[string]string{}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				texts[f] = ""
			}
		}
		handlers, problems := parse(t, texts).check()
		total += handlers
		for _, p := range problems {
			t.Errorf("%s/%s", pkg, p)
		}
	}
	if total < 20 {
		t.Errorf("only %d handlers were found: the check does not see them", total)
	}
	t.Logf("%d handlers", total)
}

// Each fixture is the body of a file in which register binds handlers; want is
// part of the problem that has to be found, "" for none.
var handlerFixtures = []struct{ name, want, code string }{
	{"returns Next", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { return e.Next() })`},
	{"checks Next first", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { if err := e.Next(); err != nil { return err }; work(); return nil })`},
	{"keeps Next's error", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := e.Next(); work(); return err })`},
	{"refuses", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { if bad() { return errors.New("no") }; return e.Next() })`},
	{"refuses with an API error", "", `app.OnServe().BindFunc(func(e *core.RequestEvent) error { if bad() { return e.ForbiddenError("no", nil) }; return e.Next() })`},
	{"refuses always", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { return errors.New("never") })`},
	{"an error before", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { x, err := find(); if err != nil { return err }; use(x); return e.Next() })`},
	{"an error and more", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := find(); if err != nil && bad() { return fmt.Errorf("x: %w", err) }; return e.Next() })`},
	{"a switch on errors", "", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := find(); switch { case errors.Is(err, x): return err; case err != nil: return err }; return e.Next() })`},
	{"in a transaction", "", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { return e.App.RunInTransaction(func(tx core.App) error { e.App = tx; return e.Next() }) })`},
	{"by a closure", "", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { next := func() error { return e.Next() }; return next() })`},
	{"by a function of the package", "", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { return forward(e) })`},
	{"by a helper that runs a closure", "", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { return within(func() error { return e.Next() }) })`},
	{"a named function", "", `app.OnServe().BindFunc(forward)`},
	{"a method", "", `app.OnServe().BindFunc(r.good)`},
	{"a handler literal", "", `app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "x", Func: func(e *core.ServeEvent) error { return e.Next() }})`},
	{"a query's parameters", "", `app.DB().NewQuery("x").Bind(dbx.Params{"a": 1})`},
	{"PocketBase's middleware", "", `group.Bind(apis.RequireAuth("agents"))`},

	{"forgets Next", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { work(); return nil })`},
	{"forgets Next on one path", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { if bad() { return nil }; return e.Next() })`},
	{"returns an error that may be nil", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := find(); return err })`},
	{"returns another call", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { return find() })`},
	{"an error overwritten", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := find(); if err != nil { err = find(); return err }; return e.Next() })`},
	{"turned round", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { err := find(); if err == nil { return err }; return e.Next() })`},
	{"drops the error", "dropped", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { e.Next(); return nil })`},
	{"drops the error in words", "dropped", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { _ = e.Next(); return nil })`},
	{"deferred", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { defer func() { _ = e.Next() }(); return nil })`},
	{"in a goroutine", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { go func() { _ = e.Next() }(); return nil })`},
	{"in a closure nobody runs", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { next := func() error { return e.Next() }; keep(next); return nil })`},
	{"in a loop that may not run", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { for range list { if err := e.Next(); err != nil { return err } }; return nil })`},
	{"in one case only", "may be nil", `app.OnServe().BindFunc(func(e *core.ServeEvent) error { switch kind { case 1: if err := e.Next(); err != nil { return err } }; return nil })`},
	{"a transaction that forgets", "may be nil", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { return e.App.RunInTransaction(func(tx core.App) error { return find() }) })`},
	{"hands on to one that forgets", "may be nil", `app.OnServe().BindFunc(func(e *core.RecordEvent) error { return forget(e) })`},
	{"a named function that forgets", "may be nil", `app.OnServe().BindFunc(forget)`},
	{"a method that forgets", "may be nil", `app.OnServe().BindFunc(r.bad)`},
	{"a handler literal that forgets", "may be nil", `app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "x", Func: func(e *core.ServeEvent) error { return nil }})`},
	{"a middleware that forgets", "may be nil", `router.Bind(&hook.Handler[*core.RequestEvent]{Func: func(e *core.RequestEvent) error { return nil }})`},
	{"another package's function", "cannot tell", `app.OnServe().BindFunc(other.Handle)`},
	{"an unknown name", "cannot tell", `app.OnServe().BindFunc(handlers[0])`},
}

func TestTheCheckOfHandlersFindsWhatForgetsNext(t *testing.T) {
	const around = `package p

import "example.com/other"

func forward(e *core.RecordEvent) error { return e.Next() }
func forget(e *core.RecordEvent) error { return nil }
func within(f func() error) error { return f() }
func keep(f func() error) {}
func (r *room) good(e *core.RecordEvent) error { return e.Next() }
func (r *room) bad(e *core.RecordEvent) error { return nil }

func register() {
	%s
}
`
	for _, f := range handlerFixtures {
		t.Run(f.name, func(t *testing.T) {
			_, problems := parse(t, map[string]string{"fixture.go": fmt.Sprintf(around, f.code)}).check()
			switch {
			case f.want == "" && len(problems) > 0:
				t.Errorf("found %q in a good handler", problems)
			case f.want != "" && (len(problems) == 0 || !strings.Contains(problems[0], f.want)):
				t.Errorf("found %q instead of %q", problems, f.want)
			}
		})
	}
}
