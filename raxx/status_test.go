package raxx

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestStatusText(t *testing.T) {
	for status, want := range map[int]string{
		100: "Continue", 200: "OK", 203: "Non-Authoritative Information", 226: "IM Used", 308: "Permanent Redirect",
		413: "Content Too Large", 418: "", 422: "Unprocessable Content", 451: "Unavailable For Legal Reasons",
		505: "HTTP Version Not Supported", 511: "Network Authentication Required",
		0: "", -1: "", 99: "", 306: "", 512: "", 1000: "",
	} {
		if got := StatusText(status); got != want {
			t.Errorf("StatusText(%d) = %q, want %q", status, got, want)
		}
	}
}

// Every constant has a text, and is called as its text is.
func TestEveryStatusHasItsText(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "status.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			named++
			value := spec.(*ast.ValueSpec)
			var status int
			if err := parseText(value.Values[0].(*ast.BasicLit).Value, &status); err != nil {
				t.Fatal(err)
			}
			plain := strings.NewReplacer(" ", "", "-", "").Replace(StatusText(status))
			if name := value.Names[0].Name; name != "Status"+plain {
				t.Errorf("%s = %d has the text %q", name, status, StatusText(status))
			}
		}
	}
	texts := 0
	for _, text := range statusTexts {
		if text != "" {
			texts++
		}
	}
	diff(t, named, texts)
}
