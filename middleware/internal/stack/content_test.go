package stack

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/compress"
	"github.com/raxx-go/raxx/middleware/decompress"
	"github.com/raxx-go/raxx/middleware/static"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

var style = strings.Repeat("body { color: teal; }\n", 200)

// content is the part of a stack that looks at content, in its order.
func content(files fstest.MapFS) raxx.Middleware {
	return raxx.Stack(
		compress.Config{}.Middleware(),
		middleware.ETag{}.Middleware(),
		middleware.CacheControl{Rules: []middleware.CacheRule{{Type: "text/html", Value: "no-cache"}}}.Middleware(),
		decompress.Config{}.Middleware(),
		static.Config{}.MustNew(files).Middleware,
	)
}

// unzipped returns what a client makes of content, which may not be whole.
func unzipped(head raxx.Response, content raxx.Data) (raxx.Data, error) {
	if head.Header.Get("content-encoding") != "gzip" || content == "" {
		return content, nil
	}
	r, err := gzip.NewReader(strings.NewReader(string(content)))
	if err != nil {
		return "", err
	}
	all, err := io.ReadAll(r)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return raxx.Data(all), err
}

// read returns the content of resp as the client sees it.
func read(t *testing.T, resp raxx.Response) string {
	t.Helper()
	data, err := raxx.ReadAll(resp.Body, -1)
	if err == nil {
		data, err = unzipped(resp, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFilesAreCompressed(t *testing.T) {
	h := content(fstest.MapFS{"app.css": {Data: []byte(style)}})(func(raxx.Request) raxx.Response { return raxx.Problem(404, "") })
	req := raxx.Get("/app.css").With("accept-encoding", "gzip")

	got := h(req)
	diff(t, "gzip", got.Header.Get("content-encoding"))
	diff(t, "accept-encoding", got.Header.Get("vary"))
	diff(t, false, got.Header.Has("accept-ranges"))
	diff(t, style, read(t, got))

	tag := got.Header.Get("etag")
	again := h(req.With("if-none-match", tag))
	diff(t, 304, again.Status)
	diff(t, tag, again.Header.Get("etag"))
	diff(t, "no-cache", again.Header.Get("cache-control"))

	// A part is one of the file, and can't be mixed with the variant.
	part := h(req.With("range", "bytes=0-3"))
	diff(t, 206, part.Status)
	diff(t, "body", read(t, part))
	diff(t, false, part.Header.Has("content-encoding"))
	diff(t, 200, h(req.With("range", "bytes=0-3").With("if-range", tag)).Status)
}

func TestPageIsKeptAndChecked(t *testing.T) {
	page := raxx.HTML(200, strings.Repeat("<p>hello</p>", 200))
	h := content(nil)(func(raxx.Request) raxx.Response { return page })
	first := h(raxx.Get("/").With("accept-encoding", "gzip"))
	again := h(raxx.Get("/").With("accept-encoding", "gzip").With("if-none-match", first.Header.Get("etag")))
	diff(t, raxx.Response{Status: 304, Header: raxx.Header{
		{Name: "cache-control", Value: "no-cache"},
		{Name: "etag", Value: first.Header.Get("etag")},
		{Name: "vary", Value: "accept-encoding"},
	}}, again)
	diff(t, true, strings.HasPrefix(first.Header.Get("etag"), "W/"))

	plain := h(raxx.Get("/"))
	diff(t, raxx.StrongETag(page.Body.(raxx.Data)).String(), plain.Header.Get("etag"))
}

func TestBothWays(t *testing.T) {
	h := content(nil)(func(req raxx.Request) raxx.Response {
		data, err := raxx.ReadAll(req.Body, -1)
		if err != nil {
			return raxx.Problem(400, err.Error())
		}
		return raxx.Text(200, string(data))
	})
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	io.WriteString(w, style)
	w.Close()
	got := h(raxx.Post("/", "text/css", raxx.Data(body.String())).With("content-encoding", "gzip").With("accept-encoding", "gzip"))
	diff(t, "gzip", got.Header.Get("content-encoding"))
	diff(t, style, read(t, got))
}

func TestLaws(t *testing.T) {
	raxxtest.Laws(t, content(nil), raxxtest.Decode(unzipped),
		raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("accept-encoding", "gzip") }))
}

// What the stack costs where it has nothing to do but to look.
func BenchmarkStack(b *testing.B) {
	h := content(fstest.MapFS{})
	req := raxx.Get("/users/7").With("user-agent", "Mozilla/5.0").With("accept", "text/html").
		With("accept-encoding", "gzip, deflate, br, zstd").With("accept-language", "en").With("sec-fetch-mode", "navigate")
	for name, stack := range map[string]raxx.Middleware{"with": h, "without": raxx.Stack()} {
		handler := stack(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "application/json", raxx.Data(`{"id":7,"name":"Ada"}`)).With("etag", `"7"`)
		})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				handler(req)
			}
		})
	}
}
