package process

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

func TestEventsComeInOrder(t *testing.T) {
	r := newRig(t, newEnv(9), nil)
	r.subscribes(0, "a", "b")
	r.publish("a", "1")
	r.publish("b", "2")
	r.Do([]raxx.Effect{raxx.After{Name: "now"}})
	r.publish("a", "3")
	r.wantTold(1) // there was nothing before the first only
	r.Drain()
	r.publish("a", "late")
	r.wantTold(0)
	r.wantSeen("a: 1", "b: 2", "timer now", "a: 3", "drain", "a: late")
	r.publish("a", "4")
	r.wantTold(1)
	r.wantSeen("a: 4")
	r.wantTold(0)
	r.wantSeen()
}

// What a step returns is done in the order in which it stands there.
func TestPartsAndEffectsAreOneList(t *testing.T) {
	env := newEnv(9)
	other := newRig(t, env, nil)
	other.subscribes(0, "said")
	r := newRig(t, env, func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Info); ok {
			return nil
		}
		return parts(
			raxx.Data("a"), raxx.Publish{Topic: "said", Message: "before"},
			raxx.Subscribe{Topic: "said"}, raxx.Publish{Topic: "said", Message: "between"},
			raxx.Unsubscribe{Topic: "said"}, raxx.Subscribe{Topic: "said"},
			raxx.Data("b"), raxx.Publish{Topic: "said", Message: "after"}, raxx.Data("c"),
		)
	})
	if err := r.Handle(raxx.Open{}, r); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, r.sent); d != "" {
		t.Error(d)
	}
	r.wantSeen("open", "said: after") // "between" was waiting when the subscription ended
	other.wantSeen("said: before", "said: between", "said: after")
}

// Behind a part that can't be sent nothing is done.
func TestAPartThatFailsEndsTheStep(t *testing.T) {
	env := newEnv(9)
	other := newRig(t, env, nil)
	other.subscribes(0, "said")
	r := newRig(t, env, func(raxx.Event) []raxx.Part {
		return parts(raxx.Publish{Topic: "said", Message: "before"}, raxx.Data("bad"), raxx.Publish{Topic: "said", Message: "after"}, raxx.Data("c"))
	})
	r.fails = "bad"
	if err := r.Handle(raxx.Open{}, r); err != errPart {
		t.Errorf("Handle returned %v", err)
	}
	if d := cmp.Diff([]string{"bad"}, r.sent); d != "" {
		t.Error(d)
	}
	other.wantSeen("said: before")
}

func TestDrainComesOnce(t *testing.T) {
	r := newRig(t, newEnv(9), nil)
	r.Drain()
	r.Drain()
	r.wantTold(1)
	r.wantSeen("drain")
	r.Drain()
	r.wantTold(0)
	r.wantSeen()
	r.End(0, nil)
	ended := newRig(t, newEnv(9), nil)
	ended.End(0, nil)
	ended.Drain()
	ended.wantTold(0)
}

func TestKill(t *testing.T) {
	cause := errors.New("a cause")
	r := newRig(t, newEnv(9), nil)
	r.subscribes(0, "a")
	r.publish("a", "1")
	r.Drain()
	r.wantTold(1)
	if err := r.Killed(); err != nil {
		t.Errorf("it is said to be killed: %v", err)
	}
	r.Kill(raxx.TimedOut, cause)
	r.Kill(raxx.Violated, errors.New("another"))
	r.publish("a", "2")
	r.wantTold(1)
	if n := r.mailbox.count(); n != 2 {
		t.Errorf("%d items wait for one that has to end", n)
	}
	for _, err := range []error{r.run(), r.Killed()} {
		var kill *Kill
		if !errors.As(err, &kill) || kill.Reason != raxx.TimedOut || !errors.Is(err, cause) || err.Error() != "a cause" {
			t.Errorf("the process ends with %v", err)
		}
	}
	r.wantHadSeen() // neither the message nor the drain: it has to end
	r.End(raxx.TimedOut, cause)
	r.wantHadSeen("closed: the client took too long")
	r.Kill(raxx.Violated, cause)
	r.wantTold(0)
}

func TestEnd(t *testing.T) {
	t.Run("the machine is told why, and may publish, and nothing else", func(t *testing.T) {
		env := newEnv(9)
		other := newRig(t, env, nil)
		other.subscribes(0, "said")
		r := newRig(t, env, func(raxx.Event) []raxx.Part {
			return parts(raxx.Data("x"), raxx.Subscribe{Topic: "said"}, raxx.After{}, raxx.Publish{Topic: "said", Message: "bye"}, raxx.Tail{})
		})
		if err := r.End(raxx.ClientGone, errPart); err != nil {
			t.Errorf("End returned %v", err)
		}
		r.wantHadSeen("closed: the client has gone away")
		other.wantSeen("said: bye")
		if len(r.sent) > 0 {
			t.Errorf("it has sent %q", r.sent)
		}
		r.wantSeen()
		r.wantTold(0)
	})
	t.Run("a regular end is not told", func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		r.End(0, nil)
		r.wantHadSeen()
	})
	t.Run("there is one only", func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		ends := 0
		r.Monitor(func(error) { ends++ })
		r.End(raxx.ClientGone, nil)
		r.End(raxx.ServerClosed, errPart)
		r.wantHadSeen("closed: the client has gone away")
		if ends != 1 {
			t.Errorf("%d ends were told", ends)
		}
	})
	t.Run("what waits is gone, and what comes then", func(t *testing.T) {
		env := newEnv(9)
		r := newRig(t, env, nil)
		r.subscribes(0, "a")
		r.publish("a", "1")
		r.Do([]raxx.Effect{raxx.After{Name: "t"}})
		r.End(0, nil)
		r.wantTold(1)
		if !r.mailbox.empty() {
			t.Error("something waits")
		}
		r.Do([]raxx.Effect{raxx.Subscribe{Topic: "b"}, raxx.After{Name: "u"}, raxx.After{Name: "u", Delay: -1}, raxx.Unsubscribe{Topic: "a"}, raxx.Publish{Topic: "b", Message: "2"}})
		r.publish("a", "3")
		r.wantTold(0)
		r.wantSeen()
		wantNoTopics(t, env.Hub)
	})
	t.Run("its machine's state is not kept", func(t *testing.T) {
		r := newRig(t, newEnv(9), nil)
		r.End(raxx.ClientGone, nil)
		if r.machine.State() != nil {
			t.Error("the state is still there")
		}
	})
}

