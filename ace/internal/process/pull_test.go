package process

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/raxx-go/raxx/raxx"
)

// pulls has the process read a body; nil ends that.
func (r *rig) pulls(name string, from raxx.Body) {
	r.Do([]raxx.Effect{raxx.Pull{Name: name, From: from}})
	synctest.Wait()
}

// A pull holds until the machine has been handed its end, or until it is ended.
func TestPullsThatHold(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		wantHolds := func(want bool, when string) {
			t.Helper()
			if got := r.Holds(); got != want {
				t.Errorf("%s it holds: %v", when, got)
			}
		}
		hold := func(name string, from raxx.Body) {
			r.Do([]raxx.Effect{raxx.Pull{Name: name, From: from, Hold: true}})
			synctest.Wait()
		}
		var brought, ended int
		r.pulls("p", raxx.Data("x"))
		wantHolds(false, "without being told to")
		r.run()
		synctest.Wait()
		r.run()
		hold("p", raxx.Data("x"))
		wantHolds(true, "from the beginning")
		r.Next()
		synctest.Wait()
		wantHolds(true, "behind a piece")
		hold("q", counting(&brought, &ended))
		r.Next()
		wantHolds(true, "while another one does")
		r.pulls("q", nil)
		wantHolds(false, "behind the end of both")
		hold("p", raxx.Data(""))
		r.pulls("p", raxx.Data("instead")) // the end of the first waits
		wantHolds(false, "in another one's place")
		r.told.Store(0)
	})
}

func stream(chunks iter.Seq2[[]byte, error]) raxx.Body { return raxx.NewStream(-1, chunks) }

var errSource = errors.New("the source is dry")

func TestPullsBringWhatABodyHolds(t *testing.T) {
	for name, test := range map[string]struct {
		from raxx.Body
		want []string
	}{
		"data":      {raxx.Data("all"), []string{"p brings all", "p ends: none"}},
		"no data":   {raxx.Data(""), []string{"p ends: none"}},
		"a machine": {raxx.Machine{}, []string{"p ends: " + raxx.ErrMachine.Error()}},
		"a stream": {stream(func(yield func([]byte, error) bool) {
			_ = yield([]byte("one"), nil) && yield(nil, nil) && yield([]byte("two"), nil)
		}), []string{"p brings one", "p brings two", "p ends: none"}},
		"a stream that breaks off": {stream(func(yield func([]byte, error) bool) {
			_ = yield([]byte("one"), nil) && yield(nil, errSource)
		}), []string{"p brings one", "p ends: the source is dry"}},
		"a stream that ends its goroutine": {stream(func(yield func([]byte, error) bool) {
			yield([]byte("one"), nil)
			runtime.Goexit()
		}), []string{"p brings one", "p ends: process: the body has ended its goroutine"}},
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, nil, func(t *testing.T, r *rig) {
				r.pulls("p", test.from)
				for range test.want {
					r.run()
					synctest.Wait()
				}
				r.wantHadSeen(test.want...)
				r.told.Store(0)
			})
		})
	}
}

// A piece is a value: the memory that it came in is used again for the next.
func TestPulledPiecesAreKept(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.pulls("p", stream(func(yield func([]byte, error) bool) {
			buf := []byte("one")
			yield(buf, nil)
			copy(buf, "two")
			yield(buf, nil)
		}))
		first, _ := r.Next()
		synctest.Wait()
		if got := describe(first); got != "p brings one" {
			t.Errorf("the first piece has become %q", got)
		}
		r.told.Store(0)
	})
}

// counting brings numbers without end, and counts them and how often it has ended.
func counting(brought, ended *int) raxx.Body {
	return stream(func(yield func([]byte, error) bool) {
		defer func() { *ended++ }()
		for yield(fmt.Append(nil, *brought), nil) {
			*brought++
		}
	})
}

// While a piece waits, nobody asks for more than the next.
func TestPullsGoByThePaceOfTheMachine(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		var brought, ended int
		r.pulls("p", counting(&brought, &ended))
		r.wantTold(1)
		for n := range 3 {
			if brought != n {
				t.Fatalf("the body has brought %d more pieces than the machine was told of", brought-n)
			}
			event, _ := r.Next()
			r.Handle(event, r)
			r.wantHadSeen(fmt.Sprint("p brings ", n))
			synctest.Wait()
			r.wantTold(1)
		}
		r.End(0, nil)
		synctest.Wait()
		if ended != 1 {
			t.Error("the body has not ended with the process")
		}
	})
}

func TestPullsOfOneName(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		var brought, ended, others, othersEnded int
		r.pulls("p", counting(&brought, &ended))
		r.pulls("q", counting(&others, &othersEnded))
		r.pulls("p", raxx.Data("instead"))
		if ended != 1 || othersEnded != 0 {
			t.Errorf("the first has ended %d times, another one %d", ended, othersEnded)
		}
		for range 2 {
			event, _ := r.Next()
			r.Handle(event, r)
			synctest.Wait()
		}
		r.wantHadSeen("q brings 0", "p brings instead")
		r.pulls("p", nil) // its end waits by now
		r.pulls("q", nil)
		r.wantSeen()
		if othersEnded != 1 {
			t.Error("the other one goes on")
		}
		r.told.Store(0)
	})
}

func TestBodyThatPanics(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.pulls("p", stream(func(func([]byte, error) bool) { panic("out of tea") }))
		r.wantTold(1)
		_, err := r.Next()
		var panicked *PanicError
		if !errors.As(err, &panicked) || panicked.Value != "out of tea" || len(panicked.Stack) == 0 {
			t.Errorf("the process goes on: %v", err)
		}
	})
}

func TestPullBehindTheEnd(t *testing.T) {
	inFakeTime(t, nil, func(t *testing.T, r *rig) {
		r.End(0, nil)
		asked := false
		r.pulls("p", stream(func(func([]byte, error) bool) { asked = true }))
		if asked {
			t.Error("a body is read for a process that has ended")
		}
	})
}
