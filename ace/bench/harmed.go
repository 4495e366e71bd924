package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
)

// A harmedPeer is a server that harms are done to. It answers at these paths, and
// at "/hello", in HTTP/1.1 and in HTTP/2 in the clear.
type harmedPeer struct {
	name  string
	serve func(net.Listener) error
}

func (p harmedPeer) title() string { return p.name }

var harmedPeers = []harmedPeer{{baseline, serveHarmedAce}, {"net/http", serveHarmedNetHTTP}}

const (
	panicPath   = "/panic"   // its handler panics
	machinePath = "/machine" // its machine panics amid the reply
	endlessPath = "/endless" // its machine sends for ever
	waitPath    = "/wait"    // is answered when the client gives the request up
	largePath   = "/large"   // 1 MiB
	statePath   = "/state"   // a state, in JSON
)

// harmedTimeout is how long a server that harms are done to waits for the rest of
// a head, and for a client that does not go on: short, so that there are ends to
// be seen in a window.
const harmedTimeout = 300 * time.Millisecond

// A state is what such a server says of itself.
type state struct {
	Goroutines int
	Told       map[string]int // how often its trace has told of what
}

// A tally counts what a trace tells of that is not as it should be.
type tally struct {
	mu   sync.Mutex
	told map[string]int
}

func newTally() *tally { return &tally{told: map[string]int{}} }

func (t *tally) count(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told[what]++
}

// state returns the state of the process, in JSON.
func (t *tally) state() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(mustMarshal(state{runtime.NumGoroutine(), maps.Clone(t.told)}))
}

// What a trace tells of, in front of the reason.
const (
	toldAccept     = "accept: "
	toldExchange   = "exchange: "
	toldConnection = "connection: "
)

// The reasons that a trace gives for some harms.
const (
	panicReason  = "the handler panicked"
	silentReason = "closed, no request"
)

// trace returns the hooks that count.
func (t *tally) trace() ace.Trace {
	return ace.Trace{
		AcceptFailed: func(e ace.AcceptEvent) { t.count(toldAccept + reasonOf(e.Err)) },
		ExchangeEnded: func(e ace.ExchangeEvent) {
			if err := cmp.Or(e.Fault, e.Err); err != nil {
				t.count(toldExchange + reasonOf(err))
			}
		},
		ConnectionClosed: func(e ace.ConnectionEvent) {
			switch {
			case e.Err != nil:
				t.count(toldConnection + reasonOf(e.Err))
			case e.Requests == 0:
				t.count(toldConnection + silentReason)
			}
		},
	}
}

// reasonOf returns what an error has as its reason, without what differs from one
// time to the next.
func reasonOf(err error) string {
	var (
		panicked *ace.PanicError
		protocol *ace.ProtocolError
		errno    syscall.Errno
	)
	switch {
	case errors.As(err, &panicked):
		return panicReason
	case errors.As(err, &protocol):
		return protocol.Reason
	case errors.As(err, &errno):
		return errno.Error()
	}
	return strings.TrimPrefix(err.Error(), "ace: ")
}

// stateOf asks a server for its state.
func stateOf(addr string) (s state, err error) {
	alone := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := alone.Get("http://" + addr + statePath)
	if err != nil {
		return s, err
	}
	defer resp.Body.Close()
	return s, json.NewDecoder(resp.Body).Decode(&s)
}
