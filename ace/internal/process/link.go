package process

import "github.com/raxx-go/raxx/raxx"

// A monitor is told when its process ends.
type monitor struct {
	process *Process
	tell    func(error)

	// The lock of the process guards these:
	prev, next *monitor // of the process
	over       bool     // it is in no list, and will be in none
}

// Monitor has tell called when the process ends, with the error that
// [Process.End] was given, on the goroutine that ends it, unless stop is called
// before. If the process has ended already it is called at once, with ErrEnded.
func (p *Process) Monitor(tell func(error)) (stop func()) {
	m := &monitor{process: p, tell: tell}
	m.begin()
	return m.stop
}

// begin puts m into the list of its process.
func (m *monitor) begin() {
	p := m.process
	p.mu.Lock()
	ended := p.mailbox.closed && !m.over
	switch {
	case ended:
		m.over = true
	case !m.over:
		if m.next = p.monitors; m.next != nil {
			m.next.prev = m
		}
		p.monitors = m
	}
	p.mu.Unlock()
	if ended {
		m.tell(ErrEnded)
	}
}

// stop takes m out of the list. It may be called before begin.
func (m *monitor) stop() {
	p := m.process
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.over {
		return
	}
	m.over = true
	if m.next != nil {
		m.next.prev = m.prev
	}
	if m.prev != nil {
		m.prev.next = m.next
	} else if p.monitors == m {
		p.monitors = m.next
	}
	m.prev, m.next = nil, nil
}

// takeMonitors returns those who are to be told of the end. The lock is held.
func (p *Process) takeMonitors() (all []*monitor) {
	for m := p.monitors; m != nil; m = m.next {
		m.over = true
		all = append(all, m)
	}
	p.monitors = nil
	return all
}

// Link ties two processes together: if one of them ends with an error, the other
// is killed with it. A regular end of one does not touch the other. One that has
// ended before counts as one that ends with ErrEnded.
func Link(p, q *Process) {
	ofP, ofQ := &monitor{process: p}, &monitor{process: q}
	ofP.tell, ofQ.tell = takeAlong(ofQ), takeAlong(ofP)
	ofP.begin()
	ofQ.begin()
}

// takeAlong kills the process of another monitor, which is not needed any more.
func takeAlong(other *monitor) func(error) {
	return func(err error) {
		other.stop()
		if err != nil {
			other.process.Kill(raxx.ServerClosed, &LinkError{err})
		}
	}
}
