package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What these tests check, they find by parsing: nothing is compiled or run.

const module = "github.com/raxx-go/raxx/"

// A source is a parsed Go file of the root module.
type source struct {
	path   string // from the root, as in "ace/internal/h1/conn.go"
	folder string
	test   bool
	*ast.File
}

// sources returns the Go files of the root module.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel("..", file)
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && name != "." && leftOut(file, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		all = append(all, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), parsed})
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("found %d files, %v", len(all), err)
	}
	return all
}

// leftOut reports whether a folder is none of the root module's packages.
func leftOut(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// A rule says what the files of a folder, and of those below it, may import.
type rule struct {
	folder string
	may    []string // of this module and of others
	not    []string // of the standard library; "net/..." is that with all below it
}

// law holds the rules. For a file the longest folder that it is in decides;
// "a/..." is all below a.
var law = []rule{
	{"raxx", nil, []string{"net/...", "crypto/tls", "crypto/x509", "os/...", "log/...", "syscall", "mime/multipart"}},
	{"raxx/sse", []string{"raxx"}, []string{"net/...", "crypto/tls", "crypto/x509", "os", "log", "log/slog"}},
	{"raxx/websocket", []string{"raxx"}, []string{"net/...", "crypto/tls", "os", "log", "log/slog"}},
	{"raxx/raxxtest", []string{"raxx", "raxx/sse", "raxx/websocket"}, []string{"net", "net/http", "crypto/tls", "crypto/x509", "log", "log/slog"}},
	{"ace", []string{"raxx", "ace/internal/..."}, []string{"log", "log/slog", "net/http"}},
	{"ace/nethttp", []string{"raxx", "ace/internal/exchange", "ace/internal/octets", "ace/internal/process", "ace/internal/tlsfacts", "ace/internal/wheel"}, []string{"log", "log/slog"}},
	{"ace/acetest", []string{"raxx", "ace", "ace/internal/memnet"}, []string{"log", "log/slog"}},
	{"ace/slogtrace", []string{"raxx", "ace"}, []string{"log", "net/http"}}, // the log that package ace does not write
	{"ace/internal", []string{"raxx"}, []string{"log", "log/slog", "net/http"}},
	{"ace/internal/process", []string{"raxx", "ace/internal/wheel"}, []string{"net/...", "os", "log", "log/slog"}},
	// The protocols and the exchange see no socket, no goroutine and no clock.
	{"ace/internal/octets", []string{"raxx"}, []string{"net/...", "os", "log", "sync", "time", "context"}},
	{"ace/internal/uri", []string{"ace/internal/octets"}, []string{"net", "net/http", "os", "log", "sync", "time", "context"}},
	{"ace/internal/h1", []string{"raxx", "ace/internal/exchange", "ace/internal/octets", "ace/internal/uri"}, []string{"net/...", "os", "log", "sync", "time", "context"}},
	{"ace/internal/h2", []string{"raxx", "ace/internal/octets", "ace/internal/uri", "golang.org/x/net/http2", "golang.org/x/net/http2/hpack"}, []string{"net/...", "os", "log", "sync", "time", "context"}},
	{"ace/internal/exchange", []string{"raxx", "ace/internal/octets"}, []string{"net/...", "os", "log", "sync", "time"}},
	{"router", []string{"raxx", "github.com/julienschmidt/httprouter"}, []string{"net", "crypto/tls", "os", "log", "log/slog"}},
	{"middleware", []string{"raxx", "middleware/internal/..."}, []string{"crypto/tls"}},
	{"middleware/internal", []string{"raxx"}, []string{"net", "net/http", "crypto/tls", "os", "log", "log/slog"}},
	{"middleware/internal/stack", []string{"raxx", "middleware", "middleware/..."}, nil}, // tests only
	{"middleware/compress", []string{"raxx", "middleware/internal/...", "github.com/klauspost/compress/...", "github.com/andybalholm/brotli"}, []string{"net", "net/http", "crypto/tls", "os", "log", "log/slog"}},
	{"middleware/decompress", []string{"raxx", "github.com/klauspost/compress/...", "github.com/andybalholm/brotli"}, []string{"net", "net/http", "crypto/tls", "os", "log", "log/slog"}},
	{"middleware/static", []string{"raxx", "middleware/internal/..."}, []string{"net", "net/http", "crypto/tls", "log", "log/slog"}},
	{"middleware/internal/seal", nil, []string{"net", "net/http", "os", "log", "log/slog", "time"}},
	{"middleware/ratelimit", []string{"raxx", "middleware", "golang.org/x/time/rate"}, []string{"net/http", "crypto/tls", "os", "log", "log/slog"}},
	{"middleware/views", []string{"raxx", "middleware"}, []string{"net", "net/http", "os", "log", "log/slog"}},
	{"examples", []string{"raxx", "raxx/...", "ace", "ace/nethttp", "router", "middleware", "middleware/..."}, nil},
	{"docs", []string{"raxx", "raxx/...", "ace", "ace/acetest", "ace/nethttp", "ace/slogtrace", "router", "middleware", "middleware/static"}, nil}, // the code that documents show
}

// mayInTests is what tests may import beyond their rule.
var mayInTests = []string{"github.com/google/go-cmp/cmp", "golang.org/x/net/http2", "golang.org/x/net/http2/hpack", "raxx/raxxtest", "raxx/websocket", "ace/acetest", "ace/internal/memnet", "ace/nethttp"}

// alsoInTests is what the tests of one folder may import beyond that.
var alsoInTests = map[string][]string{
	// A service that is asked is served in memory.
	"ace/nethttp": {"ace"},
	// The contract holds behind the stack that every site mounts.
	"ace": {"middleware", "middleware/compress", "middleware/decompress", "middleware/ratelimit", "middleware/static"},
}

// ruleOf returns the rule of a folder.
func ruleOf(folder string) (best rule) {
	for _, r := range law {
		if (folder == r.folder || strings.HasPrefix(folder, r.folder+"/")) && len(r.folder) > len(best.folder) {
			best = r
		}
	}
	return best
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		r := ruleOf(s.folder)
		if r.folder == "" {
			t.Errorf("%s: no rule says what it may import", s.path)
		}
		for _, spec := range s.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if !r.allows(s, strings.TrimPrefix(name, module)) {
				t.Errorf("%s imports %s, which the rule for %s forbids", s.path, name, r.folder)
			}
			if strings.HasSuffix(name, "/httprouter") && s.path != "router/tree.go" {
				t.Errorf("%s imports httprouter: only router/tree.go may", s.path)
			}
			if strings.HasPrefix(name, "golang.org/x/net/") && !s.test && s.path != "ace/internal/h2/framer.go" {
				t.Errorf("%s imports %s: only ace/internal/h2/framer.go may", s.path, name)
			}
			if s.folder == "raxx/raxxtest" && name == "os" && !s.test && s.path != "raxx/raxxtest/golden.go" {
				t.Errorf("%s imports os: only golden.go may, for the files of golden responses", s.path)
			}
		}
	}
}

