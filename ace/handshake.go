package ace

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"time"
)

// handshake does what comes before the first byte of the protocol: it reads the
// header of a proxy, and does the handshake of TLS.
func (w *worker) handshake() error {
	if w.proxied != nil {
		if err := w.readHeader(); err != nil {
			return err
		}
	}
	if w.tls == nil {
		return nil
	}
	begun := time.Now()
	err := w.shakeHands()
	w.traceHandshake(begun, err)
	return err
}

// traceHandshake tells of a handshake that has ended.
func (w *worker) traceHandshake(begun time.Time, err error) {
	hook := w.server.config.Trace.HandshakeEnded
	if hook == nil {
		return
	}
	switch cause := w.endCause(err); {
	case cause != nil:
		err = cause
	case err != nil: // for a connection that is a regular end
		err = ErrClientGone
	}
	hook(HandshakeEvent{
		Endpoint: w.endpoint.name, Peer: w.knownPeer(), ServerName: w.tls.ConnectionState().ServerName,
		Begun: begun, Ended: time.Now(), Err: err,
	})
}

// shakeHands does the handshake of TLS.
func (w *worker) shakeHands() error {
	ctx, cancel := context.WithTimeout(context.Background(), w.server.limits.handshake)
	defer cancel()
	err := w.tls.HandshakeContext(ctx)
	if ctx.Err() != nil {
		return ErrTimeout
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) && record.Conn != nil {
		return answerCleartext(record)
	}
	if err != nil {
		return err
	}
	w.learn(func() { w.secure = tlsFacts(w.tls.ConnectionState()) })
	return nil
}

// answerCleartext tells a client that spoke HTTP on a port for HTTPS.
func answerCleartext(record tls.RecordHeaderError) error {
	if first := record.RecordHeader[0]; first < 'A' || first > 'Z' {
		return record // no method: whatever it is, it would not understand
	}
	record.Conn.SetWriteDeadline(time.Now().Add(time.Second))
	io.WriteString(record.Conn, "HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"+
		"connection: close\r\n\r\nThis port speaks HTTPS, and the request was HTTP.\n")
	return &ProtocolError{400, "9.7", "cleartext HTTP on a port for HTTPS", record}
}
