package main

import (
	"errors"
	"slices"
	"sync"

	"github.com/raxx-go/raxx/ace"
)

// A local is a broker that reaches no other process.
type local struct {
	mu        sync.Mutex
	listeners map[string][]*listener // by topic
	queue     []published
	busy      bool // somebody hands out
}

var _ ace.Broker = (*local)(nil)

// A listener is what takes the messages on a topic. There may be two of the same
// function.
type listener struct{ deliver func(message string) }

type published struct{ topic, message string }

// atMost is how many messages may wait to be handed out.
const atMost = 10_000

var errTooMany = errors.New("too many messages wait to be handed out")

// Publish hands the message out, or leaves that to whoever is doing it already:
// messages arrive in one order, and who gets one may publish another.
func (l *local) Publish(topic, message string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) >= atMost {
		return errTooMany
	}
	l.queue = append(l.queue, published{topic, message})
	if l.busy {
		return nil
	}
	l.busy = true
	for len(l.queue) > 0 {
		next := l.queue[0]
		l.queue = l.queue[1:]
		to := slices.Clone(l.listeners[next.topic])
		l.mu.Unlock()
		for _, who := range to {
			who.deliver(next.message)
		}
		l.mu.Lock()
	}
	l.queue, l.busy = nil, false
	return nil
}

// Subscribe has deliver called with every message on the topic.
func (l *local) Subscribe(topic string, deliver func(string)) (stop func(), err error) {
	who := &listener{deliver}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listeners == nil {
		l.listeners = make(map[string][]*listener)
	}
	l.listeners[topic] = append(l.listeners[topic], who)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.listeners[topic] = without(l.listeners[topic], who)
		if len(l.listeners[topic]) == 0 {
			delete(l.listeners, topic)
		}
	}, nil
}

func without(all []*listener, who *listener) []*listener {
	return slices.DeleteFunc(slices.Clone(all), func(l *listener) bool { return l == who })
}
