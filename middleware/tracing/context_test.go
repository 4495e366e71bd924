package tracing_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

const (
	traceID     = "4bf92f3577b34da6a3ce929d0e0e4736"
	parentID    = "00f067aa0ba902b7"
	traceparent = "00-" + traceID + "-" + parentID + "-01"
)

// A family is what a span says of whom it belongs to.
type family struct {
	Trace, Parent, State, Baggage string
	Links                         []string
}

// familyOf serves a request and tells of its span. A trace of its own is "".
func (s *telescope) familyOf(t *testing.T, mw raxx.Middleware, req raxx.Request) (f family) {
	t.Helper()
	mw(func(req raxx.Request) raxx.Response {
		f.Baggage = baggage.FromContext(req.Context()).String()
		return raxx.NoContent()
	})(req)
	stubs := s.spans.GetSpans()
	s.spans.Reset()
	if len(stubs) != 1 {
		t.Fatalf("got %d spans", len(stubs))
	}
	if stubs[0].SpanContext.TraceID().String() == traceID {
		f.Trace = traceID
	}
	if stubs[0].Parent.IsValid() {
		f.Parent = stubs[0].Parent.SpanID().String()
	}
	f.State = stubs[0].SpanContext.TraceState().String()
	for _, link := range stubs[0].Links {
		f.Links = append(f.Links, link.SpanContext.SpanID().String())
	}
	return f
}

func TestTraceOfTheClient(t *testing.T) {
	s := newTelescope(t)
	public := s.config()
	public.Public = true
	asked := raxx.Get("/").With("traceparent", traceparent).With("tracestate", "a=1").With("baggage", "user=ada")
	child := family{Trace: traceID, Parent: parentID, State: "a=1", Baggage: "user=ada"}
	for _, test := range []struct {
		name   string
		public bool
		req    raxx.Request
		want   family
	}{
		{"goes on", false, asked, child},
		{"goes on, by names in whatever case", false, raxx.Request{Header: raxx.Header{
			{Name: "Traceparent", Value: traceparent}, {Name: "TraceState", Value: "a=1"}, {Name: "Baggage", Value: "user=ada"}}}, child},
		{"goes on with lists in lines", false, asked.Add("tracestate", "b=2").Add("baggage", "shop=tea"),
			family{Trace: traceID, Parent: parentID, State: "a=1,b=2", Baggage: "user=ada,shop=tea"}},
		{"is not believed if there are two", false, asked.Add("traceparent", traceparent), family{Baggage: "user=ada"}},
		{"is not believed if it is none", false, asked.With("traceparent", "00-x"), family{Baggage: "user=ada"}},
		{"is linked to that of a stranger", true, asked, family{Links: []string{parentID}}},
		{"is none of a stranger", true, raxx.Get("/"), family{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := s.config()
			if test.public {
				config = public
			}
			got := s.familyOf(t, config.Middleware(), test.req)
			test.want.Baggage, got.Baggage = sorted(test.want.Baggage), sorted(got.Baggage)
			diff(t, test.want, got)
		})
	}
}

// sorted makes something that can be compared of a list whose order is not kept.
func sorted(list string) string {
	if a, b, two := strings.Cut(list, ","); two && a > b {
		return b + "," + a
	}
	return list
}

// traced is a transport that makes a span for each request, as that of otelhttp does.
type traced struct {
	tracer trace.Tracer
	next   http.RoundTripper
}

func (c traced) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, span := c.tracer.Start(req.Context(), "call", trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	req = req.Clone(ctx)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(req.Header))
	return c.next.RoundTrip(req)
}

// A trace goes from the client over one service to another.
func TestOneTraceOverTwoServices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTelescope(t)
		mw := s.config().Middleware()
		behind := serve(t, mw(func(raxx.Request) raxx.Response { return raxx.Text(200, "tea") }))
		client := behind.HTTP1()
		defer client.CloseIdleConnections()
		transport := nethttp.FromTransport(traced{s.traces.Tracer("test"), client.Transport})
		front := serve(t, mw(func(req raxx.Request) raxx.Response {
			req.Authority = "behind.example.com"
			return transport(req)
		}))
		ask(t, front.HTTP2(), "GET", "/", "", "traceparent", traceparent)
		client.CloseIdleConnections()
		synctest.Wait()
		byID, chain := map[string]string{}, ""
		for _, stub := range s.spans.GetSpans() {
			if stub.SpanContext.TraceID().String() != traceID {
				t.Errorf("%s is of another trace", stub.Name)
			}
			byID[stub.Parent.SpanID().String()] = stub.SpanContext.SpanID().String() + " " + stub.Name
		}
		for id := parentID; byID[id] != ""; {
			next, name, _ := strings.Cut(byID[id], " ")
			id, chain = next, chain+name+" "
		}
		diff(t, "GET call GET ", chain)
	})
}

// A quiet server counts who waits for the end of its exchange, and tells of it.
type quiet struct {
	context.Context
	asked atomic.Int64
	ended []func(raxx.Ending)
}

func (q *quiet) Done() <-chan struct{}                  { q.asked.Add(1); return q.Context.Done() }
func (q *quiet) Err() error                             { q.asked.Add(1); return q.Context.Err() }
func (q *quiet) ExchangeContext(uint64) context.Context { return q }
func (q *quiet) OnExchangeEnd(_ uint64, f func(raxx.Ending)) bool {
	q.ended = append(q.ended, f)
	return true
}

// To wait for the end of a context makes a server watch its connection. That is for the
// handler to ask for.
func TestNothingIsWatched(t *testing.T) {
	for name, sampler := range map[string]sdktrace.Sampler{"sampled": sdktrace.AlwaysSample(), "not sampled": sdktrace.NeverSample()} {
		t.Run(name, func(t *testing.T) {
			s := newTelescope(t, sdktrace.WithSampler(sampler))
			q := &quiet{Context: t.Context()}
			for _, resp := range []raxx.Response{
				raxx.Text(200, "a"), raxx.Reply(200, "", raxxtest.Chunks("a", "b")), raxx.Reply(200, "", ticking()), raxx.Defer(late()),
				raxx.Text(500, "a").WithCause(context.DeadlineExceeded),
			} {
				req := raxx.Get("/").With("traceparent", traceparent)
				req.Scope = raxx.NewScope(q, 1)
				resp := s.config().Middleware()(func(req raxx.Request) raxx.Response {
					if !trace.SpanContextFromContext(req.Context()).IsValid() {
						t.Error("the context has no span")
					}
					return resp
				})(req)
				if m, ok := resp.Body.(raxx.Machine); ok {
					m.Step(raxx.Open{})
				} else if resp.Body != nil {
					raxx.ReadAll(resp.Body, 0)
				}
				q.ended[len(q.ended)-1](raxx.Ending{Status: 200})
			}
			if n := q.asked.Load(); n != 0 {
				t.Errorf("the context was asked %d times whether it has ended", n)
			}
		})
	}
}

// What other middleware has set stays, and is found in the context.
func TestValuesStay(t *testing.T) {
	user := raxx.NewKey[string]("user")
	s := newTelescope(t)
	s.config().Middleware()(func(req raxx.Request) raxx.Response {
		found, _ := user.From(req.Context())
		diff(t, "ada ada", user.Get(req)+" "+found)
		return raxx.NoContent()
	})(user.Set(raxx.Get("/"), "ada"))
}
