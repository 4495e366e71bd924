// Tea takes orders: JSON comes in, JSON or a problem goes out, and each is a line in a log.
package main

import (
	"context"
	"log"
	"os/signal"
	"syscall"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

type order struct {
	Tea  string `json:"tea"`
	Cups int    `json:"cups"`
}

// Validate is asked before place is: a client whose order is not valid gets a 422 that lists the faults.
func (o order) Validate() error {
	var faults raxx.Invalid
	if o.Cups < 1 || o.Cups > 12 {
		faults = append(faults, raxx.FieldFault{Pointer: "#/cups", Detail: "has to be from 1 to 12"})
	}
	return faults.Err()
}

func place(req raxx.Request, o order) (raxx.Response, error) {
	if o.Tea == "coffee" {
		return raxx.Response{}, &raxx.Error{Status: 418, Detail: "this is a teapot"}
	}
	return raxx.JSON(201, o).With("location", "/orders/1"), nil
}

func show(req raxx.Request) raxx.Response {
	return raxx.Text(200, "order "+req.Params.Get("id"))
}

func app() raxx.Handler {
	routes := router.MustNew(
		router.Post("/orders", raxx.In(64<<10, place)),
		router.Get("/orders/:id", show),
	)
	return raxx.Stack(middleware.AccessLog{}.Middleware(), middleware.Recover{}.Middleware())(routes.Handle)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := ace.Run(ctx, "127.0.0.1:8080", app()); err != nil {
		log.Fatal(err)
	}
}
