package process

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A rig is a process with an owner that does nothing by itself: the test is the
// goroutine that is lent.
type rig struct {
	*Process
	t     *testing.T
	told  atomic.Int64 // how often the owner was
	seen  []string     // by the machine
	sent  []string     // parts
	fails string       // the part that can't be sent
	mute  bool         // it panics when it is asked for last words
	do    func(raxx.Event) []raxx.Part
}

var (
	_ Owner = (*rig)(nil)
	_ Out   = (*rig)(nil)
)

// newEnv returns an Env without a broker.
func newEnv(mailbox int) *Env {
	return &Env{Hub: NewHub(nil, nil), Wheel: new(wheel.Wheel), Mailbox: mailbox}
}

// newRig returns a process whose machine answers events with do, which may be
// nil.
func newRig(t *testing.T, env *Env, do func(raxx.Event) []raxx.Part) *rig {
	r := &rig{t: t, do: do}
	r.Process = New(env, raxx.NewMachine(r, (*rig).step), r)
	return r
}

func (r *rig) step(event raxx.Event) (*rig, []raxx.Part) {
	r.seen = append(r.seen, describe(event))
	if r.do == nil {
		return r, nil
	}
	return r, r.do(event)
}

func describe(event raxx.Event) string {
	switch event := event.(type) {
	case raxx.Info:
		return event.Topic + ": " + event.Message
	case raxx.Timer:
		return "timer " + event.Name
	case raxx.Pulled:
		if event.End {
			return event.Name + " ends: " + event.Cause.String()
		}
		return event.Name + " brings " + string(event.Data)
	case raxx.Closed:
		return "closed: " + event.Reason.String()
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", event), "raxx."))
}

func (r *rig) Ready() { r.told.Add(1) }

func (r *rig) Part(part raxx.Part) error {
	r.sent = append(r.sent, fmt.Sprint(part))
	if r.fails != "" && r.fails == fmt.Sprint(part) {
		return errPart
	}
	return nil
}

// errPart is how a part can't be sent.
var errPart = fmt.Errorf("it can't be sent")

// run handles all that is waiting, and returns the error that ended it.
func (r *rig) run() error {
	for {
		event, err := r.Next()
		if event == nil || err != nil {
			return err
		}
		if err := r.Handle(event, r); err != nil {
			return err
		}
	}
}

// wantSeen runs the process and wants its machine to have seen these events
// since the last call.
func (r *rig) wantSeen(want ...string) {
	r.t.Helper()
	if err := r.run(); err != nil {
		r.t.Errorf("the process has to end: %v", err)
	}
	r.wantHadSeen(want...)
}

// wantHadSeen is wantSeen for a process that does not run any more.
func (r *rig) wantHadSeen(want ...string) {
	r.t.Helper()
	if d := cmp.Diff(want, r.seen); d != "" {
		r.t.Errorf("the machine has seen (-want +got):\n%s", d)
	}
	r.seen = nil
}

// wantTold wants the owner to have been told this often since the last call.
func (r *rig) wantTold(want int64) {
	r.t.Helper()
	if got := r.told.Swap(0); got != want {
		r.t.Errorf("the owner was told %d times, want %d", got, want)
	}
}

// subscribes has the process subscribe to topics, with this policy.
func (r *rig) subscribes(full raxx.Overflow, topics ...string) {
	for _, topic := range topics {
		r.Do([]raxx.Effect{raxx.Subscribe{Topic: topic, Full: full}})
	}
}

// publish publishes messages on a topic.
func (r *rig) publish(topic string, messages ...string) {
	for _, message := range messages {
		r.env.Hub.Publish(topic, message)
	}
}

// parts makes a list of parts.
func parts(p ...raxx.Part) []raxx.Part { return p }

// count returns how many items wait.
func (m *mailbox) count() (n int) {
	for i := m.last.Load(); i != nil; i = i.next {
		if n++; i.next == m.last.Load() {
			break
		}
	}
	return n
}
