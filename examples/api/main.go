// Api is a JSON API: routes in groups, bodies that are checked before a handler
// sees them, errors as problems, tokens, CORS and a rate limit. See README.md.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/raxx-go/raxx/ace"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	host := flag.String("host", "", "answer for this `host`, by HTTPS only; without it the server is for development")
	cert := flag.String("cert", "", "the certificate in this PEM `file`")
	key := flag.String("key", "", "and its private key in this PEM `file`")
	app := flag.String("app", "", "`origins`, with commas in between, whose pages may use the API")
	flag.Parse()
	s := settings{host: *host, tokens: tokens(os.Getenv("API_TOKENS"))}
	if *app != "" {
		s.origins = strings.Split(*app, ",")
	}
	if err := run(*addr, s, ace.CertFile{Cert: *cert, Key: *key}); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

// run serves until the process is interrupted or asked to terminate.
func run(addr string, s settings, file ace.CertFile) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	switch {
	case s.host == "" && file != ace.CertFile{}:
		return errors.New("-cert and -key are for production: name the -host that they are for")
	case s.host != "":
		store, err := ace.Certificates(file)
		if err != nil {
			return err
		}
		config.TLS = store.TLSConfig()
	}
	s.isReady = func() bool { return ctx.Err() == nil }
	return ace.New(newAPI(s), config).Run(ctx, addr)
}

// tokens reads "ada=secret,grace=secret". Tokens are looked up by their hash, so
// that how long that takes tells nothing about them.
func tokens(text string) map[[sha256.Size]byte]user {
	known := make(map[[sha256.Size]byte]user)
	for pair := range strings.SplitSeq(text, ",") {
		if name, token, ok := strings.Cut(pair, "="); ok && token != "" {
			known[sha256.Sum256([]byte(token))] = user{Name: name}
		}
	}
	return known
}
