package static

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// long is content of which parts can be told from each other.
var long = func() string {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(string(rune('a'+i%26)) + strings.Repeat("0123456789", i%3))
	}
	return b.String()
}()

var monday = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }

// site is a file system with some of everything.
func site() fstest.MapFS {
	dated := file("dated")
	dated.ModTime = monday
	return fstest.MapFS{
		"index.html": file("<h1>home</h1>"), "app.css": file("body{}"), "app.js": file("let a"), "cat.png": file("\x89PNG"),
		"long.txt": file(long), "data": file("<script>"), "empty.txt": file(""), "dated.txt": dated,
		"docs/index.html": file("<h1>docs</h1>"), "docs/a b.txt": file("a b"), "docs/100%.txt": file("all"),
		"docs/größe.txt": file("big"), "plain/readme.md": file("# hi"),
		".env": file("SECRET=1"), ".git/config": file("[core]"), ".well-known/security.txt": file("Contact: x"),
		"dots/.htaccess": file("deny"), "..hidden": file("h"), "a\\b": file("back"), "c:d": file("colon"), "e.": file("dot"),
		"app.css\n": file("line"), "app.css\x1f": file("control"), "app.css\x7f": file("delete"), "CON .txt": file("device"),
		"con": file("device"), "nul.txt": file("device"), "GIT~1": file("short"), "ENV~~1": file("short"),
		"\u200c.env": file("unseen"), "app\u202ecss": file("backwards"), "app.css ": file("space"), "CONFIG~2.TXT": file("short"),
		"CONIN$": file("device"), "docs/com1": file("device"), "lpt¹.txt": file("device"), "aux/app.css": file("device"),
	}
}

// get asks a Files of the zero Config for a path.
func get(path string) raxx.Response { return Config{}.MustNew(site()).Handle(raxx.Get(path)) }

// content returns the whole body.
func content(t *testing.T, resp raxx.Response) string {
	t.Helper()
	data, err := raxx.ReadAll(resp.Body, -1)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
