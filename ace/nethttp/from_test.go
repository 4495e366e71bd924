package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

var get = raxx.Get("/")

// from returns what FromHTTP makes of a function.
func from(h http.HandlerFunc) raxx.Handler { return nethttp.FromHTTP(h) }

func TestFromHTTPWhatIsLittleIsComplete(t *testing.T) {
	for _, row := range []struct {
		name string
		h    http.HandlerFunc
		want raxx.Response
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, raxx.Response{Status: 200}},
		{"a status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, raxx.Response{Status: 404}},
		{"content in pieces, whose type is found out", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<html>")
			w.Write([]byte("hello"))
		}, raxx.HTML(200, "<html>hello")},
		{"fields, sorted by name", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-B"] = []string{"1", "2"}
			w.Header().Set("X-A", "3")
			w.Header().Set("Content-Type", "a/b")
			w.Header().Set("Transfer-Encoding", "chunked")
			w.Header().Set("Connection", "keep-alive")
			io.WriteString(w, "x")
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "content-type", Value: "a/b"}, {Name: "x-a", Value: "3"}, {Name: "x-b", Value: "1"}, {Name: "x-b", Value: "2"}}, Body: raxx.Data("x")}},
		{"the end of the connection", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "connection", Value: "close"}}}},
		{"no content where there may be none", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(205)
			if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
				w.Header().Set("X-Err", fmt.Sprint(err))
			}
		}, raxx.Response{Status: 205}},
		{"a flush where there may be no content", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "1")
			w.WriteHeader(204)
			w.(http.Flusher).Flush()
			w.(http.Flusher).Flush()
		}, raxx.Response{Status: 204, Header: raxx.Header{{Name: "x-a", Value: "1"}}}},
		{"the same of what has not changed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			w.WriteHeader(304)
			w.(http.Flusher).Flush()
		}, raxx.Response{Status: 304, Header: raxx.Header{{Name: "content-length", Value: "5"}}}},
		{"a trailer that is known before", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			w.Header().Set("Trailer", "X-Sum")
			w.Header().Set("X-Sum", "1")
			io.WriteString(w, "x")
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "trailer", Value: "X-Sum"}}, Body: raxx.Data("x"),
			Trailer: raxx.Header{{Name: "x-sum", Value: "1"}}}},
		{"a length that is true", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1")
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "x")
		}, raxx.Response{Status: 200, Body: raxx.Data("x")}},
		{"a length that is kept to", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "a")
			if n, err := io.WriteString(w, "bcd"); n != 0 || err != http.ErrContentLength {
				w.Header().Set(http.TrailerPrefix+"X-Err", fmt.Sprint(n, err))
			}
			io.WriteString(w, "bc")
		}, raxx.Response{Status: 200, Body: raxx.Data("abc")}},
		{"a length of nothing that is kept to", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "0")
			if n, err := io.WriteString(w, "a"); n != 0 || err != http.ErrContentLength {
				w.Header().Set(http.TrailerPrefix+"X-Err", fmt.Sprint(n, err))
			}
		}, raxx.Response{Status: 200}},
		{"content whose type can't be found out", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "<html>")
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "content-encoding", Value: "gzip"}}, Body: raxx.Data("<html>")}},
		{"what is decided once", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			w.WriteHeader(200)
			w.Header().Set("X-Late", "1")
		}, raxx.Response{Status: 404}},
		{"a list of trailers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Trailer"] = []string{"x-a,X-B", "X-C"}
			w.WriteHeader(200)
			for _, key := range []string{"X-A", "X-B", "X-C", "X-D"} {
				w.Header().Set(key, "1")
			}
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "trailer", Value: "x-a,X-B"}, {Name: "trailer", Value: "X-C"}},
			Trailer: raxx.Header{{Name: "x-a", Value: "1"}, {Name: "x-b", Value: "1"}, {Name: "x-c", Value: "1"}}}},
		{"a trailer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "x")
			w.Header().Set("X-Sum", "1")
			w.Header().Set(http.TrailerPrefix+"X-More", "2")
			w.Header().Set(http.TrailerPrefix+"Content-Length", "3") // which no trailer may hold
		}, raxx.Response{Status: 200, Header: raxx.Header{{Name: "trailer", Value: "X-Sum"}}, Body: raxx.Data("x"),
			Trailer: raxx.Header{{Name: "x-more", Value: "2"}, {Name: "x-sum", Value: "1"}}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, from(row.h)(get)); diff != "" {
				t.Errorf("unexpected response (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromHTTPStatusThatIsNone(t *testing.T) {
	for _, status := range []int{99, 1000} {
		got := from(func(w http.ResponseWriter, _ *http.Request) {
			defer func() {
				if recover() == nil {
					t.Errorf("%d is no panic", status)
				}
				w.WriteHeader(999)
			}()
			w.WriteHeader(status)
		})(get)
		if got.Status != 999 {
			t.Errorf("got %v", got)
		}
	}
}

// A handler writes no further than its client reads.
func TestFromHTTPWaitsForTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		written := 0
		resp := from(func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				n, err := w.Write(make([]byte, 32<<10))
				if written += n; err != nil {
					t.Errorf("Write returned %v", err)
				}
			}
		})(get)
		synctest.Wait()
		if written > 64<<10 {
			t.Errorf("%d bytes were written before any was pulled", written)
		}
		pulled := 0
		for chunk, err := range raxx.Chunks(resp.Body) {
			if err != nil {
				t.Fatal(err)
			}
			if pulled += len(chunk); written > pulled+64<<10 {
				t.Errorf("%d bytes were written when %d had been pulled", written, pulled)
			}
			synctest.Wait()
		}
		if pulled != 320<<10 {
			t.Errorf("%d bytes were pulled", pulled)
		}
	})
}

