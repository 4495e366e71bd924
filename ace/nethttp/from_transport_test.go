package nethttp_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// serviceOf calls test with a handler that asks h over each version of HTTP, on a
// network in memory, in a bubble.
func serviceOf(t *testing.T, h raxx.Handler, test func(t *testing.T, service raxx.Handler)) {
	t.Helper()
	for name, clientOf := range map[string]func(*acetest.Endpoint) *http.Client{
		"HTTP/1.1": (*acetest.Endpoint).HTTP1, "HTTP/2": (*acetest.Endpoint).HTTP2,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := acetest.Serve(t, ace.New(h, ace.Config{}))
				test(t, nethttp.FromTransport(clientOf(app).Transport))
			})
		})
	}
}

// long is a content that is not sent in one piece.
var long = strings.Repeat("0123456789abcdef", 1<<13)

// asSaid returns a response as a service has said it: with its fields sorted, since
// an http.Header has no order, and without the one that every server adds.
func asSaid(resp raxx.Response) raxx.Response {
	resp.Header = slices.Clone(resp.Header.Without("date"))
	slices.SortStableFunc(resp.Header, func(a, b raxx.Field) int { return strings.Compare(a.Name, b.Name) })
	return resp
}

func TestServiceSaysWhatItsHandlerSays(t *testing.T) {
	for name, want := range map[string]raxx.Response{
		"nothing":             raxx.NoContent(),
		"a text":              raxx.Text(200, "hello"),
		"an empty text":       raxx.Text(200, ""),
		"fields":              {Status: 201, Header: raxx.Header{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: ""}}},
		"cookies":             raxx.Text(200, "x").Add("set-cookie", "a=1").Add("set-cookie", "b=2"),
		"a redirect":          raxx.SeeOther("/elsewhere"),
		"an error":            raxx.Text(503, "later"),
		"32 KiB":              raxx.Text(200, long[:32<<10]),
		"not modified":        {Status: 304, Header: raxx.Header{{Name: "etag", Value: `"a"`}}},
		"a status unheard of": raxx.Text(299, "x"),
	} {
		t.Run(name, func(t *testing.T) {
			serviceOf(t, func(raxx.Request) raxx.Response { return want }, func(t *testing.T, service raxx.Handler) {
				if diff := cmp.Diff(asSaid(want), asSaid(service(raxx.Get("/")))); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestServiceIsAskedWhatTheRequestSays(t *testing.T) {
	asked := make(chan raxx.Request, 1)
	h := raxx.Complete(1 << 20)(func(req raxx.Request) raxx.Response {
		asked <- req
		return raxx.NoContent()
	})
	for name, want := range map[string]raxx.Request{
		"a path as it is spelled": raxx.Get("https://shop.example:81/a%2Fb//c%20d/%41?x=%20&y"),
		"its root":                raxx.Get("/"),
		"fields":                  raxx.Get("/").Add("accept", "a/b").Add("accept", "c/d").With("user-agent", "a").With("x-empty", ""),
		"a text":                  raxx.Post("/", "text/plain", raxx.Data("hello")),
		"a long text":             raxx.Put("/", "text/plain", raxx.Data(long)),
		"a form":                  raxx.PostForm("/", raxx.Values{{Name: "a", Value: "b c"}}),
		"another method":          raxx.New("PROPFIND", "/", nil),
	} {
		t.Run(name, func(t *testing.T) {
			serviceOf(t, h, func(t *testing.T, service raxx.Handler) {
				want := want
				want.Scheme = "http"
				if resp := service(want); resp.Status != 204 {
					t.Fatal(resp)
				}
				got := <-asked
				got.Peer, got.Scope = raxx.Peer{}, raxx.Scope{}
				// What a transport says by itself.
				got.Header = slices.Clone(got.Header.Without("accept-encoding").Without("content-length"))
				slices.SortStableFunc(got.Header, func(a, b raxx.Field) int { return strings.Compare(a.Name, b.Name) })
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// What concerns a connection goes no further than that.
func TestFieldsOfTheConnection(t *testing.T) {
	h := func(req raxx.Request) raxx.Response {
		var names []string
		for _, f := range req.Header {
			names = append(names, f.Name)
		}
		slices.Sort(names)
		return raxx.Text(200, strings.Join(names, " "))
	}
	serviceOf(t, h, func(t *testing.T, service raxx.Handler) {
		req := raxx.Get("/").With("accept-encoding", "identity")
		for _, name := range []string{"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "proxy-authorization", "content-length"} {
			req = req.With(name, "1")
		}
		if got := service(req).Body; got != raxx.Body(raxx.Data("accept-encoding")) {
			t.Errorf("the service has got the fields %q", got)
		}
		named := raxx.Get("/").With("accept-encoding", "a").With("x-hop", "1").With("te", "trailers").
			With("connection", "close").Add("connection", "TE, , X-Hop")
		if got := service(named).Body; got != raxx.Body(raxx.Data("accept-encoding te")) {
			t.Errorf("of one whose connection names fields the service has got %q", got)
		}
		post := raxx.Post("/", "a/b", raxx.Data("x")).With("upgrade", "websocket").With("accept-encoding", "a")
		if got := service(post).Body; got != raxx.Body(raxx.Data("accept-encoding content-length content-type")) {
			t.Errorf("of one with a body the service has got the fields %q", got)
		}
	})
	asked := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody, Header: http.Header{
			"Connection": {"close, X-Hop"}, "X-Hop": {"1"}, "Keep-Alive": {"1"}, "Proxy-Authenticate": {"a"}, "Upgrade": {"h2c"}, "X-End": {"1"},
		}}, nil
	})
	if diff := cmp.Diff(raxx.Response{Status: 200}.With("x-end", "1"), nethttp.FromTransport(asked)(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
}

// A client names fields in its Connection to have them taken out, among them those by
// which a proxy says who the client is (CVE-2022-31813, CVE-2024-45410).
func TestFieldsThatNoConnectionTakesOut(t *testing.T) {
	var got http.Header
	service := nethttp.FromTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}))
	for _, name := range []string{
		"authorization", "cookie", "origin", "referer", "sec-fetch-site", "range", "if-match", "cache-control",
		"content-type", "content-encoding", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "x-request-id", "traceparent",
	} {
		for _, named := range []string{name, strings.ToUpper(name), "x-a, " + name + " ,close"} {
			service(raxx.Get("/").With("connection", named).With(name, "of the proxy"))
			if got.Get(name) != "of the proxy" {
				t.Errorf("connection: %s: the service has got %v", named, got)
			}
		}
	}
	// Others go by the rule, until a proxy takes the client's word away.
	asked := raxx.Get("/").With("connection", "x-user").With("x-user", "of the client")
	service(asked.With("x-user", "of the proxy"))
	if got.Values("X-User") != nil {
		t.Errorf("with the client's connection: %v", got)
	}
	asked.Header = asked.Header.Without("connection")
	service(asked.With("x-user", "of the proxy"))
	if diff := cmp.Diff([]string{"of the proxy"}, got.Values("X-User")); diff != "" {
		t.Error(diff)
	}
}

// Behind a CONNECT net/http frames no content: a service that refuses the tunnel would
// take what a client has sent for the next request on a connection that others share
// (CVE-2026-71324).
func TestFromTransportSendsNoConnect(t *testing.T) {
	service := nethttp.FromTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Error("the service was asked")
		return &http.Response{StatusCode: 405, Body: http.NoBody}, nil
	}))
	req := raxx.New("CONNECT", "http://a.org/x", raxx.Data("GET /admin HTTP/1.1\r\nhost: a.org\r\n\r\n"))
	if resp := service(req); resp.Status != 500 || resp.Cause.Err() == nil {
		t.Errorf("got %v", resp)
	}
}

// A request that is put together by hand from what a user chose is one request for the
// path that it names, or none.
func TestFromTransportSendsOneTarget(t *testing.T) {
	var got string
	service := nethttp.FromTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.URL.RequestURI()
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}))
	for _, tt := range []struct{ path, query, want string }{
		{"/users/7", "q=a b", "/users/7?q=a%20b"},
		{"/users/7", "q= HTTP/1.0", "/users/7?q=%20HTTP/1.0"},
		{"/users/7", "q=#a%20b+c%", "/users/7?q=%23a%20b+c%"},
		{"/users/7 8", "", "/users/7%208"},
		{"/users/a%3Fb%23c", "d=e?f", "/users/a%3Fb%23c?d=e?f"},
		{"/users/7?admin=yes", "", ""},
		{"/users/7?admin=yes", "a=b", ""},
		{"/users/7#", "a=b", ""},
		{"/users/7", "q=a\r\nb: c", ""},
		{"/users/7\n", "", ""},
		{"/users/%", "", ""},
		{"users", "", ""},
	} {
		got = ""
		resp := service(raxx.Request{Method: "GET", Scheme: "http", Authority: "a.org", Path: tt.path, Query: tt.query})
		if got != tt.want || (resp.Status == 200) != (tt.want != "") {
			t.Errorf("%q, %q: the service was asked for %q, and the status is %d; want %q", tt.path, tt.query, got, resp.Status, tt.want)
		}
	}
}

// A roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHeadTellsTheLength(t *testing.T) {
	serviceOf(t, func(raxx.Request) raxx.Response { return raxx.Text(200, long) }, func(t *testing.T, service raxx.Handler) {
		want := raxx.Response{Status: 200}.With("content-length", strconv.Itoa(len(long))).With("content-type", "text/plain; charset=utf-8")
		if diff := cmp.Diff(asSaid(want), asSaid(service(raxx.Head("/")))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLongAnswersStream(t *testing.T) {
	h := func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			_ = yield([]byte("at once"), nil)
			time.Sleep(time.Hour)
			yield([]byte("later"), nil)
		}).WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x-sum", Value: "1"}} })).With("trailer", "x-sum")
	}
	serviceOf(t, h, func(t *testing.T, service raxx.Handler) {
		began := time.Now()
		resp := service(raxx.Get("/"))
		body, ok := resp.Body.(raxx.Stream)
		if !ok || body.Length != -1 || !strings.EqualFold(resp.Header.Get("trailer"), "x-sum") {
			t.Fatalf("the body is %#v, the fields are %v", resp.Body, resp.Header)
		}
		var got []string
		for chunk, err := range body.Chunks() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(string(chunk), " ", time.Since(began).Round(time.Minute)))
		}
		if diff := cmp.Diff([]string{"at once 0s", "later 1h0m0s"}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(raxx.Header{{Name: "x-sum", Value: "1"}}, body.Trailer()); diff != "" {
			t.Error(diff)
		}
	})
}

