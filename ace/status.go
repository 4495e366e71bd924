package ace

import (
	"slices"
	"sync/atomic"

	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A status tells what a worker is doing to whoever asks ([Server.Workers]). It
// costs one load and one store for each exchange, and no lock.
//
// What there is to tell of an exchange is written without any: into note, which
// nobody may be reading. The worker knows that from Server.looking, which those
// who read hold above zero. It looks there after the end of the exchange before
// has been published (worker.exchangeID): so whoever comes later sees that note
// is out of date, and does not read it. While somebody looks, the worker leaves
// note alone and makes a copy.
type status struct {
	stage  atomic.Uint32 // a WorkerState: what it does outside of exchanges
	spoken atomic.Uint32 // an index of spokenProtocols
	begun  atomic.Uint64 // 1 + the id of the exchange that was noted last; 0: none was

	note   exchangeNote                 // Owned by the worker; read while looking > 0.
	copied atomic.Pointer[exchangeNote] // stands for note if it is not nil
}

// An exchangeNote is what there is to tell of an exchange.
type exchangeNote struct {
	method, path string
	begun        int64 // a stamp of the wheel
}

// enter notes what the worker does outside of exchanges. It is not called on the
// way of a request that comes whole.
func (s *status) enter(stage WorkerState) { s.stage.Store(uint32(stage)) }

// spokenProtocols are those that a worker may speak; at first it is not known.
var spokenProtocols = [...]string{"", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"}

// speak notes the protocol of the first request.
func (s *status) speak(protocol string) {
	s.spoken.Store(uint32(max(slices.Index(spokenProtocols[:], protocol), 0)))
}

// begin notes that the exchange with this id begins.
func (s *status) begin(req *raxx.Request, id uint64, now int64, looking *atomic.Int32) {
	if looking.Load() > 0 {
		s.copied.Store(&exchangeNote{req.Method, req.Path, now})
	} else {
		s.note.method, s.note.path, s.note.begun = req.Method, req.Path, now
		if s.copied.Load() != nil {
			s.copied.Store(nil)
		}
	}
	s.begun.Store(id + 1)
}

// keep makes the note of an exchange that goes on for long one that holds no more
// than it needs.
func (s *status) keep(method, path string, looking *atomic.Int32) {
	begun := s.note.begun
	if n := s.copied.Load(); n != nil {
		begun = n.begun
	}
	s.copied.Store(&exchangeNote{method, path, begun})
	s.rest(looking)
}

// rest lets go of what was noted of an exchange that has ended, before a wait:
// its path is a piece of its whole head.
func (s *status) rest(looking *atomic.Int32) {
	if looking.Load() == 0 {
		s.note = exchangeNote{}
	}
}

// current returns the exchange that goes on, if there is one. The caller holds
// Server.looking above zero.
func (s *status) current(id *atomic.Uint64, clock *wheel.Wheel) (x RunningExchange, ok bool) {
	if s.begun.Load() != id.Load()+1 {
		return x, false
	}
	note := s.copied.Load()
	if note == nil {
		note = &s.note
	}
	return RunningExchange{note.method, note.path, clock.TimeOfDay(note.begun)}, true
}

// learn changes what the worker knows of its peer. Those who ask see it by the
// server's lock.
func (w *worker) learn(change func()) {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	change()
}

// knownPeer returns what the worker knows of its peer. The caller is the worker,
// or holds the server's lock.
func (w *worker) knownPeer() raxx.Peer {
	return raxx.Peer{Address: w.peer, Protocol: spokenProtocols[w.status.spoken.Load()], TLS: w.secure}
}

// state returns what the worker is doing. It may be called by any goroutine.
func (w *worker) state(busy bool) WorkerState {
	switch stage := WorkerState(w.status.stage.Load()); {
	case stage == WorkerHandshake || stage == WorkerLingers:
		return stage
	case w.conn.isWriting():
		return WorkerWrites
	case busy:
		return WorkerServes
	case stage == WorkerWaits && w.draining.Load():
		return WorkerDrains
	default:
		return stage
	}
}

// info returns what there is to tell of the worker. The server's lock is held,
// and its looking is above zero.
func (w *worker) info() WorkerInfo {
	info := WorkerInfo{
		Endpoint: w.endpoint.name,
		Peer:     w.knownPeer(),
		Opened:   w.server.wheel.TimeOfDay(w.opened),
		Requests: int(w.exchangeID.Load()),
	}
	if w.h2 != nil {
		w.h2.info(&info)
		return info
	}
	x, busy := w.status.current(&w.exchangeID, &w.server.wheel)
	if busy {
		info.Exchanges = []RunningExchange{x}
	}
	info.State = w.state(busy)
	return info
}
