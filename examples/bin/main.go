// Bin tells clients what they have sent, and answers as they like: with a status,
// late, in pieces, in part, behind a redirect or a password. See README.md.
//
//	go run ./examples/bin
//	curl 'http://127.0.0.1:8080/anything/you/like?a=1&a=2' -d hello=world
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`, or on unix:path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	if err := ace.New(app(), config).Run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "bin:", err)
		os.Exit(1)
	}
}
