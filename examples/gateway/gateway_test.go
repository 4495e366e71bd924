package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// mustGateway returns the gateway, behind what finds out who asks.
func mustGateway(t *testing.T, ask raxx.Handler, services ...string) raxx.Handler {
	t.Helper()
	app, err := gateway(ask, services...)
	if err != nil {
		t.Fatal(err)
	}
	return middleware.ClientAddress{}.Middleware()(app)
}

// A service is a handler, so a test sees what it would be asked.
func TestForwards(t *testing.T) {
	services := []string{"/shop=http://10.0.0.1:8000", "/shop/prices=https://prices.internal", "=http://10.0.0.2"}
	from := func(req raxx.Request) raxx.Request {
		req.Peer.Address = "192.0.2.7:4321"
		return req
	}
	said := func(req raxx.Request, host, prefix string) raxx.Request {
		req = req.With("x-forwarded-for", "192.0.2.7").With("x-forwarded-host", host).With("x-forwarded-proto", "https")
		if prefix != "" {
			req = req.With("x-forwarded-prefix", prefix)
		}
		return req
	}
	for _, test := range []struct {
		name      string
		req, want raxx.Request
	}{
		{"below a prefix", raxx.Get("https://example.org/shop/tea?green"), said(raxx.Get("http://10.0.0.1:8000/tea?green"), "example.org", "/shop")},
		{"the prefix itself", raxx.Get("https://example.org/shop"), said(raxx.Get("http://10.0.0.1:8000/"), "example.org", "/shop")},
		{"the longest prefix", raxx.Get("https://example.org/shop/prices/tea"), said(raxx.Get("https://prices.internal/tea"), "example.org", "/shop/prices")},
		{"what is escaped stays so", raxx.Get("https://example.org/shop/a%2Fb"), said(raxx.Get("http://10.0.0.1:8000/a%2Fb"), "example.org", "/shop")},
		{"all else", raxx.Get("https://example.org/shopping"), said(raxx.Get("http://10.0.0.2/shopping"), "example.org", "")},
		{"a body", raxx.Put("https://example.org/shop/tea", "text/plain", raxx.Data("green")),
			said(raxx.Put("http://10.0.0.1:8000/tea", "text/plain", raxx.Data("green")), "example.org", "/shop")},
		{"what a client claims", raxx.Get("https://example.org/shop/").With("x-forwarded-for", "10.0.0.9").With("forwarded", "for=10.0.0.9").With("x-forwarded-prefix", "/admin"),
			said(raxx.Get("http://10.0.0.1:8000/"), "example.org", "/shop")},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asked raxx.Request
			app := mustGateway(t, func(req raxx.Request) raxx.Response {
				asked = req
				return raxx.Text(200, "tea")
			}, services...)
			if diff := cmp.Diff(raxx.Text(200, "tea"), app(from(test.req))); diff != "" {
				t.Errorf("the client gets something else (-want +got):\n%s", diff)
			}
			asked.Peer, asked.Scope, asked.Params, asked.Pattern = raxx.Peer{}, raxx.Scope{}, nil, ""
			if diff := cmp.Diff(test.want, asked); diff != "" {
				t.Errorf("the service is asked something else (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutAService(t *testing.T) {
	app := mustGateway(t, func(raxx.Request) raxx.Response { panic("nobody is to be asked") }, "/shop=http://10.0.0.1")
	if got := app(raxx.Get("/other")); got.Status != 404 {
		t.Errorf("got %d", got.Status)
	}
}

func TestArguments(t *testing.T) {
	for _, test := range []struct {
		services []string
		want     string // in the error
	}{
		{nil, "no service"},
		{[]string{"http://10.0.0.1"}, "/path=http"},
		{[]string{"/a=10.0.0.1:80"}, "10.0.0.1:80"},
		{[]string{"/a=ftp://10.0.0.1"}, "no http://host:port"},
		{[]string{"/a=http://10.0.0.1/b"}, "more than"},
		{[]string{"/a=http://ada:secret@10.0.0.1"}, "more than"},
		{[]string{"a=http://10.0.0.1"}, `"a"`},
		{[]string{"/a=http://10.0.0.1", "/a=http://10.0.0.2"}, "/a"},
	} {
		if _, err := gateway(nil, test.services...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.services, err)
		}
	}
}

// Through two servers in memory, what a service says comes at once, and a service that
// is not there is a 502.
func TestThroughServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := acetest.Serve(t, ace.New(func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
				if _, ok := event.(raxx.Open); ok {
					return n, []raxx.Part{raxx.Data("tick for " + req.Header.Get("x-forwarded-for"))}
				}
				return n, nil
			}))
		}, ace.Config{}))
		transport := service.HTTP1().Transport.(*http.Transport)
		defer transport.CloseIdleConnections()
		front := acetest.Serve(t, ace.New(mustGateway(t, nethttp.FromTransport(transport), "/ticks=http://ticks.internal"), ace.Config{}))
		client := front.From("192.0.2.7:4321").HTTP1()
		defer client.CloseIdleConnections()

		resp, err := client.Get("http://example.org/ticks")
		if err != nil {
			t.Fatal(err)
		}
		said := make([]byte, len("tick for 192.0.2.7"))
		if _, err := io.ReadFull(resp.Body, said); err != nil || string(said) != "tick for 192.0.2.7" {
			t.Errorf("got %q, %v", said, err)
		}
		resp.Body.Close()

		if err := service.Close(); err != nil {
			t.Error(err)
		}
		if resp, err = client.Get("http://example.org/ticks"); err != nil || resp.StatusCode != 502 {
			t.Errorf("without the service: %v, %v", resp, err)
		}
		resp.Body.Close()
	})
}
