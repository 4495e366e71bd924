package tracing_test

import (
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/raxx-go/raxx/middleware/tracing"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// A test looks at the spans in memory; a program has an exporter that sends them, with
// sdktrace.WithBatcher.
func Example() {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	user := func(req raxx.Request) raxx.Response {
		_, span := provider.Tracer("app").Start(req.Context(), "SELECT users", trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
		return raxx.Text(200, "Ada")
	}
	app := router.Config{Middleware: tracing.Config{TracerProvider: provider}.Middleware()}.MustNew(
		router.Get("/users/:id", user),
	)

	app.Handle(raxx.Get("/users/7"))
	request := spans.GetSpans()[1]
	query := spans.GetSpans()[0]
	fmt.Println(request.SpanKind, request.Name)
	fmt.Println(query.SpanKind, query.Name, "within it:", query.Parent.Equal(request.SpanContext))
	// Output:
	// server GET /users/:id
	// client SELECT users within it: true
}