// An echo says its first piece before it has heard the second.
func TestBodiesStreamBothWays(t *testing.T) {
	echo := func(req raxx.Request) raxx.Response { return raxx.Reply(200, "a/b", req.Body) }
	serviceOf(t, echo, func(t *testing.T, service raxx.Handler) {
		said, heard := make(chan string), make(chan string, 1)
		resp := service(raxx.Post("/", "a/b", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for text := range said {
				if !yield([]byte(text), nil) {
					return
				}
			}
		})))
		go func() {
			defer close(heard)
			for chunk, err := range raxx.Chunks(resp.Body) {
				if err != nil {
					t.Error(err)
				}
				heard <- string(chunk)
			}
		}()
		for _, text := range []string{"one", "two"} {
			said <- text
			if got := <-heard; got != text {
				t.Errorf("heard %q", got)
			}
		}
		close(said)
		if got, more := <-heard; more {
			t.Errorf("heard %q behind the end", got)
		}
	})
}

func TestTrailersOfRequests(t *testing.T) {
	h := func(req raxx.Request) raxx.Response {
		body := req.Body.(raxx.Stream)
		data, err := raxx.ReadAll(body, 100)
		return raxx.Text(200, fmt.Sprint(data, body.Trailer(), err))
	}
	sum := raxx.Header{{Name: "x-sum", Value: "1"}}
	stream := raxx.NewStream(-1, func(yield func([]byte, error) bool) { yield([]byte("hello"), nil) })
	whole := raxx.Post("/", "a/b", raxx.Data("hello")).With("trailer", "x-sum")
	whole.Trailer = sum
	serviceOf(t, h, func(t *testing.T, service raxx.Handler) {
		for _, req := range []raxx.Request{
			raxx.Post("/", "a/b", stream.WithTrailer(func() raxx.Header { return sum })).With("trailer", "x-sum"),
			whole,
			raxx.Post("/", "a/b", stream.WithTrailer(func() raxx.Header { return sum })),
			{Method: "POST", Scheme: "http", Authority: "a", Path: "/", Body: raxx.Data("hello"), Trailer: sum},
		} {
			if got := service(req).Body; got != raxx.Body(raxx.Data("hello[{x-sum 1}] <nil>")) {
				t.Errorf("the service has got %v", got)
			}
		}
		empty := raxx.Request{Method: "POST", Scheme: "http", Authority: "a", Path: "/", Trailer: sum}
		if got := service(empty).Body; got != raxx.Body(raxx.Data("[{x-sum 1}] <nil>")) {
			t.Errorf("behind no body the service has got %v", got)
		}
	})
}

