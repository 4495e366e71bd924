package ace

import (
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// An h2Body is the body of a request on a stream. Its lock is held for as long as
// a pull takes.
type h2Body struct {
	x *h2Exchange
	// Guarded by the connection's lock:
	expect bool // the client waits for 100 (Continue)
	taken  bool // by a machine, or by nobody any more

	mu    sync.Mutex
	lent  int  // octets that the puller has
	ended bool // the end was reached by a loop
}

func newH2Body(x *h2Exchange) *h2Body {
	x.body = &h2Body{x: x}
	return x.body
}

// stream returns the body as the handler sees it.
func (b *h2Body) stream(req *raxx.Request) raxx.Stream {
	for value := range req.Header.Values("expect") {
		b.expect = b.expect || octets.ExpectsContinue(value)
	}
	// There may be a trailer behind a length, too, other than over HTTP/1.1.
	return raxx.NewStream(declaredLength(req), b.chunks).WithTrailer(b.trailer)
}

// trailer returns the fields behind the body once its end has been read.
func (b *h2Body) trailer() raxx.Header {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.x.c.mu.Lock()
	defer b.x.c.mu.Unlock()
	if !b.ended {
		return nil
	}
	return b.x.trailer
}

// chunks yields the body.
func (b *h2Body) chunks(yield func([]byte, error) bool) {
	for first := true; ; first = false {
		chunk, err := b.pull(first)
		if err == io.EOF {
			return
		}
		if !yield(chunk, err) || err != nil {
			return
		}
	}
}

// pull returns the next piece of content, and io.EOF behind the last.
func (b *h2Body) pull(first bool) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x, c := b.x, b.x.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.taken || x.over {
		return nil, ErrExchangeOver
	}
	b.giveBack()
	for {
		if chunk := x.s.Unread(); len(chunk) > 0 {
			b.lent = len(chunk)
			return chunk, nil
		}
		if x.s.Ended() {
			again := first && b.ended
			b.ended = true
			if again {
				return nil, ErrBodyRead
			}
			return nil, io.EOF
		}
		if err := x.broken(); err != nil {
			return nil, bodyFault(err)
		}
		b.sendContinue()
		if err := b.wait(); err != nil {
			return nil, bodyFault(err)
		}
		if b.taken || x.over {
			return nil, ErrExchangeOver
		}
	}
}

// wait waits for more of the body. Both locks are held, but that of the connection
// not while it waits.
func (b *h2Body) wait() error {
	x, c := b.x, b.x.c
	for since := c.now(); ; {
		// What the client takes is a sign of life, too.
		until := func() int64 { return max(since, x.s.Moved()) + int64(x.patience()) }
		before := until()
		err := x.wait(&x.input, before)
		if err != ErrTimeout || until() <= max(before, c.now()) {
			return err
		}
	}
}

// giveBack lets the client send as much again as the puller is done with. Both
// locks are held.
func (b *h2Body) giveBack() {
	if b.lent > 0 {
		b.x.c.conn.Take(b.x.s, b.lent)
		b.lent = 0
		if b.x.c.conn.HasOutput() {
			b.x.c.flush()
		}
	}
}

// sendContinue tells a client that waits for it to send the body (RFC 9110,
// Section 10.1.1). The connection's lock is held.
func (b *h2Body) sendContinue() {
	if b.expect {
		b.expect = false
		c := b.x.c
		out := c.output()
		c.out.b = c.conn.AppendInform(out, b.x.s, 100, nil)
		c.flush()
	}
}

// takeOver gives what is left of the body to a machine. Who pulls at the moment is
// made to give up, and the chunk that somebody looks at stays as it is.
func (b *h2Body) takeOver() {
	x, c := b.x, b.x.c
	c.mu.Lock()
	b.taken = true
	x.input.tell()
	c.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.lent > 0 {
		x.s.Leave()
	}
	b.giveBack()
}

// bodyFault is the error that the puller sees.
func bodyFault(err error) error {
	if protocol, ok := protocolError(err); ok {
		return &raxx.Error{Status: raxx.StatusBadRequest, Detail: protocol.Reason, Err: protocol}
	}
	if errors.Is(err, ErrTimeout) {
		return &raxx.Error{Status: raxx.StatusRequestTimeout, Detail: "the body stopped coming", Err: err}
	}
	return &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the body did not arrive whole", Err: err}
}

// declaredLength returns the length of the body if the request says it, else -1.
// The protocol has checked it.
func declaredLength(req *raxx.Request) int64 {
	n, err := strconv.ParseInt(req.Header.Get("content-length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
