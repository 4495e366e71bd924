package ace

import (
	"errors"
	"flag"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// machines is how many machines wait at once. With a million of them the test
// takes a few seconds and 1 GiB:
//
//	go test ./ace -run Crowd -machines 1000000
var machines = flag.Int("machines", 20_000, "how many machines wait at once")

// A crowd of machines on connections in memory waits for one message. They hold
// no goroutine, and little memory; and the message reaches all of them.
func TestCrowdOfMachines(t *testing.T) {
	var heard atomic.Int64
	all := make(chan bool)
	listener := func(n int8, event raxx.Event) (int8, []raxx.Part) {
		switch event.(type) {
		case raxx.Open:
			return n, []raxx.Part{raxx.Subscribe{Topic: "all"}}
		case raxx.Info:
			if heard.Add(1) == int64(*machines) {
				close(all)
			}
		}
		return n, nil
	}
	l := memnet.Listen()
	s := New(hello, Config{MaxConnections: -1})
	served := make(chan error, 1)
	go func() {
		served <- s.ServeEndpoints(Endpoint{Listener: l, Machine: raxx.NewMachine(int8(0), listener)})
	}()
	runtime.GC()
	before, goroutines := heapInUse(), runtime.NumGoroutine()
	begun := time.Now()
	for n := 0; n < *machines; {
		if _, err := l.Dial(); err != nil { // more than the listener keeps waiting
			runtime.Gosched()
			continue
		}
		n++
	}
	for s.Connections() < *machines || subscribers(s) < *machines {
		runtime.Gosched()
	}
	built := time.Since(begun)
	runtime.GC()
	each := float64(heapInUse()-before) / float64(*machines)
	t.Logf("%d machines: %.0f bytes each, both ends of the connection among them, built in %v", *machines, each, built)
	if each > 1024 && *machines >= 100_000 {
		t.Errorf("a machine and its connection take %.0f bytes", each)
	}
	if n := runtime.NumGoroutine(); n > goroutines+50 {
		t.Errorf("%d goroutines", n)
	}
	begun = time.Now()
	s.hub.Publish("all", "hello")
	select {
	case <-all:
	case <-time.After(time.Minute):
		t.Fatalf("%d of %d machines were reached", heard.Load(), *machines)
	}
	t.Logf("one message reached all in %v", time.Since(begun))
	s.Close()
	if err := <-served; err != nil && !errors.Is(err, ErrServerClosed) {
		t.Error(err)
	}
}

func subscribers(s *Server) int { return s.hub.Subscribers("all") }

func heapInUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
