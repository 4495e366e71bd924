package main

import (
	"context"
	"crypto/tls"
	"net"
)

// A protocol is what a work is asked for in.
type protocol uint8

const (
	h1    protocol = iota // HTTP/1.1 in the clear
	h1TLS                 // HTTP/1.1 over TLS
	h2c                   // HTTP/2 in the clear, by prior knowledge
	h2TLS                 // HTTP/2 over TLS, by ALPN
)

// secure reports whether the protocol runs over TLS.
func (p protocol) secure() bool { return p == h1TLS || p == h2TLS }

// multiplexes reports whether it is HTTP/2.
func (p protocol) multiplexes() bool { return p == h2c || p == h2TLS }

// scheme returns the scheme of its URLs.
func (p protocol) scheme() string {
	if p.secure() {
		return "https"
	}
	return "http"
}

// dial opens a connection that the protocol can be spoken on.
func (p protocol) dial(ctx context.Context, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil || !p.secure() {
		return c, err
	}
	// The certificate is our own, and made for this run.
	config := &tls.Config{InsecureSkipVerify: true}
	if p.multiplexes() {
		config.NextProtos = []string{"h2"}
	}
	secured := tls.Client(c, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return secured, nil
}
