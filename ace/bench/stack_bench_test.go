package main

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// What the eight middlewares of package middleware add to a call of a handler.
func BenchmarkStack(b *testing.B) {
	for _, test := range []struct {
		name    string
		handler raxx.Handler
	}{{"bare", aceHello}, {"under eight", raxxStack()(aceHello)}} {
		b.Run(test.name, func(b *testing.B) {
			req := raxx.Get("http://127.0.0.1:8080/stack").With("user-agent", "curl/8.0")
			req.Peer.Address = "127.0.0.1:40000"
			b.ReportAllocs()
			for b.Loop() {
				if resp := test.handler(req); resp.Status != 200 {
					b.Fatal(resp)
				}
			}
		})
	}
}
