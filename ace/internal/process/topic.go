package process

import "sync"

// A topic hands messages to its subscribers, one message after the other.
//
// Whoever publishes puts the message into a queue. One goroutine at a time takes
// it from there and goes through the subscribers from the last to the first, a
// batch at a time, so that others can join and leave in between. Who leaves is
// replaced by the last one, which has been served already: the number of the
// message that a subscriber has seen tells that. Who joins is put behind all of
// them and so is not served with messages that were published before.
type topic struct {
	hub  *Hub
	name string

	mu      sync.Mutex
	room    sync.Cond // told when the queue becomes shorter
	subs    []*subscription
	queue   []string
	number  uint64 // of the message that was handed out last
	busy    bool   // somebody hands out
	dropped bool   // the hub has forgotten the topic
	stop    func() // ends the subscription with the broker; nil if there is none

	connecting sync.Mutex // held while the broker is asked; locked before mu
}

const (
	// queueAtMost is how many messages on a topic may wait to be handed out
	// before publishers wait. It bounds memory if messages come faster than they
	// can be handed out.
	queueAtMost = 1024
	// batch is how many subscribers are served before others may join or leave.
	batch = 256
	// aFew is how many messages a publisher hands out before somebody else does
	// it: its own, and those of others that have come meanwhile.
	aFew = 16
)

func newTopic(h *Hub, name string) *topic {
	t := &topic{hub: h, name: name}
	t.room.L = &t.mu
	return t
}

// add adds a subscriber. It reports false if the topic is not in use any more.
func (t *topic) add(sub *subscription) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dropped {
		return false
	}
	sub.topic, sub.index = t, len(t.subs)
	// Those messages in the queue were published before.
	sub.seen = t.number + uint64(len(t.queue))
	t.subs = append(t.subs, sub)
	return true
}

func (t *topic) remove(sub *subscription) {
	t.mu.Lock()
	last := len(t.subs) - 1
	t.subs[sub.index] = t.subs[last]
	t.subs[sub.index].index = sub.index
	t.subs[last] = nil
	t.subs = t.subs[:last]
	if cap(t.subs) > 64 && last < cap(t.subs)/4 {
		t.subs = append(make([]*subscription, 0, cap(t.subs)/2), t.subs...)
	}
	stop := t.dropIfUnused()
	t.mu.Unlock()
	t.end(stop)
}

// dropIfUnused forgets the topic if nobody subscribes. The lock is held.
func (t *topic) dropIfUnused() (stop func()) {
	if len(t.subs) > 0 || t.dropped {
		return nil
	}
	t.dropped, t.queue = true, nil
	t.room.Broadcast()
	t.hub.drop(t)
	return t.stop
}

// connect subscribes to the topic with the broker, unless that has been done.
func (t *topic) connect() {
	t.connecting.Lock()
	defer t.connecting.Unlock()
	t.mu.Lock()
	done := t.stop != nil || t.dropped
	t.mu.Unlock()
	if done {
		return
	}
	var stop func()
	if !t.hub.ask(t.name, func() (err error) {
		stop, err = t.hub.broker.Subscribe(t.name, t.publish)
		return err
	}) {
		return // the next who subscribes asks again
	}
	if stop == nil {
		stop = func() {} // a broker that never stops
	}
	t.mu.Lock()
	dropped := t.dropped
	t.stop = stop
	t.mu.Unlock()
	if dropped {
		t.end(stop)
	}
}

// end ends the subscription with the broker, if there is one.
func (t *topic) end(stop func()) {
	if stop != nil {
		t.hub.ask(t.name, func() error { stop(); return nil })
	}
}

// publish puts a message into the queue, and sees to it that it is handed out.
func (t *topic) publish(message string) {
	t.mu.Lock()
	for len(t.queue) >= queueAtMost && !t.dropped {
		t.room.Wait()
	}
	if t.dropped {
		t.mu.Unlock()
		return
	}
	t.queue = append(t.queue, message)
	begin := !t.busy
	few := len(t.subs) <= batch
	t.busy = true
	t.mu.Unlock()
	switch {
	case begin && few && t.handOutSome():
	case begin:
		t.hub.running.Go(t.handOut)
	}
}

// handOut hands out messages until there is none.
func (t *topic) handOut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.queue) > 0 {
		t.handOutOne()
	}
	t.queue, t.busy = nil, false
}

// handOutSome is handOut on the goroutine of a publisher, which is not held up by
// what others publish, nor by a crowd of subscribers. It reports whether there is
// nothing left; else the caller has to see to that.
func (t *topic) handOutSome() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range aFew {
		if len(t.queue) == 0 {
			t.queue, t.busy = nil, false
			return true
		}
		if len(t.subs) > batch {
			return false
		}
		t.handOutOne()
	}
	return false
}

// handOutOne hands out the first message of the queue. The lock is held, and let
// go between batches.
func (t *topic) handOutOne() {
	message := t.queue[0]
	t.queue[0] = ""
	t.queue = t.queue[1:]
	t.number++
	t.room.Signal()
	for at := len(t.subs) - 1; at >= 0; {
		if at = t.serve(message, at, batch); at >= 0 {
			t.mu.Unlock()
			t.mu.Lock()
		}
	}
}

// serve hands a message to n subscribers at most, from index at on down to the
// first: to those who had subscribed when it was published. It returns the index
// to go on with. The lock is held.
func (t *topic) serve(message string, at, n int) (next int) {
	at = min(at, len(t.subs)-1) // some may have left
	for ; at >= 0 && n > 0; at, n = at-1, n-1 {
		if sub := t.subs[at]; sub.seen < t.number {
			sub.seen = t.number
			sub.process.deliver(sub, message)
		}
	}
	return at
}
