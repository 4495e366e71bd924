package ace_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// stumble is what a stack has to name.
func stumble() { panic("oh") }

// What a trace is told of a panic is the stack on which it happened, also where
// the handler has run on a goroutine of its own, and the panic was passed on.
func TestStackOfAPanic(t *testing.T) {
	stumbles := func(raxx.Request) raxx.Response {
		stumble()
		return raxx.NoContent()
	}
	streams := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.NewResponseController(w).Flush()
		stumble()
	})
	handlers := map[string]raxx.Handler{
		"of a handler":                    stumbles,
		"of a stream":                     body(raxx.NewStream(-1, func(func([]byte, error) bool) { stumble() })),
		"of a step":                       does(func(raxx.Event) []raxx.Part { stumble(); return nil }),
		"behind Timeout":                  middleware.Timeout{}.Middleware()(stumbles),
		"of an http.Handler":              nethttp.FromHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stumble() })),
		"of an http.Handler that streams": nethttp.FromHTTP(streams),
		"of an http.Handler, behind Timeout": middleware.Timeout{}.Middleware()(nethttp.FromHTTP(
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stumble() }))),
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			faults := make(chan error, 1)
			config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { faults <- e.Fault }}}
			c := engines[0].newClient(t, h, config)
			c.open(t.Context(), ask{method: "GET", target: "/"}).Body.Close()
			var panicked *ace.PanicError
			if fault := within(t, faults, "the fault is told"); !errors.As(fault, &panicked) {
				t.Fatalf("the fault is %T %v", fault, fault)
			}
			if !strings.Contains(string(panicked.Stack), "ace_test.stumble") {
				t.Errorf("the stack does not name the function that has panicked:\n%s", panicked.Stack)
			}
		})
	}
}
