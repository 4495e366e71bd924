package nethttptest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

const greeting = "Hello, World!"

func greet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(greeting)))
	io.WriteString(w, greeting)
}

func greeted(raxx.Request) raxx.Response { return raxx.Text(200, greeting) }

// An idle ResponseWriter costs nothing, so that what is measured is the handler.
type idle struct{ header http.Header }

func (w *idle) Header() http.Header         { return w.header }
func (w *idle) Write(p []byte) (int, error) { return len(p), nil }
func (w *idle) WriteHeader(int)             {}

// What ToHTTP costs over an http.Handler, without a server.
func BenchmarkToHTTP(b *testing.B) {
	for name, h := range map[string]http.Handler{"bare": http.HandlerFunc(greet), "ToHTTP": nethttp.ToHTTP(greeted, nethttp.Config{})} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest("GET", "/users/1?a=b", nil)
			r.Header.Set("User-Agent", "bench")
			r.Header.Set("Accept", "*/*")
			w := &idle{http.Header{}}
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

// What FromHTTP costs over a handler, without a server.
func BenchmarkFromHTTP(b *testing.B) {
	identity := nethttp.FromMiddleware(func(next http.Handler) http.Handler { return next })
	for name, h := range map[string]raxx.Handler{
		"bare": greeted, "FromHTTP": nethttp.FromHTTP(http.HandlerFunc(greet)), "FromMiddleware": identity(greeted),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			req := raxx.Get("/users/1?a=b").With("user-agent", "bench").With("accept", "*/*")
			for b.Loop() {
				h(req)
			}
		})
	}
}

// The same over a connection, where the client's cost is in it.
func BenchmarkServers(b *testing.B) {
	e := engines[0]
	for _, row := range []struct {
		name   string
		client func() *client
	}{
		{"net http", func() *client { return e.ofNetHTTP(b, http.HandlerFunc(greet)) }},
		{"net http, ToHTTP", func() *client { return e.ofNetHTTP(b, nethttp.ToHTTP(greeted, nethttp.Config{})) }},
		{"ace", func() *client { return e.client(b, ace.New(greeted, ace.Config{})) }},
		{"ace, FromHTTP", func() *client { return e.ofAce(b, http.HandlerFunc(greet)) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			c := row.client()
			req := c.request(context.Background(), ask{target: "/"})
			b.ReportAllocs()
			for b.Loop() {
				resp, err := c.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
}
