package ace

import (
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/raxx"
)

// live is an exchange that a machine answers, from when its handler has returned
// the machine, or a connection that speaks no HTTP. The worker's goroutine owns
// it, whichever that is at the time.
//
// Invariant: while pending reports that the client has not taken all that was
// sent, nothing is read and the machine is not stepped.
type live struct {
	worker  *worker
	process *process.Process
	reply   exchange.Live
	req     *raxx.Request // nil once nobody will need it any more
	begun   int64         // a stamp of the wheel
	path    string        // whose steps are timed

	opened    bool           // the machine has been told of the beginning
	inputOver bool           // the machine has been told of the end of what the client sends
	heard     bool           // in this turn it was looked for what had come before a timer ended
	drained   bool           // the last read of this turn has found all that there was
	borrows   bool           // the machine keeps nothing of the data it is handed
	lent      int32          // how many of the bytes that have come the machine looks at now
	room      int            // how much may be sent in this turn
	readErr   error          // of a read that has waited
	whole     *raxx.Response // what the machine has sent as all of its reply

	patience time.Duration // with the client; 0: the server's

	rest *rest // what the client has not taken; nil if there is nothing
}

// A rest is what a client has not taken yet. What is in worker.out comes behind it.
type rest struct {
	parts [][]byte  // in order
	lent  []*buffer // that parts lie in
}

var (
	_ process.Owner = (*live)(nil)
	_ process.Out   = (*live)(nil)
)

// Ready is called when there is something for the machine to do.
func (l *live) Ready() { l.worker.conn.kick() }

// Part sends a part of the reply.
func (l *live) Part(part raxx.Part) error {
	if l.whole != nil {
		return &exchange.ResponseError{Reason: "a part behind a response that is all of the reply"}
	}
	switched := l.raw()
	whole, err := l.reply.Part(part, l.worker)
	if l.raw() && !switched {
		l.inputOver = false // by a deferred 101: what follows the request is the machine's
	}
	if whole {
		resp := part.(raxx.Response)
		l.whole = &resp
	}
	return err
}

// raw reports whether both bodies are bytes to the end of the connection, and
// not HTTP.
func (l *live) raw() bool { return l.reply.Switched() }