func TestPanics(t *testing.T) {
	fault := func(raxx.Event) []raxx.Part { panic("a fault") }
	t.Run("in a step", func(t *testing.T) {
		r := newRig(t, newEnv(9), fault)
		var p *PanicError
		if err := r.Handle(raxx.Open{}, r); !errors.As(err, &p) || p.Value != "a fault" || len(p.Stack) == 0 {
			t.Errorf("Handle returned %v", err)
		}
	})
	t.Run("in the last step", func(t *testing.T) {
		r := newRig(t, newEnv(9), fault)
		var told error
		r.Monitor(func(err error) { told = err })
		var p *PanicError
		if err := r.End(raxx.ClientGone, nil); !errors.As(err, &p) {
			t.Errorf("End returned %v", err)
		}
		if !errors.As(told, &p) {
			t.Errorf("who monitors is told %v", told)
		}
	})
	t.Run("in the last step, behind another fault", func(t *testing.T) {
		r := newRig(t, newEnv(9), fault)
		var told error
		r.Monitor(func(err error) { told = err })
		r.End(raxx.ClientGone, errPart)
		if told != errPart {
			t.Errorf("who monitors is told %v", told)
		}
	})
}

// A wordy is a machine with last words.
type wordy struct{ *rig }

func (w wordy) LastWords() raxx.Data {
	if w.mute {
		panic("no words")
	}
	return "goodbye"
}

// A machine that fails has the last word, if it has one, and nobody has to break its
// reply off; its fault is told at the end.
func TestLastWords(t *testing.T) {
	errAbort := errors.New("it breaks off")
	panics := func(raxx.Event) []raxx.Part { panic("a fault") }
	sends := func(text raxx.Data) func(raxx.Event) []raxx.Part {
		return func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Closed); ok {
				return nil
			}
			return []raxx.Part{raxx.Data("before"), text, raxx.Data("behind")}
		}
	}
	for _, r := range []struct {
		name  string
		do    func(raxx.Event) []raxx.Part
		fails string // a part, by errPart
		mute  bool
		ends  bool // with its last words
		sent  []string
		seen  []string
	}{
		{"a panic", panics, "", false, true, []string{"goodbye", "{[]}"}, []string{"open"}},
		{"a part that can't be sent", sends("x"), "x", false, true, []string{"before", "x", "goodbye", "{[]}"}, []string{"open", "closed: the reply can't be sent"}},
		{"an Abort", func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Closed); ok {
				return nil
			}
			return []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errAbort)}}
		}, "{it breaks off}", false, true, []string{"{it breaks off}", "goodbye", "{[]}"}, []string{"open", "closed: the reply was broken off"}},
		{"words that can't be sent", panics, "goodbye", false, false, []string{"goodbye"}, []string{"open"}},
		{"words that can't be the end", panics, "{[]}", false, false, []string{"goodbye", "{[]}"}, []string{"open"}},
		{"words that panic", panics, "", true, false, nil, []string{"open"}},
	} {
		t.Run(r.name, func(t *testing.T) {
			rig := newRig(t, newEnv(9), r.do)
			rig.fails, rig.mute = r.fails, r.mute
			rig.machine = raxx.NewMachine(wordy{rig}, func(w wordy, event raxx.Event) (wordy, []raxx.Part) {
				_, parts := w.step(event)
				return w, parts
			})
			var told error
			rig.Monitor(func(err error) { told = err })
			fault := rig.Handle(raxx.Open{}, rig)
			if (fault == nil) != r.ends {
				t.Errorf("Handle returned %v", fault)
			}
			if r.ends {
				if fault = rig.End(0, nil); fault == nil {
					t.Error("nothing is told of the fault")
				}
				if told != fault {
					t.Errorf("who monitors is told %v, not %v", told, fault)
				}
			}
			var p *PanicError
			if want := r.fails != "" && r.ends; (fault == errPart) != want || errors.As(fault, &p) == want {
				t.Errorf("the fault is %v", fault)
			}
			if d := cmp.Diff(r.sent, rig.sent); d != "" {
				t.Errorf("it has sent (-want +got):\n%s", d)
			}
			rig.wantHadSeen(r.seen...)
		})
	}
}
