package process

import (
	"hash/maphash"
	"runtime/debug"
	"sync"

	"github.com/raxx-go/raxx/raxx"
)

// A Broker carries messages between processes that may run on several machines.
// See ace.Broker.
type Broker interface {
	Publish(topic, message string) error
	Subscribe(topic string, deliver func(message string)) (stop func(), err error)
}

// A Hub knows the topics of a server and who subscribes to them. Its methods may
// be called from any goroutine.
type Hub struct {
	broker  Broker // nil: messages stay here
	failed  func(topic string, err error)
	seed    maphash.Seed
	shards  [shards]shard
	running sync.WaitGroup
}

const shards = 64

type shard struct {
	mu     sync.Mutex
	topics map[string]*topic
}

// NewHub returns a hub that hands messages to broker, and takes them from there;
// if broker is nil, they stay in this hub. failed is told of errors of the broker,
// and of its panics as a [*PanicError].
func NewHub(broker Broker, failed func(topic string, err error)) *Hub {
	return &Hub{broker: broker, failed: failed, seed: maphash.MakeSeed()}
}

// Publish sends a message to all who subscribe to the topic. It waits for none
// of them: but while a thousand messages on the topic have not been handed out,
// it waits.
func (h *Hub) Publish(name, message string) {
	if h.broker != nil {
		h.ask(name, func() error { return h.broker.Publish(name, message) })
		return
	}
	s := h.shard(name)
	s.mu.Lock()
	t := s.topics[name]
	s.mu.Unlock()
	if t != nil {
		t.publish(message)
	}
}

// ask asks the broker for something, and reports whether it has done it. It is asked
// where machines end and connections close, too, whose other duties must not suffer
// from its panic.
func (h *Hub) ask(name string, call func() error) (done bool) {
	err := recovering(call)
	if err != nil {
		h.failed(name, err)
	}
	return err == nil
}

// recovering calls f, whose panic comes back as an error.
func recovering(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return f()
}

// Wait waits until all that was published has been handed out.
func (h *Hub) Wait() { h.running.Wait() }

func (h *Hub) shard(name string) *shard {
	return &h.shards[maphash.String(h.seed, name)%shards]
}

// join makes sub one of those who subscribe to the topic.
func (h *Hub) join(name string, sub *subscription) {
	s := h.shard(name)
	for {
		s.mu.Lock()
		t := s.topics[name]
		if t == nil {
			t = newTopic(h, name)
			if s.topics == nil {
				s.topics = make(map[string]*topic)
			}
			s.topics[name] = t
		}
		s.mu.Unlock()
		if t.add(sub) {
			if h.broker != nil {
				t.connect()
			}
			return
		}
	}
}

// drop forgets a topic to which nobody subscribes.
func (h *Hub) drop(t *topic) {
	s := h.shard(t.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.topics[t.name] == t {
		delete(s.topics, t.name)
	}
	if len(s.topics) == 0 {
		s.topics = nil // a map does not shrink
	}
}

// A subscription is a process's interest in a topic.
type subscription struct {
	process *Process
	topic   *topic
	next    *subscription // of the process
	index   int           // in topic.subs; guarded by the topic's lock
	seen    uint64        // the number of the last message; guarded by the topic's lock
	full    raxx.Overflow // guarded by the process's lock
	ended   bool          // guarded by the process's lock
}

// subscribe is for the goroutine of the owner.
func (p *Process) subscribe(effect raxx.Subscribe) {
	p.mu.Lock()
	for sub := p.subs; sub != nil; sub = sub.next {
		if sub.topic.name == effect.Topic {
			sub.full = effect.Full
			p.mu.Unlock()
			return
		}
	}
	ended := p.mailbox.closed
	p.mu.Unlock()
	if ended {
		return
	}
	sub := &subscription{process: p, full: effect.Full, next: p.subs}
	p.env.Hub.join(effect.Topic, sub)
	p.subs = sub
}

// unsubscribe is for the goroutine of the owner.
func (p *Process) unsubscribe(name string) {
	for at := &p.subs; *at != nil; at = &(*at).next {
		if sub := *at; sub.topic.name == name {
			*at = sub.next
			p.leave(sub)
			return
		}
	}
}

func (p *Process) unsubscribeAll() {
	for sub := p.subs; sub != nil; sub = sub.next {
		p.leave(sub)
	}
	p.subs = nil
}

func (p *Process) leave(sub *subscription) {
	p.mu.Lock()
	sub.ended = true
	p.mailbox.discard(func(i *item) bool { return i.sub == sub })
	p.mu.Unlock()
	sub.topic.remove(sub)
}

// Subscribers returns how many subscribe to a topic.
func (h *Hub) Subscribers(name string) int {
	s := h.shard(name)
	s.mu.Lock()
	t := s.topics[name]
	s.mu.Unlock()
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.subs)
}
