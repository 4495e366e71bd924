// Events tells pages what time it is, every second.
//
//	go run ./examples/events
//	curl -N http://127.0.0.1:8080/ticks
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

//go:embed page.html
var page string

func app(every time.Duration) raxx.Handler {
	return router.MustNew(
		router.Get("/", func(raxx.Request) raxx.Response { return raxx.HTML(200, page) }),
		router.Get("/ticks", ticks(every)),
	).Handle
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	every := flag.Duration("every", time.Second, "`time` between two ticks")
	flag.Parse()
	if *every < shortest {
		log.Fatalf("-every is at least %v", shortest)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Printf("Listening on http://%s\n", e.Addr) }
	if err := ace.New(app(*every), config).Run(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}
