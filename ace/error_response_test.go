package ace_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What stands for a reply that can't be sent may be one itself. Then the client gets a
// 500 without content, and the trace is told of both faults.
func TestErrorResponsesThatCantBeSent(t *testing.T) {
	for name, test := range map[string]struct {
		make func() raxx.Response
		told string
	}{
		"a panic": {func() raxx.Response { panic("and again") }, "the handler panicked: and again"},
		"a machine": {func() raxx.Response {
			return raxx.Reply(500, "text/plain", reacts(func(raxx.Event) []raxx.Part { return nil }))
		}, "a machine"},
		"a machine that is to come": {func() raxx.Response { return raxx.Response{Body: reacts(func(raxx.Event) []raxx.Part { return nil })} }, "status 0"},
		"a status that is none":     {func() raxx.Response { return raxx.Response{Status: 99} }, "99"},
		"a field that splits":       {func() raxx.Response { return raxx.Text(500, "x").With("a", "b\r\nc: d") }, "field"},
	} {
		for _, e := range engines {
			if e.under != "" || e.stack || e.tls {
				continue
			}
			t.Run(name+", "+e.name, func(t *testing.T) {
				ended := make(chan ace.ExchangeEvent, 2)
				c := e.newClient(t, func(raxx.Request) raxx.Response { panic("on purpose") }, ace.Config{
					ErrorResponse: func(raxx.Request, error) raxx.Response { return test.make() },
					Trace:         ace.Trace{ExchangeEnded: func(event ace.ExchangeEvent) { ended <- event }},
				})
				for _, refused := range []bool{false, true} {
					if refused && e.http2 {
						continue // a stream is reset, and nothing stands for the reply
					}
					a := ask{method: "GET", target: "/"}
					if refused {
						a = ask{method: "CONNECT"}
					}
					got := c.ask(a)
					if got.status != 500 || got.body != "" || got.broken {
						t.Errorf("got %+v", got)
					}
					event := within(t, ended, "the exchange ends")
					if event.Fault == nil || !strings.Contains(event.Fault.Error(), test.told) {
						t.Errorf("refused: %t: the trace was told of %v, want %q", refused, event.Fault, test.told)
					}
					var panicked *ace.PanicError
					if !refused && (!errors.As(event.Fault, &panicked) || panicked.Value != "on purpose") {
						t.Errorf("the first fault is not among %v", event.Fault)
					}
				}
			})
		}
	}
}
