package nethttp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// response returns a response with the head that has been decided. The lock is
// held, or the handler has returned.
func (w *writer) response(body raxx.Body) raxx.Response {
	resp := raxx.Response{Status: w.status, Header: w.head, Body: body, Cause: w.call.inner.cause, Do: w.call.inner.do}
	if w.untyped && mayHaveContent(w.status) && len(w.buf) > 0 {
		resp.Header = appendField(resp.Header, "content-type", http.DetectContentType(w.buf))
	}
	if w.length >= 0 && w.showsLength() {
		resp.Header = appendField(resp.Header, "content-length", strconv.FormatInt(w.length, 10))
	}
	return resp
}

// showsLength reports whether the length of the content has to be in the header,
// because no body tells it.
func (w *writer) showsLength() bool {
	return w.status == 304 || mayHaveContent(w.status) && (w.mode == stepping || w.call.req.Method == "HEAD")
}

func appendField(fields raxx.Header, name, value string) raxx.Header {
	return append(slices.Clip(fields), raxx.Field{Name: name, Value: value})
}

// whole returns the response of a handler that has returned, all of whose content
// is in the buffer.
func (w *writer) whole() raxx.Response {
	if w.call.req.Method == "HEAD" && w.length < 0 && w.written > 0 {
		// As for net/http: a handler that has written nothing may have left it
		// because of the method, so that the length is not known.
		w.length = w.written
	}
	resp := w.response(nil)
	content := w.buf
	switch {
	case w.call.inner.hollow:
		resp.Body = raxx.Machine{}
	case w.hasNoContent() || len(content) == 0 && w.length <= 0:
	case w.length > w.written:
		// The handler has promised more: the server breaks the reply off.
		resp.Body = raxx.NewStream(w.length, func(yield func([]byte, error) bool) {
			if len(content) > 0 {
				yield(content, nil)
			}
		})
	default:
		// The handler has returned, so that nobody writes to the buffer.
		resp.Body = raxx.Data(unsafe.String(unsafe.SliceData(content), len(content)))
	}
	resp.Trailer = w.trailer()
	return resp
}

// trails reports whether there will be fields for the end of the reply, as far as
// the handler has said.
func (w *writer) trails() bool {
	for key := range w.header {
		if strings.HasPrefix(key, http.TrailerPrefix) {
			return true
		}
	}
	return len(w.declared) > 0
}

// trailer returns the fields for the end of the reply: those that were declared,
// and those with the prefix.
func (w *writer) trailer() raxx.Header {
	late := make(http.Header)
	for key, values := range w.header {
		name, prefixed := strings.CutPrefix(key, http.TrailerPrefix)
		if prefixed || contains(w.declared, key) {
			name = http.CanonicalHeaderKey(name)
			late[name] = append(late[name], values...)
		}
	}
	return trailerOf(late)
}

func contains(keys []string, key string) bool { return len(keys) > 0 && slices.Contains(keys, key) }
