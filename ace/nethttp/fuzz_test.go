package nethttp_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// Whatever a client asks for, a request comes through net/http as it was, or is
// refused; also if it was copied on the way.
func FuzzRequest(f *testing.F) {
	for _, row := range [][4]string{
		{"/", "example.org", "x-a", "1"}, {"/a%2fb/%C3%A9?c=d&&e=%zz", "[::1]:80", "cookie", "a=b; c=d"}, {"/%", "", "trailer", "X-Sum,,b"},
		{"//a/../b\"<>", "a", "te", "trailers"}, {"*", "a", "content-length", "5"}, {"/a?b?c", "a", "connection", "close"}, {"/;a=b/:c", "ex", "x", "\xff"},
	} {
		f.Add(row[0], row[1], row[2], row[3])
	}
	mws := []raxx.Middleware{
		untouched,
		around(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.Clone(r.Context()))
		}),
	}
	f.Fuzz(func(t *testing.T, target, host, name, value string) {
		name = strings.ToLower(name)
		if raxx.CheckField(name, value) != nil {
			t.Skip()
		}
		req := raxx.Request{Method: "GET", Scheme: "http", Authority: strings.ToLower(host), Header: raxx.Header{
			{Name: "x-first", Value: "1"}, {Name: name, Value: value}, {Name: "x-last", Value: "2"}, {Name: name, Value: "again"}}}
		req.Path, req.Query, _ = strings.Cut(target, "?")
		for _, mw := range mws {
			called := false
			resp := mw(func(got raxx.Request) raxx.Response {
				called = true
				if diff := cmp.Diff(req, got); diff != "" {
					t.Errorf("unexpected request (-want +got):\n%s", diff)
				}
				return raxx.NoContent()
			})(req)
			if !called && resp.Status != 400 {
				t.Errorf("got %d for a request that does not come through", resp.Status)
			}
		}
	})
}

// Whatever a handler of net/http writes into its header, what comes of it can be
// sent.
func FuzzHeader(f *testing.F) {
	f.Add("X-A", "b\r\nc", "Trailer:X-B", " d\x00")
	f.Add("", "a", "Content-Length", "-1")
	f.Add("Trailer", "Content-Length, X", "X", "1")
	f.Add("Connection", "close", "Content-Type", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		resp := nethttp.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()[a] = []string{b, d}
			w.Header()[c] = []string{d}
			w.Write([]byte("x"))
		}))(get)
		for _, field := range append(resp.Header[:len(resp.Header):len(resp.Header)], resp.Trailer...) {
			if err := raxx.CheckField(field.Name, field.Value); err != nil {
				t.Error(err)
			}
			if field.Name != strings.ToLower(field.Name) {
				t.Errorf("a field is called %q", field.Name)
			}
		}
		for _, field := range resp.Trailer {
			if raxx.ForbiddenTrailer(field.Name) {
				t.Errorf("field %q is in the trailer", field.Name)
			}
		}
	})
}
