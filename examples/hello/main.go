// Hello is the smallest whole application: three pure handlers, a router, and a
// server that drains when it is told to stop.
//
//	go run ./examples/hello
//	curl http://127.0.0.1:8080/hello/Ada
//	curl -T somefile http://127.0.0.1:8080/echo
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
	"github.com/raxx-go/raxx/router"
)

func hello(raxx.Request) raxx.Response { return raxx.Text(200, "Hello, World!") }

func greet(req raxx.Request) raxx.Response {
	return raxx.Text(200, "Hello, "+req.Params.Get("name")+"!")
}

// echo returns what it is sent, while it is sent: the body of the request is the
// body of the response.
func echo(req raxx.Request) raxx.Response {
	contentType := req.Header.Get("content-type")
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	return raxx.Reply(200, contentType, req.Body)
}

func app() raxx.Handler {
	return router.MustNew(
		router.Get("/", hello),
		router.Get("/hello/:name", greet),
		router.Post("/echo", echo).Streamed(),
		router.Put("/echo", echo).Streamed(),
	).Handle
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on `host:port` (port 0: any that is free), or on unix:path")
	cert := flag.String("cert", "", "serve HTTPS with the certificate in this PEM `file`")
	key := flag.String("key", "", "and its private key in this PEM `file`")
	flag.Parse()
	if err := run(*addr, *cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "hello:", err)
		os.Exit(1)
	}
}

// run serves until the process is interrupted or asked to terminate.
func run(addr, cert, key string) error {
	config := ace.Config{}
	scheme := "http"
	if cert != "" || key != "" {
		// The files may be replaced while the program runs.
		store, err := ace.Certificates(ace.CertFile{Cert: cert, Key: key})
		if err != nil {
			return err
		}
		config.TLS = store.TLSConfig()
		scheme = "https"
	}
	config.Trace.EndpointOpened = func(e ace.EndpointEvent) {
		where := scheme + "://" + e.Addr.String()
		if e.Addr.Network() == "unix" {
			where = "unix:" + e.Addr.String()
		}
		fmt.Println("Listening on", where)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return ace.New(app(), config).Run(ctx, addr)
}
