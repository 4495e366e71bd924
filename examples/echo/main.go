// Echo sends back what it is sent, over bare TCP or TLS: the service of RFC 862.
//
//	go run ./examples/echo
//	nc 127.0.0.1 7007
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// echo is the whole application. What comes is a part to send, and so is the end
// of what comes.
func echo(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Data:
		return s, []raxx.Part{event}
	case raxx.Tail, raxx.Drain:
		return s, []raxx.Part{raxx.Tail{}}
	}
	return s, nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:7007", "listen on `host:port`, or on unix:path")
	cert := flag.String("cert", "", "speak TLS with the certificate in this PEM `file`")
	key := flag.String("key", "", "and its private key in this PEM `file`")
	flag.Parse()
	if err := run(*addr, *cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

// run serves until the process is interrupted or asked to terminate.
func run(addr, cert, key string) error {
	endpoint := ace.Endpoint{Address: addr, Machine: raxx.NewMachine(struct{}{}, echo)}
	if cert != "" || key != "" {
		store, err := ace.Certificates(ace.CertFile{Cert: cert, Key: key})
		if err != nil {
			return err
		}
		endpoint.TLS = store.TLSConfig()
	}
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return ace.New(nil, config).RunEndpoints(ctx, endpoint)
}
