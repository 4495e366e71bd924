package ace

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/raxx"
)

// incoming is the body of a request while its exchange lasts. Whoever pulls it
// need not be the worker's goroutine: a handler may have handed it on. Its lock
// is held for as long as a pull takes, and with it the right to read from the
// connection.
type incoming struct {
	worker *worker

	mu   sync.Mutex
	lent bool  // the puller has a chunk, which is a part of worker.in
	read bool  // somebody has begun to pull
	err  error // what further pulls return

	ended bool // the end was reached by a loop
	taken bool // a machine gets what is left; guarded by mu
	kept  bool // fields is the trailer; guarded by mu

	fields raxx.Header // as far as it had come when the connection went on without the body

	ending atomic.Bool // the exchange is over; a pull that waits gives up

	patience atomic.Int64 // with the client; 0: the server's

	took atomic.Int64 // when the client last took a piece of the reply, by the clock of the wheel

	broken bool // there is no telling where the next request begins; set by end

	expects bool // the client waits for 100 (Continue) at first; never changed

	// replyMu orders an interim 100 (Continue) before the final head.
	replyMu sync.Mutex
	replied bool
	toldOn  bool // 100 has been sent
}

func newIncoming(w *worker) *incoming {
	return &incoming{worker: w, expects: w.proto.ExpectsContinue()}
}

// stream returns the body as the handler sees it.
func (b *incoming) stream() raxx.Stream {
	length := b.worker.proto.BodyLength()
	s := raxx.NewStream(length, b.chunks)
	if length < 0 {
		s = s.WithTrailer(b.trailer)
	}
	return s
}

// trailer returns the fields behind the body once its end has been read. They may
// be asked for at any time.
func (b *incoming) trailer() raxx.Header {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.kept && b.err == nil {
		return b.worker.proto.Trailer()
	}
	return b.fields
}

// chunks yields the body.
func (b *incoming) chunks(yield func([]byte, error) bool) {
	for first := true; ; first = false {
		chunk, err := b.pull()
		if err == io.EOF && b.atEnd(first) {
			yield(nil, ErrBodyRead)
			return
		}
		if err == io.EOF {
			return
		}
		if !yield(chunk, err) || err != nil {
			b.giveBack()
			return
		}
	}
}

// atEnd notes that the end of the body has been reached, and reports whether a
// loop that has just begun finds it there because another one was before it.
func (b *incoming) atEnd(first bool) (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	again = first && b.ended
	b.ended = true
	return again
}

func (b *incoming) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lent = false
}

