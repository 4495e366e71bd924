package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

func TestToHTTPRequest(t *testing.T) {
	r := httptest.NewRequest("POST", "https://Example.org/a%2Fb/c?d=%20", strings.NewReader("hello"))
	for _, f := range []string{"X-B", "X-A", "X-B", "Upgrade", "Keep-Alive", "Transfer-Encoding"} {
		r.Header.Add(f, strings.ToLower(f))
	}
	r.Header["Connection"] = []string{"keep-alive, close", "X-B"}
	r.Trailer = http.Header{"X-Sum": nil}
	r.Pattern = "/{name}/{rest...}"
	r.SetPathValue("name", "a/b")
	r.SetPathValue("rest", "c")
	var got raxx.Request
	ask(to(raxx.Complete(0)(func(req raxx.Request) raxx.Response {
		got = req
		return raxx.NoContent()
	})), r)
	want := raxx.Request{
		Method: "POST", Scheme: "https", Authority: "example.org", Path: "/a%2Fb/c", Query: "d=%20", Body: raxx.Data("hello"),
		Header:  raxx.Header{{Name: "connection", Value: "X-B"}, {Name: "trailer", Value: "X-Sum"}, {Name: "x-a", Value: "x-a"}, {Name: "x-b", Value: "x-b"}, {Name: "x-b", Value: "x-b"}},
		Pattern: "/{name}/{rest...}", Params: raxx.Params{{Name: "name", Value: "a/b"}, {Name: "rest", Value: "c"}},
		Peer: raxx.Peer{Address: "192.0.2.1:1234", Protocol: "HTTP/1.1", TLS: &raxx.TLS{Version: "TLS 1.2", ServerName: "Example.org", CipherSuite: "0x0000"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unexpected request (-want +got):\n%s", diff)
	}
}

// The names of a trailer that is to come are sorted, like all else that net/http has
// no order of.
func TestToHTTPNamesOfTheTrailer(t *testing.T) {
	for range 20 {
		r := httptest.NewRequest("POST", "/", strings.NewReader("a"))
		r.ContentLength, r.Trailer = -1, http.Header{"X-B": nil, "X-A": nil, "X-C": nil}
		ask(to(func(req raxx.Request) raxx.Response {
			if got := req.Header.Get("trailer"); got != "X-A, X-B, X-C" {
				t.Errorf("got %q", got)
			}
			return raxx.NoContent()
		}), r)
	}
}

// net/http takes any octets for a host over HTTP/2. Those whose lower case is the host
// of somebody else do not become that.
func TestHostThatIsNotASCII(t *testing.T) {
	for host, want := range map[string]string{"Kube.Example.org": "kube.example.org", "\u212aube.Example.org": "\u212aube.Example.org"} {
		for name, h := range map[string]func(raxx.Handler) http.Handler{
			"from a server": func(h raxx.Handler) http.Handler { return to(h) },
			"from a middleware": func(h raxx.Handler) http.Handler {
				return to(nethttp.FromMiddleware(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						r.Host = host
						next.ServeHTTP(w, r)
					})
				})(h))
			},
		} {
			r := httptest.NewRequest("GET", "/", nil)
			if name == "from a server" {
				r.Host = host
			}
			got := ask(h(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Authority) }), r)
			if got.Body.String() != want {
				t.Errorf("%s: %s is told as %s", name, host, got.Body)
			}
		}
	}
}

// RFC 9112, Section 3.2.1: an empty path is that of the root.
func TestEmptyPath(t *testing.T) {
	var got raxx.Request
	note := func(req raxx.Request) raxx.Response {
		got = req
		return raxx.NoContent()
	}
	strip := func(next http.Handler) http.Handler { return http.StripPrefix("/app", next) }
	for _, row := range []struct {
		method, target, path string
		handle               func(method, target string)
	}{
		{"GET", "http://example.org", "/", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"GET", "http://example.org?a", "/", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"OPTIONS", "*", "*", func(method, target string) { ask(to(note), httptest.NewRequest(method, target, nil)) }},
		{"GET", "/app", "/", func(method, target string) { ask(strip(to(note)), httptest.NewRequest(method, target, nil)) }},
		{"GET", "/app", "/", func(method, target string) { nethttp.FromMiddleware(strip)(note)(raxx.New(method, target, nil)) }},
		{"GET", "/app/%2Fx", "/%2Fx", func(method, target string) { nethttp.FromMiddleware(strip)(note)(raxx.New(method, target, nil)) }},
	} {
		row.handle(row.method, row.target)
		if got.Path != row.path {
			t.Errorf("%s %s: the path is %q, want %q", row.method, row.target, got.Path, row.path)
		}
	}
}

