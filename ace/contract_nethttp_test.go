package ace_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// What a handler stands under, or behind, besides its server.
const (
	middlewareOfNetHTTP = "middleware" // hands on the ResponseWriter that it was given
	writerOfNetHTTP     = "writer"     // is a middleware with one of its own
	serverOfNetHTTP     = "server"     // is there in place of ace
)

// A contractServer is what the contract needs of a server.
type contractServer interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

// server returns a server of h.
func (e engine) server(h raxx.Handler, config ace.Config) contractServer {
	switch e.under {
	case serverOfNetHTTP:
		return newNetHTTP(e, h, config)
	case middlewareOfNetHTTP:
		h = nethttp.FromMiddleware(func(next http.Handler) http.Handler { return next })(h)
	case writerOfNetHTTP:
		h = nethttp.FromMiddleware(withWriter)(h)
	}
	return ace.New(h, config)
}

// withWriter is a middleware that puts a ResponseWriter of its own in between.
func withWriter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&writer{w}, r)
	})
}

type writer struct{ http.ResponseWriter }

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A netHTTP is a server of net/http.
type netHTTP struct {
	server  *http.Server
	handler *nethttp.Handler
	tls     bool
}

func newNetHTTP(e engine, h raxx.Handler, config ace.Config) *netHTTP {
	s := &netHTTP{handler: nethttp.ToHTTP(h, nethttp.Config{}), tls: e.tls}
	s.server = &http.Server{Handler: s.handler, TLSConfig: config.TLS, Protocols: new(http.Protocols)}
	s.server.Protocols.SetHTTP1(!e.http2)
	s.server.Protocols.SetHTTP2(e.http2 && e.tls)
	s.server.Protocols.SetUnencryptedHTTP2(e.http2 && !e.tls)
	s.server.RegisterOnShutdown(s.handler.Drain)
	return s
}

func (s *netHTTP) Serve(l net.Listener) error {
	serve := s.server.Serve
	if s.tls {
		serve = func(l net.Listener) error { return s.server.ServeTLS(l, "", "") }
	}
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *netHTTP) Shutdown(ctx context.Context) error {
	return errors.Join(s.server.Shutdown(ctx), s.handler.Shutdown(ctx))
}

func (s *netHTTP) Close() error { return errors.Join(s.handler.Close(), s.server.Close()) }

// cause returns the cause for which a context ends where ace has this one.
func (e engine) cause(ofAce error) error {
	if e.under == serverOfNetHTTP {
		return context.Canceled
	}
	return ofAce
}

// needsUpgrade skips a test where net/http offers no extended CONNECT: it does so
// only if it is asked to by the environment.
func (e engine) needsUpgrade(t *testing.T) {
	if e.under == serverOfNetHTTP && e.http2 && !strings.Contains(os.Getenv("GODEBUG"), "http2xconnect=1") {
		t.Skip("net/http has been asked for no extended CONNECT: GODEBUG=http2xconnect=1")
	}
}
