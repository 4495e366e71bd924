package raxxtest

import (
	"slices"
	"strings"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// A Tape holds requests and their answers, to answer with them again where the
// service that gave them is not at hand. [Tape.Record] and [Tape.Replay] are
// middleware. Any number of goroutines may use a tape. Its zero value is empty.
type Tape struct {
	// Clean is given every recording before it is kept, to take out what should
	// not be: passwords, cookies, dates. It may be called from many goroutines at
	// once. If nil, all is kept.
	Clean func(Recording) Recording

	mu    sync.Mutex
	slots []*slot // in the order of the requests
}

// A slot is where the recording of one request goes.
type slot struct {
	recording *Recording // nil if it is not complete
	used      bool       // it has answered a request
}

// A Recording is a request and its answer, both of them complete.
type Recording struct {
	Request  raxx.Request
	Response raxx.Response
}

// NewTape returns a tape that holds these recordings.
func NewTape(recordings ...Recording) *Tape {
	t := &Tape{}
	for _, r := range recordings {
		t.slots = append(t.slots, &slot{recording: &r})
	}
	return t
}

// Recordings returns what the tape holds, in the order of the requests.
func (t *Tape) Recordings() (all []Recording) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.slots {
		if s.recording != nil {
			all = append(all, *s.recording)
		}
	}
	return all
}

// Record is a middleware that keeps what passes. Nothing is held back for it: a
// body is kept as it goes by, and the recording is complete at its end. Of the
// request's body, what the handler has read is kept. Of a machine, what it sends is
// kept. An exchange that fails or never ends is not kept.
func (t *Tape) Record(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		r := &recordingOf{tape: t, slot: t.reserve(), req: req}
		req.Body = r.requestBody(req.Body)
		return r.response(next(req))
	}
}

// Replay is a middleware that answers with what the tape holds. A recording
// answers a request with the same method, target and body; each of them once, in
// order. Other requests are handed on. To compare it, the body is read whole, however
// long it is.
func (t *Tape) Replay(next raxx.Handler) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		data, err := raxx.ReadAll(req.Body, -1)
		if err != nil {
			req.Body = Broken(err)
			return next(req)
		}
		if s, ok := req.Body.(raxx.Stream); ok {
			req.Trailer = s.Trailer()
		}
		req = req.WithBody(data)
		if resp, ok := t.take(req); ok {
			return resp
		}
		return next(req)
	}
}

// take returns the answer to a request that has not been given yet.
func (t *Tape) take(req raxx.Request) (raxx.Response, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.slots {
		if s.recording != nil && !s.used && answers(s.recording.Request, req) {
			s.used = true
			return s.recording.Response, true
		}
	}
	return raxx.Response{}, false
}

// answers reports whether the answer to a request that was recorded is one to req.
func answers(recorded, req raxx.Request) bool {
	a, _ := recorded.Body.(raxx.Data)
	b, _ := req.Body.(raxx.Data)
	return recorded.Method == req.Method && recorded.Target() == req.Target() && a == b
}

func (t *Tape) reserve() *slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &slot{}
	t.slots = append(t.slots, s)
	return s
}

func (t *Tape) keep(s *slot, r Recording) {
	if t.Clean != nil {
		r = t.Clean(r)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.recording = &r
}

// A recordingOf gathers one exchange.
type recordingOf struct {
	tape *Tape
	slot *slot
	req  raxx.Request

	mu   sync.Mutex // the body may be read by another goroutine
	body strings.Builder
}

// requestBody returns what the handler reads from.
func (r *recordingOf) requestBody(body raxx.Body) raxx.Body {
	s, ok := body.(raxx.Stream)
	if !ok {
		return body
	}
	return tee(s, r.read, func() {})
}

// read notes a piece of the request's body.
func (r *recordingOf) read(chunk []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.body.Write(chunk)
}

// tee returns a stream that shows its chunks to see, and calls end behind the
// last one, if it has not failed.
func tee(s raxx.Stream, see func([]byte), end func()) raxx.Stream {
	teed := raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		for chunk, err := range s.Chunks() {
			see(chunk)
			if !yield(chunk, err) || err != nil {
				return
			}
		}
		end()
	})
	if s.HasTrailer() {
		teed = teed.WithTrailer(s.Trailer)
	}
	return teed
}

// response returns what the client is sent.
func (r *recordingOf) response(resp raxx.Response) raxx.Response {
	if r.isEmpty(resp) {
		r.end(resp, "", nil)
		return resp
	}
	switch body := resp.Body.(type) {
	case raxx.Machine:
		resp.Body = raxx.NewMachine(tapedMachine{inner: body, head: resp, recording: r}, tapedMachine.step)
	case raxx.Stream:
		var all strings.Builder
		head := resp
		resp.Body = tee(body, func(chunk []byte) { all.Write(chunk) }, func() {
			late := body.Trailer()
			r.end(head, raxx.Data(all.String()), late)
		})
	default:
		if data, err := raxx.ReadAll(body, -1); err == nil {
			r.end(resp, data, nil)
		}
	}
	return resp
}

// isEmpty reports whether the client is sent a head only. Nobody asks for the
// body then.
func (r *recordingOf) isEmpty(resp raxx.Response) bool {
	sent := reply{method: r.req.Method, headed: resp.Status != 0, head: resp}
	return sent.empty()
}

// end keeps what has gone by.
func (r *recordingOf) end(head raxx.Response, content raxx.Data, trailer raxx.Header) {
	r.mu.Lock()
	if _, streams := r.req.Body.(raxx.Stream); streams || r.body.Len() > 0 {
		r.req = r.req.WithBody(raxx.Data(r.body.String()))
	}
	req := r.req
	r.mu.Unlock()
	// What belongs to the connection, or was put there by middleware, is no
	// part of the message.
	req.Peer, req.Scope = raxx.Peer{}, raxx.Scope{}
	head = head.WithBody(content)
	head.Trailer, head.Do = slices.Concat(head.Trailer, trailer), nil
	r.tape.keep(r.slot, Recording{req, head})
}

// A tapedMachine shows what it sends to a recording.
type tapedMachine struct {
	inner     raxx.Machine
	head      raxx.Response // of status 0 until it is known
	content   raxx.Data
	recording *recordingOf
}

func (m tapedMachine) step(event raxx.Event) (tapedMachine, []raxx.Part) {
	if data, ok := event.(raxx.Data); ok {
		m.recording.read([]byte(data))
	}
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	for i, part := range parts {
		switch part := part.(type) {
		case raxx.Response:
			m.head = part
			if part.Body != nil || m.recording.isEmpty(part) {
				parts = slices.Clone(parts)
				parts[i] = m.recording.response(part)
			}
		case raxx.Data:
			m.content += part
		case raxx.Tail:
			if !m.recording.isEmpty(m.head) {
				m.recording.end(m.head, m.content, part.Trailer)
			}
		}
	}
	return m, parts
}

// LastWords are those of the machine within; see [raxx.LastWorder].
func (m tapedMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// Equal compares the machines within.
func (m tapedMachine) Equal(n tapedMachine) bool { return m.inner.Equal(n.inner) }
