package ace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A WorkerState is what a worker is doing.
type WorkerState uint8

// The states of a worker.
const (
	WorkerWaits     WorkerState = iota // for a request
	WorkerHandshake                    // it reads a PROXY header, or does the handshake of TLS
	WorkerReadsHead                    // the head of a request has begun to come
	WorkerServes                       // a handler is at work, or a stream that it has returned
	WorkerWrites                       // it waits for the client to take a reply
	WorkerLingers                      // all is said, and the client's end of the connection is waited for
	WorkerDrains                       // it waits for a request that may be on its way, and then ends
)

var workerStates = [...]string{"waiting", "handshake", "reading a head", "in a handler", "writing", "lingering", "draining"}

// String returns the state in words.
func (s WorkerState) String() string {
	if int(s) < len(workerStates) {
		return workerStates[s]
	}
	return fmt.Sprintf("WorkerState(%d)", uint8(s))
}

// A WorkerInfo tells of one connection.
type WorkerInfo struct {
	Endpoint string    // its name
	Peer     raxx.Peer // its Protocol is empty until a request has come
	Opened   time.Time
	State    WorkerState
	Requests int // that were answered
	// Exchanges are those that go on. Over HTTP/1.1 there is at most one.
	Exchanges []RunningExchange
}

// A RunningExchange is a request that is being answered.
type RunningExchange struct {
	Method, Path string
	Begun        time.Time // to about a tenth of a second
}

// Workers are the connections of a server at one moment, as [Server.Workers]
// returns them.
type Workers []WorkerInfo

// Workers returns what each worker is doing, the oldest connection first. It is
// for people and for a program that watches: accepting and closing connections
// waits while it collects, some milliseconds for ten thousand of them.
func (s *Server) Workers() Workers {
	s.looking.Add(1)
	defer s.looking.Add(-1)
	all := s.collectWorkers(make(Workers, 0, s.Connections()))
	slices.SortStableFunc(all, func(a, b WorkerInfo) int {
		return cmp.Or(a.Opened.Compare(b.Opened), cmp.Compare(a.Peer.Address, b.Peer.Address))
	})
	return all
}

// collectWorkers appends what there is to tell to all.
func (s *Server) collectWorkers(all Workers) Workers {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := s.workers; w != nil; w = w.next {
		all = append(all, w.info())
	}
	return all
}

// String returns a table, for a debugging page: a line for each exchange, and
// one for each connection without. Ages are as of now.
func (all Workers) String() string { return all.table(time.Now()) }

func (all Workers) table(now time.Time) string {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ENDPOINT\tPEER\tPROTOCOL\tAGE\tREQUESTS\tSTATE\tFOR\tEXCHANGE")
	for _, w := range all {
		protocol := cmp.Or(w.Peer.Protocol, "-")
		if w.Peer.TLS != nil {
			protocol += " " + w.Peer.TLS.Version
		}
		connection := fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%v", w.Endpoint, cmp.Or(w.Peer.Address, "-"), protocol, age(now, w.Opened), w.Requests, w.State)
		for _, x := range w.Exchanges {
			fmt.Fprintf(t, "%s\t%s\t%s\n", connection, age(now, x.Begun), x)
		}
		if len(w.Exchanges) == 0 {
			fmt.Fprintf(t, "%s\t-\t-\n", connection)
		}
	}
	t.Flush()
	return text.String()
}

// age returns how long ago then was, as short as it makes sense.
func age(now, then time.Time) time.Duration {
	return max(now.Sub(then).Round(100*time.Millisecond), 0)
}

// longestPath is how much of a path a table, or an error, shows.
const longestPath = 80

// String returns method and path, the latter shortened.
func (x RunningExchange) String() string {
	path := x.Path
	if len(path) > longestPath {
		path = path[:longestPath] + "…"
	}
	return fmt.Sprintf("%.20s %s", x.Method, path)
}
