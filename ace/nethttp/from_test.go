package nethttp_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime"
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

func TestFromHTTPRequest(t *testing.T) {
	key := raxx.NewKey[string]("a")
	req := key.Set(raxx.Post("https://example.org/a%2Fb/c?d=%20", "text/plain", raxx.Data("hello")).Add("x-a", "1").Add("x-a", "2"), "value")
	req.Pattern, req.Params = "/:name/c", raxx.Params{{Name: "name", Value: "a/b"}}
	req.Peer = raxx.Peer{Address: "192.0.2.7:5000", Protocol: "HTTP/2.0", TLS: &raxx.TLS{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", ServerName: "example.org"}}
	from(func(_ http.ResponseWriter, r *http.Request) {
		got := fmt.Sprintln(r.Method, r.URL, r.URL.Path, r.Host, r.RequestURI, r.Proto, r.ProtoMajor, r.RemoteAddr, r.Pattern, r.PathValue("name"), r.ContentLength, r.Header)
		want := "POST /a%2Fb/c?d=%20 /a/b/c example.org /a%2Fb/c?d=%20 HTTP/2.0 2 192.0.2.7:5000 /:name/c a/b 5 map[Content-Type:[text/plain] X-A:[1 2]]\n"
		if got != want {
			t.Errorf("got  %swant %s", got, want)
		}
		if r.TLS.Version != 0x304 || r.TLS.CipherSuite != 0x1301 || r.TLS.ServerName != "example.org" || !r.TLS.HandshakeComplete {
			t.Errorf("TLS is %+v", r.TLS)
		}
		if value, ok := key.From(r.Context()); value != "value" || !ok {
			t.Errorf("the context holds %q, %v", value, ok)
		}
		if body, err := io.ReadAll(r.Body); string(body) != "hello" || err != nil {
			t.Errorf("the body is %q, %v", body, err)
		}
	})(req)
}

// Code that was written for net/http knows by these what has become of a body.
func TestFromHTTPBodyThatBreaksOff(t *testing.T) {
	body := func(err error) raxx.Request {
		return get.WithBody(raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield(nil, err) }))
	}
	early := &raxx.Error{Status: 400, Err: fmt.Errorf("gone: %w", io.ErrUnexpectedEOF)}
	late := &raxx.Error{Status: 408, Detail: "the body stopped coming"}
	large := &raxx.Error{Status: 413, Detail: "too large"}
	for _, row := range []struct {
		name       string
		sent, want error
		timeout    bool
	}{
		{name: "early", sent: early, want: io.ErrUnexpectedEOF},
		{name: "late", sent: late, want: late, timeout: true},
		{name: "too large", sent: large, want: large},
	} {
		t.Run(row.name, func(t *testing.T) {
			from(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				if network, ok := err.(net.Error); ok != row.timeout || ok && !network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) != row.timeout {
					t.Errorf("got %#v; a time-out: %v", err, row.timeout)
				}
				if row.want == io.ErrUnexpectedEOF && err != row.want || !errors.Is(err, row.want) {
					t.Errorf("got %#v, want %v", err, row.want)
				}
			})(body(row.sent))
		})
	}
	t.Run("within a handler of raxx", func(t *testing.T) {
		limit := nethttp.FromMiddleware(func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 100) })
		h := limit(raxx.Complete(0)(func(raxx.Request) raxx.Response { return raxx.NoContent() }))
		for _, row := range []struct {
			err    error
			status int
		}{{early, 400}, {late, 408}, {large, 413}} {
			if got := h(body(row.err)); got.Status != row.status {
				t.Errorf("%v: got %d", row.err, got.Status)
			}
		}
	})
}

// certificate returns a certificate, in DER.
func certificate(t *testing.T) string {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Ada"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(der)
}

// Handlers take a chain that was verified for a proof of who the client is.
func TestFromHTTPCertificates(t *testing.T) {
	ada := raxx.Certificate{Raw: certificate(t)}
	for _, row := range []struct {
		name            string
		facts           raxx.TLS
		shown, verified int
	}{
		{"none", raxx.TLS{Verified: true}, 0, 0},
		{"one", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada}}, 1, 1},
		{"one that nobody has checked", raxx.TLS{Certificates: []raxx.Certificate{ada}}, 1, 0},
		{"two", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada, ada}}, 2, 1},
		{"one that is malformed", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{{Raw: "x"}, ada}}, 0, 0},
		{"one behind it that is malformed", raxx.TLS{Verified: true, Certificates: []raxx.Certificate{ada, {Raw: "x"}}}, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := raxx.Get("https://example.org/")
			req.Peer.TLS = &row.facts
			from(func(_ http.ResponseWriter, r *http.Request) {
				if shown, verified := len(r.TLS.PeerCertificates), len(r.TLS.VerifiedChains); shown != row.shown || verified != row.verified {
					t.Errorf("got %d certificates and %d chains, want %d and %d", shown, verified, row.shown, row.verified)
				} else if shown > 0 && r.TLS.PeerCertificates[0].Subject.CommonName != "Ada" {
					t.Errorf("got %v", r.TLS.PeerCertificates[0].Subject)
				}
			})(req)
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

func TestFromHTTPPathThatCantBeRead(t *testing.T) {
	resp := from(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })(raxx.Get("/%zz"))
	if resp.Status != 400 {
		t.Errorf("got %d", resp.Status)
	}
}

