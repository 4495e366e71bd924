package views_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/views"
	"github.com/raxx-go/raxx/raxx"
)

// folder returns a file system with these files.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func Example() {
	all := views.Must(views.New(views.Config{FS: folder(map[string]string{
		"layout.html":       `<title>{{block "title" .}}Site{{end}}</title>{{template "nav" .}}<main>{{template "content" .}}</main>`,
		"partials/nav.html": `<nav>{{.Path}}</nav>`,
		"home.html":         `{{define "title"}}Home{{end}}<p>Hello, {{.Name}}!</p>`,
	})}))
	type home struct {
		views.Page
		Name string
	}
	view := views.Must(views.Of[home](all, "home"))

	fmt.Println(view.Render(200, home{views.PageOf(raxx.Get("/home")), "<Ada>"}).Body)
	// Output: <title>Home</title><nav>/home</nav><main><p>Hello, &lt;Ada&gt;!</p></main>
}

func TestFiles(t *testing.T) {
	all, err := views.New(views.Config{
		FS: folder(map[string]string{
			"layout.html":              `[{{template "content" .}}|{{block "side" .}}side{{end}}]`,
			"plain.html":               `plain`,
			"side.html":                `{{define "side"}}mine{{end}}side`,
			"whole.html":               "\n<!DOCTYPE html>whole",
			"partial.html":             `{{template "p" .}}{{template "admin/p" .}}{{template "deep/er/p" .}}`,
			"partials/p.html":          `p`,
			"admin/partials/p.html":    `admin-p`,
			"deep/partials/er/p.html":  `deep-p`,
			"admin/layout.html":        `({{template "content" .}})`,
			"admin/list.html":          `{{define "side"}}nowhere{{end}}list`,
			"admin/users/show.html":    `show`,
			"other/index.html":         `{{shout "x"}}`,
			"other/notes.txt":          `{{`,
			"partials/unused.html":     `{{define "side"}}of a partial{{end}}`,
			"other/recursive.html":     `{{template "tree" .}}`,
			"partials/tree.html":       `({{range .}}{{template "tree" .}}{{end}})`,
			"scripts.html":             `<script>x = {{.}}</script><a href="/?q={{.}}" title='{{.}}'>`,
			"other/two/three/far.html": `far`,
		}),
		Funcs: template.FuncMap{"shout": strings.ToUpper},
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		data any
		want string
	}{
		"plain":               {nil, `[plain|side]`},
		"side":                {nil, `[side|mine]`},
		"whole":               {nil, "\n<!DOCTYPE html>whole"},
		"partial":             {nil, `[padmin-pdeep-p|side]`},
		"admin/list":          {nil, `(list)`},
		"admin/users/show":    {nil, `(show)`},
		"other/index":         {nil, `[X|side]`},
		"other/two/three/far": {nil, `[far|side]`},
		"other/recursive":     {[][][]int{{{}, {}}, {}}, `[((()())())|side]`},
		"scripts":             {`</script>"'&`, `[<script>x = "\u003c/script\u003e\"'\u0026"</script><a href="/?q=%3c%2fscript%3e%22%27%26" title='&lt;/script&gt;&#34;&#39;&amp;'>|side]`},
	}
	var names []string
	for name, test := range tests {
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(raxx.HTML(202, test.want), all.Render(202, name, test.data)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := all.Names(); len(got) != len(names) {
		t.Errorf("names are %v", got)
	}
}

// A page that puts a part of it in another's place asks for that part alone.
func TestPartialsByThemselves(t *testing.T) {
	all := views.Must(views.New(views.Config{FS: folder(map[string]string{
		"layout.html":               `[{{template "content" .}}{{block "side" .}}{{end}}]`,
		"list.html":                 `{{template "rows" .}}`,
		"partials/rows.html":        `{{range .}}{{template "admin/row" .}}{{end}}`,
		"admin/partials/row.html":   `<li>{{.Name}}</li>`,
		"partials/half.html":        `<p title="`,
		"partials/of_a_layout.html": `{{template "side" .}}`,
	})}))
	users := []user{{Name: "Ada"}, {Name: "<b>"}}
	rows := views.Must(views.Of[[]user](all, "partials/rows"))
	diff := func(want, got raxx.Response) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	diff(raxx.HTML(200, "<li>Ada</li><li>&lt;b&gt;</li>"), rows.Render(200, users))
	diff(raxx.HTML(200, "[<li>Ada</li><li>&lt;b&gt;</li>]"), all.Render(200, "list", users))
	diff(raxx.HTML(201, "<li>Ada</li>"), all.Render(201, "admin/partials/row", users[0]))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { diff(raxx.HTML(200, "<li>Ada</li>"), all.Render(200, "partials/rows", users[:1])) })
	}
	wg.Wait()
	if diff := cmp.Diff([]string{"list"}, all.Names()); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{
		"partials/half":        "views: partials/half.html: ends in",
		"partials/of_a_layout": "views: partials/of_a_layout.html:1: no such template",
		"partials/nope":        `there are admin/partials/row, list, partials/rows`,
		"admin/row":            `views: "admin/row": there is no view of this name`,
	} {
		if _, err := views.Of[user](all, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got the error %v, want %q", name, err, want)
		}
	}
	if _, err := views.Of[[]int](all, "partials/rows"); err == nil || !strings.Contains(err.Error(), "admin/partials/row.html:1: a int has no field") {
		t.Errorf("of a type without the field: %v", err)
	}
}

func TestErrorsNameFileAndLine(t *testing.T) {
	layout := "<html>\n{{template \"content\" .}}"
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"a view":              {map[string]string{"a/home.html": "x\n{{if}}"}, "views: a/home.html:2: "},
		"a layout":            {map[string]string{"layout.html": "\n\n{{end}}", "home.html": ""}, "views: layout.html:3: "},
		"a partial":           {map[string]string{"partials/nav.html": "\n{{nope}}"}, "views: partials/nav.html:2: "},
		"no such partial":     {map[string]string{"layout.html": layout, "home.html": "x\n\n{{template \"nope\"}}"}, "views: home.html:3: no such"},
		"a place in a script": {map[string]string{"home.html": "\n<script>`${ {{.}} }"}, "views: home.html: ends in"},
		"an attribute":        {map[string]string{"home.html": "\n<a href='{{if .}}'{{end}}>"}, "views: home.html:2: {{if}} branches"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := views.New(views.Config{FS: folder(test.files)})
			var fault *views.Error
			if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestRenderThatFails(t *testing.T) {
	all := views.Must(views.New(views.Config{
		FS: folder(map[string]string{
			"layout.html": "<p>begin</p>\n{{template \"content\" .}}",
			"fail.html":   "x\ny {{fail}}",
			"field.html":  "x\n{{.Missing}}",
			"key.html":    "{{.missing}}",
			"panic.html":  "{{panics}}",
		}),
		Funcs: template.FuncMap{
			"fail":   func() (string, error) { return "", errors.New("the database is down") },
			"panics": func() string { panic("oh") },
		},
	}))
	tests := map[string]struct {
		name string
		data any
		want string
	}{
		"a function":         {"fail", nil, "views: fail.html:2: "},
		"a field":            {"field", struct{}{}, "views: field.html:2: "},
		"a key":              {"key", map[string]int{}, "views: key.html:1: "},
		"a function's panic": {"panic", nil, "views: panic.html:1: "},
		"an unknown view":    {"nope", nil, `views: "nope": there is no view of this name: there are fail, field, key, panic`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			resp := all.Render(200, test.name, test.data)
			if diff := cmp.Diff(raxx.Problem(500, ""), resp.WithCause(nil)); diff != "" {
				t.Error(diff)
			}
			if cause := resp.Cause.String(); !strings.HasPrefix(cause, test.want) {
				t.Errorf("the cause is %s", cause)
			}
		})
	}
}

type user struct {
	Name string
	Tags []string
	next *user
}

func (u *user) Next() *user             { return u.next }
func (u user) With(n int) (user, error) { return u, nil }

type arguments struct {
	views.Page
	User  *user
	Users []user
	ByID  map[string]*user
	Any   any
	F     func() user
	hide  string

	Pair   pair
	Two    [2]user
	ByName map[string]user
	Where  *where
	Deep   **user
}

type pair struct{ A, B user }

type where struct {
	arguments
	Pairs []pair
}

func TestOfChecksArguments(t *testing.T) {
	good := []string{
		`{{.Path}}{{.CSRF}}{{.Page.Path}}{{range .Flashes}}{{.Text}}{{$.CSRF}}{{end}}`,
		`{{.User.Name}}{{.User.Next.Name}}{{(.User.Next).Name}}{{(.User.With 1).Name}}`,
		`{{range .Users}}{{.Name}}{{range .Tags}}{{.}}{{end}}{{.Next.Name}}{{else}}{{.Path}}{{end}}`,
		`{{range $i, $u := .Users}}{{$i}}{{$u.Name}}{{end}}{{range $k, $u := .ByID}}{{$k}}{{$u.Name}}{{end}}`,
		`{{with .User}}{{.Name}}{{else}}{{.Path}}{{end}}{{with $u := .User}}{{$u.Name}}{{$.Path}}{{end}}`,
		`{{.Any.Whatever.There.Is}}{{.ByID.ada.Name}}{{(index .Users 0).Anything}}`,
		`{{$u := .User}}{{$u.Name}}{{$u = .Any}}{{$u.Other}}`,
		`{{$u := .User}}{{if .Path}}{{$u = .Any}}{{end}}{{$u.Other}}`,
		`{{$u := .User}}{{range $u = .Any}}{{end}}{{$u.Other}}`,
		`{{$k := .User}}{{$u := .User}}{{range $k, $u = .Any}}{{$k.X}}{{$u.Y}}{{end}}{{$k.X}}{{$u.Y}}`,
		`{{$last := .Path}}{{range $i, $u := .Users}}{{if $i}}{{$last.Name}}{{end}}{{$last = $u}}{{end}}`,
		`{{$last := .Path}}{{range .Users}}{{range $i, $_ := .Tags}}{{if $i}}{{$last.Name}}{{end}}{{end}}{{$last = .}}{{end}}`,
		`{{$u := .User}}{{range .Users}}{{$u.Name}}{{$u := .Tags}}{{len $u}}{{end}}{{$u.Name}}`,
		`{{template "nav" .User}}{{template "nav" .Any}}{{template "none"}}`,
		`{{len .Users | printf "%d"}}{{.User.Name | printf "%s" | html}}{{find "x" | printf "%v"}}{{(find "x").Name}}`,
		`{{range .Any}}{{.X}}{{break}}{{end}}{{range 3}}{{.}}{{end}}`,
		`{{.Pair.A.Name}}{{.Where.Users}}{{range .Where.Pairs}}{{.A.Next}}{{.B.Next}}{{end}}{{range .Where.Two}}{{.Next}}{{end}}{{.Deep.Name}}{{.Deep.Next}}`,
	}
	bad := map[string]string{
		`{{.Nme}}`:                                  "a views_test.arguments has no field and no method Nme",
		`{{.User.Nme}}`:                             "a *views_test.user has no field",
		`{{.User.Name.X}}`:                          "a string has no field",
		`{{.hide}}`:                                 "no field and no method hide",
		`{{.User.next}}`:                            "no field and no method next",
		`{{range .Users}}{{.Nme}}{{end}}`:           "a views_test.user has no field",
		`{{range .Users}}{{.Path}}{{end}}`:          "a views_test.user has no field and no method Path",
		`{{range $i, $u := .Users}}{{$u.X}}{{end}}`: "a views_test.user has no field",
		`{{with .User}}{{.Path}}{{end}}`:            "a *views_test.user has no field",
		`{{with .User}}{{else}}{{.Name}}{{end}}`:    "a views_test.arguments has no field",
		`{{$u := .User}}{{with $u := .Any}}{{$u.X}}{{end}}{{$u.Nme}}`: "a *views_test.user has no field",
		`{{$u := .User}}{{$u.Nme}}`:                                   "a *views_test.user has no field",
		`{{range .Users}}{{template "nav" $}}{{end}}`:                 "views: partials/nav.html:2: ",
		`{{if .Nme}}{{end}}`:                                          "no field and no method Nme",
		`{{if .Path}}{{else}}{{.Nme}}{{end}}`:                         "no field and no method Nme",
		`{{template "nav" .}}`:                                        "views: partials/nav.html:2: ",
		`{{printf "%s" .Nme}}`:                                        "no field and no method Nme",
		`{{.User.Next.Nme}}`:                                          "a *views_test.user has no field",
		`{{(.User.With 1).Nme}}`:                                      "a views_test.user has no field",
		`{{.ByID.ada.Nme}}`:                                           "a *views_test.user has no field",
		`{{(find "x").Nme}}`:                                          "a *views_test.user has no field",
		`{{range .Flashes}}{{.CSRF}}{{end}}`:                          "a middleware.Flash has no field",
		`{{define "title"}}{{.Nme}}{{end}}`:                           "no field and no method Nme",
		`{{.CSRF}}{{"\n"}}` + "\n\n" + `{{.Nme.X}}`:                   "views: page.html:3: ",
		`<script>x = {{.Nme}}</script>{{.Other}}`:                     "no field and no method Other",
		`<a href="{{template "nav" .}}">`:                             "views: partials/nav.html:2: ",
		`{{range .ByID}}{{range .Tags}}{{.X}}{{end}}{{end}}`:          "a string has no field",
		`{{.Pair.A.Next}}`:                                            "a views_test.user has no field and no method Next: only a pointer to it has one",
		`{{(.User.With 1).Next}}`:                                     "no method Next: only a pointer",
		`{{range .ByName}}{{.Next}}{{end}}`:                           "no method Next: only a pointer",
		`{{range .Two}}{{.Next}}{{end}}`:                              "no method Next: only a pointer",
		`{{.Where.X}}`:                                                "a *views_test.where has no field and no method X",
	}
	check := func(text string) error {
		all, err := views.New(views.Config{
			FS: folder(map[string]string{
				"layout.html":        `<title>{{block "title" .}}{{.Path}}{{end}}</title>{{template "content" .}}`,
				"partials/nav.html":  "\n{{.Name}}",
				"partials/none.html": "{{with .}}{{end}}",
				"page.html":          text,
			}),
			Funcs: template.FuncMap{"find": func(string) (*user, error) { return &user{}, nil }},
		})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		_, err = views.Of[arguments](all, "page")
		return err
	}
	for _, text := range good {
		if err := check(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range bad {
		err := check(text)
		var fault *views.Error
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	all := views.Must(views.New(views.Config{FS: folder(nil)}))
	if _, err := views.Of[arguments](all, "page"); err == nil {
		t.Error("a view that is not there was found")
	}
}

func TestReload(t *testing.T) {
	files := folder(map[string]string{"home.html": "one {{.Name}}"})
	all := views.Must(views.New(views.Config{FS: files, Reload: true}))
	view := views.Must(views.Of[user](all, "home"))
	change := func(text string) raxx.Response {
		files["home.html"] = &fstest.MapFile{Data: []byte(text)}
		return view.Render(200, user{Name: "Ada"})
	}
	if diff := cmp.Diff(raxx.HTML(200, "two Ada"), change("two {{.Name}}")); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"1\n2\n{{if}} <b>":   "home.html:3",
		"1\n{{.Nme}} <b>":    "home.html:2",
		"{{template \"x\"}}": "home.html:1",
	} {
		resp := change(text)
		body := string(resp.Body.(raxx.Data))
		if resp.Status != 500 || !strings.Contains(body, want) || strings.Contains(body, "<b>") || resp.Cause.Err() == nil {
			t.Errorf("%q: %d %s", text, resp.Status, body)
		}
		if !strings.Contains(text, "template") && !strings.Contains(body, "&lt;b&gt;") {
			t.Errorf("%q: the line is not shown: %s", text, body)
		}
	}
	// What is wrong at the start is shown with the page.
	files["home.html"] = &fstest.MapFile{Data: []byte("{{if}}")}
	if _, err := views.New(views.Config{FS: files, Reload: true}); err != nil {
		t.Error(err)
	}
	delete(files, "home.html")
	if resp := view.Render(200, user{}); resp.Status != 500 {
		t.Errorf("status %d", resp.Status)
	}
}

// The page of a mistake has its own style and the policy that lets it in: behind
// SecureHeaders a browser would not show which line it is.
func TestErrorPageIsShownAsItIsMeant(t *testing.T) {
	all := views.Must(views.New(views.Config{FS: folder(map[string]string{"home.html": "1\n{{if}}"}), Reload: true}))
	secure := middleware.SecureHeaders{}.Middleware()
	resp := secure(func(raxx.Request) raxx.Response { return all.Render(200, "home", nil) })(raxx.Get("/"))
	body := string(resp.Body.(raxx.Data))
	_, rest, _ := strings.Cut(body, "<style>")
	style, _, ok := strings.Cut(rest, "</style>")
	hash := sha256.Sum256([]byte(style))
	policy := resp.Header.Get("content-security-policy")
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"; !ok || !strings.Contains(policy, want) {
		t.Errorf("got the policy %q, want %s", policy, want)
	}
	if strings.Contains(body, "style=") {
		t.Errorf("the policy forbids styles of elements: %s", body)
	}
	if !strings.Contains(body, "<mark>   2  {{if}}") {
		t.Errorf("the line is not marked: %s", body)
	}
}

func TestPageOf(t *testing.T) {
	req := middleware.WithFlashes(middleware.WithCSRFToken(raxx.Get("/a?b"), "t"), middleware.Flash{Kind: "info", Text: "hello"})
	req = middleware.CSPNonce.Set(req, "n")
	want := views.Page{
		Path:      "/a",
		Nonce:     "n",
		CSRF:      `<input type="hidden" name="_csrf" value="t">`,
		CSRFToken: "t",
		Flashes:   []middleware.Flash{{Kind: "info", Text: "hello"}},
	}
	if diff := cmp.Diff(want, views.PageOf(req)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(views.Page{Path: "/"}, views.PageOf(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
}

func TestNoFiles(t *testing.T) {
	if _, err := views.New(views.Config{}); err == nil {
		t.Error("there is no error without FS")
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	views.Must(views.New(views.Config{}))
}

func BenchmarkRender(b *testing.B) {
	all := views.Must(views.New(views.Config{FS: folder(map[string]string{
		"layout.html": `<!doctype html><title>{{block "title" .}}Site{{end}}</title><main>{{template "content" .}}</main>`,
		"home.html":   `{{range .Users}}<p>Hello, {{.Name}}!</p>{{end}}`,
	})}))
	view := views.Must(views.Of[arguments](all, "home"))
	data := arguments{Users: make([]user, 10), hide: "it"}
	b.ReportAllocs()
	for b.Loop() {
		view.Render(200, data)
	}
}

// What can't be read is no mistake in a template: the error is that of the file
// system, and says who wanted to read.
func TestFilesThatCantBeRead(t *testing.T) {
	nowhere := os.DirFS(filepath.Join(t.TempDir(), "nowhere"))
	for _, reload := range []bool{false, true} {
		_, err := views.New(views.Config{FS: nowhere, Reload: reload})
		if fault := (*views.Error)(nil); !errors.Is(err, fs.ErrNotExist) || errors.As(err, &fault) {
			t.Fatalf("with Reload %v: got %T, %v", reload, err, err)
		}
		if want := "views: the templates can't be read: "; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("with Reload %v: got %q, want it to begin with %q", reload, err, want)
		}
	}
}
