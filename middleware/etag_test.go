package middleware_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func etagDiff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

func etagAnswer(resp raxx.Response) raxx.Handler {
	return func(raxx.Request) raxx.Response { return resp }
}

func TestETagOfCompleteReplies(t *testing.T) {
	page := raxx.HTML(200, "hello")
	tag := raxx.StrongETag("hello").String()
	files := fstest.MapFS{"f": {Data: []byte("hello")}}
	stream := raxx.NewStream(-1, raxx.Chunks(raxx.Data("hello")))
	tests := []struct {
		name   string
		config middleware.ETag
		method string
		resp   raxx.Response
		want   string
	}{
		{"GET", middleware.ETag{}, "GET", page, tag},
		{"HEAD", middleware.ETag{}, "HEAD", page, tag},
		{"weak", middleware.ETag{Weak: true}, "GET", page, "W/" + tag},
		{"POST", middleware.ETag{}, "POST", page, ""},
		{"another status", middleware.ETag{}, "GET", page.WithStatus(404), ""},
		{"one of its own", middleware.ETag{}, "GET", page.With("etag", `"own"`), `"own"`},
		{"that nobody keeps", middleware.ETag{}, "GET", page.With("cache-control", "No-Store"), ""},
		{"that is checked each time", middleware.ETag{}, "GET", page.With("cache-control", "no-cache"), tag},
		{"as long as may be", middleware.ETag{MaxSize: 5}, "GET", page, tag},
		{"too long", middleware.ETag{MaxSize: 4}, "GET", page, ""},
		{"too long by default", middleware.ETag{}, "GET", raxx.Text(200, strings.Repeat("a", 1<<20+1)), ""},
		{"no limit", middleware.ETag{MaxSize: -1}, "GET", page, tag},
		{"no body", middleware.ETag{}, "GET", raxx.Response{Status: 200}, ""},
		{"a file", middleware.ETag{}, "GET", page.WithBody(raxx.NewFile(files, "f")), ""},
		{"a stream", middleware.ETag{}, "GET", page.WithBody(stream), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.config.Middleware()(etagAnswer(tt.resp))(raxx.New(tt.method, "/", nil))
			want := tt.resp
			if tt.want != "" {
				want = want.With("etag", tt.want)
			}
			etagDiff(t, want, got)
		})
	}
}

// RFC 9110, Section 13.
func TestETagConditions(t *testing.T) {
	tag := raxx.StrongETag("hello").String()
	page := raxx.HTML(200, "hello").With("cache-control", "no-cache").Add("set-cookie", "a=b").WithDo(raxx.Publish{Topic: "t"})
	dated := page.WithBody(raxx.NewStream(-1, func(func([]byte, error) bool) { t.Error("the stream was pulled") })).
		With("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")
	tests := []struct {
		name   string
		resp   raxx.Response
		method string
		field  string
		value  string
		status int
	}{
		{"13.1.2 the current version", page, "GET", "if-none-match", tag, 304},
		{"13.1.2 the current version by HEAD", page, "HEAD", "if-none-match", tag, 304},
		{"13.1.2 weak comparison", page, "GET", "if-none-match", "W/" + tag, 304},
		{"13.1.2 one of several", page, "GET", "if-none-match", `"a", ` + tag, 304},
		{"13.1.2 any", page, "GET", "if-none-match", "*", 304},
		{"13.1.2 another one", page, "GET", "if-none-match", `"a"`, 200},
		{"13.1.2 malformed", page, "GET", "if-none-match", strings.Trim(tag, `"`), 200},
		{"13.1.2 not for POST", page, "POST", "if-none-match", tag, 200},
		{"13.1.1 the current version", page, "GET", "if-match", tag, 200},
		{"13.1.1 strong comparison", page, "GET", "if-match", "W/" + tag, 412},
		{"13.1.1 another one", page, "GET", "if-match", `"a"`, 412},
		{"13.1.3 a stream that is not newer", dated, "GET", "if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", 304},
		{"13.1.3 a stream that is newer", dated, "GET", "if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", 200},
		{"13.1.4 changed since", dated, "GET", "if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT", 412},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := middleware.ETag{}.Middleware()(etagAnswer(tt.resp))(raxx.New(tt.method, "/", nil).With(tt.field, tt.value))
			etagDiff(t, tt.status, got.Status)
			etagDiff(t, tt.resp.Do, got.Do)
			if got.Status == 304 {
				etagDiff(t, nil, got.Body)
				etagDiff(t, "no-cache", got.Header.Get("cache-control"))
				etagDiff(t, false, got.Header.Has("content-type"))
				etagDiff(t, true, got.Header.Has("etag") || got.Header.Has("last-modified"))
			}
		})
	}
}

// A machine goes on: it may have subscribed to something.
func TestETagLeavesMachines(t *testing.T) {
	m := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	for _, resp := range []raxx.Response{
		raxx.Defer(m), raxx.Reply(200, "text/plain", m).With("etag", `"a"`).WithDo(raxx.Subscribe{Topic: "t"}),
	} {
		etagDiff(t, resp, middleware.ETag{}.Middleware()(etagAnswer(resp))(raxx.Get("/").With("if-none-match", `"a"`)))
	}
}

func TestETagLaws(t *testing.T) {
	raxxtest.Laws(t, middleware.ETag{}.Middleware())
	raxxtest.Laws(t, middleware.ETag{Weak: true, MaxSize: -1}.Middleware())
}

func ExampleETag() {
	hello := func(raxx.Request) raxx.Response { return raxx.Text(200, "Hello, World!") }
	h := middleware.ETag{}.Middleware()(hello)

	first := h(raxx.Get("/"))
	again := h(raxx.Get("/").With("if-none-match", first.Header.Get("etag")))
	fmt.Println(first.Status, again.Status, again.Body)
	// Output: 200 304 <nil>
}

func BenchmarkETag(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		h := middleware.ETag{}.Middleware()(etagAnswer(raxx.Text(200, strings.Repeat("a", size))))
		req := raxx.Get("/").With("accept", "text/html").With("user-agent", "test")
		b.Run(fmt.Sprintf("%d B", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h(req)
			}
		})
	}
}
