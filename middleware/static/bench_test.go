package static

import (
	"embed"
	"io/fs"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

//go:embed testdata
var assets embed.FS

func BenchmarkFiles(b *testing.B) {
	sub, err := fs.Sub(assets, "testdata")
	if err != nil {
		b.Fatal(err)
	}
	files := Config{}.MustNew(sub)
	found := raxx.Get("/bench.css").With("accept-encoding", "gzip, deflate, br, zstd").With("user-agent", "test")
	tag := files.Handle(found).Header.Get("etag")
	next := files.Middleware(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	for name, f := range map[string]func(){
		"200":            func() { files.Handle(found) },
		"304":            func() { files.Handle(found.With("if-none-match", tag)) },
		"not its prefix": func() { next(raxx.Post("/", "text/plain", nil)) },
		"no file":        func() { next(raxx.Get("/users/7")) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
