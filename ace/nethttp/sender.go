package nethttp

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// A served is an exchange of an http.Server. It sends the parts of the reply.
type served struct {
	handler  *Handler
	w        http.ResponseWriter
	r        *http.Request
	req      raxx.Request
	scope    scope
	body     *requestBody
	control  *http.ResponseController
	extended bool // an extended CONNECT
	now      exchange.Exchange

	lives    bool          // a machine makes the reply, piece by piece
	streams  bool          // the reply comes piece by piece, for as long as the client reads
	duplex   bool          // net/http leaves the body of the request alone while the reply is sent
	dirty    bool          // something has been written and not flushed
	patience time.Duration // with the client; 0: the handler's
	tunnel   *tunnel       // of another protocol; nil: it is HTTP
	toEnd    bool          // only the end of the connection ends the content
}

var _ exchange.Sender = (*served)(nil)

func newServed(h *Handler, w http.ResponseWriter, r *http.Request) *served {
	s := &served{handler: h, w: w, r: r, body: newRequestBody(r, lengthOf(r))}
	s.extended = isExtended(r)
	s.req = requestOf(r, s.body)
	s.scope.ctx = r.Context()
	s.req.Scope = raxx.NewScope(&s.scope, 0)
	s.control = http.NewResponseController(w)
	return s
}

// Publish sends a message to the machines of the handler.
func (s *served) Publish(p raxx.Publish) { s.handler.Publish(p.Topic, p.Message) }

// forever is longer than any reply takes, and can be added to the time.
const forever = 100 * 365 * 24 * time.Hour

// Patience says how long the client may keep the reply waiting.
func (s *served) Patience(p raxx.Patience) {
	if s.patience = min(p.Limit, forever); s.patience < 0 {
		s.patience = forever
	}
}

// limit is how long the client may keep the reply waiting; 0 if the http.Server says
// that.
func (s *served) limit() time.Duration { return cmp.Or(s.patience, s.handler.config.progress()) }

// SendInform sends an interim response, past middleware that could take it for the head.
func (s *served) SendInform(status int, header raxx.Header) error {
	if !s.r.ProtoAtLeast(1, 1) {
		return nil
	}
	w := innermost(s.w)
	h := w.Header()
	before := h.Clone()
	setFields(h, header)
	own := append(connectionKeys[:], "Content-Length", "Upgrade")
	for _, key := range own {
		delete(h, key)
	}
	w.WriteHeader(status)
	for _, f := range header { // what a middleware has set meanwhile, such as a cookie, stays
		restore(h, before, http.CanonicalHeaderKey(f.Name))
	}
	for _, key := range own {
		restore(h, before, key)
	}
	return nil
}

// restore gives h the values that it had under a key.
func restore(h, before http.Header, key string) {
	if values, ok := before[key]; ok {
		h[key] = values
		return
	}
	delete(h, key)
}

// SendHead sends the head, at once if the reply streams.
func (s *served) SendHead(r *exchange.Reply) error {
	switch {
	case r.Status == 101:
		return s.switchProtocol(r.Header)
	case s.extended && r.Status >= 200 && r.Status <= 299:
		// RFC 8441, Section 5: it would open the tunnel.
		return &raxx.Error{Status: raxx.StatusNotImplemented, Detail: "nobody speaks the protocol that was asked for"}
	case s.lives && r.Streams() && !canFlush(s.w):
		return ErrNoFlush
	}
	if s.streams = r.Streams(); s.streams && s.body.onTheWay() {
		s.readOn()
	}
	s.setHeader(r)
	s.toEnd = !s.r.ProtoAtLeast(1, 1) && !r.NoContent && s.w.Header().Get("Content-Length") == ""
	s.w.WriteHeader(r.Status)
	if s.streams || r.Trailer && !r.NoContent && s.r.ProtoMajor == 1 {
		// A trailer needs chunks, and net/http decides for a length if all of a
		// short reply is there before the head has to be sent.
		return s.flush()
	}
	return nil
}

// readOn sees to it that the body of the request can be read while the reply is
// sent.
func (s *served) readOn() {
	// Where there is no such thing (HTTP/2), it is so in any case.
	s.duplex = s.control.EnableFullDuplex() == nil && s.r.ProtoMajor == 1
	if s.duplex && waitsForContinue(s.r) && !s.body.begun.Load() {
		innermost(s.w).WriteHeader(http.StatusContinue) // a middleware may take it for the head
	}
}

