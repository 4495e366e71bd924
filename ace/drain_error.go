package ace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A DrainError tells which connections were cut because they had not ended when the
// time to drain was over.
type DrainError struct {
	Connections int           // that were cut
	Exchanges   []CutExchange // that went on, the longest first
	Left        int           // connections whose handlers still ran a second after they were cut
	Err         error         // why the time was over: the cause of the end of the context
}

// A CutExchange is a request that was not answered, or not to the end.
type CutExchange struct {
	Method, Path string
	Endpoint     string // its name
	Peer         raxx.Peer
	State        WorkerState   // whether its handler was at work, or the client did not read
	For          time.Duration // how long it had gone on
}

// newDrainError returns the report of workers that were cut.
func newDrainError(cut Workers, err error) *DrainError {
	now := time.Now()
	report := &DrainError{Connections: len(cut), Err: err}
	for _, w := range cut {
		for _, x := range w.Exchanges {
			report.Exchanges = append(report.Exchanges, CutExchange{
				Method: x.Method, Path: x.Path, Endpoint: w.Endpoint, Peer: w.Peer, State: w.State, For: age(now, x.Begun),
			})
		}
	}
	slices.SortStableFunc(report.Exchanges, func(a, b CutExchange) int {
		return cmp.Or(cmp.Compare(b.For, a.For), cmp.Compare(a.Peer.Address, b.Peer.Address))
	})
	return report
}

// shownExchanges is how many exchanges the text of an error shows.
const shownExchanges = 3

// Error returns how many connections were cut, and the first exchanges.
func (e *DrainError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "ace: connections cut at the end of the time to drain: %d", e.Connections)
	for i, x := range e.Exchanges {
		if i == shownExchanges {
			fmt.Fprintf(&text, ", and %d more exchanges", len(e.Exchanges)-i)
			break
		}
		fmt.Fprintf(&text, ", %v from %s for %v", RunningExchange{Method: x.Method, Path: x.Path}, cmp.Or(x.Peer.Address, "-"), x.For)
	}
	if e.Left > 0 {
		fmt.Fprintf(&text, "; handlers still at work: %d", e.Left)
	}
	if e.Err != nil {
		text.WriteString(": " + e.Err.Error())
	}
	return text.String()
}

// Unwrap returns the cause of the end of the context.
func (e *DrainError) Unwrap() error { return e.Err }
