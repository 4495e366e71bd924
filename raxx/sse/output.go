package sse

import "github.com/raxx-go/raxx/raxx"

// An output gathers what a step returns. Events that follow on each other become
// one piece of data.
type output struct {
	parts  []raxx.Part
	text   []byte
	ended  bool // the machine has sent its Tail, behind which there may be effects
	broken bool // the last part is an Abort
}

// part adds a part behind the text.
func (o *output) part(part raxx.Part) { o.parts = append(o.flush(), part) }

func (o *output) breakOff(part raxx.Abort) {
	o.part(part)
	o.broken = true
}

func (o *output) abort(err error) { o.breakOff(raxx.Abort{Cause: raxx.NewCause(err)}) }

// flush returns the parts, of which the last one may be text.
func (o *output) flush() []raxx.Part {
	if len(o.text) > 0 {
		o.parts = append(o.parts, raxx.Data(o.text))
		o.text = nil
	}
	return o.parts
}
