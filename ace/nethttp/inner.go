package nethttp

import (
	"errors"
	"net/http"

	"github.com/raxx-go/raxx/raxx"
)

// An inner is what a handler of raxx has answered that runs within a call: one
// that ToHTTP has made an http.Handler of. Its response passes as a value if it
// may; see FromMiddleware.
//
// The lock of the writer guards it, because a middleware may run the handler on a
// goroutine that it does not wait for.
type inner struct {
	passed *raxx.Response // all of the reply
	cause  raxx.Cause     // of the head that the writer makes
	do     []raxx.Effect
	fault  error // why the reply breaks off
	hollow bool  // a machine would make the content, of which none is sent

	release chan struct{}   // closed when the reply that was passed on is over
	events  chan raxx.Event // for a machine that stands behind another writer
	words   raxx.Data       // its last ones
}

// Messages of a handler of raxx.
type (
	passed  raxx.Response // whose body is a stream or a machine: the call waits for its end
	living  []raxx.Effect // a machine wants events, after these effects
	sent    []raxx.Part   // it has dealt with one so far
	stepped []raxx.Part   // it has dealt with one, and wants the next
)

// serve runs a handler of raxx within the call.
func (c *call) serve(h raxx.Handler, w http.ResponseWriter, r *http.Request) {
	req, body := c.restore(r)
	resp := h(req)
	if m, live := resp.Body.(raxx.Machine); live && body != nil && !body.ended.Load() {
		resp = replay(resp, m, body)
	}
	if own, ok := w.(*writer); ok && own == &c.w && c.w.isUntouched() {
		c.pass(resp)
		return
	}
	v := &via{call: c, w: w, req: req}
	v.send(resp)
}

// isUntouched reports whether nothing has been written or decided.
func (w *writer) isUntouched() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status == 0 && w.err == nil && w.mode == gathering && w.call.inner.passed == nil
}

// pass makes resp the response of the call. It returns when the reply is over.
func (c *call) pass(resp raxx.Response) {
	w := &c.w
	w.mu.Lock()
	w.declare()
	if below := fieldsOf(w.header, w.notInHead); len(below) > 0 {
		resp = raxx.OnHead(resp, func(head raxx.Response) raxx.Response {
			head.Header = layFields(below, head.Header)
			return head
		})
	}
	if !c.outlives(resp) {
		c.inner.passed = &resp
		w.mu.Unlock()
		return
	}
	w.err = errLate // for what would be written behind it
	w.trailed = w.trails()
	release := make(chan struct{})
	c.inner.release = release
	w.mu.Unlock()
	if c.send(passed(resp)) != nil {
		return
	}
	select {
	case <-release:
	case <-c.ctx.Done():
	}
}

// outlives reports whether there is something to do for a response when its
// handler has returned.
func (c *call) outlives(resp raxx.Response) bool {
	head := resp.Status != 0 && (c.req.Method == "HEAD" || !mayHaveContent(resp.Status))
	switch resp.Body.(type) {
	case raxx.Stream, raxx.Machine:
		return !head
	}
	return false
}

// takeBack makes content of the writer of a response that was passed on, because
// a middleware writes behind it. The lock is held.
func (w *writer) takeBack() {
	resp := w.call.inner.passed
	w.call.inner.passed = nil
	data, ok := resp.Body.(raxx.Data)
	if !ok && resp.Body != nil {
		w.call.inner.passed, w.err = resp, errLate
		return
	}
	w.status, w.head = resp.Status, resp.Header.Without("content-length")
	w.call.inner.cause, w.call.inner.do = resp.Cause, resp.Do
	w.buf, w.written = []byte(data), int64(len(data))
	setTrailer(w.header, resp.Trailer)
}

// setTrailer puts fields for the end of the reply into a header.
func setTrailer(h http.Header, trailer raxx.Header) {
	for _, f := range trailer {
		key := http.TrailerPrefix + http.CanonicalHeaderKey(f.Name)
		h[key] = append(h[key], f.Value)
	}
}

// replay returns a response whose machine is told of a body behind Open, all at
// once, and not by the server: what a middleware has made of the body. Of one that
// does not come whole the server will know.
func replay(resp raxx.Response, m raxx.Machine, body *requestBody) raxx.Response {
	s := body.stream()
	data, err := raxx.ReadAll(s, 0)
	var fault *raxx.Error
	if errors.As(err, &fault) && fault.Status == raxx.StatusContentTooLarge {
		return fault.Response()
	}
	resp.Body = raxx.NewMachine(replaying{m, data, s.Trailer(), err == nil}, replaying.step)
	return resp
}

// A replaying is a machine that is not told of the body by the server.
type replaying struct {
	inner   raxx.Machine
	data    raxx.Data
	trailer raxx.Header
	whole   bool // or nothing came of it
}

func (r replaying) step(event raxx.Event) (replaying, []raxx.Part) {
	var parts []raxx.Part
	tell := func(event raxx.Event) {
		var more []raxx.Part
		r.inner, more = r.inner.Step(event)
		parts = append(parts, more...)
	}
	switch event.(type) {
	case raxx.Data, raxx.Tail:
	case raxx.Open:
		tell(event)
		if len(r.data) > 0 && !ends(parts) {
			tell(r.data)
		}
		if r.whole && !ends(parts) {
			tell(raxx.Tail{Trailer: r.trailer})
		}
		r.data, r.trailer = "", nil
	default:
		tell(event)
	}
	return r, parts
}

// LastWords are those of the machine within; see [raxx.LastWorder].
func (r replaying) LastWords() raxx.Data { return r.inner.LastWords() }

// ends reports whether a machine that has sent these parts is told nothing more.
func ends(parts []raxx.Part) bool {
	for _, part := range parts {
		switch part := part.(type) {
		case raxx.Tail, raxx.Abort:
			return true
		case raxx.Response:
			if part.Body != nil {
				return true
			}
		}
	}
	return false
}
