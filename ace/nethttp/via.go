package nethttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// A via sends a response through the ResponseWriter that a middleware has put in
// front of the call's own.
type via struct {
	call *call
	w    http.ResponseWriter
	req  raxx.Request

	headed bool  // the head has been sent
	dirty  bool  // content has been written behind it, by a machine, and not flushed
	left   int64 // of the content that was promised; -1 if nothing was
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
	if file, ok := resp.Body.(raxx.File); ok {
		v.file(resp, file)
		return
	}
	v.head(resp, raxx.Length(resp.Body))
	if v.hasContent(resp) {
		v.body(resp)
	}
}

func (v *via) hasContent(resp raxx.Response) bool {
	return v.req.Method != "HEAD" && mayHaveContent(resp.Status)
}

// head sends the head of a response whose content has n bytes, or -1.
func (v *via) head(resp raxx.Response, n int64) {
	// What a server would refuse, before net/http repairs it.
	if err := exchange.Check(v.req.Method, resp, n); err != nil {
		v.breakOff(err)
	}
	v.headed = true
	v.note(resp)
	h := v.w.Header()
	setFields(h, resp.Header)
	if h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // it is not to be guessed
	}
	if !resp.Header.Has("content-length") {
		h.Del("Content-Length") // of other content
	}
	if n >= 0 && mayHaveContent(resp.Status) && (n > 0 || v.req.Method != "HEAD") {
		h.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	setTrailer(h, resp.Trailer)
	v.left = -1
	if v.hasContent(resp) {
		v.left = promised(resp, n)
	}
	v.w.WriteHeader(resp.Status)
	if resp.Status == http.StatusSwitchingProtocols && !v.call.w.hasSwitched() {
		v.breakOff(ErrNoFlush) // it waits for the client, and the client for the head, which the middleware keeps
	}
}

// promised returns the length of the content that resp promises, where its body has
// n bytes or, if that is not known, -1.
func promised(resp raxx.Response, n int64) int64 {
	declared, err := strconv.ParseInt(resp.Header.Get("content-length"), 10, 64)
	if n >= 0 || err != nil {
		return n
	}
	return declared
}

// sends counts content of size bytes. The error is that of more than was promised:
// the middleware may take the length out of the head, so that the server could not
// find out.
func (v *via) sends(size int) error {
	if v.left < 0 {
		return nil
	}
	if v.left -= int64(size); v.left < 0 {
		return errors.New("nethttp: a body longer than it promised")
	}
	return nil
}

// ends returns the error of content that is missing.
func (v *via) ends() error {
	if v.left <= 0 {
		return nil
	}
	return fmt.Errorf("nethttp: a body that ended %d bytes before the length that it promised", v.left)
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

// file sends a response with a part of a file.
func (v *via) file(resp raxx.Response, file raxx.File) {
	f, n, err := file.Open()
	if err != nil {
		v.breakOff(err)
	}
	defer f.Close()
	v.head(resp, n)
	if !v.hasContent(resp) {
		return
	}
	r := &fileReader{Reader: f}
	_, err = io.CopyN(v.w, r, n)
	switch {
	case r.err != nil:
		v.breakOff(r.err)
	case err == io.EOF:
		v.breakOff(io.ErrUnexpectedEOF)
	}
}

// A fileReader remembers why a file can't be read to its end: what the middleware
// makes of a part of it may look whole. Where a write fails, nobody is told.
type fileReader struct {
	io.Reader
	err error
}

func (r *fileReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// body sends the content of a response.
func (v *via) body(resp raxx.Response) {
	switch body := resp.Body.(type) {
	case raxx.Data:
		io.WriteString(v.w, string(body))
	case raxx.Stream:
		v.flush()
		if v.call.w.demanded() == nil {
			v.chunks(body)
		}
		v.trailer(body.Trailer())
	}
}

// trailer sends fields that stand behind the content.
func (v *via) trailer(trailer raxx.Header) {
	if err := exchange.CheckTrailer(trailer); err != nil {
		v.breakOff(err)
	}
	setTrailer(v.w.Header(), trailer)
}

// chunks sends the chunks of a stream, each of them at once.
func (v *via) chunks(body raxx.Stream) {
	for chunk, err := range body.Chunks() {
		if err == nil {
			err = v.sends(len(chunk))
		}
		if err != nil {
			v.breakOff(err)
		}
		if _, err := v.w.Write(chunk); err != nil {
			return
		}
		if len(chunk) > 0 && !v.flush() {
			return
		}
	}
	if err := v.ends(); err != nil {
		v.breakOff(err)
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
	w.err = w.await()
	return w.err
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
