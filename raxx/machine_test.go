package raxx

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	if d := cmp.Diff([]Part{Data("n=0")}, parts); d != "" {
		t.Error(d)
	}
	third, parts := second.Step(Data("x"))
	if d := cmp.Diff([]Part{Data("n=1")}, parts); d != "" {
		t.Error(d)
	}
	if first.State() != 0 || second.State() != 1 || third.State() != 2 {
		t.Errorf("states are %v, %v, %v; a step must leave its machine as it was", first.State(), second.State(), third.State())
	}
}

func TestZeroMachineEndsTheReply(t *testing.T) {
	next, parts := Machine{}.Step(Open{})
	if d := cmp.Diff([]Part{Tail{}}, parts); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Machine{}, next); d != "" || next.State() != nil {
		t.Error(d, next.State())
	}
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

// poll sends its head with the first message.
func poll(done bool, event Event) (bool, []Part) {
	switch event := event.(type) {
	case Open:
		return done, []Part{Inform{Status: 103}, Subscribe{Topic: "news"}}
	case Info:
		if done {
			return done, []Part{Data(event.Message)}
		}
		return true, []Part{Response{Status: 200, Header: Header{{"a", "1"}}}, Data(event.Message)}
	}
	return done, nil
}

func TestOnHeadWaitsForADeferredHead(t *testing.T) {
	calls := 0
	resp := OnHead(Defer(NewMachine(false, poll)), func(r Response) Response {
		calls++
		return r.With("b", "2")
	})
	if resp.Status != 0 || calls != 0 {
		t.Fatalf("status %d, %d calls before the head was there", resp.Status, calls)
	}
	m := resp.Body.(Machine)
	var got []Part
	for _, event := range []Event{Open{}, Info{"news", "x"}, Info{"news", "y"}} {
		var parts []Part
		m, parts = m.Step(event)
		got = append(got, parts...)
	}
	want := []Part{
		Inform{Status: 103}, Subscribe{Topic: "news"},
		Response{Status: 200, Header: Header{{"a", "1"}, {"b", "2"}}}, Data("x"), Data("y"),
	}
	if d := cmp.Diff(want, got); d != "" || calls != 1 {
		t.Errorf("%d calls\n%s", calls, d)
	}
}

func TestOnHeadIsAppliedAtOnceToAHeadThatIsThere(t *testing.T) {
	m := NewMachine(false, poll)
	got := OnHead(Response{Status: 200, Body: m}, func(r Response) Response { return r.With("b", "2") })
	if d := cmp.Diff(Response{Status: 200, Header: Header{{"b", "2"}}, Body: m}, got); d != "" {
		t.Error(d)
	}
}

// Two middlewares, of which each changes a head that comes later.
func TestOnHeadNests(t *testing.T) {
	add := func(name string) func(Response) Response {
		return func(r Response) Response { return r.Add(name, "1") }
	}
	resp := OnHead(OnHead(Defer(NewMachine(false, poll)), add("x")), add("y"))
	m, _ := resp.Body.(Machine).Step(Open{})
	_, parts := m.Step(Info{"news", "m"})
	want := []Part{Response{Status: 200, Header: Header{{"a", "1"}, {"x", "1"}, {"y", "1"}}}, Data("m")}
	if d := cmp.Diff(want, parts); d != "" {
		t.Error(d)
	}
}

// Functions are not compared, but whether they have been called is, and the machine within.
func TestMachinesBehindOnHeadAreEqual(t *testing.T) {
	waiting := func(done bool) Machine {
		return OnHead(Defer(NewMachine(done, poll)), func(r Response) Response { return r }).Body.(Machine)
	}
	called, _ := waiting(false).Step(Info{"news", "x"})
	if !waiting(false).Equal(waiting(false)) || waiting(false).Equal(waiting(true)) || waiting(true).Equal(called) || called.Equal(waiting(true)) {
		t.Error("machines behind OnHead are not compared by what they would do")
	}
}

func TestWithDoKeepsWhatWasThere(t *testing.T) {
	base := NoContent().WithDo(Publish{"a", "1"})
	one, two := base.WithDo(Publish{"b", "2"}), base.WithDo(Publish{"c", "3"})
	if d := cmp.Diff([]Effect{Publish{"a", "1"}, Publish{"b", "2"}}, one.Do); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Effect{Publish{"a", "1"}, Publish{"c", "3"}}, two.Do); d != "" {
		t.Error(d)
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
