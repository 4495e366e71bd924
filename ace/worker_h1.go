package ace

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// A step is how far answering has come.
type step uint8

const (
	goesOn step = iota // a request has been answered; another may be there
	waits              // more has to come first
	ends               // the connection has come to its end
)

// answer answers a request, if all of its head is there. If the connection ends,
// err is why, or nil if it came to a regular end.
func (w *worker) answer() (next step, err error) {
	var req raxx.Request
	n, complete, err := w.proto.Head(w.in.unread(), &req)
	w.used(n)
	if err != nil {
		return ends, w.unreadable(&req, err)
	}
	if !complete {
		return waits, nil
	}
	begun := w.begin(&req)
	if req.Method == "CONNECT" {
		return ends, w.refuse(&req, begun, noTunnel)
	}
	w.now.Serve(w.server.handler, &req, w, w.server.config.ErrorResponse)
	w.endExchange()
	if w.now.Err != nil {
		return ends, w.failed(&req, begun)
	}
	w.trace(&req, begun)
	return w.goOn()
}

// more waits until more has come. What was answered is written before: the
// replies to all requests that one read brought go out together.
func (w *worker) more() error {
	if err := w.Flush(); err != nil {
		return err
	}
	return w.fill()
}

// noTunnel: a CONNECT reaches no handler, since none can have asked for it.
var noTunnel = &ProtocolError{Status: 501, Section: "3.2.3", Reason: "a CONNECT to a server that is no proxy"}

// begin completes a request with what is not in its head.
func (w *worker) begin(req *raxx.Request) (begun time.Time) {
	w.requests++
	w.headBy = time.Time{}
	req.Scheme = w.scheme
	req.Peer.Address = w.peer.Address
	req.Scope = raxx.NewScope(&w.exchanges, w.exchanges.id.Load())
	if w.proto.HasBody() {
		if more, _ := w.proto.CheckBody(w.in.unread()); more && w.Flush() != nil {
			// Replies to earlier requests do not wait for the body of this one.
			w.cut(ErrClientGone)
		}
		w.body = newIncoming(w)
		req.Body = w.body.stream()
	}
	w.wrote = false
	if w.server.config.Trace.ExchangeEnded != nil {
		begun = time.Now()
	}
	return begun
}

// endExchange takes back what the exchange lent to the handler.
func (w *worker) endExchange() {
	w.exchanges.end()
	if w.body != nil {
		w.body.end()
	}
}

// goOn makes the connection ready for the next request, if there may be one.
func (w *worker) goOn() (next step, err error) {
	if w.proto.KeepAlive() && w.body != nil && !w.body.skip() {
		w.proto.Close()
	}
	w.body = nil
	w.now.Reset()
	if !w.proto.KeepAlive() {
		return ends, w.finish()
	}
	w.proto.Next()
	return goesOn, nil
}

// finish writes what is left to write and closes the connection so that the
// client gets all of it.
func (w *worker) finish() error {
	if err := w.Flush(); err != nil {
		return err
	}
	w.linger()
	return nil
}

// stopped ends a connection on which nothing more came. It is kept out of serve,
// whose frame lies on the stack of every connection that waits.
//
//go:noinline
func (w *worker) stopped(err error) error { return w.unreadable(&raxx.Request{}, err) }

// unreadable ends a connection on which the head of a request could not be read.
// Whoever sent nothing, or has gone, gets no answer.
func (w *worker) unreadable(req *raxx.Request, err error) error {
	protocol, ok := protocolError(err)
	if !ok && (!errors.Is(err, ErrTimeout) || len(w.in.unread()) == 0) {
		return w.leave(err)
	}
	if !ok {
		protocol = &ProtocolError{408, "9.5", "the head of the request took too long", err}
	}
	req.Scheme, req.Peer.Address = w.scheme, w.peer.Address
	return w.refuse(req, w.server.now(), protocol)
}

// refuse answers with what stands for fault, and ends the connection.
func (w *worker) refuse(req *raxx.Request, begun time.Time, fault error) error {
	w.body = nil
	w.proto.Close()
	w.now.Refuse(req, fault, w, w.server.config.ErrorResponse)
	if w.now.Err = errors.Join(fault, w.now.Err); w.finish() != nil {
		w.abort = true
	}
	w.trace(req, begun)
	return fault
}

