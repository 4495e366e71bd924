package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/raxx-go/raxx/raxx"
	"github.com/valyala/fasthttp"
)

func TestStacksRecover(t *testing.T) {
	status := map[string]int{}

	h := aceStack()(func(raxx.Request) raxx.Response { panic("ace") })
	status["ace"] = h(raxx.Get("/")).Status

	recorder := httptest.NewRecorder()
	netHTTPStack()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("net/http") })).
		ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
	status["net/http"] = recorder.Code

	var ctx fasthttp.RequestCtx
	fasthttpStack()(func(*fasthttp.RequestCtx) { panic("fasthttp") })(&ctx)
	status["fasthttp"] = ctx.Response.StatusCode()

	for name, got := range status {
		if got != 500 {
			t.Errorf("%s: a panic is answered with %d, want 500", name, got)
		}
	}
}
