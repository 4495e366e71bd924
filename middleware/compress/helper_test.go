package compress

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/raxx-go/raxx/raxx"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

// decoded returns what a client makes of content, of which the end may be
// missing.
func decoded(t *testing.T, coding string, content []byte) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(content)
	var err error
	switch coding {
	case "gzip":
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatalf("gzip: %v", err)
		}
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatalf("zstd: %v", err)
		}
		defer d.Close()
		r = d
	}
	all, err := io.ReadAll(r)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%s: %v", coding, err)
	}
	return string(all)
}

// complete returns resp with its content as the client sees it.
func complete(t *testing.T, resp raxx.Response) string {
	t.Helper()
	all, err := raxx.ReadAll(resp.Body, -1)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, resp.Header.Get("content-encoding"), []byte(all))
}

// page is content that is worth compressing.
var page = strings.Repeat("It was the best of times, it was the worst of times. ", 100)

// answer returns a handler that always gives resp.
func answer(resp raxx.Response) raxx.Handler {
	return func(raxx.Request) raxx.Response { return resp }
}

// get asks for resp through the middleware of the zero Config.
func get(accept string, resp raxx.Response) raxx.Response {
	return Config{}.Middleware()(answer(resp))(raxx.Get("/").With("accept-encoding", accept))
}
