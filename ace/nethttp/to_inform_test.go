package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// A headsWriter notes the heads that are sent.
type headsWriter struct {
	header http.Header
	heads  []string
	first  http.Header // the fields of the first of them
}

func (w *headsWriter) Header() http.Header         { return w.header }
func (w *headsWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *headsWriter) FlushError() error           { return nil }

func (w *headsWriter) WriteHeader(status int) {
	if w.first == nil {
		w.first = w.header.Clone()
	}
	w.heads = append(w.heads, fmt.Sprint(status, " ", w.header["Link"], w.header["Vary"]))
}

// RFC 9110, Section 15.2: no interim response to a client of HTTP/1.0. The fields of
// one are its own, and those that middleware has set are for the head that follows.
func TestToHTTPInforms(t *testing.T) {
	link := raxx.Header{{Name: "link", Value: "</a.css>; rel=preload"}}
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{raxx.Inform{Status: 103, Header: link}, raxx.Response{Status: 200}, raxx.Tail{}}
	})
	for minor, want := range [][]string{{"200 [][origin]"}, {"103 [</a.css>; rel=preload][origin]", "200 [][origin]"}} {
		w := &headsWriter{header: http.Header{"Vary": {"origin"}}}
		r := httptest.NewRequest("GET", "/", nil)
		r.Proto, r.ProtoMinor = fmt.Sprint("HTTP/1.", minor), minor
		to(answers(raxx.Defer(m))).ServeHTTP(w, r)
		for i, head := range w.heads {
			w.heads[i] = strings.ReplaceAll(head, "] [", "][")
		}
		if diff := cmp.Diff(want, w.heads); diff != "" {
			t.Errorf("unexpected heads over HTTP/1.%d (-want +got):\n%s", minor, diff)
		}
	}
}

// What an interim response says in place of a middleware is the middleware's again
// behind it.
func TestToHTTPInformsOfWhatAMiddlewareSays(t *testing.T) {
	w := &headsWriter{header: http.Header{"Link": {"</b>"}, "X-A": {"below"}}}
	to(answers(raxx.Defer(sends(raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}, {Name: "x-a", Value: "own"}}},
		raxx.Response{Status: 200}, raxx.Tail{})))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff([]string{"</b>", "</a>"}, w.first["Link"]); diff != "" || w.first.Get("X-A") != "own" {
		t.Errorf("unexpected interim response %v (-want +got):\n%s", w.first, diff)
	}
	if diff := cmp.Diff([]string{"</b>"}, w.header["Link"]); diff != "" || w.header.Get("X-A") != "below" {
		t.Errorf("unexpected response %v (-want +got):\n%s", w.header, diff)
	}
}

// A cookieWriter sets a cookie before the first head, as middleware for sessions does.
type cookieWriter struct {
	http.ResponseWriter
	set bool
}

func (w *cookieWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *cookieWriter) WriteHeader(status int) {
	if !w.set {
		w.set = true
		w.Header().Add("Set-Cookie", "a=1")
	}
	w.ResponseWriter.WriteHeader(status)
}

// What a middleware adds with an interim response is for the head behind it, too.
func TestToHTTPInformsThroughAMiddleware(t *testing.T) {
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{raxx.Inform{Status: 103, Header: raxx.Header{{Name: "x-a", Value: "1"}}}, raxx.Text(200, "x")}
	})
	w := &headsWriter{header: http.Header{}}
	to(answers(raxx.Defer(m))).ServeHTTP(&cookieWriter{ResponseWriter: w}, httptest.NewRequest("GET", "/", nil))
	if len(w.heads) != 2 || w.header.Get("Set-Cookie") != "a=1" || w.header.Get("X-A") != "" {
		t.Errorf("got %q, at last with %v", w.heads, w.header)
	}
}

// What concerns the connection and the framing is not for an interim response.
func TestToHTTPInformsOfNoConnection(t *testing.T) {
	inform := raxx.Inform{Status: 103}
	for _, name := range []string{"x-a", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "upgrade"} {
		inform.Header = inform.Header.Add(name, "5")
	}
	m := reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); !ok {
			return nil
		}
		return []raxx.Part{inform, raxx.Response{Status: 200}, raxx.Tail{}}
	})
	w := &headsWriter{header: http.Header{}}
	to(answers(raxx.Defer(m))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff(http.Header{"X-A": {"5"}}, w.first); diff != "" {
		t.Errorf("unexpected interim response (-want +got):\n%s", diff)
	}
}

// Interim responses go past a middleware that takes the first status for the last.
func TestToHTTPInformsPastAMiddleware(t *testing.T) {
	h := to(answers(raxx.Defer(sends(raxx.Inform{Status: 103}, raxx.Response{Status: 404}, raxx.Tail{}))))
	w := &headsWriter{header: http.Header{}}
	h.ServeHTTP(&committing{ResponseWriter: w}, httptest.NewRequest("GET", "/", nil))
	if diff := cmp.Diff([]string{"103 [] []", "404 [] []"}, w.heads); diff != "" {
		t.Errorf("unexpected heads (-want +got):\n%s", diff)
	}
}
