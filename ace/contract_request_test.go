package ace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// contractRequests are requests, and what the handler sees of each: Scheme,
// Authority, Peer and Scope aside.
var contractRequests = []struct {
	name string
	ask  ask
	want raxx.Request
}{
	{"GET", ask{method: "GET", target: "/"}, raxx.Request{Method: "GET", Path: "/"}},
	{"a path and a query as they were sent", ask{method: "GET", target: "/a%20b/%2f//c?d=e%20f&&g"},
		raxx.Request{Method: "GET", Path: "/a%20b/%2f//c", Query: "d=e%20f&&g"}},
	{"a method that nobody knows", ask{method: "BREW", target: "/pot"}, raxx.Request{Method: "BREW", Path: "/pot"}},
	{"fields, some of them repeated", ask{method: "GET", target: "/", header: raxx.Header{
		{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "cookie", Value: "b=c"}, {Name: "te", Value: "trailers"}, {Name: "x-latin", Value: "\xe9"},
	}}, raxx.Request{Method: "GET", Path: "/", Header: raxx.Header{
		{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "cookie", Value: "b=c"}, {Name: "te", Value: "trailers"}, {Name: "x-latin", Value: "\xe9"},
	}}},
	{"a body", ask{method: "POST", target: "/", body: "hello"},
		raxx.Request{Method: "POST", Path: "/", Header: raxx.Header{{Name: "content-length", Value: "5"}}, Body: raxx.Data("hello")}},
	{"a body of a length that is not told", ask{method: "PUT", target: "/", body: "hello", unknown: true},
		raxx.Request{Method: "PUT", Path: "/", Body: raxx.Data("hello")}},
	{"a body of 1 MiB", ask{method: "POST", target: "/", body: text(large)},
		raxx.Request{Method: "POST", Path: "/", Header: raxx.Header{{Name: "content-length", Value: "1048576"}}, Body: raxx.Data(text(large))}},
	{"a body of 1 MiB of a length that is not told", ask{method: "POST", target: "/", body: text(large), unknown: true},
		raxx.Request{Method: "POST", Path: "/", Body: raxx.Data(text(large))}},
	{"a body that turns out to be empty", ask{method: "POST", target: "/", unknown: true}, raxx.Request{Method: "POST", Path: "/"}},
	{"a trailer", ask{method: "POST", target: "/", body: "hello", unknown: true, trailer: raxx.Header{{Name: "x-sum", Value: "42"}}},
		raxx.Request{Method: "POST", Path: "/", Header: raxx.Header{{Name: "trailer", Value: "X-Sum"}}, Body: raxx.Data("hello"),
			Trailer: raxx.Header{{Name: "x-sum", Value: "42"}}}},
	{trailerBehindALength, ask{method: "POST", target: "/", body: "hello", trailer: raxx.Header{{Name: "x-sum", Value: "42"}}},
		raxx.Request{Method: "POST", Path: "/", Header: raxx.Header{{Name: "content-length", Value: "5"}, {Name: "trailer", Value: "X-Sum"}},
			Body: raxx.Data("hello"), Trailer: raxx.Header{{Name: "x-sum", Value: "42"}}}},
	{"a body that has to be asked for", ask{method: "POST", target: "/", body: "hello", header: raxx.Header{{Name: "expect", Value: "100-continue"}}},
		raxx.Request{Method: "POST", Path: "/", Header: raxx.Header{{Name: "content-length", Value: "5"}, {Name: "expect", Value: "100-continue"}}, Body: raxx.Data("hello")}},
}

// trailerBehindALength is what there is over HTTP/2 only.
const trailerBehindALength = "a trailer behind a body of a length that is told"

func TestContractRequests(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		requests := make(chan raxx.Request, 1)
		c := e.newClient(t, raxx.Complete(0)(func(req raxx.Request) raxx.Response {
			requests <- req
			return hello(req)
		}), ace.Config{})
		for _, row := range contractRequests {
			if row.name == trailerBehindALength && !e.http2 {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				c.TB = t
				if got := c.ask(row.ask); got.status != 200 || got.body != "hello" {
					t.Errorf("got %d %q", got.status, got.body)
				}
				want, seen := row.want, e.withoutStackRequest(t, <-requests)
				want.Scheme, want.Authority, want.Peer = "http", "example.org", seen.Peer
				if e.tls {
					want.Scheme = "https"
				}
				want.Scope = seen.Scope
				if e.under == serverOfNetHTTP && e.http2 {
					want.Header = want.Header.Without("expect") // it takes that out
				}
				seen.Header = sorted(seen.Header)
				if diff := cmp.Diff(want, seen); diff != "" {
					t.Errorf("unexpected request (-want +got):\n%.2000s", diff)
				}
				if (seen.Peer.TLS != nil) != e.tls || seen.Peer.Protocol != e.protocol() {
					t.Errorf("the peer is %+v", seen.Peer)
				}
			})
		}
	})
}

