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

// wantError wants an error of the given kind, which looks like one of a socket.
func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if want == nil || want == io.EOF {
		if err != want {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		return
	}
	var op *net.OpError
	if !errors.Is(err, want) || !errors.As(err, &op) || op.Op != what || op.Net != "mem" {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// How a connection ends for both ends: what the first has done, and what each of
// them sees then when it reads and when it writes.
func TestEndings(t *testing.T) {
	type outcome struct{ read, write error }
	for name, test := range map[string]struct {
		end         func(c, peer *Conn)
		first, peer outcome
	}{
		"Close": {func(c, _ *Conn) { c.Close() },
			outcome{net.ErrClosed, net.ErrClosed}, outcome{io.EOF, syscall.EPIPE}},
		"Close twice": {func(c, _ *Conn) { c.Close(); c.Close() },
			outcome{net.ErrClosed, net.ErrClosed}, outcome{io.EOF, syscall.EPIPE}},
		"Close with something unread": {func(c, peer *Conn) { peer.Write([]byte("unread")); c.Close() },
			outcome{net.ErrClosed, net.ErrClosed}, outcome{syscall.ECONNRESET, syscall.ECONNRESET}},
		"Close on both ends": {func(c, peer *Conn) { c.Close(); peer.Close() },
			outcome{net.ErrClosed, net.ErrClosed}, outcome{net.ErrClosed, net.ErrClosed}},
		"CloseWrite": {func(c, _ *Conn) { c.CloseWrite() },
			outcome{ErrWait, net.ErrClosed}, outcome{io.EOF, nil}},
		"CloseWrite on both ends": {func(c, peer *Conn) { c.CloseWrite(); peer.CloseWrite() },
			outcome{io.EOF, net.ErrClosed}, outcome{io.EOF, net.ErrClosed}},
		"CloseWrite behind the peer's Close": {func(c, peer *Conn) { peer.Close(); c.CloseWrite() },
			outcome{io.EOF, net.ErrClosed}, outcome{net.ErrClosed, net.ErrClosed}},
		"Reset": {func(c, peer *Conn) { c.Write([]byte("lost")); peer.Write([]byte("lost")); c.Reset() },
			outcome{syscall.ECONNRESET, syscall.ECONNRESET}, outcome{syscall.ECONNRESET, syscall.ECONNRESET}},
		"Reset behind the peer's Close": {func(c, peer *Conn) { peer.Close(); c.Reset() },
			outcome{syscall.ECONNRESET, syscall.ECONNRESET}, outcome{net.ErrClosed, net.ErrClosed}},
		"SetLinger(0)": {func(c, _ *Conn) { c.SetLinger(0) },
			outcome{syscall.ECONNRESET, syscall.ECONNRESET}, outcome{syscall.ECONNRESET, syscall.ECONNRESET}},
		"SetLinger(1)":  {func(c, _ *Conn) { c.SetLinger(1) }, outcome{ErrWait, nil}, outcome{ErrWait, nil}},
		"SetLinger(-1)": {func(c, _ *Conn) { c.SetLinger(-1) }, outcome{ErrWait, nil}, outcome{ErrWait, nil}},
	} {
		for side, swap := range map[string]bool{"client": false, "server": true} {
			t.Run(name+" of the "+side, func(t *testing.T) {
				c, peer := Pipe()
				if swap {
					c, peer = peer, c
				}
				test.end(c, peer)
				for _, of := range []struct {
					c *Conn
					outcome
				}{{c, test.first}, {peer, test.peer}} {
					_, err := of.c.TryRead(make([]byte, 1))
					if of.read == ErrWait {
						if err != ErrWait {
							t.Errorf("TryRead: %v, want %v", err, ErrWait)
						}
					} else {
						wantError(t, "read", err, of.read)
						_, err = of.c.Read(make([]byte, 1))
						wantError(t, "read", err, of.read)
					}
					_, err = of.c.TryWrite(nil)
					wantError(t, "write", err, of.write)
					_, err = of.c.Write(nil)
					wantError(t, "write", err, of.write)
					if got, want := of.c.HungUp(), of.read != ErrWait; got != want {
						t.Errorf("HungUp is %v", got)
					}
					if got, want := of.c.IsBroken(), of.write == syscall.EPIPE || of.write == syscall.ECONNRESET; got != want {
						t.Errorf("IsBroken is %v", got)
					}
					if got, want := of.c.IsReadable(), of.read != ErrWait; got != want {
						t.Errorf("IsReadable is %v", got)
					}
					if !of.c.HasRoom() { // to find out that there never will be
						t.Error("HasRoom is false")
					}
				}
			})
		}
	}
}

// What came before the end is read before it.
func TestEndIsBehindTheData(t *testing.T) {
	for name, end := range map[string]func(*Conn) error{"Close": (*Conn).Close, "CloseWrite": (*Conn).CloseWrite} {
		client, server := Pipe()
		client.Write([]byte("data"))
		end(client)
		if n, err := server.TryRead(make([]byte, 2)); n != 2 || err != nil {
			t.Errorf("%s: read %d, %v", name, n, err)
		}
		if got, err := io.ReadAll(server); string(got) != "ta" || err != nil {
			t.Errorf("%s: read %q, %v", name, got, err)
		}
	}
}

// Those who wait are told of the end.
func TestEndWakes(t *testing.T) {
	for name, test := range map[string]struct {
		end         func(c, peer *Conn)
		read, write error
	}{
		"its own Close":       {func(c, _ *Conn) { c.Close() }, net.ErrClosed, net.ErrClosed},
		"the peer's Close":    {func(_, peer *Conn) { peer.Close() }, syscall.ECONNRESET, syscall.ECONNRESET},
		"its own Reset":       {func(c, _ *Conn) { c.Reset() }, syscall.ECONNRESET, syscall.ECONNRESET},
		"the peer's Reset":    {func(_, peer *Conn) { peer.Reset() }, syscall.ECONNRESET, syscall.ECONNRESET},
		"its own CloseWrite":  {func(c, peer *Conn) { c.CloseWrite(); peer.CloseWrite() }, io.EOF, net.ErrClosed},
		"the peer's end only": {func(_, peer *Conn) { peer.in().closeRead(); peer.CloseWrite() }, io.EOF, syscall.EPIPE},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, peer := Pipe()
				var read, write error
				written := 0
				go func() { _, read = c.Read(make([]byte, 1)) }()
				go func() { written, write = c.Write(make([]byte, window+1)) }()
				synctest.Wait()
				test.end(c, peer)
				synctest.Wait() // and both goroutines have ended, or synctest fails
				wantError(t, "read", read, test.read)
				wantError(t, "write", write, test.write)
				if written != window {
					t.Errorf("%d written", written)
				}
			})
		})
	}
}

