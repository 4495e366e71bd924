package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// A Config says what is told, and whom. Its zero value is right for production, in a
// program that sets the providers of package otel.
type Config struct {
	// TracerProvider takes the spans. If nil, that of package otel.
	TracerProvider trace.TracerProvider
	// MeterProvider takes the metrics. If nil, that of package otel.
	MeterProvider metric.MeterProvider
	// Propagator reads from the fields of a request of which trace it is a part. If
	// nil, that of package otel, which reads nothing before the program has set it.
	Propagator propagation.TextMapPropagator
	// Public is for requests of strangers. Each is a trace of its own, which has a link
	// to that of the client, so that the client does not decide what is recorded; its
	// baggage is not taken.
	Public bool
	// Query shows the query in url.query, without the values of secrets.
	Query bool
	// Secret reports whether a value of the query is left out, by its name. If nil,
	// [middleware.SecretName].
	Secret func(name string) bool
	// Methods are those that are known. If nil, the methods of package raxx.
	Methods []string
	// Skip, if not nil, reports whether a request gets no span and does not count, such
	// as those for the health of the server.
	Skip func(raxx.Request) bool
}

// instrumentation is what the spans and metrics are said to come from.
const instrumentation = "github.com/raxx-go/raxx/middleware/tracing"

// A tracer is a Config with all that its middleware needs.
type tracer struct {
	Config
	tracer  trace.Tracer
	meters  meters
	methods map[string]string
}

// Middleware returns the middleware. See the package's documentation for where it
// belongs.
func (c Config) Middleware() raxx.Middleware {
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	if c.MeterProvider == nil {
		c.MeterProvider = otel.GetMeterProvider()
	}
	if c.Propagator == nil {
		c.Propagator = otel.GetTextMapPropagator()
	}
	if c.Secret == nil {
		c.Secret = middleware.SecretName
	}
	if c.Methods == nil {
		c.Methods = []string{
			raxx.MethodGet, raxx.MethodHead, raxx.MethodPost, raxx.MethodPut, raxx.MethodPatch,
			raxx.MethodDelete, raxx.MethodConnect, raxx.MethodOptions, raxx.MethodTrace, raxx.MethodQuery,
		}
	}
	t := &tracer{
		Config:  c,
		tracer:  c.TracerProvider.Tracer(instrumentation, trace.WithSchemaURL(semconv.SchemaURL)),
		meters:  newMeters(c.MeterProvider.Meter(instrumentation, metric.WithSchemaURL(semconv.SchemaURL))),
		methods: map[string]string{},
	}
	for _, method := range c.Methods {
		t.methods[method] = method
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if c.Skip != nil && c.Skip(req) {
				return next(req)
			}
			return t.answer(next, req)
		}
	}
}

func (t *tracer) answer(next raxx.Handler, req raxx.Request) raxx.Response {
	e := t.begin(&req)
	e.ask(req.Scope)
	returned := false
	defer func() {
		if !returned {
			e.panicked()
		}
	}()
	resp := next(req)
	returned = true
	return e.watch(&req, resp)
}

// begin begins the span of a request, and puts it into the request's context.
func (t *tracer) begin(req *raxx.Request) *exchange {
	e := &exchange{tracer: t, begun: time.Now(), of: series{
		method: t.method(req.Method), scheme: scheme(req.Scheme), route: req.Pattern, version: protocolVersion(req.Peer.Protocol),
	}}
	e.sends, e.tunnel = req.Method != raxx.MethodHead, req.Method == raxx.MethodConnect
	ctx := req.Context()
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(e.begun), trace.WithAttributes(t.attributes(req, &e.of)...),
	}
	if t.Public {
		client := trace.SpanContextFromContext(t.Propagator.Extract(context.Background(), carrier(req.Header)))
		if client.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: client}))
		}
	} else {
		ctx = t.Propagator.Extract(ctx, carrier(req.Header))
	}
	ctx, e.span = t.tracer.Start(ctx, e.of.spanName(), options...)
	*req = req.WithContext(ctx)
	e.setBody(req)
	t.meters.began(e.of)
	return e
}
