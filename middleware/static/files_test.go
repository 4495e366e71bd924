package static

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func TestFiles(t *testing.T) {
	tests := []struct{ path, contentType, want string }{
		{"/app.css", "text/css; charset=utf-8", "body{}"},
		{"/app.js", "text/javascript; charset=utf-8", "let a"},
		{"/cat.png", "image/png", "\x89PNG"},
		{"/empty.txt", "text/plain; charset=utf-8", ""},
		{"/index.html", "text/html; charset=utf-8", "<h1>home</h1>"},
		{"/", "text/html; charset=utf-8", "<h1>home</h1>"},
		{"/docs/", "text/html; charset=utf-8", "<h1>docs</h1>"},
		{"/docs/a%20b.txt", "text/plain; charset=utf-8", "a b"},
		{"/docs/100%25.txt", "text/plain; charset=utf-8", "all"},
		{"/docs/gr%C3%B6%C3%9Fe.txt", "text/plain; charset=utf-8", "big"},
		{"/%61pp.css", "text/css; charset=utf-8", "body{}"},
		{"/plain/readme.md", "text/markdown; charset=utf-8", "# hi"},
		// It looks like HTML, and is not shown as such.
		{"/data", "application/octet-stream", "<script>"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				got := Config{}.MustNew(site()).Handle(raxx.New(method, tt.path, nil))
				diff(t, 200, got.Status)
				diff(t, tt.contentType, got.Header.Get("content-type"))
				diff(t, "nosniff", got.Header.Get("x-content-type-options"))
				diff(t, "no-cache", got.Header.Get("cache-control"))
				diff(t, raxx.StrongETag(raxx.Data(tt.want)).String(), got.Header.Get("etag"))
				diff(t, "bytes", got.Header.Get("accept-ranges"))
				diff(t, false, got.Header.Has("last-modified")) // as of files that are embedded
				diff(t, tt.want, content(t, got))
				if _, isFile := got.Body.(raxx.File); !isFile {
					t.Errorf("the body is a %T, want a File", got.Body)
				}
			}
		})
	}
}

func TestNotFound(t *testing.T) {
	for _, path := range []string{
		"/none.txt", "/docs/none", "/app.css/", "/app.css/x", "/plain", "/plain/", "//", "//app.css", "/docs//", "/docs//index.html", "*",
	} {
		diff(t, 404, get(path).Status)
	}
	files := site()
	files["docs/-"], files["docs/folder.html/x"] = file("hyphen"), file("x")
	for _, c := range []Config{{Index: "-"}, {Index: "start.html"}, {Index: "folder.html"}} {
		diff(t, 404, c.MustNew(files).Handle(raxx.Get("/docs/")).Status)
		diff(t, 404, c.MustNew(files).Handle(raxx.Get("/docs")).Status)
	}
}

func TestMethods(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"} {
		got := Config{}.MustNew(site()).Handle(raxx.New(method, "/app.css", nil))
		diff(t, 405, got.Status)
		diff(t, "GET, HEAD", got.Header.Get("allow"))
	}
}

// The location is beside the path, so that it is right under every prefix and
// can't name another host.
func TestRedirect(t *testing.T) {
	tests := []struct{ target, want string }{
		{"/docs", "./docs/"},
		{"/docs?a=b//c", "./docs/?a=b//c"},
		{"/%64ocs", "./%64ocs/"},
		{"/a%20b", "./a%20b/"},
	}
	files := site()
	files["a b/index.html"] = file("x")
	for _, tt := range tests {
		got := Config{}.MustNew(files).Handle(raxx.Get(tt.target))
		diff(t, raxx.Redirect(301, tt.want).With("cache-control", "no-cache"), got)
	}
	for _, path := range []string{"//docs", "///docs", "/\\docs", "//example.org/docs", "/docs%2f..%2f"} {
		diff(t, 404, get(path).Status)
	}
}

