// Telnetchat is one room in which everybody hears what everybody says, by telnet
// or netcat.
//
//	go run ./examples/telnetchat
//	nc 127.0.0.1 7023
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7023", "listen on `host:port`, or on unix:path")
	silence := flag.Duration("silence", 5*time.Minute, "send away who says nothing for this `time`")
	flag.Parse()
	if *silence <= 0 { // to raxx.After that is at once, or never
		fmt.Fprintln(os.Stderr, "telnetchat: -silence is more than 0")
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	server := ace.New(nil, config)
	if err := server.RunEndpoints(ctx, ace.Endpoint{Address: *addr, Machine: chat(*silence)}); err != nil {
		fmt.Fprintln(os.Stderr, "telnetchat:", err)
		os.Exit(1)
	}
}
