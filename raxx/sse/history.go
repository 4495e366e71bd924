package sse

import (
	"slices"
	"sync"
)

// A History keeps the last events of a stream, for clients that lost their
// connection and come back. Any number of goroutines may use it.
//
// An application adds an event to it before it publishes it, or, where several
// processes publish, adds what comes from their common broker in each of them.
// Events have to have IDs: different ones, the same in every process.
//
// They have to be published in the order in which they were added: a client that
// has seen the second of two events before the first, and is cut off in between, is
// never sent the first. Where several goroutines have news, let each add and
// publish under a lock, by the method Publish of the server. The effect
// [raxx.Publish] won't do: it is carried out when its handler has returned, and
// those of two handlers in either order.
type History struct {
	mu     sync.RWMutex
	events []Event // a ring, once it is full
	next   int     // where the next event goes, once it is full
	size   int
}

// NewHistory returns a history that keeps the last size events. It panics if
// size is less than one.
func NewHistory(size int) *History {
	if size < 1 {
		panic("sse: NewHistory with a size of less than one event")
	}
	return &History{size: size}
}

// Add keeps an event, in place of the oldest one if the history is full. An event
// without an ID is not kept: no client can say that it has seen it. The error is
// that of [Event.Check].
func (h *History) Add(event Event) error {
	if err := event.Check(); err != nil || event.ID == "" {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) < h.size {
		h.events = append(h.events, event)
		return nil
	}
	h.events[h.next] = event
	h.next = (h.next + 1) % h.size
	return nil
}

// Since returns the events that came behind the one with this ID, and reports
// whether it is known. If it is not known, because it is too old or never was,
// Since returns all events that there are, and some may be missing before them.
func (h *History) Since(id string) (events []Event, known bool) {
	all := h.all()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].ID == id {
			return all[i+1:], true
		}
	}
	return all, false
}

// Equal reports whether both keep the same events, and would keep as many. It is
// for tests.
func (h *History) Equal(g *History) bool {
	if h == g || h == nil || g == nil {
		return h == g
	}
	return h.size == g.size && slices.Equal(h.all(), g.all())
}

// all returns a copy of the events, the oldest first.
func (h *History) all() []Event {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Concat(h.events[h.next:], h.events[:h.next])
}

// hasUpTo reports whether the event with this ID is kept, and is the last one or
// came before that.
func (h *History) hasUpTo(last, id string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	found := false
	for i := range h.events {
		event := &h.events[(h.next+i)%len(h.events)]
		found = found || event.ID == id
		if event.ID == last {
			return found
		}
	}
	return false
}
