package tracing_test

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/raxx-go/raxx/middleware/tracing"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func TestLaws(t *testing.T) {
	s := newTelescope(t)
	quiet := newTelescope(t, sdktrace.WithSampler(sdktrace.NeverSample()))
	for name, config := range map[string]tracing.Config{"sampled": s.config(), "not sampled": quiet.config(), "no provider": {}} {
		t.Run(name, func(t *testing.T) { raxxtest.Laws(t, config.Middleware()) })
		t.Run(name+", by a server that tells", func(t *testing.T) { raxxtest.Laws(t, told(config.Middleware())) })
	}
}

// told is a middleware as it is under a server that says that it will tell of the end.
func told(mw raxx.Middleware) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			values := req.Scope
			req.Scope = raxx.NewScope(server{}, 1)
			return mw(func(req raxx.Request) raxx.Response {
				req.Scope = values
				return next(req)
			})(req)
		}
	}
}
