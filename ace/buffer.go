package ace

import (
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/ace/internal/h2"
	"github.com/raxx-go/raxx/raxx"
)

// bufferSize is what one read asks for, and what a reply is gathered in. Most
// heads, and what a client pipelines, fit into it.
const bufferSize = 16 << 10

// A buffer holds bytes on their way. Those in b[r:] are still to be used.
type buffer struct {
	b []byte
	r int
}

// unread returns the bytes that are still to be used.
func (b *buffer) unread() []byte {
	if b == nil {
		return nil
	}
	return b.b[b.r:]
}

// space returns room for at least one more byte behind the unread ones, moving
// or growing as need be. It grows only when all of the buffer is unread.
func (b *buffer) space() []byte {
	if b.r > 0 && len(b.b) == cap(b.b) || b.r == len(b.b) {
		n := copy(b.b[:cap(b.b)], b.b[b.r:])
		b.b, b.r = b.b[:n], 0
	}
	if len(b.b) == cap(b.b) {
		grown := make([]byte, len(b.b), 2*cap(b.b))
		copy(grown, b.b)
		b.b = grown
	}
	return b.b[len(b.b):cap(b.b)]
}

// bodyBufferSize is what one read asks for while a body comes that does not fit
// into a usual buffer: fewer waits, and larger chunks.
const bodyBufferSize = 8 * bufferSize

// A bufferPool keeps buffers that nobody uses. They are never seen by a
// handler longer than one chunk of a stream is valid.
type bufferPool struct{ pool, bodies sync.Pool }

// get returns an empty buffer.
func (p *bufferPool) get() *buffer {
	if b, ok := p.pool.Get().(*buffer); ok {
		return b
	}
	return &buffer{b: make([]byte, 0, bufferSize)}
}

// getBody returns an empty buffer for a body.
func (p *bufferPool) getBody() *buffer {
	if b, ok := p.bodies.Get().(*buffer); ok {
		return b
	}
	return &buffer{b: make([]byte, 0, bodyBufferSize)}
}

// shrink returns a buffer that holds the same and not much more, for a wait. A
// client that sends a head byte by byte must not keep a whole one.
func (p *bufferPool) shrink(b *buffer) *buffer {
	left := len(b.unread())
	if left == 0 || left > bufferSize/8 || cap(b.b) < bufferSize {
		return b
	}
	small := &buffer{b: append(make([]byte, 0, 2*left), b.unread()...)}
	p.put(b)
	return small
}

// widen returns a buffer for one that is full, since then more is on its way than
// fits into it.
func (p *bufferPool) widen(b *buffer) *buffer {
	if b == nil || len(b.b) < cap(b.b) || cap(b.b) >= bodyBufferSize {
		return b
	}
	wide := p.getBody()
	wide.b = append(wide.b, b.unread()...)
	p.put(b)
	return wide
}

// put takes a buffer back. One that has grown far beyond the usual size is left
// to the garbage collector.
func (p *bufferPool) put(b *buffer) {
	if b == nil {
		return
	}
	b.b, b.r = b.b[:0], 0
	switch n := cap(b.b); {
	case n == bodyBufferSize:
		p.bodies.Put(b)
	case bufferSize <= n && n <= 4*bufferSize:
		p.pool.Put(b)
	}
}

// A work is what a worker needs while it works for requests over HTTP/1.1, and
// not while it waits for one.
type work struct {
	exchange.Exchange
	proto h1.Conn
	path  string // whose handler is at work; "" if none is

	patience time.Duration // with the client; 0: the server's
}

// reset forgets the exchange, and what it was granted.
func (k *work) reset() {
	k.Reset()
	k.patience = 0
}

// A workPool keeps works that nobody uses.
type workPool struct{ pool sync.Pool }

func (p *workPool) get() *work {
	if w, ok := p.pool.Get().(*work); ok {
		return w
	}
	return new(work)
}

func (p *workPool) put(w *work) { p.pool.Put(w) }

// An exchangePool keeps the memory of exchanges that are over, and reset.
type exchangePool struct{ pool sync.Pool }

func (p *exchangePool) get() *exchange.Exchange {
	if x, ok := p.pool.Get().(*exchange.Exchange); ok {
		return x
	}
	return new(exchange.Exchange)
}

func (p *exchangePool) put(x *exchange.Exchange) {
	p.pool.Put(x)
}

// An h2ExchangePool keeps exchanges over HTTP/2 that are over, with their requests.
type h2ExchangePool struct{ pool sync.Pool }

func (p *h2ExchangePool) get() *h2Exchange {
	if x, ok := p.pool.Get().(*h2Exchange); ok {
		return x
	}
	return &h2Exchange{req: new(raxx.Request)}
}

// put takes back an exchange that is over, if nobody but its connection can have
// known of it: one without a body, a machine, or a goroutine of its own. What
// handlers are given of a request is a copy.
func (p *h2ExchangePool) put(x *h2Exchange) {
	if !x.over || x.body != nil || x.extended || x.req == nil || x.wasLive || x.parting || x.input.c != nil || x.room.c != nil {
		return
	}
	req := x.req
	*req = raxx.Request{}
	*x = h2Exchange{req: req}
	p.pool.Put(x)
}

// A workspacePool keeps what connections of HTTP/2 need while they work.
type workspacePool struct{ pool sync.Pool }

func (p *workspacePool) get() *h2.Workspace {
	w, _ := p.pool.Get().(*h2.Workspace)
	return w
}

func (p *workspacePool) put(w *h2.Workspace) {
	if w != nil {
		p.pool.Put(w)
	}
}

// An eventPool keeps events that no turn is looking at.
type eventPool struct{ pool sync.Pool }

func (p *eventPool) get() *h2.Event {
	if ev, ok := p.pool.Get().(*h2.Event); ok {
		return ev
	}
	return new(h2.Event)
}

func (p *eventPool) put(ev *h2.Event) {
	if ev != nil {
		*ev = h2.Event{}
		p.pool.Put(ev)
	}
}
