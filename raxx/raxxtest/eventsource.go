package raxxtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
)

// byteOrderMark may stand in front of a stream (HTML standard, Section 9.2.5).
const byteOrderMark = "\ufeff"

// An EventSource is a page that listens to an event stream, as the one of a
// browser does. It connects anew only when it is told to.
type EventSource struct {
	server   *Server
	req      raxx.Request
	exchange *Exchange
	parser   sse.Parser
	read     int // of the content of the exchange
	pending  []sse.Event
	last     string
	retry    time.Duration
	err      error
}

// EventSource opens an event stream, with a request that has what such a client
// adds. The error says why a page would give up: the status is not 200, or the
// content is no event stream (HTML standard, Section 9.2.3).
func (s *Server) EventSource(req raxx.Request) (*EventSource, error) {
	c := &EventSource{server: s, req: withDefault(req, "accept", sse.MediaType)}
	return c, c.Reconnect()
}

// Reconnect leaves the stream, if it goes on, and opens it anew. It says which
// event it has seen last. What sse.Config.History has kept behind that one comes
// by a timer without a delay: with Advance(0) of the [Server].
func (c *EventSource) Reconnect() error {
	c.Close()
	c.listen()
	req := c.req
	if c.last != "" {
		req = req.With("last-event-id", c.last)
	}
	c.exchange, c.parser, c.read = c.server.Serve(req), sse.Parser{}, 0
	head, _ := c.exchange.Head()
	media, err := raxx.ParseMediaType(head.Header.Get("content-type"))
	if err != nil || head.Status != raxx.StatusOK || media.Essence() != sse.MediaType {
		c.Close()
		c.err = fmt.Errorf("raxxtest: status %d with content of type %q is no event stream", head.Status, head.Header.Get("content-type"))
		return c.err
	}
	c.err = nil
	return nil
}

// Events returns what the page has been told since the last call. Events that no
// page would see are not among it.
func (c *EventSource) Events() []sse.Event {
	c.listen()
	events := c.pending
	c.pending = nil
	return events
}

// LastEventID returns the ID that the page will say when it connects anew.
func (c *EventSource) LastEventID() string {
	c.listen()
	return c.last
}

// Retry returns how long the server asked the page to wait before it connects
// anew; zero if it did not.
func (c *EventSource) Retry() time.Duration {
	c.listen()
	return c.retry
}

// Close leaves the stream, as a page does that is closed.
func (c *EventSource) Close() {
	if c.exchange != nil {
		c.exchange.Send(raxx.Closed{Reason: raxx.ClientGone})
	}
}

// Exchange returns what goes on below: to hand the machine events, and to look
// at its parts.
func (c *EventSource) Exchange() *Exchange { return c.exchange }

// Ended reports whether the stream is over, so that a page would wait and connect
// anew.
func (c *EventSource) Ended() bool { return c.exchange.Ended() }

// Err returns why the page gave up, or what is wrong with the stream; or nil.
func (c *EventSource) Err() error {
	c.listen()
	if c.err != nil {
		return c.err
	}
	return c.exchange.Err()
}

// listen reads what has come.
func (c *EventSource) listen() {
	if c.exchange == nil || c.err != nil {
		return
	}
	content := c.exchange.Content()[c.read:]
	if c.read == 0 {
		if strings.HasPrefix(byteOrderMark, string(content)) {
			return // there may be one, and nothing is behind it yet
		}
		// The stream goes on where the one before it has ended, with its ID.
		c.parser.Feed(raxx.Data("id: " + c.last + "\n\n"))
		content = raxx.Data(strings.TrimPrefix(string(content), byteOrderMark))
	}
	c.read = len(c.exchange.Content())
	var events []sse.Event
	events, c.err = c.parser.Feed(content)
	c.last = c.parser.LastEventID()
	for _, event := range events {
		if event.Retry > 0 {
			c.retry = event.Retry
		}
		if event.Type != "" || event.Data != "" {
			c.pending = append(c.pending, event)
		}
	}
}