// innermost returns the ResponseWriter that others stand around, as far as they say so.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = wrapper.Unwrap()
	}
}

// setHeader puts the fields of the head into the header.
func (s *served) setHeader(r *exchange.Reply) {
	h := s.w.Header()
	setFields(h, r.Header)
	for _, key := range connectionKeys {
		delete(h, key)
	}
	if r.Close {
		h.Set("Connection", "close")
	}
	if r.Status != 426 {
		h.Del("Upgrade")
	} else if h.Get("Upgrade") != "" && s.r.ProtoMajor == 1 && !r.Close {
		h.Set("Connection", "Upgrade") // RFC 9110, Section 7.8
	}
	if h.Get("Content-Type") == "" {
		h["Content-Type"] = nil // it is not to be guessed
	}
	// Over HTTP/1.1 there is no trailer behind content of a known length.
	if r.Length >= 0 && r.Status != 204 && (!r.Trailer || s.r.ProtoMajor != 1 || r.NoContent) {
		h["Content-Length"] = []string{strconv.FormatInt(r.Length, 10)}
	} else {
		h.Del("Content-Length")
	}
}

// SendData sends content.
func (s *served) SendData(p []byte) error { return s.write(p) }

// SendChunk sends content at once.
func (s *served) SendChunk(p []byte) error {
	if err := s.write(p); err != nil {
		return err
	}
	return s.flush()
}

func (s *served) write(p []byte) error {
	s.progress()
	s.dirty = true
	var err error
	if s.tunnel != nil {
		_, err = s.tunnel.Write(p)
	} else {
		_, err = s.w.Write(p)
	}
	return err
}

// flush sends what has been written. A ResponseWriter that can't do that sends it
// when it likes to.
func (s *served) flush() error {
	s.dirty = false
	if s.tunnel != nil && s.tunnel.conn != nil {
		return nil
	}
	s.progress()
	err := s.control.Flush()
	s.pause()
	if isUnsupported(err) {
		return nil
	}
	return err
}

// progress gives the client time to take what is sent next.
func (s *served) progress() {
	d := s.limit()
	switch {
	case d == 0 || !s.streams:
	case s.tunnel != nil && s.tunnel.conn != nil:
		s.tunnel.conn.SetWriteDeadline(time.Now().Add(d))
	default:
		s.control.SetWriteDeadline(time.Now().Add(d))
	}
}

// pause takes the time back when the client has taken everything: over HTTP/2 a
// stream is reset when its time is over, though nothing is being sent.
func (s *served) pause() {
	if s.streams && s.r.ProtoMajor != 1 && s.limit() > 0 {
		s.control.SetWriteDeadline(time.Time{})
	}
}

// SendFile sends a part of a file. The kernel may copy one of the operating system's,
// so nothing is put around that: its errors tell that they are about a file.
func (s *served) SendFile(f fs.File, n int64) error {
	watched := &fileReader{Reader: f}
	from := io.Reader(watched)
	if _, ok := f.(*os.File); ok {
		from = f
	}
	_, err := io.CopyN(s.w, from, n)
	var path *fs.PathError
	switch {
	case err == io.EOF:
		return &exchange.ResponseError{Reason: "the file of the response has become shorter"}
	case watched.err != nil || errors.As(err, &path):
		return &exchange.ResponseError{Reason: "the file of the response can't be read", Err: err}
	}
	return err
}

// SendTail ends the reply.
func (s *served) SendTail(trailer raxx.Header) error {
	if s.tunnel == nil {
		setTrailer(s.w.Header(), trailer)
	}
	return nil
}

// cut ends a reply that is not whole. The connection does not come to a regular end
// where that would be the end of the content (RFC 9112, Section 8).
func (s *served) cut() {
	if s.toEnd {
		if conn, _, err := s.control.Hijack(); err == nil {
			reset(conn)
		}
	}
	panic(http.ErrAbortHandler)
}

// reset closes a connection so that the client sees that something is missing.
func reset(conn net.Conn) {
	if below, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = below.NetConn() // TLS has a regular end of its own
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
