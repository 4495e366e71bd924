package sse

import (
	"iter"

	"github.com/raxx-go/raxx/raxx"
)

// Pull answers with the events that an iterator yields, and ends with it. It is for
// events that are there already or come by themselves, such as the progress of a
// computation: it has no heartbeat, gets no messages, and is not told when the
// server shuts down. If you need these, use [Stream].
//
// An error breaks the stream off; so does an event that [Event.Check] refuses.
func Pull(events iter.Seq2[Event, error]) raxx.Response {
	resp := head()
	resp.Body = raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		var b []byte
		for event, err := range events {
			if err == nil {
				err = event.Check()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if b = event.append(b[:0]); !yield(b, nil) {
				return
			}
		}
	})
	return resp
}
