// Site is a whole site with the stack of package middleware in front: pages,
// forms, a login, flash messages, assets, error pages, caching and compression. See
// README.md.
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	host := flag.String("host", "", "answer for this `host`, by HTTPS only; without it the server is for development")
	cert := flag.String("cert", "", "the certificate in this PEM `file`")
	key := flag.String("key", "", "and its private key in this PEM `file`")
	secure := flag.Bool("tls", false, "in development: speak HTTPS, with a certificate that is made on the fly")
	templates := flag.String("templates", "", "read the templates from this `folder` for each page")
	flag.Parse()
	s := settings{host: *host, plain: *host == "" && !*secure, secret: secret()}
	if *templates != "" {
		s.templates = os.DirFS(*templates)
	}
	if err := run(*addr, s, ace.CertFile{Cert: *cert, Key: *key}); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// run serves until the process is interrupted or asked to terminate.
func run(addr string, s settings, file ace.CertFile) error {
	if len(s.secret) < secretSize {
		return fmt.Errorf("SITE_SECRET has %d bytes, and needs %d", len(s.secret), secretSize)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s.isReady = func() bool { return ctx.Err() == nil }
	app, err := newSite(s)
	if err != nil {
		return err
	}
	config := ace.Config{ErrorResponse: refused}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	if config.TLS, err = tlsConfig(s, file); err != nil {
		return err
	}
	return ace.New(app, config).Run(ctx, addr)
}

// refused answers what no handler could, because it broke the protocol, in the way
// of all other errors.
func refused(req raxx.Request, err error) raxx.Response {
	return middleware.ErrorPages(func(req raxx.Request) raxx.Response {
		return ace.DefaultErrorResponse(req, err)
	})(req)
}

// tlsConfig returns nil for a server that speaks plain HTTP.
func tlsConfig(s settings, file ace.CertFile) (*tls.Config, error) {
	switch {
	case s.host == "" && file != ace.CertFile{}:
		return nil, errors.New("-cert and -key are for production: name the -host that they are for")
	case s.plain:
		return nil, nil
	case s.host == "":
		cert, err := ace.DevelopmentCertificate()
		return &tls.Config{Certificates: []tls.Certificate{cert}}, err
	}
	store, err := ace.Certificates(file)
	if err != nil {
		return nil, err
	}
	return store.TLSConfig(), nil
}

const secretSize = 32 // at least

// secret keeps the sessions. It comes from the environment; without it, sessions end
// with the process.
func secret() []byte {
	if text := os.Getenv("SITE_SECRET"); text != "" {
		return []byte(text)
	}
	random := make([]byte, secretSize)
	rand.Read(random)
	return random
}