// A body can be read once, and only until the reply is over.
func TestToHTTPBodyIsReadOnce(t *testing.T) {
	var kept raxx.Body
	w := ask(to(func(req raxx.Request) raxx.Response {
		kept = req.Body
		first, err := raxx.ReadAll(req.Body, 0)
		_, again := raxx.ReadAll(req.Body, 0)
		return raxx.Text(200, fmt.Sprint(first, err, errors.Is(again, nethttp.ErrBodyRead)))
	}), httptest.NewRequest("POST", "/", strings.NewReader("hello")))
	if got := w.Body.String(); got != "hello<nil> true" {
		t.Errorf("got %q", got)
	}
	if _, err := raxx.ReadAll(kept, 0); err == nil {
		t.Error("the body can be read when the reply is over")
	}
	ask(to(func(req raxx.Request) raxx.Response {
		kept = req.Body
		return raxx.NoContent()
	}), httptest.NewRequest("POST", "/", strings.NewReader("hello")))
	if data, err := raxx.ReadAll(kept, 0); err == nil {
		t.Errorf("%q can be read when the reply is over", data)
	}
}

// What a middleware of net/http refuses about a body has its own status.
func TestToHTTPBodyThatFails(t *testing.T) {
	h := http.MaxBytesHandler(to(raxx.Complete(0)(answers(raxx.NoContent()))), 3)
	if w := ask(h, httptest.NewRequest("POST", "/", strings.NewReader("hello"))); w.Code != 413 {
		t.Errorf("got %d for a body that is too large", w.Code)
	}
	broken := io.MultiReader(strings.NewReader("a"), errReader{})
	if w := ask(to(raxx.Complete(0)(answers(raxx.NoContent()))), httptest.NewRequest("POST", "/", broken)); w.Code != 400 {
		t.Errorf("got %d for a body that breaks off", w.Code)
	}
}

type errReader struct{}

func TestToHTTPConnect(t *testing.T) {
	r := httptest.NewRequest("CONNECT", "example.org:443", nil)
	if w := ask(to(func(raxx.Request) raxx.Response { t.Error("the handler was called"); return raxx.NoContent() }), r); w.Code != 501 {
		t.Errorf("got %d", w.Code)
	}
}

// RFC 9110, Section 6.5.1: what frames a message, or says who asks, is not for a
// trailer. net/http takes it from there.
func TestToHTTPTrailerThatMayNotBe(t *testing.T) {
	want := raxx.Header{{Name: "x-a", Value: "1"}}
	check := func(got raxx.Header) {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("unexpected trailer (-want +got):\n%s", diff)
		}
	}
	stream := func(req raxx.Request) raxx.Response {
		body := req.Body.(raxx.Stream)
		if early := body.Trailer(); early != nil {
			t.Errorf("got %v before the end", early)
		}
		raxx.ReadAll(body, 0)
		check(body.Trailer())
		return raxx.NoContent()
	}
	machine := answers(raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
		if tail, ends := event.(raxx.Tail); ends {
			check(tail.Trailer)
			return []raxx.Part{raxx.NoContent()}
		}
		return nil
	})))
	for _, h := range []raxx.Handler{stream, machine} {
		onWire(t, to(h), func(t *testing.T, conn net.Conn) {
			go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"+
				"1\r\na\r\n0\r\nContent-Length: 5\r\nAuthorization: b\r\nX-A: 1\r\n\r\n")
			if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 204") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// A body of which nobody has said how long it is, is one: http.NewRequest says nothing
// of most readers. Of what a server of HTTP/2 has made, a length of 0 is one, though
// there is a reader.
func TestToHTTPBodyOfNoLength(t *testing.T) {
	for target, want := range map[string]string{"": "hello -1", "/": " 0"} {
		r, err := http.NewRequest("POST", "/", io.MultiReader(strings.NewReader("hello")))
		if err != nil {
			t.Fatal(err)
		}
		if r.RequestURI = target; target != "" {
			r.Body = io.NopCloser(strings.NewReader(""))
		}
		w := ask(to(func(req raxx.Request) raxx.Response {
			data, err := raxx.ReadAll(req.Body, 0)
			if err != nil {
				t.Error(err)
			}
			return raxx.Text(200, fmt.Sprint(string(data), " ", raxx.Length(req.Body)))
		}), r)
		if got := w.Body.String(); got != want {
			t.Errorf("target %q: got %q, want %q", target, got, want)
		}
	}
}

// Over HTTP/2 a request without a body has a reader, too.
func TestToHTTPNoBody(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		h := to(func(req raxx.Request) raxx.Response { return raxx.Text(200, fmt.Sprint(req.Body)) })
		overPipe(t, http2, h, func(t *testing.T, resp *http.Response) {
			if got, err := io.ReadAll(resp.Body); string(got) != "<nil>" || err != nil {
				t.Errorf("%s: the body is %s, %v", resp.Proto, got, err)
			}
		})
	}
}
