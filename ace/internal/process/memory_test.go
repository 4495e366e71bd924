package process

import (
	"runtime"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An idler is an owner that does nothing.
type idler struct{ process *Process }

func (*idler) Ready() {}

// newIdler returns a process that waits for a message on topic, and for a timer
// unless delay is negative.
func newIdler(env *Env, topic string, delay time.Duration) *Process {
	o := &idler{}
	o.process = New(env, raxx.NewMachine(0, idle), o)
	o.process.Do([]raxx.Effect{raxx.Subscribe{Topic: topic, Full: raxx.DropNewest}, raxx.After{Delay: delay}})
	return o.process
}

func idle(n int, _ raxx.Event) (int, []raxx.Part) { return n + 1, nil }

// A process that waits for a message and for a timer takes less than 1 KiB, and
// no goroutine.
func TestMemoryOfAWaitingProcess(t *testing.T) {
	const n = 100_000
	for name, delay := range map[string]time.Duration{
		"no timer": -1, "a long timer": time.Hour, "a short timer": 9 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			env := newEnv(256)
			all := make([]*Process, n)
			goroutines := runtime.NumGoroutine()
			before := heap()
			for i := range all {
				all[i] = newIdler(env, "t", delay)
			}
			each := float64(heap()-before) / n
			t.Logf("a waiting process with a subscription and %s takes %.0f bytes", name, each)
			if each > 1024 {
				t.Errorf("a waiting process takes %.0f bytes, want 1024 at most", each)
			}
			if more := runtime.NumGoroutine() - goroutines; more > 1 { // the wheel's
				t.Errorf("%d processes have %d goroutines", n, more)
			}
			for _, p := range all {
				p.End(0, nil)
			}
			wantNoTopics(t, env.Hub)
			env.Wheel.Halt()
			if left := float64(heap()-before) / n; left > 200 {
				t.Errorf("%.0f bytes are left of each process that has ended", left)
			}
			runtime.KeepAlive(all)
		})
	}
}

// heap returns how much memory is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
