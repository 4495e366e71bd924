package docs_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every middleware has its place in the order of a stack, an example, and a test
// that it keeps the laws.
func TestEveryMiddlewareIsShownAndKeepsTheLaws(t *testing.T) {
	all := sources(t)
	_, order, _ := strings.Cut(all[slices.IndexFunc(all, func(s source) bool { return s.path == "middleware/doc.go" })].Doc.Text(), "# The order of a stack")
	order, _, _ = strings.Cut(order, "# Errors")
	for _, s := range all {
		if s.test || !strings.HasPrefix(s.folder, "middleware") || strings.Contains(s.folder, "/internal") {
			continue
		}
		for _, decl := range s.Decls {
			name := middlewareName(decl)
			if name == "" {
				continue
			}
			shown, tried := triedBy(all, s.folder, name)
			if !shown {
				t.Errorf("%s: no example shows %s", s.path, name)
			}
			if !tried {
				t.Errorf("%s: no test runs %s through raxxtest.Laws", s.path, name)
			}
			if s.folder != "middleware" {
				name = "(" + s.Name.Name + "[.])?" + name + "|" + s.Name.Name
			}
			if name != "Default" && !regexp.MustCompile(`\b(`+name+`)\b`).MatchString(order) {
				t.Errorf("%s: %s is not in the order of middleware/doc.go", s.path, name)
			}
		}
	}
}

// middlewareName returns the exported type or function that decl makes a
// middleware of, or "".
func middlewareName(decl ast.Decl) string {
	f, ok := decl.(*ast.FuncDecl)
	if !ok || !f.Name.IsExported() || f.Type.Results.NumFields() != 1 {
		return ""
	}
	is := func(list *ast.FieldList, name string) bool {
		typ, ok := list.List[0].Type.(*ast.SelectorExpr)
		return ok && list.NumFields() == 1 && typ.Sel.Name == name
	}
	makes := is(f.Type.Results, "Middleware")
	itself := f.Type.Params.NumFields() == 1 && is(f.Type.Params, "Handler") && is(f.Type.Results, "Handler")
	switch {
	case !makes && !itself:
		return ""
	case f.Recv == nil:
		return f.Name.Name
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	return typ.(*ast.Ident).Name
}

// triedBy reports whether an example in the folder mentions the middleware, and
// whether a test does that calls Laws.
func triedBy(all []source, folder, name string) (shown, tried bool) {
	// What makes one whose type need not be named.
	if by, ok := map[string]string{"Session": "NewSession", "Files": "MustNew"}[name]; ok {
		name = by
	}
	variables := map[string]ast.Node{}
	var tests []*ast.FuncDecl
	for _, s := range all {
		if !s.test || s.folder != folder {
			continue
		}
		for _, decl := range s.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				tests = append(tests, decl)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
						variables[v.Names[0].Name] = v
					}
				}
			}
		}
	}
	for _, test := range tests {
		mentions := mentioned(test, variables)
		shown = shown || strings.HasPrefix(test.Name.Name, "Example") && mentions[name]
		tried = tried || mentions["Laws"] && mentions[name]
	}
	return shown, tried
}

// mentioned returns the names in node, and those in the variables that it names.
func mentioned(node ast.Node, variables map[string]ast.Node) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || names[id.Name] {
			return true
		}
		names[id.Name] = true
		if v := variables[id.Name]; v != nil {
			for name := range mentioned(v, nil) {
				names[name] = true
			}
		}
		return true
	})
	return names
}
