package static_test

import (
	"fmt"
	"testing/fstest"

	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
)

// In a program this is an embed.FS, or the FS of an os.Root.
var public = fstest.MapFS{
	"index.html":  {Data: []byte("<h1>Hello</h1>")},
	"app.css":     {Data: []byte("h1 { color: teal }")},
	"app.css.br":  {Data: []byte("…")},
	".env":        {Data: []byte("SECRET=1")},
	"docs/a.html": {Data: []byte("<h1>A</h1>")},
}

func Example() {
	files := static.Config{}.MustNew(public)

	resp := files.Handle(raxx.Get("/app.css").With("accept-encoding", "br"))
	fmt.Println(resp.Status, resp.Header.Get("content-type"), resp.Header.Get("content-encoding"))

	again := files.Handle(raxx.Get("/app.css").With("accept-encoding", "br").With("if-none-match", resp.Header.Get("etag")))
	fmt.Println(again.Status)

	part := files.Handle(raxx.Get("/").With("range", "bytes=4-8"))
	hello, _ := raxx.ReadAll(part.Body, -1)
	fmt.Println(part.Status, hello)

	fmt.Println(files.Handle(raxx.Get("/.env")).Status, files.Handle(raxx.Get("/docs/")).Status)
	// Output:
	// 200 text/css; charset=utf-8 br
	// 304
	// 206 Hello
	// 404 404
}

func ExampleFiles_Asset() {
	files := static.Config{Prefix: "/assets"}.MustNew(public)
	site := files.Middleware(func(raxx.Request) raxx.Response { return raxx.NoContent() })

	path, err := files.Asset("app.css")
	fmt.Println(path, err)
	fmt.Println(site(raxx.Get(path)).Header.Get("cache-control"))
	// Output:
	// /assets/app-60d7bd8202b5ba520a28.css <nil>
	// public, max-age=31536000, immutable
}

// A single-page application: its pages are paths that only the browser knows.
func ExampleConfig_app() {
	files := static.Config{App: "index.html", NotApp: []string{"/api"}}.MustNew(public)
	page := raxx.Get("/users/7").With("accept", "text/html")
	fmt.Println(files.Handle(page).Status)
	fmt.Println(files.Handle(page.With("accept", "application/json")).Status)
	fmt.Println(files.Handle(raxx.Get("/api/users/7").With("accept", "text/html")).Status)
	// Output:
	// 200
	// 404
	// 404
}
