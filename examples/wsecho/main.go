// Wsecho sends back every message of a WebSocket. Conformance suites talk to it,
// and people through its page.
//
//	go run ./examples/wsecho
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// step is the application: a message that comes is a part to send.
func step(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case websocket.Text:
		return s, []raxx.Part{event}
	case websocket.Binary:
		return s, []raxx.Part{event}
	}
	return s, nil
}

//go:embed page.html
var page string

func echo(req raxx.Request) raxx.Response {
	if req.Method == raxx.MethodGet && !req.Header.Has("upgrade") {
		return raxx.HTML(200, page).With("vary", "upgrade")
	}
	config := websocket.Config{MessageLimit: 32 << 20, Compress: true, Origins: []string{"*"}}
	return websocket.Upgrade(req, config, raxx.NewMachine(struct{}{}, step))
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9001", "listen on `host:port`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Printf("Listening on http://%s\n", e.Addr) }
	if err := ace.New(echo, config).Run(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}
