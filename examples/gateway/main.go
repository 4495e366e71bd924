// Gateway stands in front of services, each below a path of its own.
//
//	go run ./examples/bin -addr 127.0.0.1:8081 &
//	go run ./examples/events -addr 127.0.0.1:8082 &
//	go run ./examples/gateway /bin=http://127.0.0.1:8081 /events=http://127.0.0.1:8082
//	curl http://127.0.0.1:8080/bin/anything
//	curl -N http://127.0.0.1:8080/events/ticks
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "gateway [-addr host:port] [/path]=http://host:port ...")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	app, err := gateway(nethttp.FromTransport(http.DefaultTransport), flag.Args()...)
	if err != nil {
		log.Fatal(err)
	}
	outermost := raxx.Stack(
		middleware.RequestID{}.Middleware(),
		middleware.ClientAddress{}.Middleware(),
		middleware.AccessLog{Logger: slog.Default()}.Middleware(),
	)
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Printf("Listening on http://%s\n", e.Addr) }
	if err := ace.New(outermost(app), config).Run(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}
