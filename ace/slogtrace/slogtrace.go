package slogtrace

import (
	"context"
	"errors"
	"log/slog"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// New returns a trace that logs to l. If l is nil, that is [slog.Default] at
// the time of the call.
func New(l *slog.Logger) ace.Trace {
	if l == nil {
		l = slog.Default()
	}
	t := tracer{l}
	return ace.Trace{
		EndpointOpened:    t.endpointOpened,
		EndpointClosed:    t.endpointClosed,
		Ready:             t.ready,
		AcceptFailed:      t.acceptFailed,
		LimitReached:      t.limitReached,
		ConnectionRefused: t.connectionRefused,
		ConnectionOpened:  t.connectionOpened,
		HandshakeEnded:    t.handshakeEnded,
		BrokerFailed:      t.brokerFailed,
		ExchangeEnded:     t.exchangeEnded,
		ConnectionClosed:  t.connectionClosed,
		DrainBegan:        t.drainBegan,
		ConnectionsCut:    t.connectionsCut,
		DrainEnded:        t.drainEnded,
	}
}

// A tracer has a method for each event.
type tracer struct{ log *slog.Logger }

// write writes one line.
func (t tracer) write(level slog.Level, message string, attrs ...slog.Attr) {
	t.log.LogAttrs(context.Background(), level, message, attrs...)
}

func (t tracer) endpointOpened(e ace.EndpointEvent) {
	t.write(slog.LevelInfo, "endpoint opened",
		slog.String("endpoint", e.Endpoint), slog.String("address", e.Addr.String()), slog.Bool("tls", e.TLS))
}

// An endpoint that fails takes the server with it, or leaves it without: Error.
func (t tracer) endpointClosed(e ace.EndpointEvent) {
	level := slog.LevelInfo
	if e.Err != nil {
		level = slog.LevelError
	}
	t.write(level, "endpoint closed",
		slog.String("endpoint", e.Endpoint), slog.String("address", e.Addr.String()), failure(e.Err))
}

func (t tracer) ready(e ace.ReadyEvent) {
	t.write(slog.LevelInfo, "ready", slog.Int("endpoints", len(e.Addrs)))
}

// A pause is for want of something that the system should have: Warn. Without
// one a client has left before it was accepted: Debug.
func (t tracer) acceptFailed(e ace.AcceptEvent) {
	level := slog.LevelDebug
	if e.Pause > 0 {
		level = slog.LevelWarn
	}
	t.write(level, "accept failed",
		slog.String("endpoint", e.Endpoint), slog.Duration("pause", e.Pause), failure(e.Err))
}

// Clients wait that could be served if the limit were higher: Warn.
func (t tracer) limitReached(e ace.AcceptEvent) {
	t.write(slog.LevelWarn, "limit reached", slog.String("endpoint", e.Endpoint), failure(e.Err))
}

// The limit does what it is there for, and may do so very often: Debug.
func (t tracer) connectionRefused(e ace.ConnectionEvent) {
	t.write(slog.LevelDebug, "connection refused",
		slog.String("endpoint", e.Endpoint), slog.String("peer", e.Peer.Address), failure(e.Err))
}

func (t tracer) connectionOpened(e ace.ConnectionEvent) {
	t.write(slog.LevelDebug, "connection opened",
		slog.String("endpoint", e.Endpoint), slog.String("peer", e.Peer.Address))
}

// Scanners fail all the time, and clients that do not know the certificate:
// Debug.
func (t tracer) handshakeEnded(e ace.HandshakeEvent) {
	attrs := []slog.Attr{
		slog.String("endpoint", e.Endpoint), slog.String("peer", e.Peer.Address), slog.String("name", short(e.ServerName)),
		slog.Duration("took", e.Ended.Sub(e.Begun)), failure(e.Err),
	}
	if tls := e.Peer.TLS; tls != nil {
		attrs = append(attrs, slog.String("version", tls.Version), slog.Bool("resumed", tls.Resumed))
	}
	if cert, ok := e.Peer.Certificate(); ok {
		attrs = append(attrs, slog.String("client", short(cert.Subject)))
	}
	t.write(slog.LevelDebug, "handshake", attrs...)
}

// A connection ends for reasons of its client's: Debug. But a worker does not
// panic, and a machine without HTTP sends what can be sent: Error.
func (t tracer) connectionClosed(e ace.ConnectionEvent) {
	level := slog.LevelDebug
	var unsendable *ace.ResponseError
	silent := e.Peer.Protocol == "" // no HTTP was spoken, so no exchange tells of it
	if isPanic(e.Err) || silent && errors.As(e.Err, &unsendable) {
		level = slog.LevelError
	}
	t.write(level, "connection closed",
		slog.String("endpoint", e.Endpoint), slog.String("peer", e.Peer.Address), slog.Int("requests", e.Requests), failure(e.Err), stack(e.Err))
}

// exchangeEnded writes the line of a request.
func (t tracer) exchangeEnded(e ace.ExchangeEvent) {
	attrs := []slog.Attr{
		slog.String("method", short(e.Request.Method)), slog.String("path", short(e.Request.Path)), slog.Int("status", e.Status),
		slog.Int64("bytes", e.Content), slog.Duration("took", e.Ended.Sub(e.Begun)),
		slog.String("peer", e.Request.Peer.Address), slog.String("endpoint", e.Endpoint), failure(e.Err),
	}
	if e.Fault != nil {
		attrs = append(attrs, slog.String("fault", cut(e.Fault.Error(), longestError)))
	}
	t.write(exchangeLevel(e), "request", append(attrs, stack(e.Fault))...)
}

// exchangeLevel is Error for what the handler's side did wrong, Warn for what
// this server has cut, and Info for all else: also for a client that left or was
// too slow, even if its handler called that an error.
func exchangeLevel(e ace.ExchangeEvent) slog.Level {
	var unsendable *ace.ResponseError
	unanswered := e.Status < raxx.StatusBadRequest || e.Status >= raxx.StatusInternalServerError
	switch err := errors.Join(e.Fault, e.Err); {
	case isPanic(e.Fault):
		return slog.LevelError
	case errors.Is(err, ace.ErrServerClosed):
		return slog.LevelWarn
	case errors.Is(err, ace.ErrClientGone), errors.Is(err, ace.ErrTimeout):
		return slog.LevelInfo
	case errors.As(e.Fault, &unsendable), e.Fault != nil && unanswered:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// A message has not reached those who wait for it: Error.
func (t tracer) brokerFailed(e ace.BrokerEvent) {
	t.write(slog.LevelError, "broker failed", slog.String("topic", e.Topic), failure(e.Err))
}

func (t tracer) drainBegan(e ace.DrainEvent) {
	t.write(slog.LevelInfo, "drain began", slog.Int("connections", e.Connections))
}

// Somebody did not get an answer: Warn.
func (t tracer) connectionsCut(e ace.DrainError) {
	t.write(slog.LevelWarn, "connections cut",
		slog.Int("connections", e.Connections), slog.Int("exchanges", len(e.Exchanges)), failure(&e))
}

func (t tracer) drainEnded(e ace.DrainEvent) {
	level := slog.LevelInfo
	if e.Err != nil {
		level = slog.LevelWarn
	}
	t.write(level, "drain ended", slog.Int("connections", e.Connections), slog.Duration("took", e.Took), failure(e.Err))
}

func isPanic(err error) bool {
	var panicked *ace.PanicError
	return errors.As(err, &panicked)
}

// failure returns the attribute of an error. If there is none, slog leaves it
// out.
func failure(err error) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	return slog.String("error", cut(err.Error(), longestError))
}

// stack returns the attribute of a panic's stack; if err is none, slog leaves it
// out.
func stack(err error) slog.Attr {
	var panicked *ace.PanicError
	if !errors.As(err, &panicked) {
		return slog.Attr{}
	}
	return slog.String("stack", string(panicked.Stack))
}

// longest is how much of what a client has sent is repeated in one attribute, and
// longestError how much of an error, which may repeat some of it, too.
const (
	longest      = 200
	longestError = 1000
)

// short cuts what a client has sent, so that it can't fill the disk.
func short(text string) string { return cut(text, longest) }

func cut(text string, most int) string {
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
