package tracing_test

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/raxx-go/raxx/middleware/tracing"
	"github.com/raxx-go/raxx/raxx"
)

func BenchmarkRequest(b *testing.B) {
	discard := func(sampler sdktrace.Sampler) *sdktrace.TracerProvider {
		return sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
	}
	config := func(sampler sdktrace.Sampler) tracing.Config {
		c := newTelescope(b).config()
		c.TracerProvider = discard(sampler)
		return c
	}
	unmeasured := config(sdktrace.NeverSample())
	unmeasured.MeterProvider = nil
	for _, bench := range []struct {
		name string
		mw   raxx.Middleware
	}{
		{"without", func(next raxx.Handler) raxx.Handler { return next }},
		{"no providers", tracing.Config{}.Middleware()},
		{"not sampled, no metrics", unmeasured.Middleware()},
		{"not sampled", config(sdktrace.NeverSample()).Middleware()},
		{"sampled", config(sdktrace.AlwaysSample()).Middleware()},
	} {
		b.Run(bench.name, func(b *testing.B) {
			handler := bench.mw(func(raxx.Request) raxx.Response { return raxx.NoContent() })
			req := raxx.Get("/users/7").With("user-agent", "curl/8.5")
			req.Pattern, req.Peer = "/users/:id", raxx.Peer{Address: "192.0.2.7:51334", Protocol: "HTTP/1.1"}
			b.ReportAllocs()
			for b.Loop() {
				handler(req)
			}
		})
	}
}