func TestAddresses(t *testing.T) {
	client, server := Pipe()
	for _, test := range []struct {
		got  net.Addr
		want string
	}{
		{client.LocalAddr(), "client"}, {client.RemoteAddr(), "server"},
		{server.LocalAddr(), "server"}, {server.RemoteAddr(), "client"},
	} {
		if test.got.String() != test.want || test.got.Network() != "mem" {
			t.Errorf("%s %s, want %s", test.got.Network(), test.got, test.want)
		}
	}
	server.Close()
	_, err := client.Write([]byte("x"))
	var op *net.OpError
	if !errors.As(err, &op) || op.Source != client.LocalAddr() || op.Addr != client.RemoteAddr() {
		t.Errorf("%#v names other ends", err)
	}
}

// What does not wait says what it can do, and what it can't.
func TestTry(t *testing.T) {
	client, server := Pipe()
	if n, err := client.TryRead(make([]byte, 1)); n != 0 || err != ErrWait || client.IsReadable() || client.HungUp() {
		t.Errorf("nothing has come: %d, %v, IsReadable %v, HungUp %v", n, err, client.IsReadable(), client.HungUp())
	}
	if n, err := server.TryWrite(make([]byte, window-1)); n != window-1 || err != nil || !server.HasRoom() {
		t.Errorf("written %d, %v, HasRoom %v", n, err, server.HasRoom())
	}
	if n, err := server.TryWrite([]byte("ab")); n != 1 || err != ErrWait || server.HasRoom() {
		t.Errorf("written %d of 2 where there is room for one, %v, HasRoom %v", n, err, server.HasRoom())
	}
	if n, err := server.TryWrite([]byte("b")); n != 0 || err != ErrWait {
		t.Errorf("written %d where there is no room, %v", n, err)
	}
	if n, err := server.TryWrite(nil); n != 0 || err != nil {
		t.Errorf("written %d of nothing, %v", n, err)
	}
	if !client.IsReadable() || client.HungUp() {
		t.Errorf("IsReadable %v, HungUp %v", client.IsReadable(), client.HungUp())
	}
	if n, err := client.Read(nil); n != 0 || err != nil {
		t.Errorf("read %d into nothing, %v", n, err)
	}
	client.SetDeadline(time.Unix(1, 0)) // it does not count
	if n, err := client.TryRead(make([]byte, 2*window)); n != window || err != nil || client.IsReadable() || !server.HasRoom() {
		t.Errorf("read %d, %v, IsReadable %v, HasRoom %v", n, err, client.IsReadable(), server.HasRoom())
	}
	if n, err := client.TryWrite([]byte("x")); n != 1 || err != nil {
		t.Errorf("written %d, %v", n, err)
	}
}

