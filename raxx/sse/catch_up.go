package sse

import "slices"

// A catchUp is what a stream does until its client has got what it had missed.
//
// The machine subscribes in its first step, and the history is read in the next
// one, so nothing falls between the two. But an event may come both ways. So those
// that come before the replay are held back, and those that come behind it are
// compared with what it brought, until the stream's timer comes again. Another
// process may have told the client already of what comes here only now: so what
// the history has up to the last event that the client has seen is not sent.
type catchUp struct {
	history *History
	last    string // that the client has seen; "" behind a replay that did not find it
	lost    Event  // what it is told if that is not known
	held    []Event
	sent    []string // IDs that the replay brought; nil before it
}

// take sends an event of the machine, unless it is to wait or has been sent.
func (c *catchUp) take(event Event, o *output) *catchUp {
	switch {
	case c.sent == nil:
		next := *c
		next.held = append(slices.Clip(c.held), event)
		return &next
	case !slices.Contains(c.sent, event.ID) && (c.last == "" || !c.history.hasUpTo(c.last, event.ID)):
		o.text = event.append(o.text)
	}
	return c
}

// replay sends what was missed, and behind it what has been held back.
func (c *catchUp) replay(o *output) *catchUp {
	missed, known := c.history.Since(c.last)
	if !known {
		o.text = c.lost.append(o.text)
	}
	next := &catchUp{sent: make([]string, 0, len(missed))}
	if known {
		next.history, next.last = c.history, c.last
	}
	for _, event := range missed {
		o.text = event.append(o.text)
		next.sent = append(next.sent, event.ID)
	}
	for _, event := range c.held {
		next.take(event, o)
	}
	return next
}

func (c *catchUp) equal(d *catchUp) bool {
	if c == nil || d == nil {
		return c == d
	}
	return c.history == d.history && c.last == d.last && c.lost == d.lost && slices.Equal(c.held, d.held) && slices.Equal(c.sent, d.sent)
}
