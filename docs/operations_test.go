package docs_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// Every hook of ace.Trace is in the table of operations.md.
func TestEveryHookIsListed(t *testing.T) {
	var listed []string
	for line := range strings.Lines(read(t, "operations.md")) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") {
			for name := range strings.SplitSeq(strings.TrimPrefix(cells[0], "| "), ", ") {
				listed = append(listed, strings.Trim(name, "`"))
			}
		}
	}
	hooks := 0
	for _, s := range sources(t) {
		if s.path != "ace/trace.go" {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "Trace" {
				return true
			}
			for _, f := range spec.Type.(*ast.StructType).Fields.List {
				for _, name := range f.Names {
					hooks++
					if !slices.Contains(listed, name.Name) {
						t.Errorf("operations.md does not list the hook %s", name.Name)
					}
				}
			}
			return false
		})
	}
	if hooks == 0 {
		t.Error("ace.Trace has no hooks")
	}
}
