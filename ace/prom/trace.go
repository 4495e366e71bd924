package prom

import (
	"errors"
	"strconv"

	"github.com/raxx-go/raxx/ace"
)

// Trace returns the hooks by which a server tells of itself. [ace.JoinTraces] puts
// them beside those that log.
func (m *Metrics) Trace() ace.Trace {
	return ace.Trace{
		Ready:        func(ace.ReadyEvent) { m.ready.Set(1) },
		DrainBegan:   func(ace.DrainEvent) { m.ready.Set(0) },
		AcceptFailed: func(e ace.AcceptEvent) { m.acceptFails.WithLabelValues(e.Endpoint).Inc() },
		LimitReached: func(e ace.AcceptEvent) { m.limitReached.WithLabelValues(e.Endpoint).Inc() },
		ConnectionRefused: func(e ace.ConnectionEvent) {
			m.refused.WithLabelValues(e.Endpoint).Inc()
		},
		ConnectionOpened: func(e ace.ConnectionEvent) {
			m.accepted.WithLabelValues(e.Endpoint).Inc()
			m.open.WithLabelValues(e.Endpoint).Inc()
		},
		ConnectionClosed: func(e ace.ConnectionEvent) {
			m.open.WithLabelValues(e.Endpoint).Dec()
			m.closed.WithLabelValues(e.Endpoint, protocol(e.Peer.Protocol), end(e.Err)).Inc()
		},
		HandshakeEnded: func(e ace.HandshakeEvent) {
			m.handshakes.WithLabelValues(e.Endpoint, handshakeEnd(e.Err)).Observe(e.Ended.Sub(e.Begun).Seconds())
		},
		ExchangeEnded: m.exchangeEnded,
		BrokerFailed:  func(ace.BrokerEvent) { m.brokerFails.Inc() },
		ConnectionsCut: func(e ace.DrainError) {
			m.cut.Add(float64(e.Connections))
		},
	}
}

func (m *Metrics) exchangeEnded(e ace.ExchangeEvent) {
	spoken, ended := protocol(e.Request.Peer.Protocol), end(e.Err)
	if ended == "complete" && e.Status < 500 && end(e.Fault) == "fault" {
		ended = "fault" // which no status tells of: its machine has had the last word
	}
	m.exchanges.WithLabelValues(e.Endpoint, spoken, method(e.Request.Method), strconv.Itoa(e.Status), ended).
		Observe(e.Ended.Sub(e.Begun).Seconds())
	if e.Content > 0 {
		m.content.WithLabelValues(e.Endpoint, spoken).Add(float64(e.Content))
	}
}

// end says in a word how a connection or an exchange has ended.
func end(err error) string {
	var (
		protocol *ace.ProtocolError
		panicked *ace.PanicError
		response *ace.ResponseError
		abort    *ace.AbortError
	)
	switch {
	case err == nil:
		return "complete"
	case errors.Is(err, ace.ErrClientGone):
		return "client_gone"
	case errors.Is(err, ace.ErrTimeout):
		return "timeout"
	case errors.Is(err, ace.ErrServerClosed):
		return "server_closed"
	case errors.Is(err, ace.ErrOverflow):
		return "overflow"
	case errors.Is(err, ace.ErrAddressLimit):
		return "refused"
	case errors.As(err, &protocol):
		return "protocol"
	case errors.As(err, &panicked), errors.As(err, &response), errors.As(err, &abort):
		return "fault"
	}
	return "network"
}

// handshakeEnd is end for a handshake, where what is left is an error of package tls.
func handshakeEnd(err error) string {
	if e := end(err); e != "network" {
		return e
	}
	return "failed"
}

// protocol returns a protocol if it is known. A server speaks no other; a raw machine
// speaks what it likes.
func protocol(name string) string {
	switch name {
	case "HTTP/1.0", "HTTP/1.1", "HTTP/2.0":
		return name
	}
	return ""
}

// method returns a method if it is known: clients may make up others.
func method(name string) string {
	switch name {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH":
		return name
	}
	return "other"
}
