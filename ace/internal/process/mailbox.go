package process

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A mailbox holds what waits for the machine, in order. One that is empty holds
// no memory. What the machine does not want to know any more is taken out at
// once, so that it takes no room.
type mailbox struct {
	items    []item
	taken    int32 // items[:taken] are gone
	messages int32 // how many of items[taken:] are messages
}

// An item is a message if sub is set, the end of a timer if timer is, and else
// the drain.
type item struct {
	sub     *subscription
	message string
	timer   *timer
}

// event returns what the machine is told.
func (i *item) event() raxx.Event {
	switch {
	case i.sub != nil:
		return raxx.Info{Topic: i.sub.topic.name, Message: i.message}
	case i.timer != nil:
		return raxx.Timer{Name: i.timer.name, At: now()}
	}
	return raxx.Drain{}
}

func (m *mailbox) put(i item) {
	if int(m.taken) > len(m.items)/2 {
		// One that is never empty must not grow for ever.
		m.items = slices.Delete(m.items, 0, int(m.taken))
		m.taken = 0
	}
	m.items = append(m.items, i)
	if i.sub != nil {
		m.messages++
	}
}

func (m *mailbox) take() (item, bool) {
	if int(m.taken) == len(m.items) {
		return item{}, false
	}
	i := m.items[m.taken]
	m.items[m.taken] = item{}
	if i.sub != nil {
		m.messages--
	}
	if m.taken++; int(m.taken) == len(m.items) {
		*m = mailbox{}
	}
	return i, true
}

// discard takes out the items that are not wanted any more.
func (m *mailbox) discard(unwanted func(item) bool) {
	left := slices.DeleteFunc(m.items[m.taken:], unwanted)
	if len(left) == 0 {
		*m = mailbox{}
		return
	}
	m.items = m.items[:int(m.taken)+len(left)]
	m.messages = 0
	for i := range left {
		if left[i].sub != nil {
			m.messages++
		}
	}
}

func (m *mailbox) empty() bool { return int(m.taken) == len(m.items) }

// dropOldest makes room by dropping the oldest message that may be dropped, and
// reports whether there was one.
func (m *mailbox) dropOldest() bool {
	for at := int(m.taken); at < len(m.items); at++ {
		if sub := m.items[at].sub; sub != nil && sub.full == raxx.DropOldest {
			m.items = slices.Delete(m.items, at, at+1)
			m.messages--
			return true
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
	if p.ended || p.killed != nil || sub.ended {
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
	p.mailbox.put(item{sub: sub, message: message})
	return wasEmpty
}
