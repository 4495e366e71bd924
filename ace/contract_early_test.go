package ace_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A stream that waits until its client has gone, and then calls that an error, has
// not failed: a reverse proxy does so for each client that leaves an event stream.
func TestContractStreamThatGivesUpWithItsClient(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if e.under == serverOfNetHTTP {
			t.Skip("net/http has no such trace")
		}
		ended := make(chan ace.ExchangeEvent, 1)
		config := ace.Config{}
		config.Trace.ExchangeEnded = func(e ace.ExchangeEvent) { ended <- e }
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				if yield([]byte("x"), nil) {
					<-req.Context().Done()
					yield(nil, req.Context().Err())
				}
			}))
		}, config)
		ctx, cancel := context.WithCancel(t.Context())
		resp := c.open(ctx, ask{method: "GET", target: "/"})
		io.ReadFull(resp.Body, make([]byte, 1))
		cancel()
		if got := within(t, ended, "the trace is told"); !errors.Is(got.Err, ace.ErrClientGone) {
			t.Errorf("the trace was told of the end %v", got.Err)
		}
	})
}
