package main

import (
	"cmp"
	"strconv"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
)

// A ticker is the state of an event stream. The ticks are numbered from 1970 on,
// so that every stream, of every process, has the same; and which of them a
// client has missed is known without having been written down.
type ticker struct {
	every time.Duration
	last  int64 // the number of the last tick that the client has seen; 0: none
}

const (
	// replayed is how many ticks are sent at most to a client that comes back.
	replayed = 50
	// shortest is the shortest time between two ticks.
	shortest = 10 * time.Millisecond
)

// ticks answers with a tick every so often, and first with those that the client
// has missed. A page that opens a stream anew by itself can't set Last-Event-ID,
// and says what it has seen in the query.
func ticks(every time.Duration) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		query, err := req.Values()
		if err != nil {
			return raxx.Problem(raxx.StatusBadRequest, "the query is malformed")
		}
		// What is no number is taken for none.
		last, _ := strconv.ParseInt(cmp.Or(sse.LastEventID(req), query.Get("after")), 10, 64)
		return sse.Stream(req, sse.Config{}, raxx.NewMachine(ticker{every, max(last, 0)}, ticker.step))
	}
}

func (t ticker) step(event raxx.Event) (ticker, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return t, []raxx.Part{raxx.After{}} // which brings the time
	case raxx.Timer:
		return t.tick(event.At)
	case raxx.Drain:
		return t, []raxx.Part{sse.Event{Type: "goodbye", Data: "The server shuts down."}}
	}
	return t, nil
}

// tick sends the ticks since the last one.
func (t ticker) tick(now time.Time) (ticker, []raxx.Part) {
	n := now.UnixNano() / int64(t.every)
	first := t.last + 1
	var parts []raxx.Part
	switch missed := n - t.last; {
	case t.last == 0, missed < 0: // it has seen none, or those of another clock
		first = n
	case missed > replayed:
		first = n - replayed + 1
		parts = append(parts, sse.Event{Type: "lost", Data: strconv.FormatInt(first-t.last-1, 10)})
	}
	for ; first <= n; first++ {
		at := time.Unix(0, first*int64(t.every)).UTC()
		parts = append(parts, sse.Event{ID: strconv.FormatInt(first, 10), Type: "tick", Data: at.Format("2006-01-02T15:04:05.000Z07:00")})
	}
	t.last = n
	next := time.Unix(0, (n+1)*int64(t.every))
	return t, append(parts, raxx.After{Delay: next.Sub(now)})
}
