package ace

import (
	"errors"
	"io/fs"
	"math"
	"net"
	"time"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
)

// A transport moves the bytes of one connection. One goroutine may read while
// another writes.
type transport interface {
	// read waits until something has come and appends what one read brings to
	// *b. If *b is nil it takes a buffer from the pool; if it can, it does so no
	// sooner than there is something to put into it. It returns errWoken when
	// wake was called, or at the deadline: whoever called it finds out which.
	// If the deadline, which is by the clock of the wheel, is 0 it does not wait
	// but returns errAgain; it may do so even if there is something.
	read(b **buffer, deadline int64) error
	// await says, if the worker is driven by turns, what makes the next one:
	// what is expected has come, or the deadline, unless that is 0.
	await(deadline int64, expected expectation)
	// wake makes the read that is waiting, or else the next, return errWoken. A
	// worker that is driven by turns gets one. It may be called by any goroutine.
	wake()
	// hungUp reports whether the peer has closed the direction in which it
	// sends, if a worker that expected just that could be told.
	hungUp() bool
	// kick is wake for a worker that does not wait in a read of its own. It is
	// cheaper where the worker is driven by turns.
	kick()
	// lost reports whether the turn was begun because the connection is lost.
	lost() bool
	// doze waits for wake, or for the deadline unless that is 0. It
	// is for a worker with a goroutine of its own that expects nothing to read.
	doze(deadline int64)
	// watch calls gone, on a goroutine of its own, when the peer closes the
	// connection or the direction in which it sends. It lasts until unwatch.
	// While it lasts there is no read.
	watch(gone func())
	unwatch()
	// write writes all of head and then all of data. The time-out is the
	// longest that it may make no progress; then the error is ErrTimeout.
	write(head, data []byte, timeout time.Duration) error
	// writeSome writes as much of head, and then of data, as the peer takes, and
	// returns how much that was. It returns errAgain, if the worker is driven by
	// turns and more can be written only later; else it waits, as write does.
	writeSome(head, data []byte, timeout time.Duration) (n int, err error)
	// isWriting reports whether a write waits for the peer. It may be called by
	// any goroutine.
	isWriting() bool
	// sendFile writes the next n bytes of the file, in the same way.
	sendFile(f fs.File, n int64, timeout time.Duration) error
	// handlerBegins and handlerEnds are called before and after what is the
	// handler's: its call, and the stream that it returned. In between, any
	// goroutine may read; outside, the worker's calls leave before it waits.
	// handlerBegins reports whether the handler is known to take long.
	handlerBegins(path string) (slow bool)
	handlerEnds(path string)
	leave()
	// enter is called before one of several pieces of work of the connection,
	// and exit behind it. If the work takes long the worker gets another turn
	// meanwhile, and exit reports that its goroutine is detached: it is not the
	// worker's any more. enter reports false if the worker can't be driven on
	// then; the work has to be done on a goroutine of its own. blocks may be
	// called by any goroutine, before work that waits.
	enter(path string) (scheduler.Ticket, bool)
	exit(scheduler.Ticket) (detached bool)
	blocks()
	// turns reports whether the worker is driven by turns.
	turns() bool
	// closeWrite tells the peer that nothing more will come. Its error is
	// errors.ErrUnsupported if the connection has no way to do so.
	closeWrite() error
	// cut makes every read return errWoken and every write fail, from now on.
	// It may be called by any goroutine.
	cut()
	// endless tells whether a reply is on its way whose end is that of the
	// connection: then a cut must not look like one.
	endless(yes bool)
	// close closes the connection; if abort is set, in a way that the peer
	// can't take for a regular end.
	close(abort bool)
}

// An expectation is what a worker waits for, besides being woken and the end of
// the connection.
type expectation struct {
	input  bool // that something comes
	room   bool // that more can be written
	hangup bool // that the peer closes the direction in which it sends
}

var (
	errWoken = errors.New("ace: woken")      // a read has stopped waiting
	errAgain = errors.New("ace: would wait") // a read that must not wait would have to
)

// never is a deadline for a wait that has none.
const never int64 = math.MaxInt64

// past is a deadline that is over: setting it wakes whoever waits.
var past = time.Unix(1, 0)

// abortively makes close send a reset, where conn has such a thing.
func abortively(conn net.Conn) {
	if c, ok := conn.(interface{ SetLinger(int) error }); ok {
		c.SetLinger(0)
	}
}
