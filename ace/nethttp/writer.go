package nethttp

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// bufferSize is how much of a reply is gathered: one that is no longer is
// complete when its handler returns, and of a longer one so much is sent at once,
// unless the handler flushes.
const bufferSize = 32 << 10

// A writer is the http.ResponseWriter of a call.
type writer struct {
	call   *call
	header http.Header

	mu       sync.Mutex // held also while a write waits for the client
	mode     mode
	status   int         // 0: the head has not been decided
	head     raxx.Header // as it was then
	declared []string    // the keys of the fields that the handler wants behind the content
	trailed  bool        // a reply that streams has room for a trailer
	untyped  bool        // the type of the content is to be found out
	length   int64       // that the handler has declared; -1 if it has not
	written  int64       // how much it has written
	buf      []byte
	parts    []raxx.Part // in mode stepping
	headed   bool        // and the head is among them, or was
	err      error       // of all that follows

	deadline deadline
}

// A mode says what becomes of content.
type mode uint8

const (
	gathering mode = iota // it is gathered, as long as it is little
	streaming             // it is handed over chunk by chunk
	stepping              // it becomes parts of a step of a machine
)

var (
	_ http.Flusher    = (*writer)(nil)
	_ io.ReaderFrom   = (*writer)(nil)
	_ io.StringWriter = (*writer)(nil)
)

// Header returns the fields of the head, until that has been decided, and of the
// trailer.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader decides the head. An interim response is sent if that is possible:
// see FromHTTP.
func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("nethttp: invalid WriteHeader code %d", status))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.status != 0 || w.err != nil || w.call.inner.passed != nil:
	case status < 200 && status != 101:
		w.inform(status)
	default:
		w.decide(status)
	}
}

// decide decides the head. The lock is held.
func (w *writer) decide(status int) {
	w.status = status
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		w.length = n
	}
	w.declare()
	w.head = fieldsOf(w.header, w.notInHead)
	_, typed := w.header["Content-Type"]
	w.untyped = !typed && w.header.Get("Content-Encoding") == "" && w.header.Get("Transfer-Encoding") == ""
}

// declare notes which fields are to come behind the content. The lock is held.
func (w *writer) declare() {
	for _, list := range w.header["Trailer"] {
		for name := range strings.SplitSeq(list, ",") {
			w.declared = append(w.declared, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
}

// notInHead reports whether a field of the header is for the trailer, or is the
// server's.
func (w *writer) notInHead(key string) bool {
	switch key {
	case "Connection":
		return !strings.EqualFold(w.header.Get(key), "close")
	case "Content-Length":
		return true
	}
	return isConnectionField(key) || strings.HasPrefix(key, http.TrailerPrefix) || contains(w.declared, key)
}

// hasNoContent reports whether the reply has a head only.
func (w *writer) hasNoContent() bool { return w.call.req.Method == "HEAD" || !mayHaveContent(w.status) }

// mayHaveContent is by RFC 9110, Sections 15.3.5, 15.3.6 and 15.4.5.
func mayHaveContent(status int) bool { return status != 204 && status != 205 && status != 304 }

// inform sends an interim response, unless there is something left of the request
// to read, or it is one that the server sends by itself. The lock is held.
func (w *writer) inform(status int) {
	inform := raxx.Inform{Status: status, Header: fieldsOf(w.header, w.notInHead)}
	switch {
	case status == 100:
	case w.mode == stepping:
		w.parts = append(w.parts, inform)
	case !w.call.body.onTheWay():
		w.err = w.call.send(inform)
	}
}

// Write adds to the content.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.write(p)
}

// WriteString adds to the content.
func (w *writer) WriteString(s string) (int, error) {
	// The bytes of a string: write only reads.
	return w.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// ReadFrom adds what r reads to the content.
func (w *writer) ReadFrom(r io.Reader) (n int64, err error) {
	buf := make([]byte, bufferSize)
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, buf)
}

// write is Write with the lock held.
func (w *writer) write(p []byte) (n int, err error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.call.inner.passed != nil {
		w.takeBack()
	}
	if w.status == 0 {
		w.decide(http.StatusOK)
	}
	switch {
	case w.err != nil:
		return 0, w.err
	case len(p) == 0:
		return 0, nil
	case !mayHaveContent(w.status):
		return 0, http.ErrBodyNotAllowed
	case w.length >= 0 && int64(len(p)) > w.length-w.written:
		return 0, http.ErrContentLength
	}
	w.written += int64(len(p))
	for n < len(p) {
		switch {
		case w.mode == streaming && w.hasNoContent():
			return len(p), nil
		case len(w.buf) < bufferSize:
			n += w.gather(p[n:])
		default:
			if err := w.push(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// gather puts as much of p into the buffer as there is room for.
func (w *writer) gather(p []byte) int {
	n := min(len(p), bufferSize-len(w.buf))
	if w.buf == nil && w.length > int64(n) {
		w.buf = make([]byte, 0, min(w.length, bufferSize))
	}
	w.buf = append(w.buf, p[:n]...)
	return n
}

// finish ends the reply: whoever writes from now on is too late.
func (w *writer) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.call
	if w.status == 0 && c.panicked == nil && c.aborted == nil {
		w.decide(http.StatusOK)
	}
	if w.err != nil && w.err != errLate && c.aborted == nil {
		c.aborted = w.err // what the handler wrote was not taken, or it has written no more
	}
	w.err = errLate
	w.deadline.set(time.Time{})
}
