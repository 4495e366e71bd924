package raxxtest

import (
	"slices"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// start begins an exchange with what a handler has returned.
func (s *Server) start(method string, resp raxx.Response, open raxx.Open) *Exchange {
	x := s.newExchange(method)
	x.begin(resp, open)
	s.deliver()
	return x
}

func (s *Server) newExchange(method string) *Exchange {
	x := &Exchange{server: s, reply: reply{method: method}}
	s.exchanges = append(s.exchanges, x)
	return x
}

// begin takes what a handler has returned, and hands the first event to it if it
// is a machine.
func (x *Exchange) begin(resp raxx.Response, open raxx.Open) {
	m, isMachine := resp.Body.(raxx.Machine)
	if err := x.reply.start(resp); err != nil {
		x.breakOff(err)
		return
	}
	switch {
	case !isMachine:
		x.whole(resp)
		return
	case x.reply.empty():
		for _, effect := range resp.Do {
			if publish, ok := effect.(raxx.Publish); ok {
				x.record(publish)
			}
		}
		x.reply.ended = true
		resp.Body, resp.Do = nil, nil
		x.parts = append(x.parts, resp)
		return
	}
	x.machine, x.running = m, true
	for _, effect := range resp.Do {
		x.record(effect)
	}
	if resp.Status != 0 {
		resp.Body, resp.Do = nil, nil
		x.parts = append(x.parts, resp)
	}
	x.handle(open)
}

// whole takes a response that needs no events.
func (x *Exchange) whole(resp raxx.Response) {
	for _, effect := range resp.Do {
		x.effect(effect)
	}
	stream, streams := resp.Body.(raxx.Stream)
	if !streams {
		x.parts = append(x.parts, resp)
		x.readWhole(resp)
		return
	}
	head := resp
	head.Body, head.Trailer = nil, nil
	x.parts = append(x.parts, head)
	if x.reply.empty() {
		x.record(raxx.Tail{})
		return
	}
	x.readStream(stream, resp.Trailer)
}

// readWhole makes content of a body that is there: Data or a file.
func (x *Exchange) readWhole(resp raxx.Response) {
	x.reply.ended = true
	if x.reply.empty() {
		return
	}
	content, err := raxx.ReadAll(resp.Body, maxContent)
	if err != nil {
		x.breakOff(err)
		return
	}
	x.content = []byte(content)
}

// readStream makes parts of a stream.
func (x *Exchange) readStream(stream raxx.Stream, trailer raxx.Header) {
	if stream.Length >= 0 {
		x.reply.declared = stream.Length
	}
	for chunk, err := range stream.Chunks() {
		if err == nil && x.enough(len(chunk)) {
			err = ErrEndless
		}
		if err != nil {
			x.record(raxx.Abort{Cause: raxx.NewCause(err)})
			return
		}
		if len(chunk) > 0 && !x.record(raxx.Data(chunk)) {
			return
		}
	}
	x.reply.trailer = nil
	x.record(raxx.Tail{Trailer: slices.Concat(trailer, stream.Trailer())})
}

// enough reports whether a stream has been read for so long that n more octets
// are too many.
func (x *Exchange) enough(n int) bool {
	if x.sated != nil {
		return x.sated()
	}
	return len(x.content)+n > maxContent
}

// handle hands an event to the machine and takes what it does.
func (x *Exchange) handle(event raxx.Event) {
	if !x.running {
		return
	}
	switch e := event.(type) {
	case raxx.Closed:
		x.close(e.Reason)
		return
	case raxx.Timer:
		if e.At.IsZero() {
			e.At = x.server.now
			event = e
		}
	}
	for _, part := range x.step(event) {
		if !x.record(part) {
			return
		}
	}
	if x.running && x.reply.empty() {
		x.reply.ended = true
		x.last(raxx.ClientGone) // it takes no more than the head
	}
}

// step steps the machine. One that says that it keeps nothing of the data it is
// handed gets some that is overwritten when it has returned.
func (x *Exchange) step(event raxx.Event) (parts []raxx.Part) {
	var lent []byte
	if data, ok := event.(raxx.Data); ok && len(data) > 0 && x.machine.Borrows() {
		lent = []byte(data)
		event = raxx.Data(unsafe.String(&lent[0], len(lent)))
	}
	x.machine, parts = x.machine.Step(event)
	spoil(lent)
	return parts
}

// close ends an exchange before its machine has.
func (x *Exchange) close(reason raxx.Reason) {
	if x.err == nil {
		x.err = &ClosedError{reason}
	}
	x.last(reason)
}

// last hands the machine its last event, at which it may only publish, and name a
// fault by an Abort.
func (x *Exchange) last(reason raxx.Reason) {
	machine := x.machine
	x.end()
	_, parts := machine.Step(raxx.Closed{Reason: reason})
	for _, part := range parts {
		switch part := part.(type) {
		case raxx.Publish:
			x.parts = append(x.parts, part)
			x.effect(part)
		case raxx.Abort:
			x.parts = append(x.parts, part)
		}
	}
}

// end forgets what concerns a machine that gets no events any more.
func (x *Exchange) end() {
	x.running, x.machine, x.timers, x.topics = false, raxx.Machine{}, nil, nil
	x.stopPulls()
}

// record takes a part. It reports whether the reply goes on.
func (x *Exchange) record(part raxx.Part) bool {
	if err := x.reply.take(part); err != nil {
		x.breakOff(err)
		return false
	}
	if resp, ok := part.(raxx.Response); ok {
		return x.recordHead(resp)
	}
	if abort, ok := part.(raxx.Abort); ok {
		x.lastWords()
		x.parts = append(x.parts, part)
		x.abort(abort.Cause)
		return false
	}
	x.parts = append(x.parts, part)
	switch part := part.(type) {
	case raxx.Data:
		if !x.reply.empty() {
			x.content = append(x.content, part...)
		}
	case raxx.Tail:
		x.end()
	case raxx.Effect:
		x.effect(part)
	}
	return true
}

// recordHead takes a head that was deferred. With a body it is the whole reply.
func (x *Exchange) recordHead(resp raxx.Response) bool {
	if resp.Body != nil {
		x.end()
		x.whole(resp)
		return x.err == nil
	}
	x.parts = append(x.parts, resp)
	return true
}

// lastWords takes what a machine says at its fault, behind its head.
func (x *Exchange) lastWords() {
	if !x.running || !x.reply.headed || x.reply.empty() {
		return
	}
	if words := x.machine.LastWords(); words != "" {
		x.parts = append(x.parts, words)
		x.content = append(x.content, words...)
	}
}

// breakOff ends the reply because of err: a rule that was broken.
func (x *Exchange) breakOff(err error) {
	x.lastWords()
	x.parts = append(x.parts, raxx.Abort{Cause: raxx.NewCause(err)})
	x.err = err
	if x.running {
		x.close(raxx.Unsendable)
	}
}

// abort ends the reply as the machine asked for.
func (x *Exchange) abort(cause raxx.Cause) {
	if x.err = cause.Err(); x.err == nil {
		x.err = &ClosedError{raxx.Aborted}
	}
	if x.running {
		x.close(raxx.Aborted)
	}
}

// effect carries out what a machine wants to happen besides the reply.
func (x *Exchange) effect(effect raxx.Effect) {
	switch effect := effect.(type) {
	case raxx.Publish:
		x.server.published = append(x.server.published, effect)
		x.server.post(effect)
	case raxx.Subscribe:
		if x.running && !slices.Contains(x.topics, effect.Topic) {
			x.topics = append(x.topics, effect.Topic)
		}
	case raxx.Unsubscribe:
		x.topics = slices.DeleteFunc(x.topics, func(topic string) bool { return topic == effect.Topic })
	case raxx.After:
		x.setTimer(effect)
	case raxx.Pull:
		x.setPull(effect)
	}
}