// TryWrite need not wait to fail.
func TestRoomBehindTheEnd(t *testing.T) {
	client, _ := Pipe()
	client.TryWrite(make([]byte, window))
	client.CloseWrite()
	if _, err := client.TryWrite([]byte("x")); !errors.Is(err, net.ErrClosed) || !client.HasRoom() {
		t.Errorf("HasRoom is %v, and TryWrite %v", client.HasRoom(), err)
	}
}

// A counter counts how often it is told of a change.
type counter int

func (c *counter) Changed() { *c++ }

// The end that was accepted is told of what the other one does, if that matters.
func TestNotify(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(client, server *Conn)
		told bool
	}{
		"something comes":      {func(c, _ *Conn) { c.Write([]byte("x")) }, true},
		"the peer's end":       {func(c, _ *Conn) { c.CloseWrite() }, true},
		"the peer is gone":     {func(c, _ *Conn) { c.Close() }, true},
		"a reset":              {func(c, _ *Conn) { c.Reset() }, true},
		"room, where was none": {func(c, _ *Conn) { c.TryRead(make([]byte, 1)) }, true},
		"nobody is to be told": {func(c, s *Conn) { s.Notify(nil); c.Reset() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			client, server := Pipe()
			var told counter
			server.Write(make([]byte, window))
			server.Notify(&told)
			if test.do(client, server); (told > 0) != test.told {
				t.Errorf("told %d times", told)
			}
		})
	}
}

// It is not told of what it does itself, nor of more room where there was some.
func TestNotifyOfNothingNew(t *testing.T) {
	client, server := Pipe()
	var told counter
	server.TryWrite(make([]byte, window-1))
	client.TryWrite(make([]byte, window))
	server.Notify(&told)
	server.TryRead(make([]byte, 1))
	client.TryRead(make([]byte, 1))
	server.TryWrite([]byte("x"))
	if told != 0 {
		t.Errorf("told %d times", told)
	}
}

func TestNotifyIsForTheServer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	client, _ := Pipe()
	client.Notify(new(counter))
}

// Deadlines of both directions, for those who wait and for those who come later.
func TestDeadlines(t *testing.T) {
	read := func(c *Conn) error { _, err := c.Read(make([]byte, 1)); return err }
	write := func(c *Conn) error { _, err := c.Write(make([]byte, window+1)); return err }
	for name, test := range map[string]struct {
		set     func(*Conn, time.Time) error
		waits   func(*Conn) error
		matters bool
	}{
		"a read, SetReadDeadline":   {(*Conn).SetReadDeadline, read, true},
		"a read, SetDeadline":       {(*Conn).SetDeadline, read, true},
		"a read, SetWriteDeadline":  {(*Conn).SetWriteDeadline, read, false},
		"a write, SetWriteDeadline": {(*Conn).SetWriteDeadline, write, true},
		"a write, SetDeadline":      {(*Conn).SetDeadline, write, true},
		"a write, SetReadDeadline":  {(*Conn).SetReadDeadline, write, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := Pipe()
				start := time.Now()
				at := func(after time.Duration) { test.set(c, start.Add(after)) }
				wait := func(want time.Duration) {
					t.Helper()
					err := test.waits(c)
					if got := time.Since(start); got != want || test.matters != errors.Is(err, os.ErrDeadlineExceeded) {
						t.Errorf("%v after %v, want it after %v", err, got, want)
					}
				}
				if !test.matters {
					at(time.Minute)
					time.AfterFunc(time.Hour, c.Reset)
					wait(time.Hour)
					return
				}
				at(time.Minute)
				wait(time.Minute)
				wait(time.Minute) // it is over
				at(time.Hour)
				at(2 * time.Minute)
				wait(2 * time.Minute)
				at(3 * time.Minute)
				at(time.Hour) // later than before
				wait(time.Hour)
				at(2 * time.Hour)
				time.AfterFunc(time.Minute, func() { at(time.Hour) }) // over, while it is waited for
				wait(time.Hour + time.Minute)
				test.set(c, time.Time{}) // none
				time.AfterFunc(10*time.Hour, func() { at(12 * time.Hour) })
				wait(12 * time.Hour)
				c.Close()
				if err := test.waits(c); !errors.Is(err, net.ErrClosed) {
					t.Errorf("%v behind Close and a deadline, want %v", err, net.ErrClosed)
				}
			})
		})
	}
}

// A write that comes to its deadline says how much it has written.
func TestWriteComesToItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := Pipe()
		client.SetWriteDeadline(time.Now().Add(time.Minute))
		time.AfterFunc(time.Second, func() { server.Read(make([]byte, 100)) })
		n, err := client.Write(make([]byte, 2*window))
		if n != window+100 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("written %d, %v", n, err)
		}
	})
}
