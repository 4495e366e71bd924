package ace

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
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

// A machine that holds its client is told at once if this breaks the connection
// off, and need not let go of it first. Nor do its pollers look there all the time
// meanwhile: what is broken is always ready.
func TestClientBreaksOffWhileItIsHeld(t *testing.T) {
	for _, n := range networks {
		if strings.HasPrefix(n.name, "stream") {
			continue // it learns by reading, and of a client that is held nothing is read
		}
		t.Run(n.name, func(t *testing.T) {
			release := make(chan bool)
			defer close(release)
			m, events := newTold(func(event raxx.Event) []raxx.Part {
				if _, opened := event.(raxx.Open); !opened {
					return nil
				}
				return []raxx.Part{
					raxx.Pull{Name: "hold", Hold: true, From: raxx.NewStream(0, func(func([]byte, error) bool) { <-release })},
					raxx.Data("held"),
				}
			})
			conn := startRawOn(t, n, m)()
			conn.Write([]byte("hello"))
			got := make([]byte, len("held"))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != "held" {
				t.Fatalf("heard %q", got)
			}
			under := conn
			if c, ok := conn.(*tls.Conn); ok {
				under = c.NetConn()
			}
			under.(interface{ SetLinger(int) error }).SetLinger(0)
			under.Close()
			wantTold(t, events, "raxx.Closed {the client has gone away}")
		})
	}
}