// A head may be as large as the server lets it be.
func TestContractLargeHeads(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP {
			return // it has a limit of its own
		}
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			return raxx.Text(200, fmt.Sprint(len(req.Header.Get("x"))))
		}, ace.Config{MaxHeadBytes: 2 << 20})
		for _, n := range []int{60 << 10, 100 << 10, 3 << 19} {
			got := c.ask(ask{method: "GET", target: "/", header: raxx.Header{{Name: "x", Value: strings.Repeat("<", n)}}})
			if got.status != 200 || got.body != fmt.Sprint(n) {
				t.Errorf("with a field of %d bytes: got %d %q", n, got.status, got.body)
			}
		}
	})
}

func (e engine) protocol() string {
	if e.http2 {
		return "HTTP/2.0"
	}
	return "HTTP/1.1"
}

// Every kind of request goes with every kind of response, whether the handler
// reads the body before it answers, or as the body of its answer, or not at all.
func TestContractCombinations(t *testing.T) {
	asks := []ask{
		{method: "GET", target: "/"},
		{method: "POST", target: "/", body: "hello"},
		{method: "POST", target: "/", body: text(64 << 10)},
		{method: "POST", target: "/", body: text(64 << 10), unknown: true, trailer: raxx.Header{{Name: "x-sum", Value: "42"}}},
		{method: "POST", target: "/", body: text(large)},
		{method: "POST", target: "/", body: "hello", header: raxx.Header{{Name: "expect", Value: "100-continue"}}},
	}
	bodies := []func() raxx.Body{
		func() raxx.Body { return nil },
		func() raxx.Body { return raxx.Data("hello") },
		func() raxx.Body { return raxx.Data(text(large)) },
		func() raxx.Body { return raxxtest.Chunks("a", text(100000)) },
		func() raxx.Body { return promise(100001, raxxtest.Chunks("a", text(100000))) },
		func() raxx.Body { return reacts(opening(raxx.Data("a"), raxx.Data(text(100000)), raxx.Tail{})) },
	}
	reads := func(req raxx.Request) error {
		_, err := raxx.ReadAll(req.Body, 0)
		return err
	}
	onEngines(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			var kind int
			fmt.Sscanf(req.Query, "%d", &kind)
			if req.Path == "/read" {
				if err := reads(req); err != nil {
					return raxx.Text(500, err.Error())
				}
			}
			return raxx.Response{Status: 200, Body: bodies[kind]()}
		}, ace.Config{})
		for i, a := range asks {
			for kind := range bodies {
				for _, path := range []string{"/read", "/unread"} {
					if path == "/unread" && len(a.body) == large {
						continue // whether all of it is still sent is the client's affair
					}
					if path == "/unread" && a.trailer != nil && e.under == serverOfNetHTTP && e.http2 {
						continue // it ends the connection if a trailer comes behind its reply
					}
					a.target = fmt.Sprintf("%s?%d", path, kind)
					got := c.ask(a)
					if want := content(bodies[kind]()); got.status != 200 || got.body != want || got.broken {
						t.Errorf("request %d, response %d, %s: got %d with %d bytes, broken: %v; want %d bytes",
							i, kind, path, got.status, len(got.body), got.broken, len(want))
					}
				}
			}
		}
	})
}

// content returns the content of a body that is to be sent.
func content(b raxx.Body) string {
	x := raxxtest.Start(raxx.Response{Status: 200, Body: b})
	return string(x.Content())
}

// A body may come back as it comes.
func TestContractEcho(t *testing.T) {
	withMachine := func(req raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Data:
				return []raxx.Part{event}
			case raxx.Tail:
				return []raxx.Part{event}
			}
			return nil
		})}
	}
	onEngines(t, func(t *testing.T, e engine) {
		for name, h := range map[string]raxx.Handler{"stream": echo, "data": complete, "machine": withMachine} {
			t.Run(name, func(t *testing.T) {
				c := e.newClient(t, h, ace.Config{})
				for _, n := range []int{1, 100, 70000, 3 * large} {
					for _, unknown := range []bool{false, true} {
						a := ask{method: "POST", target: "/", body: text(n), unknown: unknown}
						trailer := unknown || e.http2 // over HTTP/1.1 none stands behind a length
						if trailer {
							a.trailer = raxx.Header{{Name: "x-sum", Value: "42"}}
						}
						got := c.ask(a)
						if got.status != 200 || got.broken || got.body != a.body {
							t.Errorf("%d bytes: got %d with %d bytes, broken: %v", n, got.status, len(got.body), got.broken)
						}
						if trailer && name != "data" && got.trailer.Get("x-sum") != "42" {
							t.Errorf("%d bytes: the trailer is %v", n, got.trailer)
						}
					}
				}
			})
		}
	})
}

// A handler that refuses a large upload is heard.
func TestContractEarlyResponse(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response { return raxx.Text(413, "no") }, ace.Config{})
		for range 5 {
			got := c.ask(ask{method: "POST", target: "/", body: strings.Repeat("x", 200<<10), unknown: true})
			if got.status != 413 || got.body != "no" || got.broken {
				t.Errorf("got %d %q, broken: %v", got.status, got.body, got.broken)
			}
			got = c.ask(ask{method: "POST", target: "/", body: "x", header: raxx.Header{{Name: "expect", Value: "100-continue"}}})
			if got.status != 413 || got.body != "no" || len(got.informs) > 0 {
				t.Errorf("got %v %d %q to a request that expects 100", got.informs, got.status, got.body)
			}
		}
	})
}
