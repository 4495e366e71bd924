package process

import (
	"runtime/debug"

	"github.com/raxx-go/raxx/raxx"
)

// A pull is a body that is read for the machine. The lock of its process guards
// it.
type pull struct {
	process *Process
	name    string
	ended   bool          // nothing of it is wanted any more
	holds   bool          // it is among Process.holds; the owner's
	stop    chan struct{} // closed when ended is set
	taken   chan struct{} // the machine has been handed the last piece
	next    *pull
}

// A piece is what a pull has brought. It is the end if data is empty.
type piece struct {
	pull *pull
	data raxx.Data
	err  error
}

// event returns what the machine is told.
func (p *piece) event() raxx.Event {
	return raxx.Pulled{Name: p.pull.name, Data: p.data, End: p.data == "", Cause: raxx.NewCause(p.err)}
}

// took lets the body bring its next piece, or the client go on if there is none.
func (p *Process) took(piece *piece) {
	if piece.data != "" {
		piece.pull.taken <- struct{}{} // there is room: one piece waits at most
		return
	}
	p.release(piece.pull)
}

// release says that a pull holds nothing any more.
func (p *Process) release(t *pull) {
	if t.holds {
		t.holds = false
		p.holds--
	}
}

// pull begins to read a body, in the place of the one that has the name, or ends
// that if there is none.
func (p *Process) pull(effect raxx.Pull) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mailbox.closed {
		return
	}
	p.forgetPull(effect.Name)
	if effect.From == nil {
		return
	}
	t := &pull{process: p, name: effect.Name, holds: effect.Hold, stop: make(chan struct{}), taken: make(chan struct{}, 1), next: p.pulls}
	p.pulls = t
	if t.holds {
		p.holds++
	}
	go t.run(effect.From)
}

// run reads the body.
func (t *pull) run(from raxx.Body) {
	var (
		err  error
		done bool
	)
	defer func() {
		if v := recover(); v != nil {
			// It is the machine's fault as if a step had panicked.
			t.process.Kill(raxx.Aborted, &PanicError{v, debug.Stack()})
			return
		}
		if !done {
			err = errGoexit
		}
		t.bring(&piece{pull: t, err: err})
	}()
	for chunk, fault := range raxx.Chunks(from) {
		if fault != nil {
			err = fault
			break
		}
		if len(chunk) > 0 && !t.handOver(raxx.Data(chunk)) {
			break
		}
	}
	done = true
}

// handOver brings a piece, and waits until the machine has been handed it. It
// reports false if nothing more is wanted.
func (t *pull) handOver(data raxx.Data) bool {
	if !t.bring(&piece{pull: t, data: data}) {
		return false
	}
	select {
	case <-t.taken:
		return true
	case <-t.stop:
		return false
	}
}

// bring puts a piece into the mailbox, unless it is not wanted.
func (t *pull) bring(piece *piece) bool {
	p := t.process
	p.mu.Lock()
	wanted := !t.ended
	tell := wanted && p.mailbox.empty()
	if wanted {
		p.mailbox.put(&item{piece: piece})
		if piece.data == "" {
			p.unlinkPull(t)
		}
	}
	p.mu.Unlock()
	if tell {
		p.owner.Ready()
	}
	return wanted
}

// forgetPull ends the pull called name, also if what it has brought waits in the
// mailbox. The lock is held.
func (p *Process) forgetPull(name string) {
	for t := p.pulls; t != nil; t = t.next {
		if t.name == name {
			t.end()
			p.unlinkPull(t)
			p.release(t)
			break
		}
	}
	p.mailbox.discard(func(i *item) bool {
		if i.piece == nil || i.piece.pull.name != name {
			return false
		}
		p.release(i.piece.pull)
		return true
	})
}

func (p *Process) unlinkPull(t *pull) {
	for at := &p.pulls; *at != nil; at = &(*at).next {
		if *at == t {
			*at = t.next
			return
		}
	}
}

// end says that nothing more is wanted. The lock is held.
func (t *pull) end() {
	t.ended = true
	close(t.stop)
}

// stopPulls ends all of them. The lock is held.
func (p *Process) stopPulls() {
	for t := p.pulls; t != nil; t = t.next {
		t.end()
	}
	p.pulls = nil
}