// A request's trailer is there behind its body, as net/http has it.
func TestFromHTTPTrailerOfTheRequest(t *testing.T) {
	body := raxxtest.Chunks("a", "b").WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: "2"}} })
	req := raxx.Post("/", "text/plain", body).With("trailer", "X-Sum, X-Other")
	from(func(_ http.ResponseWriter, r *http.Request) {
		if got := fmt.Sprint(r.Trailer, r.Header.Get("Trailer"), r.TransferEncoding, r.ContentLength); got != "map[X-Other:[] X-Sum:[]][chunked] -1" {
			t.Errorf("before: %s", got)
		}
		io.Copy(io.Discard, r.Body)
		if got := fmt.Sprint(r.Trailer); got != "map[X-Other:[] X-Sum:[2]]" {
			t.Errorf("behind the body: %s", got)
		}
		if _, err := r.Body.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("behind the end there is %v", err)
		}
		r.Body.Close()
		if _, err := r.Body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
			t.Errorf("behind Close there is %v", err)
		}
	})(req)
}

// A body that is closed is let go of, before the handler has returned.
func TestFromHTTPClosesTheBody(t *testing.T) {
	left := false
	body := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		defer func() { left = true }()
		for yield([]byte("a"), nil) {
		}
	})
	nethttp.FromHTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Body.Read(make([]byte, 1))
		r.Body.Close()
		if _, err := r.Body.Read(make([]byte, 1)); !left || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("the body goes on: %t; a read behind its end: %v", !left, err)
		}
	}))(raxx.Post("/", "text/plain", body))
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

// Whoever stops to read, or never begins, ends the context and the writes.
func TestFromHTTPClientThatGoes(t *testing.T) {
	endless := func(ended chan<- error) raxx.Handler {
		return from(func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					<-r.Context().Done()
					ended <- err
					return
				}
			}
		})
	}
	t.Run("in the middle of a stream", func(t *testing.T) {
		ended := make(chan error, 1)
		for range raxx.Chunks(endless(ended)(get).Body) {
			break
		}
		if err := <-ended; err == nil {
			t.Error("Write returned no error")
		}
	})
	t.Run("when the exchange has ended", func(t *testing.T) {
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		resp := endless(ended)(get.WithContext(ctx))
		gone := errors.New("gone")
		cancel(gone)
		if err := <-ended; err != gone {
			t.Errorf("Write returned %v", err)
		}
		runtime.KeepAlive(resp)
	})
	// A client that has closed the direction in which it sends counts as gone, and
	// may read on all the same.
	t.Run("but reads on", func(t *testing.T) {
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		resp := endless(ended)(get.WithContext(ctx))
		gone := errors.New("gone")
		cancel(gone)
		<-ended
		if data, err := raxx.ReadAll(resp.Body, -1); err != gone {
			t.Errorf("the reply seems to be whole: %d bytes, and %v", len(data), err)
		}
	})
	t.Run("when the response was dropped", func(t *testing.T) {
		ended := make(chan error, 1)
		endless(ended)(get)
		for range 1000 {
			runtime.GC()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("Write returned no error")
				}
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
		t.Error("the handler goes on")
	})
}

// The context ends when the handler has returned, and not before.
func TestFromHTTPContextEnds(t *testing.T) {
	var kept context.Context
	gone := make(chan bool, 1)
	from(func(w http.ResponseWriter, r *http.Request) {
		kept = r.Context()
		context.AfterFunc(kept, func() { gone <- true })
		if kept.Err() != nil {
			t.Errorf("it has ended with %v", kept.Err())
		}
		if deadline, ok := kept.Deadline(); ok {
			t.Errorf("it ends at %v", deadline)
		}
	})(get)
	<-gone
	if kept.Err() != context.Canceled {
		t.Errorf("it ended with %v", kept.Err())
	}
}

