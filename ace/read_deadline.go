package ace

import (
	"net"
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace/internal/wheel"
)

// A readDeadline wakes a goroutine that waits in a read of conn: when its time
// has come, or when somebody asks. It is one timer of the wheel; the deadline of
// conn itself is set only to wake.
type readDeadline struct {
	conn  net.Conn
	timer wheel.Timer
	bell  chan struct{} // rung by wake, for one who waits without a read

	mu  sync.Mutex
	cut bool // from now on every read is woken
}

func (d *readDeadline) init(w *wheel.Wheel, conn net.Conn) {
	d.conn = conn
	d.bell = make(chan struct{}, 1)
	w.Init(&d.timer, wheel.Func(d.wake))
}

// wake makes the read that waits, or the next one, fail with a time-out.
func (d *readDeadline) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conn.SetReadDeadline(past)
	d.ring()
}

func (d *readDeadline) ring() {
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// woken makes reads possible again. Whoever was woken calls it, and only then
// looks for the reason: so a reason that comes later wakes it again.
func (d *readDeadline) woken() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.cut {
		select {
		case <-d.bell:
		default:
		}
		d.conn.SetReadDeadline(time.Time{})
	}
}

// cutAll wakes every read from now on.
func (d *readDeadline) cutAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = true
	d.conn.SetDeadline(past)
	d.ring()
}
