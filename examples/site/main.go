// Site is a whole site with the stack of package middleware in front: pages,
// forms, a login, flash messages, assets, error pages, caching and compression. See
// README.md.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	host := flag.String("host", "", "answer for this `host`, by HTTPS only; without it the server is for development")
	cert := flag.String("cert", "", "the certificate in this PEM `file`")
	key := flag.String("key", "", "and its private key in this PEM `file`")
	templates := flag.String("templates", "", "read the templates from this `folder` for each page")
	flag.Parse()
	if err := run(*addr, *host, *cert, *key, *templates); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// run serves until the process is interrupted or asked to terminate.
func run(addr, host, cert, key, templates string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := settings{host: host, secret: secret(), isReady: func() bool { return ctx.Err() == nil }}
	if templates != "" {
		s.templates = os.DirFS(templates)
	}
	app, err := newSite(s)
	if err != nil {
		return err
	}
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	if host != "" {
		store, err := ace.Certificates(ace.CertFile{Cert: cert, Key: key})
		if err != nil {
			return err
		}
		config.TLS = store.TLSConfig()
	}
	return ace.New(app, config).Run(ctx, addr)
}

// secret keeps the sessions. It comes from the environment; without it, sessions end
// with the process.
func secret() []byte {
	if text := os.Getenv("SITE_SECRET"); text != "" {
		return []byte(text)
	}
	random := make([]byte, 32)
	rand.Read(random)
	return random
}
