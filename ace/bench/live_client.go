package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The client's side of liveWorks costs as little as possible, since it shares the
// machine with the server: it knows what will come and looks no closer than it
// has to.

const (
	opText   = 1
	opBinary = 2
	// octets is the size of a message that is echoed.
	octets = 1024
	// patience is how long an answer may take.
	patience = 30 * time.Second
)

// firstEvent is what every stream begins with.
const firstEvent = "data: hello\n\n"

// news is a message that is published.
var news = strings.Repeat("n", 100)

// openMany opens n connections. It returns those that it has opened also with an
// error.
func openMany(addr string, n int, open func(string) (net.Conn, error)) (conns []net.Conn, err error) {
	for range n {
		c, err := open(addr)
		if err != nil {
			return conns, fmt.Errorf("connection %d: %w", len(conns)+1, err)
		}
		conns = append(conns, c)
	}
	return conns, nil
}

// openStream opens an event stream and reads its first event.
func openStream(addr string) (net.Conn, error) {
	return begin(addr, "GET "+streamPath+" HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n", firstEvent)
}

// openSocket opens a WebSocket.
func openSocket(addr string) (net.Conn, error) {
	return begin(addr, "GET "+socketPath+" HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "\r\n\r\n")
}

// openEchoed opens a WebSocket and has a message sent back.
func openEchoed(addr string) (net.Conn, error) {
	c, err := openSocket(addr)
	if err != nil {
		return nil, err
	}
	return c, echoOnce(c, frame(opText), make([]byte, echoed))
}

// begin sends a request and reads until text has come.
func begin(addr, request, text string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write([]byte(request)); err != nil {
		return c, err
	}
	var got, buf = []byte(nil), make([]byte, 1024)
	for !bytes.Contains(got, []byte(text)) {
		n, err := c.Read(buf)
		if err != nil {
			return c, fmt.Errorf("behind %q: %w", got, err)
		}
		got = append(got, buf[:n]...)
	}
	c.SetDeadline(time.Time{})
	return c, nil
}

// listen counts the messages that come on all streams.
func listen(conns []net.Conn) (got *atomic.Int64, failed <-chan error) {
	got = new(atomic.Int64)
	errs := make(chan error, len(conns))
	for _, c := range conns {
		go func() {
			buf := make([]byte, 512)
			for {
				n, err := c.Read(buf)
				if err != nil {
					errs <- err
					return
				}
				got.Add(int64(bytes.Count(buf[:n], []byte(news))))
			}
		}()
	}
	return got, errs
}

// publish publishes a message, and returns how long it took until it had come n
// times.
func publish(addr string, got *atomic.Int64, failed <-chan error, n int) (time.Duration, error) {
	begun, want := time.Now(), got.Load()+int64(n)
	c, err := begin(addr, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", publishPath, len(news), news), "\r\n\r\n")
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for got.Load() < want {
		select {
		case err := <-failed:
			return 0, err
		case <-time.After(time.Millisecond):
		}
		if time.Since(begun) > patience {
			return 0, errors.New("not all streams have got the message")
		}
	}
	return time.Since(begun), nil
}

// echoed is how long the frame is that comes back.
const echoed = 4 + octets

// frame returns the frame of a client's message, with a mask.
func frame(op byte) []byte {
	b := append([]byte{0x80 | op, 0x80 | 126, octets >> 8, octets & 255}, "mask"...)
	for i := range octets {
		b = append(b, ('a'+byte(i%26))^"mask"[i%4])
	}
	return b
}

func echoOnce(c net.Conn, frame, buf []byte) error {
	if _, err := c.Write(frame); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, buf); err != nil {
		return err
	}
	if buf[0] != frame[0] || buf[len(buf)-1] != 'a'+(octets-1)%26 {
		return fmt.Errorf("%q came back", buf[:8])
	}
	return nil
}

// echoFor sends messages for some time, on each connection the next when the one
// before has come back. It returns how many there were.
func echoFor(conns []net.Conn, op byte, d time.Duration) (int64, error) {
	var (
		all   sync.WaitGroup
		count atomic.Int64
		errs  = make(chan error, len(conns))
		end   = time.Now().Add(d)
	)
	for _, c := range conns {
		c.SetDeadline(end.Add(patience))
		all.Go(func() {
			sent, buf := frame(op), make([]byte, echoed)
			for n := int64(0); ; n++ {
				if n%16 == 0 && !time.Now().Before(end) {
					count.Add(n)
					return
				}
				if err := echoOnce(c, sent, buf); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-errs:
		return 0, err
	default:
		return count.Load(), nil
	}
}
