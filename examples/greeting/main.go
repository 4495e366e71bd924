package main

import (
	"context"
	"log"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

func greet(req raxx.Request) raxx.Response {
	return raxx.Text(200, "Hello, "+req.Params.Get("name")+"!")
}

func app() raxx.Handler {
	return router.MustNew(
		router.Get("/hello/:name", greet),
	).Handle
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := ace.Run(ctx, "127.0.0.1:8080", app()); err != nil {
		log.Fatal(err)
	}
}
