package main

import (
	"context"
	"encoding/json"
	"maps"
	"time"
)

// Processes that share rooms tell each other what messages alone don't: who opens
// a room asks what was said there before, and everybody says now and then who is
// there, so that the members of a process that has died are missed.

// A note is what processes tell each other about a room.
type note struct {
	Process string `json:"process"` // whose it is
	// Message is what a member of that process has published.
	Message json.RawMessage `json:"message,omitempty"`
	// Ask asks what is known. The answer goes to the topic of the process.
	Ask bool `json:"ask,omitempty"`
	// Topic is that of the room, in an answer.
	Topic string `json:"topic,omitempty"`
	// Messages are those that are kept, in an answer.
	Messages []message `json:"messages,omitempty"`
	// Here are all who are there by that process.
	Here []person `json:"here,omitempty"`
}

const (
	processPrefix = "process/"
	// beat is how often a process says who is there.
	beat = 20 * time.Second
	// lease is how long that is believed.
	lease = 3 * beat
)

// hear takes what was published in a room.
func (rs *rooms) hear(topic string, r *room, text string) {
	var n note
	if json.Unmarshal([]byte(text), &n) != nil {
		return // not from here
	}
	until := rs.now().Add(lease)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case n.Message != nil:
		if r.take(n.Process, string(n.Message), until) {
			r.deliver(string(n.Message))
		}
	case n.Process == rs.process:
	case n.Ask:
		rs.answer(topic, r, n.Process)
	case r.replace(n.Process, n.Here, until):
		r.deliver(encode(r.view()))
	}
}

// answer tells a process what is known here. The lock is held.
func (rs *rooms) answer(topic string, r *room, process string) {
	if n := (note{Process: rs.process, Topic: topic, Messages: r.messages, Here: r.people(rs.process)}); len(n.Messages)+len(n.Here) > 0 {
		// An answer that is lost is missed by nobody for longer than a beat.
		_ = rs.broker.Publish(processPrefix+process, encode(n))
	}
}

// takeAnswer takes what another process has told of a room, and tells the members
// that came in before it.
func (rs *rooms) takeAnswer(text string) {
	var n note
	if json.Unmarshal([]byte(text), &n) != nil {
		return
	}
	rs.mu.Lock()
	r := rs.open[n.Topic]
	rs.mu.Unlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remember(n.Messages...)
	r.replace(n.Process, n.Here, rs.now().Add(lease))
	r.deliver(encode(r.view()))
}

// ask asks the other processes about all rooms: something may have been missed.
func (rs *rooms) ask() {
	for topic := range rs.all() {
		_ = rs.broker.Publish(topic, encode(note{Process: rs.process, Ask: true}))
	}
}

// all returns the rooms by their topics.
func (rs *rooms) all() map[string]*room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return maps.Clone(rs.open)
}

// tick says who is here, and forgets whom nobody speaks for any more.
func (rs *rooms) tick() {
	for topic, r := range rs.all() {
		r.mu.Lock()
		if r.expire(rs.process, rs.now()) {
			r.deliver(encode(r.view()))
		}
		here := r.people(rs.process)
		r.mu.Unlock()
		if len(here) > 0 {
			_ = rs.broker.Publish(topic, encode(note{Process: rs.process, Here: here}))
		}
	}
}

// keep ticks until ctx ends, and asks when the broker is back.
func (rs *rooms) keep(ctx context.Context, back <-chan struct{}) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			rs.tick()
		case <-back:
			rs.ask()
		}
	}
}
