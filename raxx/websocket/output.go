package websocket

import "github.com/raxx-go/raxx/raxx"

// An output gathers what a step returns. Frames that follow on each other become
// one piece of data.
type output struct {
	parts  []raxx.Part
	frames []byte
}

// shared is the size from which on the payload of a message is handed on as it
// is, in place of a copy of it: a copy costs more than a part more.
const shared = 1 << 10

// frame adds a frame.
func (o *output) frame(e encoder, op opcode, payload string) {
	if len(payload) >= shared && !e.masks && !e.packs {
		if o.parts == nil {
			o.parts = make([]raxx.Part, 0, 2) // which is all for most steps
		}
		o.frames = appendHeader(o.frames, header{op: op, fin: true, length: int64(len(payload))})
		o.part(raxx.Data(payload))
		return
	}
	o.frames = e.append(o.frames, op, payload)
}

// part adds a part behind the frames.
func (o *output) part(part raxx.Part) {
	o.parts = append(o.flush(), part)
}

// flush returns the parts, of which the last one may be frames.
func (o *output) flush() []raxx.Part {
	if len(o.frames) > 0 {
		// Nobody writes to frames from here on.
		o.parts = append(o.parts, raxx.Data(textOf(o.frames)))
		o.frames = nil
	}
	return o.parts
}
