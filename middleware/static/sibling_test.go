package static

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

func TestSiblings(t *testing.T) {
	at := func(content string, d time.Duration) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(content), ModTime: monday.Add(d)}
	}
	files := Config{}.MustNew(fstest.MapFS{
		"all.css": at("plain", 0), "all.css.br": at("br", 0), "all.css.zst": at("zstd", 0), "all.css.gz": at("gzip", time.Minute),
		"one.css": at("plain", 0), "one.css.gz": at("gzip", 0),
		"old.css": at("plain", 0), "old.css.br": at("br", -time.Second),
		"dir.css": at("plain", 0), "dir.css.br": {Mode: fs.ModeDir, ModTime: monday}, "dir.css.br/x": at("x", 0),
		"cat.png": at("png", 0), "cat.png.gz": at("gzip", 0),
	})
	tests := []struct {
		name, path, accept, coding, want string
	}{
		{"the first of those liked", "/all.css", "gzip, br, zstd", "br", "br"},
		{"by weight", "/all.css", "br;q=0.5, zstd, gzip;q=0.1", "zstd", "zstd"},
		{"refused", "/all.css", "br;q=0, gzip", "gzip", "gzip"},
		{"no field", "/all.css", "", "", "plain"},
		{"identity", "/all.css", "identity", "", "plain"},
		{"an unknown one", "/all.css", "dcz", "", "plain"},
		{"the one there is", "/one.css", "gzip, br, zstd", "gzip", "gzip"},
		{"not the one there is", "/one.css", "br, zstd", "", "plain"},
		{"older than its file", "/old.css", "br", "", "plain"},
		{"a folder", "/dir.css", "br", "", "plain"},
		{"of a type that does not gain", "/cat.png", "gzip", "", "png"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := raxx.Get(tt.path)
			if tt.accept != "" {
				req = req.With("accept-encoding", tt.accept)
			}
			got := files.Handle(req)
			diff(t, tt.coding, got.Header.Get("content-encoding"))
			diff(t, tt.want, content(t, got))
			// Variants are other bytes, and have other tags (RFC 9110, 8.8.3.3).
			diff(t, raxx.StrongETag(raxx.Data(tt.want)).String(), got.Header.Get("etag"))
			if tt.path != "/cat.png" {
				diff(t, "text/css; charset=utf-8", got.Header.Get("content-type"))
				diff(t, "accept-encoding", got.Header.Get("vary"))
			}
			again := files.Handle(req.With("if-none-match", got.Header.Get("etag")))
			diff(t, 304, again.Status)
		})
	}
	got := Config{Precompressed: []string{}}.MustNew(site()).Handle(raxx.Get("/app.css").With("accept-encoding", "br"))
	diff(t, false, got.Header.Has("vary"))
}

// A part of a sibling is a part of its bytes; several are not told apart from
// parts that were compressed together.
func TestPartsOfSiblings(t *testing.T) {
	files := Config{}.MustNew(fstest.MapFS{"a.css": file("plain"), "a.css.br": file(long)})
	req := raxx.Get("/a.css").With("accept-encoding", "br")
	got := files.Handle(req.With("range", "bytes=2-5"))
	diff(t, 206, got.Status)
	diff(t, "br", got.Header.Get("content-encoding"))
	diff(t, long[2:6], content(t, got))
	diff(t, 200, files.Handle(req.With("range", "bytes=0-1,500-501")).Status)
}
