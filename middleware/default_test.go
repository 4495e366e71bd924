package middleware_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleDefault() {
	app := middleware.Default{
		Hosts:  []string{"example.org"},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}.Middleware()(func(raxx.Request) raxx.Response { return raxx.Text(200, "Hello") })

	for _, url := range []string{"https://example.org/", "http://example.org/", "https://example.net/", "http://10.0.0.1/readyz"} {
		resp := app(raxx.Get(url))
		fmt.Println(url, "→", resp.Status)
	}
	// Output:
	// https://example.org/ → 200
	// http://example.org/ → 308
	// https://example.net/ → 421
	// http://10.0.0.1/readyz → 200
}

func TestDefaultInDevelopment(t *testing.T) {
	var log bytes.Buffer
	app := middleware.Default{Development: true, Logger: slog.New(slog.NewTextHandler(&log, nil))}.
		Middleware()(func(raxx.Request) raxx.Response { panic("out of tea") })
	resp := app(raxx.Get("http://localhost:8080/").With("accept", "text/html"))
	page, _ := resp.Body.(raxx.Data)
	if resp.Status != 500 || !strings.Contains(string(page), "out of tea") {
		t.Errorf("got %v", resp)
	}
	for _, want := range []string{"level=ERROR", "out of tea", "default_test.go", "status=500"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, log.String())
		}
	}
}

func TestDefaultSaysNothingInProduction(t *testing.T) {
	app := middleware.Default{Hosts: []string{"example.org"}, Logger: stackTestQuiet}.
		Middleware()(func(raxx.Request) raxx.Response { panic("out of tea") })
	for _, accept := range []string{"text/html", "application/json", "text/plain"} {
		resp := app(raxx.Get("https://example.org/").With("accept", accept))
		if body, _ := resp.Body.(raxx.Data); resp.Status != 500 || strings.Contains(string(body), "tea") {
			t.Errorf("%s: got %v", accept, resp)
		}
		for _, name := range []string{"x-request-id", "strict-transport-security", "x-content-type-options", "content-security-policy"} {
			if !resp.Header.Has(name) {
				t.Errorf("%s: there is no %s in %v", accept, name, resp.Header)
			}
		}
	}
}

func TestDefaultShowsProblemsToPeopleAsPages(t *testing.T) {
	app := middleware.Default{Development: true, Logger: stackTestQuiet}.
		Middleware()(func(raxx.Request) raxx.Response { return raxx.Problem(404, "no such page") })
	resp := app(raxx.Get("/").With("accept", "text/html,*/*;q=0.8"))
	if diff := cmp.Diff("text/html; charset=utf-8", resp.Header.Get("content-type")); diff != "" {
		t.Error(diff)
	}
	if resp := app(raxx.Get("/")); resp.Header.Get("content-type") != "application/problem+json" {
		t.Errorf("a program got %v", resp)
	}
}

func TestDefaultRefusesForgedRequests(t *testing.T) {
	app := middleware.Default{Development: true, Logger: stackTestQuiet}.Middleware()(stackTestHandler)
	req := raxx.Post("/transfer", "text/plain", nil).With("sec-fetch-site", "cross-site")
	if resp := app(req); resp.Status != 403 {
		t.Errorf("got %v", resp)
	}
}

func TestDefaultKeepsWhatIsOneUsersFromCaches(t *testing.T) {
	app := middleware.Default{Development: true, Logger: stackTestQuiet}.Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Text(200, "hello").With("set-cookie", "a=b")
	})
	if got := app(raxx.Get("/")).Header.Get("cache-control"); got != "no-store" {
		t.Errorf("cache-control is %q", got)
	}
}

func BenchmarkDefault(b *testing.B) {
	for name, logger := range map[string]*slog.Logger{"text": stackTestQuiet, "no handler": slog.New(accessLogNothing{})} {
		b.Run(name, func(b *testing.B) {
			handler := middleware.Default{Hosts: []string{"example.org"}, Logger: logger}.Middleware()(stackTestHandler)
			req := raxx.Get("https://example.org/users/7").With("user-agent", "curl/8.0").With("accept", "*/*")
			req.Peer.Address = "192.0.2.7:51334"
			b.ReportAllocs()
			for b.Loop() {
				handler(req)
			}
		})
	}
}

func BenchmarkNothing(b *testing.B) {
	req := raxx.Get("https://example.org/users/7")
	b.ReportAllocs()
	for b.Loop() {
		stackTestHandler(req)
	}
}
