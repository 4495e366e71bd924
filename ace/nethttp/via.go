package nethttp

import (
	"io"
	"net/http"
	"strconv"

	"github.com/raxx-go/raxx/raxx"
)

// A via sends a response through the ResponseWriter that a middleware has put in
// front of the call's own.
type via struct {
	call *call
	w    http.ResponseWriter
	req  raxx.Request
}

// send sends a response.
func (v *via) send(resp raxx.Response) {
	if m, live := resp.Body.(raxx.Machine); live {
		if v.call.outlives(resp) {
			v.live(resp, m)
			return
		}
		v.call.w.empty()
	}
	v.whole(resp)
}

// whole sends a response whose body is no machine.
func (v *via) whole(resp raxx.Response) {
	v.head(resp, lengthOf(resp.Body))
	v.body(resp)
}

// head sends the head of a response whose content has n bytes, or -1.
func (v *via) head(resp raxx.Response, n int64) {
	if resp.Status < 101 {
		v.breakOff(&statusError{resp.Status})
	}
	v.note(resp)
	h := v.w.Header()
	setFields(h, resp.Header)
	if !resp.Header.Has("content-type") {
		h["Content-Type"] = nil // it is not to be guessed
	}
	if n >= 0 && mayHaveContent(resp.Status) && (n > 0 || v.req.Method != "HEAD") {
		h.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	setTrailer(h, resp.Trailer)
	v.w.WriteHeader(resp.Status)
}

// lengthOf returns the length of what a response will send, if it is known.
func lengthOf(body raxx.Body) int64 {
	file, ok := body.(raxx.File)
	if !ok {
		return raxx.Length(body)
	}
	if file.Length >= 0 {
		return file.Length
	}
	f, n, err := file.Open()
	if err != nil {
		return -1
	}
	f.Close()
	return n
}

// note notes what an http.Handler has no words for.
func (v *via) note(resp raxx.Response) {
	w := &v.call.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.mode != streaming {
		w.call.inner.cause = resp.Cause
		w.call.inner.do = append(w.call.inner.do, resp.Do...)
	}
}

// body sends the body of a response that is no machine.
func (v *via) body(resp raxx.Response) {
	if v.req.Method == "HEAD" || !mayHaveContent(resp.Status) {
		return
	}
	switch body := resp.Body.(type) {
	case raxx.Data:
		io.WriteString(v.w, string(body))
	case raxx.File:
		v.chunks(raxx.NewStream(-1, raxx.Chunks(body)), false)
	case raxx.Stream:
		v.flush()
		if v.call.w.demanded() == nil {
			v.chunks(body, true)
		}
		setTrailer(v.w.Header(), body.Trailer())
	}
}

// chunks sends the chunks of a body, each of them at once if it has to be.
func (v *via) chunks(body raxx.Stream, atOnce bool) {
	for chunk, err := range body.Chunks() {
		if err != nil {
			v.breakOff(err)
		}
		if _, err := v.w.Write(chunk); err != nil {
			return
		}
		if atOnce && len(chunk) > 0 && !v.flush() {
			return
		}
	}
}

// flush sends what has been written, as far as the middleware can. It reports
// whether somebody takes it.
func (v *via) flush() bool {
	err := http.NewResponseController(v.w).Flush()
	return (err == nil || isUnsupported(err)) && !v.call.w.isOver()
}

// breakOff ends the reply because of err, through the middleware.
func (v *via) breakOff(err error) {
	w := &v.call.w
	w.mu.Lock()
	if w.err != errLate {
		w.call.inner.fault = err
	}
	w.mu.Unlock()
	panic(http.ErrAbortHandler)
}

// demanded waits until the server wants content, if the head has been sent. A
// middleware that keeps it back wants to see content first.
func (w *writer) demanded() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mode != streaming || w.err != nil || w.hasNoContent() {
		return w.err
	}
	return w.await()
}

// canFlush reports whether what is written to w can be sent at once, as
// http.ResponseController finds it out.
func canFlush(w http.ResponseWriter) bool {
	for {
		switch t := w.(type) {
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return false
		}
	}
}
