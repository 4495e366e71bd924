package raxx

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// samples holds a value of every exported type, with something in every field.
// nil stands for a type of which no value has to be compared.
func samples() map[string]any {
	pairs := []Pair{{"a", "1"}}
	header := Header{{"a", "1"}}
	key := NewKey[int]("n")
	names := []string{"a"}
	certificate := Certificate{"CN=a", "CN=b", "1f", names, names, names, names, time.Unix(1, 0), time.Unix(2, 0), "c", "d"}
	handshake := &TLS{"TLS 1.3", "a", "b", "c", true, true, []Certificate{certificate}}
	req := key.Set(Post("https://a/b?c", "text/plain", Data("d")), 1).WithContext(context.Background())
	req.Trailer, req.Pattern, req.Peer = header, "/:x", Peer{"192.0.2.1:1", "HTTP/1.1", handshake}
	req = req.WithParams(Param{"x", "b"})
	return map[string]any{
		"Abort":           Abort{NewCause(errors.New("x"))},
		"After":           After{"a", time.Second},
		"Borrower":        nil, // an interface
		"Body":            []Body{nil, Data("a"), File{Name: "f"}, streamOf("x"), NewMachine(1, idle)},
		"ByteRange":       ByteRange{1, 2},
		"Cause":           NewCause(errors.New("x")),
		"ContextSource":   nil, // lives behind Scope, which does not compare it
		"Closed":          Closed{ClientGone},
		"Certificate":     certificate,
		"Cookie":          Cookie{"a", "b", "/", "c.d", time.Second, time.Unix(1, 0), true, true, true, SameSiteNone},
		"CookieError":     &CookieError{"a", "b"},
		"Data":            Data("a"),
		"Drain":           nil, // it has no field
		"Effect":          []Effect{After{"a", 1}, Publish{"a", "b"}, Subscribe{"a", DropOldest}, Unsubscribe{"a"}},
		"EndSource":       nil, // lives behind Scope, which does not compare it
		"LastWorder":      nil, // an interface
		"Ending":          Ending{200, 1, ClientGone, NewCause(errors.New("x"))},
		"ETag":            ETag{true, "a"},
		"Error":           &Error{404, "a", header, errors.New("x")},
		"Event":           []Event{Open{req.Peer}, Data("a"), Tail{header}, Info{"a", "b"}, Timer{"a", time.Unix(1, 0)}, Drain{}, Closed{TimedOut}},
		"Field":           Field{"a", "1"},
		"FieldError":      &FieldError{"a", "b", "c"},
		"FieldFault":      FieldFault{"#/a", "b"},
		"File":            NewFile(fstest.MapFS{}, "f").Range(1, 2),
		"FormPart":        FormPart{"a", "b", header, streamOf("x")},
		"Handler":         Handler(func(Request) Response { return NoContent() }),
		"Header":          header,
		"Info":            Info{"a", "b"},
		"Inform":          Inform{103, header},
		"Invalid":         Invalid{{"#/a", "b"}},
		"Key":             key,
		"Machine":         NewMachine(1, idle),
		"MediaType":       MediaType{"a", "b", pairs},
		"Middleware":      Middleware(func(h Handler) Handler { return h }),
		"MultipartLimits": MultipartLimits{1, 2, 3, 4},
		"Note":            key.Note(2),
		"Open":            Open{req.Peer},
		"Overflow":        DropNewest,
		"Pair":            pairs[0],
		"Param":           Param{"a", "1"},
		"Params":          Params{{"a", "1"}},
		"Part":            []Part{Text(200, "a"), Get("/"), Data("b"), Tail{header}},
		"Peer":            req.Peer,
		"ProblemDetails":  ProblemDetails{"a", "b", 400, "c", "d", map[string]any{"e": []any{1, "f"}}},
		"Publish":         Publish{"a", "b"},
		"Reason":          Overflowed,
		"Request":         req,
		"Response":        Response{200, header, NewFile(nil, "f"), header, NewCause(errors.New("x")), []Effect{Publish{"a", "b"}}},
		"SameSite":        SameSiteStrict,
		"Scope":           req.Scope,
		"Step":            nil, // a function
		"Stream":          NewStream(3, chunksOf(nil, "x")).WithTrailer(func() Header { return header }),
		"Subscribe":       Subscribe{"a", DropOldest},
		"TLS":             handshake,
		"Pull":            Pull{"a", Data("x"), true},
		"Pulled":          Pulled{"a", "x", true, NewCause(errors.New("x"))},
		"Tail":            Tail{header},
		"Timer":           Timer{"a", time.Unix(1, 0)},
		"Unsubscribe":     Unsubscribe{"a"},
		"Patience":        Patience{1},
		"Values":          Values(pairs),
	}
}

// idle is the step of a machine that does nothing.
func idle(n int, _ Event) (int, []Part) { return n, nil }

// incomparable are the types of which a value is not equal to itself: for cmp
// no function is.
var incomparable = map[string]bool{"Handler": true, "Middleware": true}

// Every exported type can be compared without options, and a value is equal to
// itself and not to the zero value.
func TestEveryExportedTypeCanBeCompared(t *testing.T) {
	samples := samples()
	for _, name := range exportedTypes(t) {
		t.Run(name, func(t *testing.T) {
			x, ok := samples[name]
			if !ok {
				t.Fatalf("there is no sample of %s: add one", name)
			}
			if x == nil {
				return
			}
			if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer {
				value := v.Elem().Interface() // the type itself
				if d := cmp.Diff(value, value); d != "" {
					t.Errorf("what a sample points to differs from itself:\n%s", d)
				}
			}
			if d := cmp.Diff(x, x); (d != "") != incomparable[name] {
				t.Errorf("a sample differs from itself:\n%s", d)
			}
			zero := reflect.New(reflect.TypeOf(x)).Elem().Interface()
			if cmp.Diff(x, zero) == "" {
				t.Error("the sample is equal to the zero value")
			}
			if d := cmp.Diff(zero, zero); d != "" {
				t.Errorf("the zero value differs from itself:\n%s", d)
			}
		})
	}
}

// exportedTypes finds them in the files of the package.
func exportedTypes(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				names = append(names, spec.Name.Name)
			}
			_, inFunction := n.(*ast.FuncDecl)
			return !inFunction
		})
	}
	if len(names) == 0 {
		t.Fatal("no exported type was found")
	}
	return names
}

// A field that is zero in the sample would not be compared with anything.
func TestSamplesFillEveryField(t *testing.T) {
	for name, x := range samples() {
		v := reflect.Indirect(reflect.ValueOf(x))
		if v.Kind() != reflect.Struct {
			continue
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && v.Field(i).IsZero() {
				t.Errorf("the sample of %s has no %s", name, f.Name)
			}
		}
	}
}
