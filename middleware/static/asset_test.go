package static

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestAsset(t *testing.T) {
	tree := site()
	tree["LICENSE"] = file("free")
	files := Config{Prefix: "/assets"}.MustNew(tree)
	h := files.Middleware(func(raxx.Request) raxx.Response { return raxx.Problem(404, "") })
	for name, want := range map[string]string{
		"app.css":        "/assets/app-",
		"docs/a b.txt":   "/assets/docs/a%20b-",
		"docs/größe.txt": "/assets/docs/gr%C3%B6%C3%9Fe-",
		"LICENSE":        "/assets/LICENSE-",
	} {
		path, err := files.Asset(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(path, want) {
			t.Errorf("%s: got %q, want %q", name, path, want)
		}
		got := h(raxx.Get(path))
		plain := h(raxx.Get("/assets" + raxx.JoinPath(strings.Split(name, "/")...)))
		diff(t, plain.With("cache-control", immutableControl), got)
		diff(t, content(t, plain), content(t, got))
		diff(t, 304, h(raxx.Get(path).With("if-none-match", got.Header.Get("etag"))).Status)

		again, _ := files.Asset(name)
		diff(t, path, again)
		changed := site()
		changed[name] = file("changed")
		other, _ := Config{Prefix: "/assets"}.MustNew(changed).Asset(name)
		if other == path {
			t.Errorf("%s has the path %q when its content has changed", name, path)
		}
	}
	for _, name := range []string{"none.css", "docs", "../app.css", "", "/app.css"} {
		if _, err := files.Asset(name); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestAssetPaths(t *testing.T) {
	tree := site()
	tree["bundle-0123456789abcdef0123.js"] = file("a bundler's")
	tree["-0123456789abcdef0123.js"] = file("odd")
	files := Config{}.MustNew(tree)
	for path, want := range map[string]int{
		"/app-0123456789abcdef0123.css":     200, // of another version
		"/app-0123456789abcdef012.css":      404,
		"/app-0123456789ABCDEF0123.css":     404,
		"/app-0123456789abcdef0123.js.css":  404,
		"/app-0123456789abcdefg123.css":     404,
		"/app_0123456789abcdef0123.css":     404,
		"/none-0123456789abcdef0123.css":    404,
		"/bundle-0123456789abcdef0123.js":   200,
		"/-0123456789abcdef0123.js":         200,
		"/docs-0123456789abcdef0123":        404,
		"/.env-0123456789abcdef0123":        404,
		"/docs/-0123456789abcdef0123.css":   404,
		"/..-0123456789abcdef0123/app.css":  404,
		"/app-0123456789abcdef0123.css/x/y": 404,
	} {
		got := files.Handle(raxx.Get(path))
		if got.Status != want || got.Status == 200 && got.Header.Get("cache-control") != "no-cache" {
			t.Errorf("%s: got %d, %q, want %d", path, got.Status, got.Header.Get("cache-control"), want)
		}
	}
}

// A file that is there is not hidden by another one of which it could be the
// asset: bundlers leave "app.js" and "app-<hash>.js" beside each other.
func TestFileWithTheNameOfAnAsset(t *testing.T) {
	tree := site()
	tree["app-0123456789abcdef0123.js"] = file("let b")
	files := Config{}.MustNew(tree)
	got := files.Handle(raxx.Get("/app-0123456789abcdef0123.js"))
	diff(t, "let b", content(t, got))
	diff(t, "no-cache", got.Header.Get("cache-control"))
	path, err := files.Asset("app-0123456789abcdef0123.js")
	diff(t, nil, err)
	got = files.Handle(raxx.Get(path))
	diff(t, "let b", content(t, got))
	diff(t, immutableControl, got.Header.Get("cache-control"))
}
