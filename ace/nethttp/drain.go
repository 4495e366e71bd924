package nethttp

import (
	"context"
	"errors"

	"github.com/raxx-go/raxx/raxx"
)

// ErrClosed is the error by which [Handler.Close] ends exchanges that a machine
// answers, and those that come afterwards.
var ErrClosed = errors.New("nethttp: the handler is closed")

// Drain tells every machine that the server shuts down, by [raxx.Drain], those that
// come later, too. It does not wait for them. Register it with the server, since
// http.Server.Shutdown waits for exchanges that end only when they are told of it:
//
//	server.RegisterOnShutdown(handler.Drain)
func (h *Handler) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
	for l := range h.lives {
		l.process.Drain()
	}
}

// Shutdown drains, and waits until no exchange goes on any more, and the functions
// of [raxx.Scope.OnEnd] have returned. If ctx ends before, it does what Close does,
// and returns the cause. http.Server.Shutdown does not know of connections that
// were taken over, nor of handlers whose stream of HTTP/2 the client has reset;
// this one waits for them, too. Call it after the server's.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.Drain()
	h.mu.Lock()
	if h.idle == nil {
		h.idle = make(chan struct{})
	}
	idle := h.idle
	h.checkIdle()
	h.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	select { // the time may have been used up by those who waited before
	case <-idle:
		return nil
	default:
	}
	h.Close()
	return context.Cause(ctx)
}

// Close cuts every exchange that a machine answers. It does not wait for them. The
// error is always nil.
func (h *Handler) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.killed = ErrClosed
	for l := range h.lives {
		l.process.Kill(raxx.ServerClosed, ErrClosed)
	}
	return nil
}

// add makes l one of those that are told.
func (h *Handler) add(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lives[l] = struct{}{}
	if h.draining {
		l.process.Drain()
	}
	if h.killed != nil {
		l.process.Kill(raxx.ServerClosed, h.killed)
	}
}

func (h *Handler) remove(l *live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.lives, l)
}

// ended is called when an exchange is over.
func (h *Handler) ended() {
	if h.running.Add(-1) > 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checkIdle()
}

// checkIdle tells those who wait that no exchange goes on any more. The lock is
// held.
func (h *Handler) checkIdle() {
	if h.idle == nil || h.running.Load() > 0 {
		return
	}
	close(h.idle)
	h.idle = nil
}
