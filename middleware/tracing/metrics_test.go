package tracing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/raxx-go/raxx/raxx"
)

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTelescope(t)
		endpoint := serve(t, app(s.config().Middleware()))
		for range 2 {
			ask(t, endpoint.HTTP1(), "GET", "/users/1", "")
		}
		ask(t, endpoint.HTTP2(), "GET", "/users/2", "")
		ask(t, endpoint.HTTP1(), "POST", "/upload", "12345")
		ask(t, endpoint.HTTP2(), "GET", "/panic", "")
		ask(t, endpoint.HTTP1(), "BREW", "/users/1", "")
		ask(t, endpoint.HTTP1(), "GET", "/stream", "")
		go func() {
			if _, err := endpoint.Say("GET /slow HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(time.Second) // of the bubble
		want := values{"http.server.active_requests http.request.method=GET,url.scheme=http": {Sum: 1}}
		add := func(method, version, more string, n uint64, took, in, out float64) {
			labels := fmt.Sprintf("http.request.method=%s,%s,network.protocol.version=%s,url.scheme=http", method, more, version)
			if failure, rest, ok := strings.Cut(more, ";"); ok {
				labels = fmt.Sprintf("error.type=%s,http.request.method=%s,%s,network.protocol.version=%s,url.scheme=http", failure, method, rest, version)
			}
			want["http.server.request.duration "+labels] = value{took, n}
			want["http.server.request.body.size "+labels] = value{in, n}
			want["http.server.response.body.size "+labels] = value{out, n}
		}
		add("GET", "1.1", "http.response.status_code=200,http.route=/users/:id", 2, 0, 0, 6)
		add("GET", "2", "http.response.status_code=200,http.route=/users/:id", 1, 0, 0, 3)
		add("POST", "1.1", "http.response.status_code=204,http.route=/upload", 1, 0, 5, 0)
		add("GET", "2", "panic;http.response.status_code=500,http.route=/panic", 1, 0, 0, 46)
		add("_OTHER", "1.1", "501;http.response.status_code=501", 1, 0, 0, 93)
		add("GET", "1.1", "http.response.status_code=200,http.route=/stream", 1, 2, 0, 8)
		diff(t, want, s.measured(t))
		time.Sleep(3 * time.Second) // of the bubble
		delete(want, "http.server.active_requests http.request.method=GET,url.scheme=http")
		add("GET", "1.1", "http.response.status_code=204,http.route=/slow", 1, 3, 0, 0)
		diff(t, want, s.measured(t))
	})
}

func TestBoundariesOfTheDuration(t *testing.T) {
	s := newTelescope(t)
	s.config().Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Get("/"))
	var data metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	for _, m := range data.ScopeMetrics[0].Metrics {
		if m.Name == "http.server.request.duration" {
			got := m.Data.(metricdata.Histogram[float64]).DataPoints[0].Bounds
			diff(t, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, got)
			diff(t, "s", m.Unit)
		}
	}
}

// A body counts as far as it was read.
func TestBodyThatIsNotRead(t *testing.T) {
	s := newTelescope(t)
	body := raxx.NewStream(1<<20, func(yield func([]byte, error) bool) {
		_ = yield([]byte("abc"), nil) && yield(nil, errors.New("the rest has not come"))
	})
	mw := s.config().Middleware()
	mw(func(req raxx.Request) raxx.Response {
		raxx.ReadAll(req.Body, 0)
		return raxx.NoContent()
	})(raxx.Post("/", "", body))
	mw(func(req raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Post("/", "", body))
	mw(func(req raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Post("/", "", raxx.Data("four")))
	sum, _ := s.sizes(t, "http.server.request.body.size")
	diff(t, 7.0, sum)
}

// What is said in a tunnel is no content.
func TestTunnels(t *testing.T) {
	for status, want := range map[int]bool{200: false, 403: true} {
		s := newTelescope(t)
		s.config().Middleware()(func(raxx.Request) raxx.Response { return raxx.Text(status, "hello") })(raxx.New("CONNECT", "/", nil))
		for _, name := range []string{"http.server.request.body.size", "http.server.response.body.size"} {
			if _, known := s.sizes(t, name); known != want {
				t.Errorf("%s of a status of %d is there: %v", name, status, known)
			}
		}
	}
}

// A metric shows a trace as an example of what it has seen.
func TestExemplars(t *testing.T) {
	s := newTelescope(t)
	s.config().Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })(raxx.Get("/"))
	var data metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	id := s.spans.GetSpans()[0].SpanContext.TraceID()
	var got [][]byte
	for _, m := range data.ScopeMetrics[0].Metrics {
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			for _, exemplar := range h.DataPoints[0].Exemplars {
				got = append(got, exemplar.TraceID)
			}
		}
	}
	diff(t, [][]byte{id[:]}, got)
}
