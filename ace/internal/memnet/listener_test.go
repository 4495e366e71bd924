package memnet

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
)

// Who dials a listener that accepts nothing is refused before long.
func TestListenerRefuses(t *testing.T) {
	l := Listen()
	defer l.Close()
	for n := range 1024 {
		if _, err := l.Dial(); err != nil {
			t.Fatalf("number %d: %v", n+1, err)
		}
	}
	_, err := l.Dial()
	wantError(t, "dial", err, syscall.ECONNREFUSED)
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Dial(); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

// Both ends are those of one connection, in the order in which they were dialled.
func TestListenerAccepts(t *testing.T) {
	l := Listen()
	defer l.Close()
	var clients []net.Conn
	for range 3 {
		client, err := l.DialContext(t.Context(), "tcp", "example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, client)
	}
	for i, client := range clients {
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		client.Write([]byte{byte(i)})
		got := make([]byte, 1)
		if _, err := server.Read(got); err != nil || got[0] != byte(i) {
			t.Errorf("connection %d has got %d, %v", i, got[0], err)
		}
		if server.LocalAddr() != l.Addr() {
			t.Errorf("accepted at %v, want %v", server.LocalAddr(), l.Addr())
		}
	}
}

// Who has given up before gets no connection.
func TestDialIsCancelled(t *testing.T) {
	l := Listen()
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := l.DialContext(ctx, "", ""); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, want %v", err, context.Canceled)
		}
	}
}

// Whoever waits for a connection is told of the end.
func TestListenerCloseWakesAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		var err error
		go func() { _, err = l.Accept() }()
		synctest.Wait()
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		wantError(t, "accept", err, net.ErrClosed)
	})
}
