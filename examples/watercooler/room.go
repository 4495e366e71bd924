package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// A room is what this process knows of a room: what was said at last, and who is
// there. It is made of what was published, and of what other processes have told.
type room struct {
	mu        sync.Mutex
	listeners []*listener         // the server of this process, if somebody is here
	stop      func()              // ends the subscription with the broker
	used      time.Time           // when somebody came or left here
	messages  []message           // the last ones that were said, the oldest first
	present   map[string]presence // by process
}

// A presence is who is in a room by one process, and until when that is believed
// if nothing more is heard of the process.
type presence struct {
	people map[string]string // names by ID
	until  time.Time
}

const (
	// kept is how many messages are kept.
	kept = 50
	// listed is how many people a page is told of.
	listed = 200
)

// take takes a message that a process has published. It reports whether it is one
// that pages are told of.
func (r *room) take(process, text string, until time.Time) bool {
	var m message
	if json.Unmarshal([]byte(text), &m) != nil {
		return false
	}
	switch m.Kind {
	case say:
		r.remember(m)
	case join:
		r.of(process, until).people[m.From] = m.Name
	case leave:
		delete(r.of(process, until).people, m.From)
	default:
		return false
	}
	return true
}

// of returns who is here by a process.
func (r *room) of(process string, until time.Time) presence {
	p := r.present[process]
	if p.people == nil {
		p.people = make(map[string]string)
	}
	p.until = until
	r.present[process] = p
	return p
}

// remember keeps messages that are not kept yet.
func (r *room) remember(messages ...message) {
	for _, m := range messages {
		at, known := slices.BinarySearchFunc(r.messages, m, inOrder)
		if !known {
			r.messages = slices.Insert(r.messages, at, m)
		}
	}
	if over := len(r.messages) - kept; over > 0 {
		r.messages = slices.Clone(r.messages[over:])
	}
}

// inOrder compares messages by when they were said. It is the same order in every
// process.
func inOrder(a, b message) int {
	return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.ID, b.ID))
}

// replace replaces who is here by a process, and reports whether that makes a
// difference.
func (r *room) replace(process string, people []person, until time.Time) bool {
	now := make(map[string]string, len(people))
	for _, p := range people {
		now[p.ID] = p.Name
	}
	was := r.present[process].people
	r.present[process] = presence{now, until}
	return !maps.Equal(was, now)
}

// expire forgets processes of which nothing was heard for too long, but for this
// one. It reports whether that makes a difference.
func (r *room) expire(self string, now time.Time) (differs bool) {
	for process, p := range r.present {
		if process != self && p.until.Before(now) {
			differs = differs || len(p.people) > 0
			delete(r.present, process)
		}
	}
	return differs
}

// people returns who is here by a process, in the order of names.
func (r *room) people(process string) []person { return inNames(r.present[process].people) }

func inNames(names map[string]string) []person {
	people := make([]person, 0, len(names))
	for id, name := range names {
		people = append(people, person{id, name})
	}
	slices.SortFunc(people, func(a, b person) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return people
}

// view returns what a page is told of the room.
func (r *room) view() view {
	v := view{Kind: "room", People: []person{}, Messages: slices.Clone(r.messages)}
	for _, p := range r.present {
		v.Count += len(p.people)
		if len(v.People) < listed {
			v.People = append(v.People, inNames(p.people)...)
		}
	}
	v.People = v.People[:min(len(v.People), listed)]
	slices.SortFunc(v.People, func(a, b person) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	if v.Messages == nil {
		v.Messages = []message{}
	}
	return v
}

// deliver hands a message to the members that are here by this process. The lock
// is held, so that they get all in one order.
func (r *room) deliver(text string) {
	for _, l := range r.listeners {
		l.deliver(text)
	}
}
