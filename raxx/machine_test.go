package raxx

import (
	"errors"
	"testing"
	"time"
)

// count answers each Data with how many came before.
func count(n int, event Event) (int, []Part) {
	if _, ok := event.(Data); ok {
		return n + 1, []Part{Data("n=" + string(rune('0'+n)))}
	}
	return n, nil
}

func TestMachineSteps(t *testing.T) {
	first := NewMachine(0, count)
	second, parts := first.Step(Data("x"))
	diff(t, []Part{Data("n=0")}, parts)
	third, parts := second.Step(Data("x"))
	diff(t, []Part{Data("n=1")}, parts)
	if first.State() != 0 || second.State() != 1 || third.State() != 2 {
		t.Errorf("states are %v, %v, %v; a step must leave its machine as it was", first.State(), second.State(), third.State())
	}
}

func TestZeroMachineEndsTheReply(t *testing.T) {
	next, parts := Machine{}.Step(Open{})
	diff(t, []Part{Tail{}}, parts)
	diff(t, Machine{}, next)
	diff(t, nil, next.State())
}

func TestMachinesAreEqualByStepAndState(t *testing.T) {
	m := NewMachine(1, count)
	same := []Machine{m, NewMachine(1, count)}
	other := []Machine{NewMachine(2, count), NewMachine(1, idle), NewMachine("1", func(s string, _ Event) (string, []Part) { return s, nil }), {}}
	for _, n := range same {
		if !m.Equal(n) {
			t.Errorf("%v and %v differ", m, n)
		}
	}
	for _, n := range other {
		if m.Equal(n) || n.Equal(m) {
			t.Errorf("%v and %v are equal", m, n)
		}
	}
	if !(Machine{}).Equal(Machine{}) {
		t.Error("the zero machine differs from itself")
	}
}

// A state that hides something compares itself.
type hidden struct{ shown, hidden int }

func (h hidden) Equal(g hidden) bool { return h.shown == g.shown }

func TestStatesCompareThemselves(t *testing.T) {
	step := func(h hidden, _ Event) (hidden, []Part) { return h, nil }
	if !NewMachine(hidden{1, 2}, step).Equal(NewMachine(hidden{1, 3}, step)) {
		t.Error("the state's own Equal was not asked")
	}
	if NewMachine(hidden{1, 2}, step).Equal(NewMachine(hidden{2, 2}, step)) {
		t.Error("the state's own Equal was not heard")
	}
}

func TestNilStepIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewMachine took a nil step")
		}
	}()
	NewMachine[int](0, nil)
}

func TestMachineCannotBeRead(t *testing.T) {
	m := NewMachine(0, count)
	if _, err := ReadAll(m, 0); !errors.Is(err, ErrMachine) {
		t.Errorf("ReadAll: %v", err)
	}
	if _, err := Collect(Response{Status: 200, Body: m}); !errors.Is(err, ErrMachine) {
		t.Errorf("Collect: %v", err)
	}
	if Length(m) != -1 {
		t.Errorf("Length is %d", Length(m))
	}
}

func TestReasonsHaveWords(t *testing.T) {
	seen := map[string]Reason{}
	for r := ClientGone; r <= Aborted; r++ {
		if other, again := seen[r.String()]; again || r.String() == "unknown" {
			t.Errorf("%d says %q, as %d does", r, r, other)
		}
		seen[r.String()] = r
	}
	if Reason(0).String() != "unknown" {
		t.Error("the zero Reason has a meaning")
	}
}

func BenchmarkMachineStep(b *testing.B) {
	b.ReportAllocs()
	m := NewMachine(0, func(n int, _ Event) (int, []Part) { return n + 1, nil })
	event := Timer{At: time.Unix(0, 0)}
	for b.Loop() {
		m, _ = m.Step(event)
	}
}
