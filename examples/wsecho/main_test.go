package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

func TestStep(t *testing.T) {
	for _, message := range []raxx.Event{websocket.Text("hello"), websocket.Binary("\x00\xff")} {
		_, parts := step(struct{}{}, message)
		if diff := cmp.Diff([]raxx.Part{message.(raxx.Part)}, parts); diff != "" {
			t.Error(diff)
		}
	}
}

// The whole way: a handshake, frames in and frames out.
func TestEcho(t *testing.T) {
	req := websocket.Handshake("/").With("sec-websocket-extensions", "permessage-deflate")
	resp := echo(req)
	client, err := websocket.NewClient(req, resp)
	if err != nil {
		t.Fatal(err)
	}
	client, sent := client.Send(websocket.Text("hello"), websocket.Close{})
	_, parts := resp.Body.(raxx.Machine).Step(sent)
	_, events, _ := client.Receive(parts[0].(raxx.Data))
	want := []raxx.Event{websocket.Text("hello"), websocket.Closed{Code: websocket.NormalClosure}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}

// A browser that comes to look gets a page.
func TestPage(t *testing.T) {
	for _, tt := range []struct {
		req  raxx.Request
		want int
	}{
		{raxx.Get("/"), 200},
		{raxx.Post("/", "text/plain", raxx.Data("x")), 426},
		{raxx.Get("/").With("upgrade", "h2c"), 426},
	} {
		if got := echo(tt.req).Status; got != tt.want {
			t.Errorf("%s, upgrade %q: %d, want %d", tt.req.Method, tt.req.Header.Get("upgrade"), got, tt.want)
		}
	}
}
