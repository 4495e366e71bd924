package docs_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snippet is a piece of Go in the README, and what is in front of it on the line
// above: the name of its file, in examples/greeting if it names no folder.
var snippet = regexp.MustCompile("(?ms)^`((?:examples/[a-z]+/)?[a-z_]+\\.go)`:\n\n```go\n(.*?)^```$")

// The code of the README is that of examples, which are compiled and tested.
func TestReadmeShowsExamples(t *testing.T) {
	readme := read(t, "../README.md")
	snippets := snippet.FindAllStringSubmatch(readme, -1)
	if len(snippets) != strings.Count(readme, "```go") {
		t.Errorf("%d of %d pieces of code have a file name in front", len(snippets), strings.Count(readme, "```go"))
	}
	for _, s := range snippets {
		file := s[1]
		if !strings.Contains(file, "/") {
			file = "examples/greeting/" + file
		}
		if code := read(t, path.Join("..", file)); code != s[2] {
			t.Errorf("README.md shows another %s than there is", file)
		}
	}
}

// link is a link to a file; those to other sites hold a colon, and code that looks
// like one holds a quote.
var link = regexp.MustCompile(`\]\(([^):#"]+)(?:#[^)]*)?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, document := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}

// fileName is how documents name a file or a folder, from the root.
var fileName = regexp.MustCompile("`((?:ace|raxx|router|middleware|examples|docs)/[a-z0-9_/.]+)`")

func TestDocumentsNameFilesThatExist(t *testing.T) {
	for _, document := range documents(t) {
		for _, m := range fileName.FindAllStringSubmatch(read(t, document), -1) {
			if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}

// apiName is how documents name a part of a package: `raxx.Error`,
// `router.Route.Streamed`, `ace.Config`.
var apiName = regexp.MustCompile("`([a-z]+)\\.([A-Z][A-Za-z]*)(?:\\.([A-Z][A-Za-z]*))?`")

// What documents say is in a package is in it.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	exported := exportedNames(sources(t))
	packages := make(map[string]bool)
	for name := range exported {
		packages[name[:strings.IndexByte(name, '.')]] = true
	}
	for _, document := range documents(t) {
		for _, m := range apiName.FindAllStringSubmatch(read(t, document), -1) {
			name := strings.Trim(m[0], "`")
			if !packages[m[1]] || isTest(m[2]) || exported[name] {
				continue
			}
			t.Errorf("%s names %s, which is not there", document, m[0])
		}
	}
}

// isTest reports whether name is that of a test: see
// TestDocumentsNameTestsThatExist.
func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") || strings.HasPrefix(name, "Benchmark")
}

// exportedNames returns all functions, types, constants, variables, methods and
// fields of the packages, as in "raxx.Request.Path".
func exportedNames(all []source) map[string]bool {
	names := make(map[string]bool)
	for _, s := range all {
		if s.test || s.Name.Name == "main" {
			continue
		}
		for _, decl := range s.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				names[s.Name.Name+"."+receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					addSpec(names, s.Name.Name+".", spec)
				}
			}
		}
	}
	return names
}

// receiver returns the name of the type of a method and a dot, or nothing.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	typ := f.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	return typ.(*ast.Ident).Name + "."
}

// addSpec adds the names that one line of a declaration declares.
func addSpec(names map[string]bool, prefix string, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, id := range s.Names {
			names[prefix+id.Name] = true
		}
	case *ast.TypeSpec:
		names[prefix+s.Name.Name] = true
		if fields, ok := s.Type.(*ast.StructType); ok {
			for _, f := range fields.Fields.List {
				for _, id := range f.Names {
					names[prefix+s.Name.Name+"."+id.Name] = true
				}
			}
		}
	}
}

// documents returns the paths of all documents that are not in the folder of a
// package.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "*.md", "decisions/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no documents %s, %v", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
