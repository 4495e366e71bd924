package nethttp

import (
	"io"

	"github.com/raxx-go/raxx/raxx"
)

// An inputEvent is what the client has sent, or why nothing more comes.
type inputEvent struct {
	event raxx.Event
	err   error
}

// takeOver gives what is left of the body to the machine, before anything of the
// reply is sent that could bring the rest of it. Nobody else gets it from now on, but
// for the piece that somebody waits for already. In an extended CONNECT there is no
// body, but a tunnel, which is not open yet (RFC 8441, Section 4).
func (l *live) takeOver() {
	s := l.served
	l.takes = !s.extended && s.body.onTheWay()
	if l.takes {
		s.body.taken.Store(true)
	}
}

// beginToRead begins to read what the client sends, when there is anything.
func (l *live) beginToRead() {
	s := l.served
	if l.read != nil || s.tunnel == nil && !l.takes {
		return
	}
	l.input, l.read = make(chan inputEvent), make(chan struct{})
	if s.tunnel != nil {
		go l.readTunnel(l.input)
		return
	}
	if !s.streams {
		s.readOn()
	}
	go l.readBody(l.input)
}

// stopReading ends the goroutine that reads.
func (l *live) stopReading() {
	close(l.closed)
	if l.read == nil || !l.served.duplex {
		return // net/http ends the read
	}
	l.served.flush()
	l.served.close()
	<-l.read
}

// readBody hands over the body of the request.
func (l *live) readBody(input chan<- inputEvent) {
	defer close(l.read)
	body := l.served.body
	for {
		in := body.next()
		select {
		case input <- in:
		case <-l.closed:
			return
		}
		if _, more := in.event.(raxx.Data); !more {
			return
		}
	}
}

// next reads the next piece for a machine.
func (b *requestBody) next() inputEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	chunk, err := b.read()
	switch {
	case err == io.EOF:
		return inputEvent{event: raxx.Tail{Trailer: trailerOf(b.r.Trailer)}}
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
