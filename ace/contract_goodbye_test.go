package ace_test

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A server that drains says 1001 to its WebSockets, and is down when they have
// answered.
func TestContractWebSocketIsToldOfADrain(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		e.needsUpgrade(t)
		ends := make(chan raxx.Event, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			return websocket.Upgrade(req, websocket.Config{}, reacts(func(event raxx.Event) []raxx.Part {
				if _, ok := event.(websocket.Closed); ok {
					ends <- event
				}
				return nil
			}))
		}, ace.Config{})
		_, tunnel := c.upgrade("/")
		defer tunnel.Close()
		down := make(chan error, 1)
		go func() { down <- c.server.Shutdown(t.Context()) }()
		request := websocket.Handshake("/")
		ws, err := websocket.NewClient(request, talk(request))
		if err != nil {
			t.Fatal(err)
		}
		said := make([]byte, 4)
		if _, err := io.ReadFull(tunnel, said); err != nil {
			t.Fatalf("got %q, %v", said, err)
		}
		_, events, answer := ws.Receive(raxx.Data(said))
		if diff := cmp.Diff([]raxx.Event{websocket.Closed{Code: websocket.GoingAway}}, events); diff != "" {
			t.Errorf("unexpected messages (-want +got):\n%s", diff)
		}
		tunnel.Write([]byte(answer))
		if got := within(t, ends, "the end"); got != raxx.Event(websocket.Closed{Code: websocket.GoingAway}) {
			t.Errorf("the machine was told %#v", got)
		}
		if rest, err := io.ReadAll(tunnel); len(rest) > 0 || err != nil {
			t.Errorf("behind the goodbye came %q, %v", rest, err)
		}
		tunnel.Close()
		c.http.CloseIdleConnections()
		if err := within(t, down, "the server is down"); err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}
