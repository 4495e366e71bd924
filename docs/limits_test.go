package docs_test

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// limitRows returns the rows of limits.md by what their first column names.
func limitRows(t *testing.T) map[string]string {
	t.Helper()
	rows := make(map[string]string)
	for line := range strings.Lines(read(t, "limits.md")) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if ok && strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") && name != "limit" {
			rows[name] = rest
		}
	}
	if len(rows) == 0 {
		t.Fatal("limits.md has no rows")
	}
	return rows
}

// Every limit has a test. That it is there, TestDocumentsNameTestsThatExist
// checks.
func TestEveryLimitHasATest(t *testing.T) {
	for name, row := range limitRows(t) {
		if !testName.MatchString(row) {
			t.Errorf("limits.md names no test for %s", name)
		}
	}
}

// said is how the comment of a limit tells its default.
var said = regexp.MustCompile(`Default(?::| is)? ([^.,]+)[.,]`)

// Every time and number of ace.Config is in limits.md, with its default.
func TestEveryLimitOfTheServerIsListed(t *testing.T) {
	rows := limitRows(t)
	limits := 0
	for _, f := range configFields(t) {
		if !isLimit(f.Type) {
			continue
		}
		for _, name := range f.Names {
			limits++
			row, ok := rows["`"+name.Name+"`"]
			if !ok {
				t.Errorf("limits.md has no row for %s", name.Name)
				continue
			}
			m := said.FindStringSubmatch(strings.ReplaceAll(f.Doc.Text(), "\n", " "))
			if m == nil {
				t.Errorf("the comment of %s tells no default", name.Name)
				continue
			}
			if number, _, _ := strings.Cut(m[1], ":"); strings.ContainsAny(number, "0123456789") && !strings.HasPrefix(row, number) {
				t.Errorf("limits.md tells another default for %s than %s", name.Name, m[1])
			}
		}
	}
	if limits < 5 {
		t.Errorf("found %d limits", limits)
	}
}

// isLimit reports whether a field of this type may be a limit: it is a time or
// a number.
func isLimit(typ ast.Expr) bool {
	switch typ := typ.(type) {
	case *ast.SelectorExpr:
		return typ.Sel.Name == "Duration"
	case *ast.Ident:
		return strings.HasPrefix(typ.Name, "int")
	}
	return false
}

// configFields returns the fields of ace.Config.
func configFields(t *testing.T) (fields []*ast.Field) {
	t.Helper()
	for _, s := range sources(t) {
		if s.folder != "ace" {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.Name == "Config" {
				fields = spec.Type.(*ast.StructType).Fields.List
			}
			return fields == nil
		})
	}
	return fields
}
