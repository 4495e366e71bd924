package sse

import (
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An output gathers what a step returns. Events that follow on each other become
// one piece of data.
type output struct {
	parts []raxx.Part
	text  []byte
	ended bool
}

// part adds a part behind the text.
func (o *output) part(part raxx.Part) { o.parts = append(o.flush(), part) }

// end adds the last part.
func (o *output) end(part raxx.Part) {
	o.part(part)
	o.ended = true
}

func (o *output) abort(err error) { o.end(raxx.Abort{Cause: raxx.NewCause(err)}) }

// farewell ends the stream of a server that shuts down.
func (o *output) farewell(retry time.Duration) {
	o.text = Event{Retry: retry}.append(o.text)
	o.end(raxx.Tail{})
}

// flush returns the parts, of which the last one may be text.
func (o *output) flush() []raxx.Part {
	if len(o.text) > 0 {
		o.parts = append(o.parts, raxx.Data(o.text))
		o.text = nil
	}
	return o.parts
}
