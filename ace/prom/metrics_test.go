package prom_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/prom"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/websocket"
	"github.com/raxx-go/raxx/router"
)

// newMetrics returns metrics and where to read them.
func newMetrics(t testing.TB) (*prom.Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewRegistry()
	metrics, err := prom.New(prom.Config{Registerer: registry})
	if err != nil {
		t.Fatal(err)
	}
	return metrics, registry
}

// values are metrics by name and labels; a histogram is the number of what it has seen.
type values map[string]float64

// read returns all that is not zero.
func read(t testing.TB, registry *prometheus.Registry) values {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := values{}
	for _, family := range families {
		for _, metric := range family.Metric {
			var labels []string
			for _, l := range metric.Label {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			value := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			if value != 0 {
				all[family.GetName()+" "+strings.Join(labels, " ")] = value
			}
		}
	}
	return all
}

// want compares what the metrics are with the union of what they should be.
func want(t testing.TB, registry *prometheus.Registry, parts ...values) {
	t.Helper()
	all := values{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	if diff := cmp.Diff(all, read(t, registry)); diff != "" {
		t.Errorf("unexpected metrics (-want +got):\n%s", diff)
	}
}

func app(metrics *prom.Metrics) raxx.Handler {
	return router.Config{Middleware: metrics.Middleware()}.MustNew(
		router.Get("/users/:id", func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Params.Get("id")) }),
		router.Get("/broken", func(raxx.Request) raxx.Response { panic("out of tea") }),
		router.Get("/endless", func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
				if _, ok := event.(raxx.Open); ok {
					return n, []raxx.Part{raxx.Data("tick")}
				}
				return n, nil
			}))
		}),
		router.Get("/late", func(raxx.Request) raxx.Response {
			return raxx.Defer(raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
				if _, ok := event.(raxx.Timer); ok {
					return n, []raxx.Part{raxx.Text(201, "done")}
				}
				return n, []raxx.Part{raxx.After{Delay: time.Minute}}
			}))
		}),
	).Handle
}

// ask sends requests, one after the other on one connection, and closes it.
func ask(t testing.TB, client *http.Client, requests ...string) {
	t.Helper()
	for _, r := range requests {
		method, path, _ := strings.Cut(r, " ")
		req, err := http.NewRequest(method, "http://example.com"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	client.CloseIdleConnections()
	synctest.Wait()
}

func serve(t *testing.T, metrics *prom.Metrics) (*ace.Server, *acetest.Endpoint) {
	server := ace.New(app(metrics), ace.Config{Trace: metrics.Trace()})
	endpoint := acetest.ServeEndpoint(t, server, ace.Endpoint{Name: "public"})
	synctest.Wait()
	return server, endpoint
}

func TestRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		metrics, registry := newMetrics(t)
		_, endpoint := serve(t, metrics)
		ask(t, endpoint.HTTP1(), "GET /users/1", "GET /users/2", "HEAD /users/1", "GET /nothing", "GET /broken", "BREW /users/1", "GET /late")
		ask(t, endpoint.HTTP2(), "GET /users/3")
		if _, err := endpoint.Say("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		http1 := func(method string, status int) string {
			return fmt.Sprintf("ace_exchange_duration_seconds end=complete endpoint=public method=%s protocol=HTTP/1.1 status=%d", method, status)
		}
		route := func(method, route string, status int) string {
			return fmt.Sprintf("http_request_duration_seconds method=%s route=%s status=%d", method, route, status)
		}
		want(t, registry, values{
			"ace_ready ": 1,
			"ace_connections_accepted_total endpoint=public":                                                     3,
			"ace_connections_closed_total end=complete endpoint=public protocol=HTTP/1.1":                        1,
			"ace_connections_closed_total end=complete endpoint=public protocol=HTTP/2.0":                        1,
			"ace_connections_closed_total end=protocol endpoint=public protocol=":                                1,
			"ace_exchange_duration_seconds end=complete endpoint=public method=GET protocol=HTTP/2.0 status=200": 1,
			"ace_exchange_duration_seconds end=protocol endpoint=public method=GET protocol=HTTP/1.1 status=400": 1,
			http1("GET", 200):                2,
			http1("HEAD", 200):               1,
			http1("GET", 404):                1,
			http1("GET", 500):                1,
			http1("other", 501):              1,
			http1("GET", 201):                1,
			route("GET", "/users/:id", 200):  3,
			route("HEAD", "/users/:id", 200): 1,
			route("GET", "/broken", 500):     1,
			route("GET", "", 404):            1,
			route("other", "", 501):          1,
			route("GET", "/late", 201):       1,
		}, content(t, registry))
	})
}

// content are the metrics of the content of replies, whose pages are of no interest.
func content(t testing.TB, registry *prometheus.Registry) values {
	all := read(t, registry)
	maps.DeleteFunc(all, func(name string, _ float64) bool { return !strings.HasPrefix(name, "ace_reply_content") })
	if all["ace_reply_content_bytes_total endpoint=public protocol=HTTP/2.0"] != 1 {
		t.Errorf("content: %v", all)
	}
	return all
}

