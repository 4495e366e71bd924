package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestConnHoldsWhatWasWritten(t *testing.T) {
	client, server := Pipe()
	client.Write([]byte("hello, "))
	client.Write([]byte("world"))
	client.CloseWrite()
	got, err := io.ReadAll(server)
	if string(got) != "hello, world" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := server.Write([]byte("half-closed")); err != nil {
		t.Errorf("write to a peer that has closed its direction only: %v", err)
	}
}

func TestWriteWaitsForReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := Pipe()
		done := make(chan error, 1)
		go func() { _, err := client.Write(make([]byte, 3*window)); done <- err }()
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("a write beyond the window did not wait")
		}
		if _, err := io.ReadFull(server, make([]byte, 3*window)); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestDeadlineWakesWaitingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := Pipe()
		start := time.Now()
		client.SetReadDeadline(start.Add(time.Minute))
		_, err := client.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("read returned %v after %v", err, time.Since(start))
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v is no time-out", err)
		}
	})
}

func TestCloseWithUnreadDataResets(t *testing.T) {
	client, server := Pipe()
	client.Write([]byte("unread"))
	server.Write([]byte("lost"))
	server.Close()
	if _, err := client.Read(make([]byte, 9)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read after a reset: %v", err)
	}
}

func TestListenerCloses(t *testing.T) {
	l := Listen()
	waiting, _ := l.Dial()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
	if _, err := l.Dial(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial after close: %v", err)
	}
	if _, err := waiting.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that nobody accepted was left open")
	}
}
