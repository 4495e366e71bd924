package tracing_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/middleware/tracing"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
	"github.com/raxx-go/raxx/router"
)

// A telescope is where spans and metrics go in a test.
type telescope struct {
	spans  *tracetest.InMemoryExporter
	traces *sdktrace.TracerProvider
	reader *metric.ManualReader
	meters *metric.MeterProvider
}

func newTelescope(t testing.TB, options ...sdktrace.TracerProviderOption) *telescope {
	s := &telescope{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	s.traces = sdktrace.NewTracerProvider(append(options, sdktrace.WithSyncer(s.spans))...)
	s.meters = metric.NewMeterProvider(metric.WithReader(s.reader))
	return s
}

// config is the Config that tells the telescope.
func (s *telescope) config() tracing.Config {
	return tracing.Config{
		TracerProvider: s.traces, MeterProvider: s.meters,
		Propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
}

// A span is what a test compares of one.
type span struct {
	Name   string
	Took   time.Duration
	Status codes.Code
	Text   string // of the status
	Attrs  attrs
	Events []event
}

type attrs map[string]any

type event struct {
	Name  string
	Attrs attrs
}

func attrsOf(list []attribute.KeyValue) attrs {
	all := attrs{}
	for _, kv := range list {
		if all[string(kv.Key)] = kv.Value.AsInterface(); kv.Key == "exception.stacktrace" {
			all[string(kv.Key)] = strings.Contains(kv.Value.AsString(), "tracing_test.")
		}
	}
	return all
}

// take returns the spans that have ended, and forgets them.
func (s *telescope) take() (all []span) {
	for _, stub := range s.spans.GetSpans() {
		one := span{
			Name: stub.Name, Took: stub.EndTime.Sub(stub.StartTime), Status: stub.Status.Code, Text: stub.Status.Description,
			Attrs: attrsOf(stub.Attributes),
		}
		for _, e := range stub.Events {
			one.Events = append(one.Events, event{e.Name, attrsOf(e.Attributes)})
		}
		all = append(all, one)
	}
	s.spans.Reset()
	return all
}

// values are metrics by name and attributes: of a histogram the sum, and how many it
// has seen.
type values map[string]value

type value struct {
	Sum   float64
	Count uint64
}

func (s *telescope) measured(t testing.TB) values {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := s.reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	all := values{}
	add := func(name string, set attribute.Set, v value) {
		all[name+" "+set.Encoded(attribute.DefaultEncoder())] = v
	}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch points := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range points.DataPoints {
					if p.Value != 0 {
						add(m.Name, p.Attributes, value{Sum: float64(p.Value)})
					}
				}
			case metricdata.Histogram[int64]:
				for _, p := range points.DataPoints {
					add(m.Name, p.Attributes, value{float64(p.Sum), p.Count})
				}
			case metricdata.Histogram[float64]:
				for _, p := range points.DataPoints {
					add(m.Name, p.Attributes, value{p.Sum, p.Count})
				}
			}
		}
	}
	return all
}

// app answers in every way that there is.
func app(mw raxx.Middleware) raxx.Handler {
	return router.Config{Middleware: mw}.MustNew(
		router.Get("/users/:id", func(req raxx.Request) raxx.Response { return raxx.Text(200, "Ada") }),
		router.Post("/users", func(req raxx.Request) raxx.Response { return raxx.Text(201, "made") }),
		router.Get("/slow", func(raxx.Request) raxx.Response { time.Sleep(3 * time.Second); return raxx.NoContent() }),
		router.Get("/broken", raxx.Try(func(raxx.Request) (raxx.Response, error) { return raxx.Response{}, io.ErrNoProgress })),
		router.Get("/panic", func(raxx.Request) raxx.Response { panic("out of tea") }),
		router.Get("/patient", func(req raxx.Request) raxx.Response {
			<-req.Context().Done()
			return raxx.Problem(500, "").WithCause(req.Context().Err())
		}),
		router.Get("/stream", stream(nil)),
		router.Get("/stream/broken", stream(io.ErrNoProgress)),
		router.Get("/stream/panic", func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(func([]byte, error) bool) { panic("out of tea") }))
		}),
		router.Get("/machine", func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", ticking()) }),
		router.Get("/machine/late", func(raxx.Request) raxx.Response { return raxx.Defer(late()) }),
		router.Post("/upload", func(raxx.Request) raxx.Response { return raxx.Defer(upload()) }).Streamed(),
		router.Get("/talk", func(req raxx.Request) raxx.Response {
			return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(0, talk))
		}),
		router.Get("/machine/panic", func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { panic("out of tea") }))
		}),
		router.Get("/machine/abort", func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) {
				return 0, []raxx.Part{raxx.Data("a"), raxx.Abort{Cause: raxx.NewCause(io.ErrNoProgress)}}
			}))
		}),
		router.Get("/unsendable", func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: "b\nc"}}}
		}),
	).Handle
}

// stream sends two pieces, with a second before each.
func stream(failure error) raxx.Handler {
	return func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for range 2 {
				if time.Sleep(time.Second); !yield([]byte("tick"), nil) {
					return
				}
			}
			if failure != nil {
				yield(nil, failure)
			}
		}))
	}
}

// ticking sends a piece each second, and ends behind the third.
func ticking() raxx.Machine {
	return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event.(type) {
		case raxx.Open:
			return n, []raxx.Part{raxx.After{Delay: time.Second}}
		case raxx.Timer:
			parts := []raxx.Part{raxx.Data("tick"), raxx.After{Delay: time.Second}}
			if n == 2 {
				parts[1] = raxx.Tail{}
			}
			return n + 1, parts
		}
		return n, nil
	})
}

// late sends all of its reply after a second.
func late() raxx.Machine {
	return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		if _, ok := event.(raxx.Timer); ok {
			return n, []raxx.Part{raxx.Reply(503, "text/plain", raxx.Data("busy")).WithCause(io.ErrNoProgress)}
		}
		return n, []raxx.Part{raxx.After{Delay: time.Second}}
	})
}

// upload answers when all of the request has come.
func upload() raxx.Machine {
	return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		if _, ok := event.(raxx.Tail); ok {
			return n, []raxx.Part{raxx.NoContent(), raxx.Tail{}}
		}
		return n, nil
	})
}

// talk is a WebSocket that can't stand one word.
func talk(n int, event raxx.Event) (int, []raxx.Part) {
	if text, ok := event.(websocket.Text); ok {
		if text == "coffee" {
			panic("out of tea")
		}
		return n, []raxx.Part{text}
	}
	return n, nil
}

func serve(t testing.TB, handler raxx.Handler) *acetest.Endpoint {
	t.Helper()
	return acetest.Serve(t, ace.New(handler, ace.Config{}))
}

// ask sends a request and reads the reply, as far as it comes.
func ask(t testing.TB, client *http.Client, method, path, body string, fields ...string) {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://example.com"+path, content)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("user-agent", "tester/1")
	for i := 0; i < len(fields); i += 2 {
		req.Header.Add(fields[i], fields[i+1])
	}
	if resp, err := client.Do(req); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	client.CloseIdleConnections()
	synctest.Wait()
}

// diff fails if got is not want.
func diff[T any](t testing.TB, want, got T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("unexpected (-want +got):\n%s", d)
	}
}