// A service switches to what it was asked for, or has not answered.
func TestServiceThatSwitches(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	ask := raxx.Get("/").With("upgrade", "websocket")
	for name, test := range map[string]struct {
		req      raxx.Request
		protocol string
		body     io.ReadCloser
		want     int
	}{
		"as it was asked":              {ask, "WebSocket", far, 101},
		"to another protocol":          {ask, "h2c", far, 502},
		"without being asked":          {raxx.Get("/"), "websocket", far, 502},
		"and nothing can be said":      {ask, "websocket", http.NoBody, 502},
		"though another one was asked": {raxx.Get("/").With("upgrade", "h2c"), "h2c", far, 502},
	} {
		switches := roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 101, Body: test.body, Header: http.Header{"Upgrade": {test.protocol}}}, nil
		})
		if resp := nethttp.FromTransport(switches)(test.req); resp.Status != test.want {
			t.Errorf("%s: %v", name, resp)
		}
	}
}

func TestRequestsThatCantBeSent(t *testing.T) {
	never := roundTrip(func(r *http.Request) (*http.Response, error) { t.Error("asked for ", r.URL); return nil, io.EOF })
	for name, req := range map[string]raxx.Request{
		"a machine": raxx.New("POST", "/", raxx.Machine{}),
		"a path":    {Method: "GET", Scheme: "http", Authority: "a", Path: "/%zz"},
	} {
		if resp := nethttp.FromTransport(never)(req); resp.Status != 500 || resp.Cause.Err() == nil {
			t.Errorf("%s: %v", name, resp)
		}
	}
}

