package nethttp

import (
	"io"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An inputEvent is what the client has sent, or why nothing more comes.
type inputEvent struct {
	event raxx.Event
	err   error
}

// beginToRead begins to read what the client sends, when there is anything.
func (l *live) beginToRead() {
	s := l.served
	if l.read != nil || s.tunnel == nil && !s.body.onTheWay() {
		return
	}
	l.input, l.read = make(chan inputEvent), make(chan struct{})
	if s.tunnel != nil {
		go l.readTunnel(l.input)
		return
	}
	s.body.taken.Store(true)
	if !s.streams {
		s.readOn()
	}
	go l.readBody(l.input)
}

// stopReading ends the goroutine that reads. The client may be in the middle of a
// body: what comes of it at once is skipped, so that a connection that is closed
// then does not take the reply with it.
func (l *live) stopReading() {
	close(l.closed)
	s := l.served
	if l.read == nil || s.tunnel != nil || s.r.ProtoMajor != 1 {
		return // there net/http ends the read
	}
	s.flush()
	if s.control.SetReadDeadline(time.Now().Add(silence)) != nil {
		return
	}
	<-l.read
}

// readBody hands over the body of the request, and skips what nobody wants.
func (l *live) readBody(input chan<- inputEvent) {
	defer close(l.read)
	body := l.served.body
	for {
		in := body.next()
		select {
		case input <- in:
		case <-l.closed:
			l.skip()
			return
		}
		if _, more := in.event.(raxx.Data); !more {
			return
		}
	}
}

// skipAtMost is how much of a body that nobody wants is read to keep the
// connection.
const skipAtMost = 256 << 10

// skip reads what the client sends without a pause.
func (l *live) skip() {
	body, control := l.served.body, l.served.control
	body.mu.Lock()
	defer body.mu.Unlock()
	for left := skipAtMost; left > 0 && !body.ended; {
		if control.SetReadDeadline(time.Now().Add(silence)) != nil {
			return
		}
		chunk, err := body.read()
		if left -= len(chunk); err != nil {
			break
		}
	}
	// A deadline that passes behind the body would end the connection.
	control.SetReadDeadline(time.Time{})
}

// next reads the next piece for a machine.
func (b *requestBody) next() inputEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	chunk, err := b.read()
	switch {
	case err == io.EOF:
		return inputEvent{event: raxx.Tail{Trailer: fieldsOf(b.r.Trailer, nil)}}
	case err != nil:
		return inputEvent{err: err}
	}
	return inputEvent{event: raxx.Data(chunk)}
}

// readTunnel hands over what comes out of a tunnel.
func (l *live) readTunnel(input chan<- inputEvent) {
	defer close(l.read)
	buf := make([]byte, bufferSize)
	for {
		n, err := l.served.tunnel.Read(buf)
		in := inputEvent{event: raxx.Data(buf[:n])}
		switch {
		case n > 0:
		case err == io.EOF:
			in.event = raxx.Tail{}
		default:
			in = inputEvent{err: err}
		}
		select {
		case input <- in:
		case <-l.closed:
			return
		}
		if n == 0 {
			return
		}
	}
}
