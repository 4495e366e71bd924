package process

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// An Env is what processes share. Its fields must be set.
type Env struct {
	Hub     *Hub
	Wheel   *wheel.Wheel
	Mailbox int // how many messages may wait
}

// An Owner lends a process its goroutine.
type Owner interface {
	// Ready is called, by any goroutine, when there is something for the
	// process to do after there was nothing. It must not wait.
	Ready()
}

// An Out takes the parts that a machine sends, in order. They are not effects.
// Its error is the machine's fault, or wish, and ends the step.
type Out interface{ Part(raxx.Part) error }

// A Process runs a machine. [Process.Next], [Process.Handle] and [Process.End]
// are for the goroutine of the owner, one call at a time; the others may be
// called from any.
type Process struct {
	env     *Env
	owner   Owner
	machine raxx.Machine
	subs    *subscription // a list
	// stepping: the machine is within a step, or has left it with its goroutine.
	stepping bool
	holds    int32 // how many pulls hold what the client sends
	failed   *failure

	mu       sync.Mutex
	mailbox  mailbox
	timers   *timer               // a list
	pulls    *pull                // a list
	killed   atomic.Pointer[Kill] // set with the lock held
	monitors *monitor             // a list
}

// A failure is that of a machine whose last words were sent.
type failure struct {
	fault  error
	reason raxx.Reason // what the machine is told; 0 if it is not to be asked any more
}

// A Kill is why a process has to end, by somebody else's wish.
type Kill struct {
	Reason raxx.Reason
	Err    error
}

// Error returns the text of Err.
func (k *Kill) Error() string { return k.Err.Error() }

// Unwrap returns Err.
func (k *Kill) Unwrap() error { return k.Err }

// A PanicError is the panic of a machine, or of a broker, recovered.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says that somebody panicked.
func (e *PanicError) Error() string { return fmt.Sprintf("process: a panic: %v", e.Value) }

// New returns a process that runs m.
func New(env *Env, m raxx.Machine, o Owner) *Process {
	return &Process{env: env, machine: m, owner: o}
}

// Next returns what happens next, or nil if nothing is waiting. The error is a
// [*Kill]: the process has to end.
func (p *Process) Next() (raxx.Event, error) {
	if err := p.Killed(); err != nil {
		return nil, err
	}
	if p.mailbox.empty() {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if item := p.mailbox.take(); item != nil {
		if item.piece != nil {
			p.took(item.piece)
		}
		return item.event(), nil
	}
	return nil, nil
}

// TimeIsUp reports whether what Next returns is the end of a timer that has run. It is
// for the goroutine of the owner.
func (p *Process) TimeIsUp() bool {
	if p.mailbox.empty() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.mailbox.last.Load()
	return last != nil && last.next.timer != nil && last.next.timer.runs()
}

// Holds reports whether the machine is not to be told of what the client sends
// before it was told of more that Next returns. It is for the goroutine of the
// owner.
func (p *Process) Holds() bool { return p.holds > 0 }

// Killed returns why the process has to end, or nil.
func (p *Process) Killed() error {
	if kill := p.killed.Load(); kill != nil {
		return kill
	}
	return nil
}

// Handle steps the machine with an event, carries out the effects that it
// returns, and hands the other parts to out, in order. The error is a
// [*PanicError] or that of out; what follows the part that failed is dropped. It is
// nil, and End returns it, if the machine has had the last word: then out got a Tail.
func (p *Process) Handle(event raxx.Event, out Out) error {
	parts, err := p.step(event)
	if err != nil {
		return p.lastWords(0, err, out)
	}
	for _, part := range parts {
		// Most parts are data: to find that out is cheaper than what they are not.
		if _, ok := part.(raxx.Data); !ok {
			if effect, ok := part.(raxx.Effect); ok && p.do(effect) {
				continue
			}
		}
		if err := out.Part(part); err != nil {
			reason := raxx.Unsendable
			if _, ok := part.(raxx.Abort); ok {
				reason = raxx.Aborted
			}
			return p.lastWords(reason, err, out)
		}
	}
	return nil
}

// lastWords hands out what the machine has to say at its fault, and the end of the
// reply. It returns the fault unless out has taken both.
func (p *Process) lastWords(reason raxx.Reason, fault error, out Out) error {
	words := p.askLastWords()
	if words == "" || out.Part(words) != nil || out.Part(raxx.Tail{}) != nil {
		return fault
	}
	p.failed = &failure{fault, reason}
	return nil
}

// askLastWords returns the machine's last words. A state that panics has none: the
// fault before is what counts.
func (p *Process) askLastWords() (words raxx.Data) {
	defer func() { _ = recover() }()
	return p.machine.LastWords()
}

// step calls the machine. Its panic comes back as an error. One that ends its
// goroutine, by runtime.Goexit, is not called again.
func (p *Process) step(event raxx.Event) (parts []raxx.Part, err error) {
	p.stepping = true
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
			p.stepping = false
		}
	}()
	p.machine, parts = p.machine.Step(event)
	p.stepping = false
	return parts, nil
}