func TestConditionalRequests(t *testing.T) {
	tag := raxx.StrongETag("dated").String()
	tests := []struct {
		name, field, value string
		status             int
	}{
		{"the current version", "if-none-match", tag, 304},
		{"another one", "if-none-match", `"x"`, 200},
		{"not newer", "if-modified-since", "Mon, 16 Nov 2026 12:00:00 GMT", 304},
		{"newer", "if-modified-since", "Mon, 16 Nov 2026 11:59:59 GMT", 200},
		{"another one is meant", "if-match", `"x"`, 412},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Config{}.MustNew(site()).Handle(raxx.Get("/dated.txt").With(tt.field, tt.value))
			diff(t, tt.status, got.Status)
			if tt.status == 304 {
				diff(t, raxx.Response{Status: 304, Header: raxx.Header{
					{Name: "x-content-type-options", Value: "nosniff"},
					{Name: "cache-control", Value: "no-cache"},
					{Name: "vary", Value: "accept-encoding"},
					{Name: "etag", Value: tag},
					{Name: "last-modified", Value: "Mon, 16 Nov 2026 12:00:00 GMT"},
				}}, got)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	c := Config{
		CacheControl: "max-age=60",
		Immutable:    func(name string) bool { return strings.HasPrefix(name, "docs/") },
		Types:        map[string]string{".css": "text/plain", ".glb": "model/gltf-binary"},
		Header:       raxx.Header{{Name: "content-security-policy", Value: "sandbox"}},
		Dotted:       []string{".well-known"},
	}
	files := site()
	files["thing.GLB"] = file("x")
	ask := func(path string) raxx.Response { return c.MustNew(files).Handle(raxx.Get(path)) }
	diff(t, "text/plain", ask("/app.css").Header.Get("content-type"))
	diff(t, "max-age=60", ask("/app.css").Header.Get("cache-control"))
	diff(t, "sandbox", ask("/app.css").Header.Get("content-security-policy"))
	diff(t, "model/gltf-binary", ask("/thing.GLB").Header.Get("content-type"))
	diff(t, immutableControl, ask("/docs/a%20b.txt").Header.Get("cache-control"))
	diff(t, "max-age=60", ask("/docs/").Header.Get("cache-control"))
	diff(t, 200, ask("/.well-known/security.txt").Status)
	diff(t, 404, ask("/.env").Status)
	diff(t, 404, ask("/docs/.well-known").Status)
}

// A field of upper case could not be sent, and what has become of the Config since
// does not count.
func TestConfigIsTakenAsItIs(t *testing.T) {
	c := Config{
		Header: raxx.Header{{Name: "X-A", Value: "b"}}, Types: map[string]string{".css": "text/plain"},
		Dotted: []string{".well-known"}, Precompressed: []string{"gzip"},
	}
	tree := site()
	tree["app.css.gz"] = file("x")
	files := c.MustNew(tree)
	c.Header[0].Value, c.Types[".css"], c.Dotted[0], c.Precompressed[0] = "c", "text/html", ".env", ""
	got := files.Handle(raxx.Get("/app.css"))
	diff(t, true, slices.Contains(got.Header, raxx.Field{Name: "x-a", Value: "b"}))
	diff(t, "text/plain", got.Header.Get("content-type"))
	diff(t, 200, files.Handle(raxx.Get("/.well-known/security.txt")).Status)
	diff(t, "gzip", files.Handle(raxx.Get("/app.css").With("accept-encoding", "gzip")).Header.Get("content-encoding"))
}

func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct {
		config Config
		want   string
	}{
		{Config{Prefix: "assets"}, `prefix "assets"`},
		{Config{Prefix: "/assets/"}, `prefix "/assets/"`},
		{Config{Prefix: "/"}, `prefix "/"`},
		{Config{Index: "../index.html"}, "no name of a file"},
		{Config{Precompressed: []string{"deflate"}}, "precompressed"},
		{Config{Precompressed: []string{"br", "br"}}, "precompressed"},
		{Config{Dotted: []string{"."}}, "dotted name"},
		{Config{Dotted: []string{".."}}, "dotted name"},
		{Config{Dotted: []string{"../x"}}, "dotted name"},
		{Config{Dotted: []string{"well-known"}}, "dotted name"},
		{Config{Dotted: []string{""}}, "dotted name"},
		{Config{Types: map[string]string{".": "text/css"}}, "no extension"},
		{Config{Types: map[string]string{".CSS": "text/css"}}, "no extension"},
		{Config{Types: map[string]string{"css": "text/css"}}, "no extension"},
		{Config{Types: map[string]string{".css": "a\r\nb"}}, "5.5"},
		{Config{CacheControl: "a\nb"}, "5.5"},
		{Config{Types: map[string]string{".css": "css"}}, "is no media type"},
		{Config{Header: raxx.Header{{Name: "Cache-Control", Value: "max-age=60"}}}, `the field "cache-control"`},
		{Config{Header: raxx.Header{{Name: "content-type", Value: "text/css"}}}, `the field "content-type"`},
		{Config{App: "none.html"}, "no file"},
		{Config{App: "docs"}, "no file"},
	} {
		_, err := tt.config.New(site())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.config, err, tt.want)
		}
	}
}

func TestMiddleware(t *testing.T) {
	next := func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Method+" "+req.Path) }
	tests := []struct{ prefix, method, path, want string }{
		{"", "GET", "/app.css", "body{}"},
		{"", "GET", "/users", "GET /users"},
		{"", "POST", "/app.css", "POST /app.css"},
		{"", "GET", "/.env", "GET /.env"},
		{"", "OPTIONS", "*", "OPTIONS *"},
		{"/assets", "GET", "/assets/app.css", "body{}"},
		{"/assets", "GET", "/app.css", "GET /app.css"},
		{"/assets", "GET", "/assetsapp.css", "GET /assetsapp.css"},
		{"/assets", "GET", "/assets", "GET /assets"},
		{"/assets", "GET", "/assets/none", "GET /assets/none"},
	}
	for _, tt := range tests {
		h := Config{Prefix: tt.prefix}.MustNew(site()).Middleware(next)
		if got := content(t, h(raxx.New(tt.method, tt.path, nil))); got != tt.want {
			t.Errorf("%s: %s %s: got %q, want %q", tt.prefix, tt.method, tt.path, got, tt.want)
		}
	}
}

func TestLaws(t *testing.T) {
	raxxtest.Laws(t, Config{}.MustNew(fstest.MapFS{"some-file": file("x")}).Middleware)
	raxxtest.Laws(t, Config{App: "index.html"}.MustNew(fstest.MapFS{"index.html": file("x")}).Middleware,
		raxxtest.Replaces(func(head raxx.Response) bool { return head.Status == 404 }),
		raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("accept", "text/html") }))
}
