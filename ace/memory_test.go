package ace_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A client that takes nothing of a reply stands still, whatever it sends.
func TestReaderThatOnlySends(t *testing.T) {
	var closed []error
	config := ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed = append(closed, e.Err) }}}
	long := func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", 200<<10)) }
	serveWith(t, config, long, func(tc *testConn) {
		closed = nil
		tc.send(getOne)
		for range 5 {
			tc.advance(10 * time.Second)
			tc.conn.Write([]byte("x"))
			synctest.Wait()
		}
		if len(closed) != 1 || !errors.Is(closed[0], ace.ErrTimeout) {
			t.Errorf("the connection has ended with %v, want a time-out", closed)
		}
	})
}
