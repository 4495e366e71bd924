// Upload takes files and keeps them in a folder.
//
//	go run ./examples/upload -folder /tmp/uploads
//	curl -T somefile http://127.0.0.1:8080/files/
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port`")
	folder := flag.String("folder", "uploads", "keep the files in `folder`")
	limit := flag.Int64("limit", 1<<30, "take files of up to so many `bytes`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *folder, *limit); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, folder string, limit int64) error {
	s, err := openStore(folder, limit)
	if err != nil {
		return err
	}
	defer s.root.Close()
	handler, err := app(s)
	if err != nil {
		return err
	}
	config := ace.Config{}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) { fmt.Printf("Listening on http://%s\n", e.Addr) }
	return ace.New(handler, config).Run(ctx, addr)
}