// pull returns the next piece of content, and io.EOF behind the last.
func (b *incoming) pull() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lent, b.read = false, true
	if b.taken {
		return nil, ErrExchangeOver
	}
	if b.err == nil && b.ending.Load() {
		b.err = ErrExchangeOver
	}
	for b.err == nil && b.worker.proto.HasBody() {
		chunk, more, err := b.decode()
		if len(chunk) > 0 {
			b.lent = true
			return chunk, nil
		}
		if err == nil && !more {
			err = b.wait()
		}
		if err != nil {
			b.err = b.fault(err)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	return nil, io.EOF
}

// decode takes a piece of content out of what has come. It reports whether it
// got any further.
func (b *incoming) decode() (chunk []byte, more bool, err error) {
	w := b.worker
	n, chunk, err := w.proto.Body(w.in.unread())
	if w.in != nil {
		w.in.r += n
	}
	return chunk, n > 0, err
}

// wait waits until more of the body has come.
func (b *incoming) wait() error {
	w := b.worker
	if err := b.sendContinue(); err != nil {
		return err
	}
	b.makeRoom()
	w.contexts().pauseWatch()
	defer w.contexts().resumeWatch()
	for since := w.server.wheel.Nanos(); ; {
		until := b.until(since)
		err := w.read(until)
		switch {
		case err == ErrTimeout && b.until(since) > until: // it has taken something, or has more time now
		case err == errWoken && !b.ending.Load():
			since = w.server.wheel.Nanos()
		default:
			return early(err)
		}
	}
}

// until returns how long a wait that began at a time may last. What the client takes
// of the reply is a sign of life, too.
func (b *incoming) until(since int64) int64 {
	limit := b.patience.Load()
	if limit == 0 {
		limit = int64(b.worker.server.limits.progress)
	}
	return max(since, b.took.Load()) + limit
}

// makeRoom takes a larger buffer if much is to come.
func (b *incoming) makeRoom() {
	w := b.worker
	if n := w.proto.BodyLength(); n >= 0 && n <= bufferSize || len(w.in.unread()) > 0 {
		return
	}
	if w.in == nil || cap(w.in.b) < bodyBufferSize {
		w.server.buffers.put(w.in)
		w.in = w.server.buffers.getBody()
	}
}

// early says that the end of the connection came before that of the body.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// sendContinue tells a client that waits for it to send the body (RFC 9110,
// Section 10.1.1), unless the final reply has begun.
func (b *incoming) sendContinue() error {
	b.replyMu.Lock()
	defer b.replyMu.Unlock()
	w := b.worker
	if !w.proto.ExpectsContinue() || b.replied {
		return nil
	}
	return b.tellOn()
}

// tellOn sends 100 (Continue). The caller holds replyMu.
func (b *incoming) tellOn() error {
	w := b.worker
	b.toldOn = true
	w.proto.Continued()
	w.output().b = w.proto.AppendInform(w.output().b, 100, nil)
	err := w.Flush()
	w.wrote = false // of the final reply
	return err
}

// fault is the error that the puller sees.
func (b *incoming) fault(err error) error {
	if protocol, ok := protocolError(err); ok {
		return &raxx.Error{Status: protocol.Status, Detail: protocol.Reason, Err: protocol}
	}
	switch {
	case errors.Is(err, ErrTimeout):
		return &raxx.Error{Status: raxx.StatusRequestTimeout, Detail: "the body stopped coming", Err: err}
	case errors.Is(err, errWoken):
		return ErrExchangeOver
	case isGone(err):
		b.worker.contexts().gone()
		err = fmt.Errorf("%w: %w", ErrClientGone, err)
	}
	return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the body did not arrive whole", Err: err}
}

// skipAtMost is how much of a body that nobody wants is read to keep the
// connection; of a longer one, closing is cheaper. skipTimeout is how long that
// may take.
const (
	skipAtMost  = 256 << 10
	skipTimeout = 5 * time.Second
)

// settle decides, before the head of the reply goes out, what becomes of a body
// that has not been read. Framing errors in what has come of it are found even
// if nobody will read it: the error is the protocol's, and the reply is not to
// be sent.
func (b *incoming) settle(r *exchange.Reply) error {
	w := b.worker
	if !b.mu.TryLock() {
		return b.settleBeside(r)
	}
	defer b.mu.Unlock()
	if b.err != nil {
		w.proto.Close()
		return nil
	}
	more, err := w.proto.CheckBody(w.in.unread())
	if err != nil {
		return err
	}
	if r.Streams() {
		// The reply may be made from the body; the client has to send it.
		if err := b.sendContinue(); err != nil {
			return err
		}
	}
	b.begins()
	// RFC 9110, Section 10.1.1: a client that still waits for 100 may or may
	// not send the body now, so what follows could be anything.
	if w.proto.ExpectsContinue() || !r.Streams() && w.proto.BodyLength() > skipAtMost {
		w.proto.Close()
	}
	if more && w.proto.BodyLength() < 0 && b.goesOn(r) {
		w.proto.Close()
	}
	return nil
}

// goesOn reports whether a body in chunks, of which more is to come, may be longer than
// what is skipped: if nobody has begun to read it, or if it is too large (RFC 9110,
// Section 15.5.14). The client is told so, since it would send its next request when it
// has sent all, and find the connection closed.
func (b *incoming) goesOn(r *exchange.Reply) bool {
	return r.Status == raxx.StatusContentTooLarge || !b.read && !r.Streams()
}

// settleBeside is settle while somebody reads the body. Whoever has only just begun
// to has perhaps not told the client to go on, and can't any more when the reply
// has begun.
func (b *incoming) settleBeside(r *exchange.Reply) error {
	b.replyMu.Lock()
	defer b.replyMu.Unlock()
	b.replied = true
	switch {
	case !b.expects || b.toldOn:
		return nil
	case r.Streams():
		return b.tellOn()
	}
	b.worker.proto.Close()
	return nil
}

// takeOver gives what is left of the body to a machine, and reports whether there
// is anything. Nobody else gets it from now on: who pulls at the moment is made to
// give up.
func (b *incoming) takeOver() bool {
	if !b.mu.TryLock() {
		b.ending.Store(true)
		b.worker.conn.wake()
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	if b.err == ErrExchangeOver {
		b.err = nil // it has given up, and nothing was lost
	}
	b.taken = true
	b.letGo()
	return b.err == nil && !b.ended
}

// begins notes that the final reply begins.
func (b *incoming) begins() {
	b.replyMu.Lock()
	defer b.replyMu.Unlock()
	b.replied = true
}

// end takes the body away from whoever may still be pulling it.
func (b *incoming) end() {
	b.ending.Store(true)
	if !b.mu.TryLock() {
		b.worker.conn.wake()
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	b.broken = b.err != nil && b.err != ErrExchangeOver
	b.letGo()
}

// letGo makes the connection free for others: what may be asked for later is kept
// here. The lock is held.
func (b *incoming) letGo() {
	if !b.kept && b.err == nil {
		b.fields = b.worker.proto.Trailer()
	}
	b.kept = true
	b.reclaim()
}

// reclaim takes back the buffer of the chunk that was pulled last. The lock is
// held.
func (b *incoming) reclaim() {
	if w := b.worker; b.lent {
		// Somebody has not finished with the chunk: that memory stays theirs.
		left := w.in.unread()
		w.in = &buffer{b: append(make([]byte, 0, max(len(left), bufferSize)), left...)}
		b.lent = false
	}
}

// skip reads the rest of the body, behind end, and reports whether the next
// request can be told from it.
func (b *incoming) skip() bool {
	w := b.worker
	if b.broken {
		return false
	}
	deadline := w.server.wheel.Nanos() + int64(skipTimeout)
	for left := int64(skipAtMost); w.proto.HasBody(); {
		chunk, more, err := b.decode()
		if left -= int64(len(chunk)); err != nil || left < 0 {
			return false
		}
		if more {
			continue
		}
		if w.why = w.Flush(); w.why != nil {
			return false
		}
		w.conn.leave()
		if err := w.read(deadline); err != nil && err != errWoken {
			return false
		}
	}
	w.used(0)
	return true
}
