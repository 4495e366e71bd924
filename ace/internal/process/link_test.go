package process

import (
	"errors"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

func TestMonitor(t *testing.T) {
	t.Run("all are told the reason", func(t *testing.T) {
		for _, want := range []error{nil, errPart} {
			r := newRig(t, newEnv(9), nil)
			var told []error
			for range 3 {
				r.Monitor(func(err error) { told = append(told, err) })
			}
			r.End(0, want)
			if len(told) != 3 || told[0] != want || told[1] != want || told[2] != want {
				t.Errorf("told %v, want %v", told, want)
			}
		}
	})
	t.Run("of one that has ended", func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		r.End(0, nil)
		var told error
		r.Monitor(func(err error) { told = err })
		if told != ErrEnded {
			t.Errorf("told %v", told)
		}
	})
	t.Run("until it is stopped", func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		var told []int
		var stops []func()
		for i := range 4 {
			stops = append(stops, r.Monitor(func(error) { told = append(told, i) }))
		}
		for _, i := range []int{1, 3, 3, 0} {
			stops[i]()
		}
		r.End(0, nil)
		stops[2]()
		if len(told) != 1 || told[0] != 2 {
			t.Errorf("told %v, want [2]", told)
		}
	})
}

// wantKilled wants a process to have to end because a linked one has, by err.
func wantKilled(t *testing.T, r *rig, err error) {
	t.Helper()
	var kill *Kill
	var link *LinkError
	if got := r.run(); !errors.As(got, &kill) || kill.Reason != raxx.ServerClosed || !errors.As(got, &link) || !errors.Is(got, err) {
		t.Errorf("it ends with %v, want %v of a linked one", got, err)
	}
	r.wantTold(1)
}

// wantNoMonitors wants nothing to be kept of those who have ended.
func wantNoMonitors(t *testing.T, all ...*rig) {
	t.Helper()
	for i, r := range all {
		if r.monitors != nil {
			t.Errorf("process %d keeps a monitor", i)
		}
	}
}

func TestLink(t *testing.T) {
	pair := func() (*rig, *rig) {
		p, q := newRig(t, newEnv(9), nil), newRig(t, newEnv(9), nil)
		return p, q
	}
	t.Run("takes the other along", func(t *testing.T) {
		p, q := pair()
		Link(p.Process, q.Process)
		p.End(raxx.Aborted, errPart)
		wantKilled(t, q, errPart)
		q.End(raxx.ServerClosed, q.Killed())
		p.wantTold(0)
		wantNoMonitors(t, p, q)
	})
	t.Run("the other way round", func(t *testing.T) {
		p, q := pair()
		Link(p.Process, q.Process)
		q.End(raxx.Aborted, errPart)
		wantKilled(t, p, errPart)
	})
	t.Run("a regular end touches nobody", func(t *testing.T) {
		p, q := pair()
		Link(p.Process, q.Process)
		p.End(raxx.ClientGone, nil)
		q.wantSeen()
		q.wantTold(0)
		wantNoMonitors(t, p, q)
	})
	t.Run("a panic in the last step takes along", func(t *testing.T) {
		p, q := newRig(t, newEnv(9), func(raxx.Event) []raxx.Part { panic("x") }), newRig(t, newEnv(9), nil)
		Link(p.Process, q.Process)
		fault := p.End(raxx.ClientGone, nil)
		wantKilled(t, q, fault)
	})
	t.Run("to one that has ended", func(t *testing.T) {
		for _, first := range []bool{true, false} {
			p, q := pair()
			p.End(0, nil)
			if first {
				Link(p.Process, q.Process)
			} else {
				Link(q.Process, p.Process)
			}
			wantKilled(t, q, ErrEnded)
			wantNoMonitors(t, p, q)
		}
	})
	t.Run("to itself, twice, and in cycles", func(t *testing.T) {
		var ring []*rig
		for range 5 {
			ring = append(ring, newRig(t, newEnv(9), nil))
		}
		for i, r := range ring {
			Link(r.Process, ring[(i+1)%5].Process)
			Link(r.Process, ring[(i+1)%5].Process)
			Link(r.Process, r.Process)
		}
		ring[2].End(raxx.Aborted, errPart)
		for _, i := range []int{3, 1, 4, 0} {
			wantKilled(t, ring[i], errPart)
			ring[i].End(raxx.ServerClosed, ring[i].Killed())
		}
		ring[2].wantTold(0)
		wantNoMonitors(t, ring...)
	})
	t.Run("one that lives long keeps nothing of those that have ended", func(t *testing.T) {
		p := newRig(t, newEnv(9), nil)
		for range 100 {
			q := newRig(t, newEnv(9), nil)
			Link(p.Process, q.Process)
			q.End(0, nil)
		}
		wantNoMonitors(t, p)
	})
}
