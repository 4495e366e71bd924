package process

import (
	"sync/atomic"

	"github.com/raxx-go/raxx/raxx"
)

// A mailbox holds what waits for the machine, in order. One that is empty holds
// no memory. What the machine does not want to know any more is taken out at
// once, so that it takes no room.
type mailbox struct {
	last     atomic.Pointer[item] // whose next is the first: they form a ring; nil if there is none
	messages int32                // how many of them are messages
	drains   bool                 // a drain is, or was, among them
	closed   bool                 // the process has ended
}

// An item is a message if sub is set, the end of a timer if timer is, a piece of a
// body if piece is, and else the drain.
type item struct {
	sub     *subscription
	message string
	timer   *timer
	piece   *piece
	next    *item
}

// event returns what the machine is told.
func (i *item) event() raxx.Event {
	switch {
	case i.sub != nil:
		return raxx.Info{Topic: i.sub.topic.name, Message: i.message}
	case i.timer != nil:
		return raxx.Timer{Name: i.timer.name, At: now()}
	case i.piece != nil:
		return i.piece.event()
	}
	return raxx.Drain{}
}

func (m *mailbox) put(i *item) {
	if last := m.last.Load(); last == nil {
		i.next = i
	} else {
		i.next, last.next = last.next, i
	}
	m.last.Store(i)
	if i.sub != nil {
		m.messages++
	}
}

// take takes the first item out. It returns nil if there is none.
func (m *mailbox) take() *item {
	last := m.last.Load()
	if last == nil {
		return nil
	}
	return m.takeBehind(last)
}

// takeBehind takes the item behind another one out.
func (m *mailbox) takeBehind(before *item) *item {
	i := before.next
	before.next = i.next
	switch {
	case i == before:
		m.last.Store(nil)
	case i == m.last.Load():
		m.last.Store(before)
	}
	i.next = nil
	if i.sub != nil {
		m.messages--
	}
	return i
}

// discard takes out the items that are not wanted any more.
func (m *mailbox) discard(unwanted func(*item) bool) {
	all := m.last.Load()
	m.clear()
	for i := ring(all); i != nil; {
		next := i.next
		if !unwanted(i) {
			m.put(i)
		}
		i = next
	}
}

// ring opens a ring, and returns its first item.
func ring(last *item) (first *item) {
	if last != nil {
		first, last.next = last.next, nil
	}
	return first
}

// empty may be called without the lock of the process.
func (m *mailbox) empty() bool { return m.last.Load() == nil }

// clear takes all items out.
func (m *mailbox) clear() {
	m.last.Store(nil)
	m.messages = 0
}

// dropOldest makes room by dropping the oldest message that may be dropped, and
// reports whether there was one.
func (m *mailbox) dropOldest() bool {
	for before := m.last.Load(); before != nil; before = before.next {
		if sub := before.next.sub; sub != nil && sub.full == raxx.DropOldest {
			m.takeBehind(before)
			return true
		}
		if before.next == m.last.Load() {
			break
		}
	}
	return false
}

// deliver puts a message into the mailbox. It never waits.
func (p *Process) deliver(sub *subscription, message string) {
	p.mu.Lock()
	tell := p.accept(sub, message)
	p.mu.Unlock()
	if tell {
		p.owner.Ready()
	}
}

// accept is deliver with the lock held. It reports whether the owner is to be
// told.
func (p *Process) accept(sub *subscription, message string) bool {
	if p.mailbox.closed || p.killed.Load() != nil || sub.ended {
		return false
	}
	if int(p.mailbox.messages) >= p.env.Mailbox {
		switch {
		case sub.full == raxx.CloseOnOverflow:
			return p.kill(raxx.Overflowed, ErrOverflow)
		case sub.full == raxx.DropNewest || !p.mailbox.dropOldest():
			return false
		}
	}
	wasEmpty := p.mailbox.empty()
	p.mailbox.put(&item{sub: sub, message: message})
	return wasEmpty
}
