// Watercooler is a chat with rooms.
//
//	go run ./examples/watercooler
//	go run ./examples/watercooler -addr 127.0.0.1:8081 -nats nats://127.0.0.1:4222
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/nats"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	url := flag.String("nats", "", "share the rooms with other processes through NATS at `URL`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *url); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, url string) error {
	if url == "" {
		return serve(ctx, addr, &local{}, make(chan struct{}))
	}
	back := make(chan struct{}, 1)
	broker, err := nats.Connect(url, nats.Config{
		Prefix: "watercooler",
		Failed: func(topic string, err error) { log.Println("nats:", topic, err) },
		Reconnected: func(url string) {
			log.Println("nats: back, with", url)
			select {
			case back <- struct{}{}:
			default: // it is about to be told
			}
		},
	})
	if err != nil {
		return err
	}
	defer broker.Close()
	return serve(ctx, addr, broker, back)
}

// serve serves rooms whose messages broker carries. What came back tells when it
// has been away.
func serve(ctx context.Context, addr string, broker ace.Broker, back <-chan struct{}) error {
	rooms, err := newRooms(broker, rand.Text(), time.Now)
	if err != nil {
		return err
	}
	handler, err := app{rooms.look, rand.Text}.handler()
	if err != nil {
		return err
	}
	go rooms.keep(ctx, back)
	config := ace.Config{Broker: rooms}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Printf("Listening on http://%s\n", e.Addr) }
	config.Trace.BrokerFailed = func(e ace.BrokerEvent) { log.Println("broker:", e.Topic, e.Err) }
	return ace.New(handler, config).Run(ctx, addr)
}
