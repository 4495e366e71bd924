package ace

import (
	"net"
	"testing"
)

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