// leave ends a connection on which no request was begun, or none will be
// answered. A connection that was idle for too long, or while the server
// drained, has come to a regular end.
func (w *worker) leave(err error) error {
	idle := len(w.in.unread()) == 0
	switch {
	case idle && (err == io.EOF || err == ErrTimeout):
		return nil
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}

// failed ends a connection whose reply could not be sent whole. If nothing of it
// was written yet, and it is the body of the request that is malformed, the
// client is told so instead.
func (w *worker) failed(req *raxx.Request, begun time.Time) error {
	fault := w.requestFault(w.now.Err)
	if fault != nil && !w.wrote {
		if w.now.Status != 0 {
			w.out.b = w.out.b[:w.headAt]
		}
		return w.refuse(req, begun, fault)
	}
	if fault != nil {
		w.now.Fault = nil
	}
	// What is there of the reply is written, so that the client sees that it
	// breaks off, and not that there was none.
	w.Flush()
	w.abort = w.proto.EndsWithConnection()
	w.trace(req, begun)
	return w.now.Err
}

// requestFault returns what was wrong with the body of the request, if that is
// why the reply could not be sent.
func (w *worker) requestFault(err error) error {
	if protocol, ok := protocolError(err); ok {
		return protocol
	}
	if errors.Is(err, io.ErrUnexpectedEOF) && errors.Is(err, ErrClientGone) {
		return &ProtocolError{400, "8", "a body that breaks off", err}
	}
	return nil
}

// trace tells of an exchange that has ended.
func (w *worker) trace(req *raxx.Request, begun time.Time) {
	if hook := w.server.config.Trace.ExchangeEnded; hook != nil {
		hook(ExchangeEvent{
			Request: *req, Status: w.now.Status, Content: w.now.Content,
			Begun: begun, Ended: time.Now(), Fault: w.now.Fault, Err: w.endCause(w.now.Err),
		})
	}
}

// The methods below make a worker the exchange.Sender of its connection.
var _ exchange.Sender = (*worker)(nil)

// SendHead gathers the head of the reply.
func (w *worker) SendHead(r *exchange.Reply) error {
	if w.body != nil {
		if err := w.body.settle(r); err != nil {
			return err
		}
	}
	if r.Close || w.draining.Load() {
		w.proto.Close()
	}
	out := w.output()
	w.headAt, w.wrote = len(out.b), false
	out.b = w.proto.AppendHead(out.b, &h1.Head{
		Status:    r.Status,
		Header:    r.Header,
		Length:    r.Length,
		NoContent: r.NoContent,
		Trailer:   r.Trailer,
		Date:      w.server.date.at(w.server.now()),
	})
	if r.Streams() && !w.body.mayEcho() {
		return w.Flush()
	}
	return nil
}

// gatherAtMost is the size up to which content is copied behind its head; beyond
// it, it is written from where it is. And it is how much is gathered before it
// is written, however much more there is to answer.
const gatherAtMost = 8 << 10

// SendData gathers or writes content.
func (w *worker) SendData(p []byte) error {
	out := w.output()
	out.b = w.proto.AppendDataHead(out.b, len(p))
	if len(p) > gatherAtMost {
		if err := w.write(p); err != nil {
			return err
		}
		out = w.output()
	} else {
		out.b = append(out.b, p...)
	}
	out.b = w.proto.AppendDataEnd(out.b)
	if len(out.b) > 2*gatherAtMost {
		return w.Flush()
	}
	return nil
}

// SendChunk writes content at once, unless it is a piece of the request's body:
// then more of it may be there already, and whoever waits for it writes before.
func (w *worker) SendChunk(p []byte) error {
	w.body.echo(p)
	if err := w.SendData(p); err != nil {
		return err
	}
	if w.body != nil && w.body.echoing {
		return nil
	}
	return w.Flush()
}

// SendFile writes a part of a file.
func (w *worker) SendFile(f fs.File, n int64) error {
	if n == 0 {
		return nil
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return w.conn.sendFile(f, n, w.server.limits.progress)
}

// SendTail gathers the end of the reply.
func (w *worker) SendTail(trailer raxx.Header) error {
	out := w.output()
	out.b = w.proto.AppendTail(out.b, trailer)
	return nil
}

// Flush writes what was gathered.
func (w *worker) Flush() error {
	if w.out == nil {
		return nil
	}
	return w.write(nil)
}

// output returns the buffer that the reply is gathered in.
func (w *worker) output() *buffer {
	if w.out == nil {
		w.out = w.server.buffers.get()
	}
	return w.out
}

// write writes what was gathered, and data behind it.
func (w *worker) write(data []byte) error {
	w.wrote = true
	err := w.conn.write(w.out.unread(), data, w.server.limits.progress)
	w.server.buffers.put(w.out)
	w.out = nil
	if cause := w.cause.Load(); err != nil && cause != nil {
		return *cause
	}
	return err
}
