package ace

import (
	"net"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// startRawOn serves a machine on bare connections until the test ends.
func startRawOn(t *testing.T, n network, m raxx.Machine) (dial func() net.Conn) {
	t.Helper()
	l, dialNet := n.listen(t)
	s := New(hello, n.configFor(t, Config{}))
	served := make(chan error, 1)
	go func() { served <- s.ServeEndpoints(Endpoint{Listener: l, Machine: m}) }()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return func() net.Conn {
		t.Helper()
		conn, err := dialNet()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
}

// A client that has ended its direction may still go away: that is another
// event, and the end of its direction comes once. Where there are no pollers it
// shows only when the machine sends something.
func TestRawClientGoesAwayBehindItsEnd(t *testing.T) {
	m, events := newTold(sink)
	conn := startRawOn(t, networks[0], m)().(*net.TCPConn)
	conn.Write([]byte("hello"))
	conn.CloseWrite()
	wantTold(t, events, "raxx.Tail")
	conn.SetLinger(0)
	conn.Close()
	for event := range events {
		if event == "raxx.Closed {the client has gone away}" {
			return
		}
		t.Fatalf("behind the end of the client's direction came %s", event)
	}
}