// A connection that the service has given up meanwhile is no error: what can be
// sent once more is.
func TestStaleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := acetest.Serve(t, ace.New(whole, ace.Config{IdleTimeout: time.Minute}))
		service := nethttp.FromTransport(app.HTTP1().Transport)
		for range 3 {
			if resp := service(raxx.Put("/", "a/b", raxx.Data("x"))); resp.Status != 200 {
				t.Fatal(resp, resp.Cause)
			}
			time.Sleep(time.Minute - time.Nanosecond)
		}
	})
}

func whole(req raxx.Request) raxx.Response { return raxx.Text(200, "whole") }

// A proxy keeps to what servers and tests want of a handler.
func TestProxyIsLint(t *testing.T) {
	serviceOf(t, func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "a/b", raxx.NewStream(int64(len(long)), func(yield func([]byte, error) bool) { yield([]byte(long), nil) }))
	}, func(t *testing.T, service raxx.Handler) {
		x := raxxtest.Start(service(raxx.Get("/")))
		if got := x.Content(); string(got) != long || x.Err() != nil {
			t.Errorf("%d octets, %v", len(got), x.Err())
		}
	})
}

// A lateTrailer is a service whose trailer is known when the body has been read: what
// an http.Transport makes of one that was not announced, as by gRPC.
type lateTrailer struct{ length, major int }

func (s lateTrailer) RoundTrip(*http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, ProtoMajor: s.major, ContentLength: int64(s.length)}
	content := strings.NewReader(strings.Repeat("x", 100_000))
	resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
		n, err := content.Read(p)
		if err == io.EOF {
			resp.Trailer = http.Header{"Grpc-Status": {"0"}}
		}
		return n, err
	}))
	return resp, nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestFromTransportTrailerThatWasNotAnnounced(t *testing.T) {
	ask := raxx.Get("http://service.example/")
	for _, row := range []struct {
		name    string
		service lateTrailer
		req     raxx.Request
		want    raxx.Header
	}{
		{"no length", lateTrailer{-1, 1}, ask, raxx.Header{{Name: "grpc-status", Value: "0"}}},
		{"a length, for who takes trailers", lateTrailer{100_000, 2}, ask.With("te", "trailers"), raxx.Header{{Name: "grpc-status", Value: "0"}}},
		{"a length over HTTP/1.1, behind which there is none", lateTrailer{100_000, 1}, ask.With("te", "trailers"), nil},
		{"a length, which over HTTP/1.1 would give way", lateTrailer{100_000, 2}, ask, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := raxx.Collect(nethttp.FromTransport(row.service)(row.req))
			if diff := cmp.Diff(row.want, got.Trailer); diff != "" || err != nil {
				t.Errorf("unexpected trailer (-want +got):\n%s%v", diff, err)
			}
		})
	}
}