// What is flushed is there before the handler goes on.
func TestFromHTTPFlush(t *testing.T) {
	var sent strings.Builder
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 3 {
			fmt.Fprint(w, i)
			if err := http.NewResponseController(w).Flush(); err != nil || sent.String() != "012"[:i+1] {
				t.Errorf("behind flush %d the client has %q, %v", i, sent.String(), err)
			}
		}
		io.WriteString(w, "end")
		w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
	})(get)
	stream := resp.Body.(raxx.Stream)
	for chunk := range stream.Chunks() {
		sent.Write(chunk)
	}
	if sent.String() != "012end" || stream.Trailer().Get("x-sum") != "1" {
		t.Errorf("got %q and %v", sent.String(), stream.Trailer())
	}
}

// A write that waits for a client fails at its deadline, and the reply breaks off.
func TestFromHTTPWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		resp := from(func(w http.ResponseWriter, _ *http.Request) {
			c := http.NewResponseController(w)
			c.SetWriteDeadline(time.Now().Add(time.Hour))
			c.SetWriteDeadline(time.Time{})
			c.SetWriteDeadline(time.Now().Add(time.Second))
			begun := time.Now()
			_, err := w.Write(make([]byte, 1<<20))
			if took := time.Since(begun); took != time.Second {
				t.Errorf("it took %v", took)
			}
			if _, again := w.Write([]byte("x")); again == nil {
				t.Error("a write behind the deadline is taken")
			}
			if err := c.SetReadDeadline(time.Now()); !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("SetReadDeadline returned %v", err)
			}
			ended <- err
		})(get)
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write returned %v", err)
		}
		synctest.Wait()
		if _, err := raxx.ReadAll(resp.Body, 0); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the stream ended with %v", err)
		}
	})
}

// Interim responses come before the head, unless the body of the request would be
// taken from the handler for it.
func TestFromHTTPInforms(t *testing.T) {
	h := from(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusContinue)
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusProcessing)
		w.Header().Set("Content-Type", "a/b")
		w.Write(body)
	})
	link := raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}}}
	for _, row := range []struct {
		name string
		body raxx.Body
		want []raxx.Part
	}{
		{"without a body", nil, []raxx.Part{link, raxx.Inform{Status: 102}}},
		{"with a body that is there", raxx.Data("hello"), []raxx.Part{link, raxx.Inform{Status: 102}}},
		{"with a body on the way", raxxtest.Chunks("hello"), []raxx.Part{raxx.Inform{Status: 102}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := raxxtest.NewServer(h)
			req := get
			req.Body = row.body
			x := s.Serve(req)
			for range 4 {
				s.Advance(0)
			}
			var informs []raxx.Part
			for _, part := range x.Parts() {
				if inform, ok := part.(raxx.Inform); ok {
					informs = append(informs, inform)
				}
			}
			if diff := cmp.Diff(row.want, informs); diff != "" {
				t.Errorf("unexpected interim responses (-want +got):\n%s", diff)
			}
			want := ""
			if row.body != nil {
				want = "hello"
			}
			if resp, err := x.Response(); resp.Status != 200 || string(x.Content()) != want || err != nil {
				t.Errorf("got %v, %q, %v", resp, x.Content(), err)
			}
		})
	}
}

// Over HTTP/2 a trailer may stand behind content of a known length, also where nothing
// was said of it before: so httputil.ReverseProxy passes on those of gRPC.
func TestFromHTTPTrailerThatComesBehindALength(t *testing.T) {
	req := get
	req.Peer.Protocol = "HTTP/2.0"
	got, err := raxx.Collect(from(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1")
		io.WriteString(w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
	})(req))
	if diff := cmp.Diff(raxx.Header{{Name: "grpc-status", Value: "0"}}, got.Trailer); diff != "" || err != nil {
		t.Errorf("unexpected trailer (-want +got):\n%s%v", diff, err)
	}
}
