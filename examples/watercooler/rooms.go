package main

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/raxx-go/raxx/ace"
)

// The rooms stand between the server and the broker that carries its messages,
// and so hear what is said in every room before the members do: who comes in is
// told what was said before.
//
//	members ── server ── rooms ── broker ── the rooms of other processes
//
// What they say to each other is in cluster.go.
type rooms struct {
	broker  ace.Broker
	process string // a name for this process
	now     func() time.Time

	mu   sync.Mutex
	open map[string]*room // by topic
}

var _ ace.Broker = (*rooms)(nil)

// roomsAtMost is how many rooms are remembered, unless there are people in more.
const roomsAtMost = 1000

// newRooms returns rooms whose messages broker carries.
func newRooms(broker ace.Broker, process string, now func() time.Time) (*rooms, error) {
	rs := &rooms{broker: broker, process: process, now: now, open: make(map[string]*room)}
	_, err := broker.Subscribe(processPrefix+process, rs.takeAnswer)
	return rs, err
}

// Publish publishes a message. In a room it is told from which process it is.
func (rs *rooms) Publish(topic, text string) error {
	if strings.HasPrefix(topic, roomPrefix) {
		text = encode(note{Process: rs.process, Message: json.RawMessage(text)})
	}
	return rs.broker.Publish(topic, text)
}

// Subscribe subscribes the server to a topic.
func (rs *rooms) Subscribe(topic string, deliver func(string)) (stop func(), err error) {
	if !strings.HasPrefix(topic, roomPrefix) {
		return rs.broker.Subscribe(topic, deliver)
	}
	who := &listener{deliver}
	rs.mu.Lock()
	r, known := rs.open[topic]
	if !known {
		if r, err = rs.begin(topic); err != nil {
			rs.mu.Unlock()
			return nil, err
		}
	}
	r.change(rs.now(), func() { r.listeners = append(r.listeners, who) })
	rs.mu.Unlock()
	if !known {
		// The server listens, whether others can be asked or not: an error here
		// would say that it does not. When the broker is back, they are asked again.
		_ = rs.broker.Publish(topic, encode(note{Process: rs.process, Ask: true}))
	}
	return func() {
		r.change(rs.now(), func() { r.listeners = without(r.listeners, who) })
	}, nil
}

// change changes who listens.
func (r *room) change(now time.Time, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = now
	f()
}

// begin begins to listen to a room. The lock is held.
func (rs *rooms) begin(topic string) (*room, error) {
	rs.makeSpace()
	r := &room{present: make(map[string]presence)}
	stop, err := rs.broker.Subscribe(topic, func(text string) { rs.hear(topic, r, text) })
	if err != nil {
		return nil, err
	}
	r.stop = stop
	rs.open[topic] = r
	return r, nil
}

// makeSpace forgets the room that has been empty for longest, if there are many.
// Anybody can come into a room of any name. The lock is held.
func (rs *rooms) makeSpace() {
	if len(rs.open) < roomsAtMost {
		return
	}
	oldest := ""
	var since time.Time
	for topic, r := range rs.open {
		r.mu.Lock()
		if len(r.listeners) == 0 && (oldest == "" || r.used.Before(since)) {
			oldest, since = topic, r.used
		}
		r.mu.Unlock()
	}
	if oldest != "" {
		rs.open[oldest].stop()
		delete(rs.open, oldest)
	}
}

// look returns what is known of a room.
func (rs *rooms) look(name string) view {
	rs.mu.Lock()
	r := rs.open[roomPrefix+name]
	rs.mu.Unlock()
	if r == nil {
		r = new(room)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.view()
}