// allows reports whether a file may import the package called name, which is
// without the path of this module.
func (r rule) allows(s source, name string) bool {
	first, _, _ := strings.Cut(name, "/")
	standard := !strings.Contains(first, ".") && ruleOf(name).folder == ""
	switch {
	case standard:
		return s.test || !slices.ContainsFunc(r.not, func(not string) bool {
			root, all := strings.CutSuffix(not, "/...")
			return name == root || all && strings.HasPrefix(name, root+"/")
		})
	case s.test && (slices.Contains(mayInTests, name) || slices.Contains(alsoInTests[s.folder], name) || name == s.folder):
		return true
	}
	return slices.ContainsFunc(r.may, func(may string) bool {
		below, all := strings.CutSuffix(may, "...")
		return name == may || all && strings.HasPrefix(name, below)
	})
}

// What happens because a package is there happens at a distance.
func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && !s.test {
				t.Errorf("%s has an init function", s.path)
			}
		}
	}
}

func TestExportedNamesHaveComments(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.Name.Name == "main" || slices.Contains(strings.Split(s.folder, "/"), "internal") {
			continue
		}
		for _, decl := range s.Decls {
			for _, name := range uncommented(decl) {
				t.Errorf("%s: %s has no comment", s.path, name)
			}
		}
	}
}

// uncommented returns the exported names that a declaration declares without a
// comment.
func uncommented(decl ast.Decl) (names []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv)) && d.Doc == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec: // the comment of a group speaks for its members
				if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return names
}

func exportedReceiver(recv *ast.FieldList) bool {
	typ := recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// testName is how documents name a test: by the package that it is in.
var testName = regexp.MustCompile("`([a-z0-9]+)\\.((?:Test|Fuzz|Benchmark)[^`/]*)(?:/([^`]+))?`")

// Every test that a document names exists.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	tests := testsOf(sources(t))
	documents, err := filepath.Glob("*.md")
	if err != nil || len(documents) == 0 {
		t.Fatal(err)
	}
	for _, document := range append(documents, "../ace/originals_test.go") {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testName.FindAllStringSubmatch(string(text), -1) {
			rows, ok := tests[m[1]+"."+m[2]]
			if !ok || m[3] != "" && !slices.Contains(rows, m[3]) {
				t.Errorf("%s names %s, which is no test", document, m[0])
			}
		}
	}
}

// Every requirement in rfc.md has a test, or says that it has none.
func TestEveryRequirementHasATest(t *testing.T) {
	text, err := os.ReadFile("rfc.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| section") {
			continue
		}
		if rows++; !testName.MatchString(line) {
			t.Errorf("no test is named in %q", line)
		}
	}
	if rows < 100 {
		t.Errorf("found %d requirements", rows)
	}
}

// testsOf returns the subtests of every test, by the name of its package and
// its own.
func testsOf(all []source) map[string][]string {
	tests := make(map[string][]string)
	for _, s := range all {
		if !s.test {
			continue
		}
		for _, decl := range s.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				name := path.Base(s.folder) + "." + f.Name.Name
				tests[name] = append(tests[name], subtests(f)...)
			}
		}
	}
	return tests
}

// subtests returns the names of the subtests of f, as go test writes them: the
// first argument of every Run that is a literal, and what names the rows of its
// tables: their first element, the one called name, or their key.
func subtests(f *ast.FuncDecl) (names []string) {
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			name, _ := strconv.Unquote(lit.Value)
			names = append(names, strings.ReplaceAll(name, " ", "_"))
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Run" && len(n.Args) == 2 {
				add(n.Args[0])
			}
		case *ast.CompositeLit:
			for i, e := range n.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				switch {
				case !ok && i == 0:
					add(e)
				case !ok:
				case isName(kv.Key):
					add(kv.Value)
				default:
					add(kv.Key)
				}
			}
		}
		return true
	})
	return names
}

func isName(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "name"
}
