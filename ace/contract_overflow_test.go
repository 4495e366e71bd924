package ace_test

import (
	"io"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A machine that has ended its reply hears of nothing more: messages that come
// while a slow client takes the rest do not break it off.
func TestContractMessagesBehindTheEnd(t *testing.T) {
	const length = 16 << 20
	farewell := reacts(opening(raxx.Subscribe{Topic: "t"}, raxx.Data(text(length)), raxx.Tail{}))
	onEngines(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/publish" {
				m := raxx.Publish{Topic: "t", Message: "m"}
				return raxx.NoContent().WithDo(m, m, m, m)
			}
			return raxx.Response{Status: 200, Body: farewell}
		}, ace.Config{MaxMailbox: 1})
		resp := c.open(t.Context(), ask{method: "GET", target: "/"})
		c.ask(ask{method: "GET", target: "/publish"})
		if n, err := io.Copy(io.Discard, resp.Body); n != length || err != nil {
			t.Errorf("%d octets of %d came: %v", n, length, err)
		}
	})
}