// Do carries out effects that come from elsewhere than from a step.
func (p *Process) Do(effects []raxx.Effect) {
	for _, effect := range effects {
		p.do(effect)
	}
}

// do reports whether it knows the effect: one that is for somebody else has not
// been taken.
func (p *Process) do(effect raxx.Effect) bool {
	switch effect := effect.(type) {
	case raxx.Publish:
		p.env.Hub.Publish(effect.Topic, effect.Message)
	case raxx.Subscribe:
		p.subscribe(effect)
	case raxx.Unsubscribe:
		p.unsubscribe(effect.Topic)
	case raxx.After:
		p.after(effect.Name, effect.Delay)
	case raxx.Pull:
		p.pull(effect)
	default:
		return false
	}
	return true
}

// Drain makes [raxx.Drain] an event. Only the first call does. It comes behind
// what waits already: a machine that ends then has been told of all that was
// published before.
func (p *Process) Drain() {
	p.mu.Lock()
	tell := false
	if !p.mailbox.drains && !p.mailbox.closed {
		p.mailbox.drains = true
		tell = p.mailbox.empty()
		p.mailbox.put(&item{})
	}
	p.mu.Unlock()
	if tell {
		p.owner.Ready()
	}
}

// Kill makes the process end as soon as its owner looks after it. The first
// reason counts.
func (p *Process) Kill(reason raxx.Reason, err error) {
	p.mu.Lock()
	first := p.kill(reason, err)
	p.mu.Unlock()
	if first {
		p.owner.Ready()
	}
}

// kill is Kill with the lock held. It reports whether the owner is to be told.
func (p *Process) kill(reason raxx.Reason, err error) bool {
	if p.killed.Load() != nil || p.mailbox.closed {
		return false
	}
	p.killed.Store(&Kill{reason, err})
	return true
}

// End ends the process: its timers, pulls and subscriptions are gone, and nothing that
// comes reaches it any more. If the reason is not zero the machine is told by
// [raxx.Closed], and what it publishes then is published. err is what those who
// monitor the process learn: nil if it has come to a regular end. The fault of the
// last step is returned: its panic, or the cause of its Abort.
func (p *Process) End(reason raxx.Reason, err error) (fault error) {
	p.mu.Lock()
	if p.mailbox.closed {
		p.mu.Unlock()
		return nil
	}
	p.mailbox.closed = true
	p.stopTimers()
	p.stopPulls()
	p.mailbox.clear()
	monitors := p.takeMonitors()
	p.mu.Unlock()

	p.unsubscribeAll()
	if p.failed != nil {
		reason, fault = p.failed.reason, p.failed.fault
	}
	if reason != 0 && !p.stepping {
		if again := p.close(reason); fault == nil {
			fault = again
		}
	}
	if err == nil {
		err = fault
	}
	for _, m := range monitors {
		m.tell(err)
	}
	p.machine = raxx.Machine{}
	return fault
}

// close hands the machine its last event.
func (p *Process) close(reason raxx.Reason) error {
	parts, err := p.step(raxx.Closed{Reason: reason})
	for _, part := range parts {
		switch part := part.(type) {
		case raxx.Publish:
			p.do(part)
		case raxx.Abort:
			err = part.Cause.Err()
		}
	}
	return err
}

// now is what timers tell their machines.
func now() time.Time { return time.Now() }
