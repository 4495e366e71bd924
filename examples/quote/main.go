// Quote tells whoever connects the quote of the day (RFC 865).
//
//	go run ./examples/quote
//	nc 127.0.0.1 7017
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
	"github.com/raxx-go/raxx/raxx"
)

// quotes are proverbs. RFC 865 wants printable ASCII, and less than 512 of it.
var quotes = []string{
	"A stitch in time saves nine.",
	"Many hands make light work.",
	"Still waters run deep.",
	"The early bird catches the worm.",
	"Too many cooks spoil the broth.",
	"Well begun is half done.",
	"Where there is a will, there is a way.",
}

// ofDay returns the quote of a day. Every second of a day has the same one.
func ofDay(now time.Time) string {
	days := now.Unix() / int64(24*time.Hour/time.Second)
	return quotes[days%int64(len(quotes))]
}

// quote speaks first, and closes. A machine has no clock: it asks for a timer,
// which tells the time.
func quote(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return s, []raxx.Part{raxx.After{}}
	case raxx.Timer:
		return s, []raxx.Part{raxx.Data(ofDay(event.At) + "\r\n"), raxx.Tail{}}
	}
	return s, nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:7017", "listen on `host:port`, or on unix:path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Println("Listening on", e.Addr) }
	server := ace.New(nil, config)
	if err := server.RunEndpoints(ctx, ace.Endpoint{Address: *addr, Machine: raxx.NewMachine(struct{}{}, quote)}); err != nil {
		fmt.Fprintln(os.Stderr, "quote:", err)
		os.Exit(1)
	}
}