// A client that leaves is told apart from what the server does wrong, and a reply that
// goes on is in flight.
func TestClientThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		metrics, registry := newMetrics(t)
		_, endpoint := serve(t, metrics)
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://example.com/endless", nil)
		resp, err := endpoint.HTTP1().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.ReadFull(resp.Body, make([]byte, 4))
		before := values{
			"ace_ready ": 1,
			"ace_connections_accepted_total endpoint=public":                     1,
			"http_request_duration_seconds method=GET route=/endless status=200": 1,
		}
		want(t, registry, before, values{"ace_connections endpoint=public": 1, "http_requests_in_flight ": 1})
		cancel()
		resp.Body.Close()
		synctest.Wait()
		want(t, registry, before, values{
			"ace_connections_closed_total end=client_gone endpoint=public protocol=HTTP/1.1":                        1,
			"ace_exchange_duration_seconds end=client_gone endpoint=public method=GET protocol=HTTP/1.1 status=200": 1,
			"ace_reply_content_bytes_total endpoint=public protocol=HTTP/1.1":                                       4,
		})
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		metrics, registry := newMetrics(t)
		server, endpoint := serve(t, metrics)
		resp, err := endpoint.HTTP1().Get("http://example.com/endless")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err == nil {
			t.Error("nothing was cut")
		}
		synctest.Wait()
		got := read(t, registry)
		if got["ace_ready "] != 0 || got["ace_connections_cut_total "] != 1 || got["http_requests_in_flight "] != 0 {
			t.Errorf("behind a drain: %v", got)
		}
		if got["ace_exchange_duration_seconds end=server_closed endpoint=public method=GET protocol=HTTP/1.1 status=200"] != 1 {
			t.Errorf("behind a drain: %v", got)
		}
	})
}

func TestHandshakes(t *testing.T) {
	certificate, err := ace.DevelopmentCertificate()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		metrics, registry := newMetrics(t)
		server := ace.New(app(metrics), ace.Config{
			Trace: metrics.Trace(), TLS: &tls.Config{Certificates: []tls.Certificate{certificate}},
		})
		endpoint := acetest.ServeEndpoint(t, server, ace.Endpoint{Name: "public"})
		resp, err := endpoint.HTTP1().Get("https://example.com/users/1")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		endpoint.Say("no TLS at all, but many words to say so\r\n\r\n")
		if _, err := endpoint.Say(""); err != nil {
			t.Log(err)
		}
		synctest.Wait()
		got := read(t, registry)
		maps.DeleteFunc(got, func(name string, _ float64) bool { return !strings.HasPrefix(name, "ace_tls") })
		if diff := cmp.Diff(values{
			"ace_tls_handshake_duration_seconds end=complete endpoint=public":    1,
			"ace_tls_handshake_duration_seconds end=failed endpoint=public":      1,
			"ace_tls_handshake_duration_seconds end=client_gone endpoint=public": 1,
		}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// A WebSocket whose application has panicked ends well for its client, and not for
// those who look after it.
func TestLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		metrics, registry := newMetrics(t)
		server := ace.New(func(req raxx.Request) raxx.Response {
			return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { panic("out of tea") }))
		}, ace.Config{Trace: metrics.Trace()})
		endpoint := acetest.ServeEndpoint(t, server, ace.Endpoint{Name: "public"})
		if _, err := endpoint.Say("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := read(t, registry)["ace_exchange_duration_seconds end=fault endpoint=public method=GET protocol=HTTP/1.1 status=101"]; got != 1 {
			t.Errorf("got %v", read(t, registry))
		}
	})
}

// The middleware changes nothing of what passes through it.
func TestLaws(t *testing.T) {
	metrics, _ := newMetrics(t)
	raxxtest.Laws(t, metrics.Middleware())
}

// Without a server nobody tells of the end: what has returned is over.
func TestWithoutAServer(t *testing.T) {
	metrics, registry := newMetrics(t)
	handler := app(metrics)
	handler(raxx.Get("/users/1"))
	func() {
		defer func() { recover() }()
		handler(raxx.Get("/broken"))
	}()
	want(t, registry, values{
		"http_request_duration_seconds method=GET route=/users/:id status=200": 1,
		"http_request_duration_seconds method=GET route=/broken status=500":    1,
	})
}

// Who registers twice is told, and finds nothing of the second.
func TestRegisteredTwice(t *testing.T) {
	_, registry := newMetrics(t)
	if _, err := prom.New(prom.Config{Registerer: registry}); !errors.As(err, new(prometheus.AlreadyRegisteredError)) {
		t.Errorf("got %v", err)
	}
	registry = prometheus.NewRegistry()
	last := prometheus.NewCounter(prometheus.CounterOpts{Name: "http_request_duration_seconds", Help: "another"})
	registry.MustRegister(last)
	if _, err := prom.New(prom.Config{Registerer: registry}); err == nil {
		t.Error("there are two of one name")
	}
	if families, err := registry.Gather(); len(families) != 1 || err != nil {
		t.Errorf("what was registered before the error is left: %v, %v", families, err)
	}
}

func TestHandler(t *testing.T) {
	metrics, registry := newMetrics(t)
	app(metrics)(raxx.Get("/users/1"))
	resp, err := raxx.Collect(prom.Handler(registry)(raxx.Get("/metrics")))
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("content-type"); resp.Status != 200 || !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("status %d, content-type %q", resp.Status, got)
	}
	for _, line := range []string{
		"# TYPE http_request_duration_seconds histogram",
		`http_request_duration_seconds_count{method="GET",route="/users/:id",status="200"} 1`,
		`http_request_duration_seconds_bucket{method="GET",route="/users/:id",status="200",le="10"} 1`,
		"ace_ready 0",
	} {
		if !strings.Contains(string(resp.Body.(raxx.Data)), line+"\n") {
			t.Errorf("%s is missing in:\n%s", line, resp.Body)
		}
	}
}

func BenchmarkMetrics(b *testing.B) {
	metrics, _ := newMetrics(b)
	trace := metrics.Trace()
	handler := metrics.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	req := raxx.Get("/")
	event := ace.ExchangeEvent{Endpoint: "public", Request: req, Status: 204}
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
		trace.ExchangeEnded(event)
	}
}
