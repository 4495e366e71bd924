package ace

import (
	"io/fs"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/raxx"
)

// The methods below make a worker the exchange.Sender of its connection.
var _ exchange.Sender = (*worker)(nil)

// handlerEnds tells the transport that the handler has no more part in the
// exchange.
func (w *worker) handlerEnds() {
	if w.now != nil && w.now.path != "" {
		w.conn.handlerEnds(w.now.path)
		w.now.path = ""
	}
}

// SendHead gathers the head of the reply.
func (w *worker) SendHead(r *exchange.Reply) error {
	if r.Status == 101 && (!w.proto.MayUpgrade() || w.proto.HasBody()) {
		return &ResponseError{Reason: "status 101 in reply to a request that asks for no other protocol, or has a body"}
	}
	if w.body != nil {
		if err := w.body.settle(r); err != nil {
			return err
		}
	}
	if r.Ready() && r.Length <= sentAtMost { // to read a file may take long, too, and so may to send much
		w.handlerEnds()
	}
	if r.Close || w.draining.Load() {
		w.proto.Close()
	}
	out := w.output()
	w.headAt, w.wrote = int32(len(out.b)), false
	out.b = w.proto.AppendHead(out.b, &h1.Head{
		Status:    r.Status,
		Header:    r.Header,
		Length:    r.Length,
		NoContent: r.NoContent,
		Trailer:   r.Trailer,
		Date:      w.server.date.at(w.server.wheel.Nanos()),
	})
	if w.proto.EndsWithConnection() {
		w.conn.endless(true)
	}
	// A client that was promised so many octets can do little with the promise
	// alone: it comes with the first of them, and one system call is saved.
	if r.Streams() && r.Length < 0 && w.live == nil {
		return w.Flush()
	}
	return nil
}

// Publish sends a message to those who subscribe to its topic.
func (w *worker) Publish(p raxx.Publish) { w.server.hub.Publish(p.Topic, p.Message) }

// Patience says how long the client may keep the exchange waiting.
func (w *worker) Patience(p raxx.Patience) {
	d := orDefault(p.Limit, w.server.limits.progress)
	if w.live != nil {
		w.live.patience, w.waitBy = d, 0
		return
	}
	w.now.patience = d
	if w.body != nil {
		w.body.patience.Store(int64(d))
	}
}

// progress is how long the client may keep the exchange waiting.
func (w *worker) progress() time.Duration {
	switch {
	case w.live != nil && w.live.patience != 0:
		return w.live.patience
	case w.live == nil && w.now != nil && w.now.patience != 0:
		return w.now.patience
	}
	return w.server.limits.progress
}

// SendInform gathers an interim response. Only machines have one: it is sent with what
// the step has sent besides.
func (w *worker) SendInform(status int, header raxx.Header) error {
	if w.proto.Version10() {
		return nil // RFC 9110, Section 15.2
	}
	w.output().b = w.proto.AppendInform(w.output().b, status, header)
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

// SendChunk writes content at once.
func (w *worker) SendChunk(p []byte) error {
	if err := w.SendData(p); err != nil {
		return err
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
	return w.conn.sendFile(f, n, w.progress())
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
	if w.live != nil {
		w.live.queue(data)
		return nil
	}
	err := w.conn.write(w.out.unread(), data, w.progress())
	w.server.buffers.put(w.out)
	w.out = nil
	if err == nil && w.body != nil {
		w.body.took.Store(w.server.wheel.Nanos())
	}
	if cause := w.cause.Load(); err != nil && cause != nil {
		return *cause
	}
	return err
}
