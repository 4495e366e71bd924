package ace_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// pipes is a listener whose connections are pipes of package net: what anybody can
// write who wants a client in a test, and no socket.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// In a bubble of testing/synctest the server takes the clock of the bubble, so that
// an hour takes no time, and nothing of it is left when it has been shut down.
func TestPipesInABubble(t *testing.T) {
	anHourLater := func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event.(type) {
		case raxx.Open:
			return n, []raxx.Part{raxx.After{Delay: time.Hour}}
		case raxx.Timer:
			return n, []raxx.Part{raxx.Text(200, "an hour later")}
		}
		return n, nil
	}
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener, served := make(pipes), make(chan error, 1)
				server := ace.New(func(raxx.Request) raxx.Response { return raxx.Defer(raxx.NewMachine(0, anHourLater)) }, ace.Config{})
				go func() { served <- server.Serve(listener) }()

				transport := &http.Transport{DialContext: listener.dial, Protocols: new(http.Protocols)}
				transport.Protocols.SetHTTP1(version == "HTTP/1.1")
				transport.Protocols.SetUnencryptedHTTP2(version == "HTTP/2.0")
				began := time.Now()
				resp, err := (&http.Client{Transport: transport}).Get("http://example.org/")
				if err != nil {
					t.Fatal(err)
				}
				content, err := io.ReadAll(resp.Body)
				if resp.Proto != version || string(content) != "an hour later" || err != nil {
					t.Errorf("got %s, %q, %v", resp.Proto, content, err)
				}
				if took := time.Since(began).Round(time.Minute); took != time.Hour {
					t.Errorf("it took %v", took)
				}
				transport.CloseIdleConnections()
				if err := server.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				if err := <-served; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
