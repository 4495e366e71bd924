package ace

import (
	"fmt"
	"time"

	"github.com/raxx-go/raxx/ace/internal/proxyproto"
)

// takeHeader takes the PROXY header from what has come on a socket.
func (w *worker) takeHeader() step {
	h, n, err := proxyproto.Parse(w.in.unread())
	switch {
	case err != nil:
		return w.withoutHeader(err)
	case n == 0:
		return waits
	}
	if h.Known() {
		if w.why = w.admit(proxyAddr(h.Source)); w.why != nil {
			return ends
		}
	}
	w.used(n)
	w.header, w.waitBy, w.inHead = false, 0, false
	if !w.shakes {
		w.status.enter(WorkerWaits)
	}
	return goesOn
}

// withoutHeader ends a connection on which the PROXY header did not come. Whoever
// sent something else gets no answer.
func (w *worker) withoutHeader(err error) step {
	if w.why = w.leave(err); w.why != nil {
		w.why = fmt.Errorf("%w: %w", ErrProxyHeader, err)
	}
	return ends
}

// readHeader reads the PROXY header of a connection that is served as a stream.
// It waits as the transport does, so that a cut and a drain reach it.
func (w *worker) readHeader(t *stream) error {
	deadline := time.Now().Add(w.server.limits.handshake)
	for {
		err := t.proxied.ReadHeader(deadline)
		if err == nil && t.proxied.told {
			return w.admit(t.proxied.RemoteAddr())
		}
		if err == nil {
			return nil
		}
		if !isTimeout(err) {
			return err
		}
		t.reading.woken()
		if cause := w.cause.Load(); cause != nil {
			return *cause
		}
		if w.draining.Load() {
			if soon := time.Now().Add(drainGrace); soon.Before(deadline) {
				deadline = soon
			}
		}
	}
}