func TestFromHTTPPanics(t *testing.T) {
	cause := errors.New("on purpose")
	catch := func(f func()) (v any) {
		defer func() { v = recover() }()
		f()
		return nil
	}
	check := func(v any) {
		t.Helper()
		p, ok := v.(*nethttp.PanicError)
		if !ok || !errors.Is(p, cause) || !strings.Contains(string(p.Stack), "TestFromHTTPPanics") {
			t.Errorf("it panics with %#v", v)
		}
	}
	check(catch(func() { from(func(http.ResponseWriter, *http.Request) { panic(cause) })(get) }))
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
		panic(cause)
	})(get)
	got := ""
	check(catch(func() {
		for chunk := range raxx.Chunks(resp.Body) {
			got += string(chunk)
		}
	}))
	if got != "ab" {
		t.Errorf("got %q before the panic", got)
	}
}

// A handler that breaks off breaks its reply off, however far it has come.
func TestFromHTTPAborts(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"at once":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"behind the head": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); panic(http.ErrAbortHandler) },
		"behind content":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a"); panic(http.ErrAbortHandler) },
		"behind a flush": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"with a 204":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); panic(http.ErrAbortHandler) },
		"behind 103":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); panic(http.ErrAbortHandler) },
		"with its goroutine": func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
		"and promised length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := raxxtest.NewServer(from(h))
			x := s.Serve(get)
			for range 3 {
				s.Advance(0)
			}
			if _, err := x.Response(); err == nil {
				t.Errorf("the reply is whole: %v", x.Parts())
			}
		})
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

// A handler that has sent an interim response learns that its client has gone.
func TestFromHTTPInformsAClientThatGoes(t *testing.T) {
	ended := make(chan bool, 1)
	x := raxxtest.NewServer(from(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103)
		<-r.Context().Done()
		ended <- true
	})).Serve(get)
	x.Send(raxx.Closed{Reason: raxx.ClientGone})
	<-ended
}

// Whoever writes when the handler has returned is too late, and changes nothing.
func TestFromHTTPLateWrites(t *testing.T) {
	var late http.ResponseWriter
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		late = w
	})(get)
	if n, err := io.WriteString(late, "b"); n != 0 || err == nil {
		t.Errorf("Write returned %d, %v", n, err)
	}
	if err := http.NewResponseController(late).Flush(); err == nil {
		t.Error("Flush returned no error")
	}
	late.WriteHeader(500)
	if resp.Body != raxx.Body(raxx.Data("a")) {
		t.Errorf("got %v", resp.Body)
	}
}

// An ender is a server that tells of the end of its exchange.
type ender struct {
	context.Context
	tell []func(raxx.Ending)
}

func (e *ender) ExchangeContext(uint64) context.Context { return e }

func (e *ender) OnExchangeEnd(_ uint64, f func(raxx.Ending)) bool {
	e.tell = append(e.tell, f)
	return true
}

// A handler whose reply nobody takes is told so at the end of the exchange, however
// long somebody keeps the response.
func TestReplyThatNobodyTakesEndsWithTheExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		h := nethttp.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			ended = true
		}))
		server := &ender{Context: t.Context()}
		req := raxx.Get("/")
		req.Scope = raxx.NewScope(server, 1)
		resp := h(req)
		synctest.Wait()
		if ended {
			t.Error("it has ended before")
		}
		for _, f := range server.tell {
			f(raxx.Ending{Status: 304})
		}
		synctest.Wait()
		if !ended {
			t.Error("it goes on")
		}
		runtime.KeepAlive(resp)
	})
}

// What a handler makes of a client that has left says so: a log takes it for no error.
func TestFromHTTPOfAClientThatLeftSaysSo(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"aborts at once": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"aborts behind content": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "a")
			panic(http.ErrAbortHandler)
		},
		"aborts a stream": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"answers with 502": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, leave := context.WithCancel(t.Context())
				waits := func(w http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					h(w, r)
				}
				time.AfterFunc(time.Second, leave)
				resp := nethttp.FromHTTP(http.HandlerFunc(waits))(raxx.Get("/").WithContext(ctx))
				_, err := raxx.ReadAll(resp.Body, 0)
				if err = errors.Join(resp.Cause.Err(), err); !errors.Is(err, context.Canceled) {
					t.Errorf("got %d, %v", resp.Status, err)
				}

				// The same of a client that is still there says nothing of the kind.
				resp = nethttp.FromHTTP(h)(raxx.Get("/"))
				if _, err := raxx.ReadAll(resp.Body, 0); errors.Is(errors.Join(resp.Cause.Err(), err), context.Canceled) {
					t.Errorf("of a client that is there: got %d, %v, %v", resp.Status, err, resp.Cause)
				}
			})
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
