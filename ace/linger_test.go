package ace_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// Proxies send on until nobody takes any more, and look at the reply then. However
// long an upload is that was refused, what they wait for is not a reset, which would
// take the reply away (RFC 9112, Section 9.6).
func TestLongUploadsThatAreRefusedAreNotReset(t *testing.T) {
	tooLarge := func(raxx.Request) raxx.Response { return raxx.Text(raxx.StatusContentTooLarge, "too large") }
	test := func(t *testing.T, c *client) {
		conn, err := c.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if c.engine.tls {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n")
		sent, err := sendsUntilStuck(conn)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %d octets: %v", sent, err)
		}
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		reply, err := io.ReadAll(conn)
		if got := string(reply); !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.HasSuffix(got, "too large") {
			t.Errorf("got %q, %v", reply, err)
		}
	}
	inFakeTime(t, ace.Config{}, tooLarge, test)
	for _, e := range engines[1:3] {
		t.Run(e.name, func(t *testing.T) { test(t, e.newClient(t, tooLarge, ace.Config{})) })
	}
}

// sendsUntilStuck sends until nothing has been taken for half a second, and returns
// how much was, and the error of the last write.
func sendsUntilStuck(conn net.Conn) (sent int, err error) {
	piece := make([]byte, 64<<10)
	for sent < 100<<20 && err == nil {
		conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		var n int
		n, err = conn.Write(piece)
		sent += n
	}
	return sent, err
}
