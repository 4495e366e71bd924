package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func send(json string) raxx.Request {
	return raxx.Post("/orders", "application/json", raxx.Data(json))
}

func TestOrders(t *testing.T) {
	tooMany := raxx.Invalid{{Pointer: "#/cups", Detail: "has to be from 1 to 12"}}
	for _, test := range []struct {
		name string
		req  raxx.Request
		want raxx.Response
	}{
		{"an order", send(`{"tea":"green","cups":2}`), raxx.JSON(201, order{"green", 2}).With("location", "/orders/1")},
		{"too many cups", send(`{"tea":"green","cups":13}`), tooMany.Response()},
		{"coffee", send(`{"tea":"coffee","cups":1}`), raxx.Problem(418, "this is a teapot")},
		{"which is there", raxx.Get("/orders/1"), raxx.Text(200, "order 1")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := app()(test.req).WithCause(nil) // it is for the log
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
