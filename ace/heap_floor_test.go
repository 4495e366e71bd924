package ace

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// heapGoal returns how large the heap may be before it is collected next.
func heapGoal() int {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func TestHeapFloor(t *testing.T) {
	const floor = 128 << 20
	// Also if the environment says something else.
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	before := heapGoal()
	for name, test := range map[string]struct {
		floor int
		least int
	}{"one that is said": {floor, 2 * floor}, "none": {-1, 0}} {
		t.Run(name, func(t *testing.T) {
			ready := make(chan bool)
			s := New(func(raxx.Request) raxx.Response { return raxx.NoContent() }, Config{HeapFloor: test.floor, Trace: Trace{Ready: func(ReadyEvent) { close(ready) }}})
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.RunEndpoints(ctx, Endpoint{Listener: memnet.Listen()}) }()
			select {
			case <-ready:
			case err := <-ended:
				t.Fatal(err)
			}
			if goal := heapGoal(); goal < test.least || test.least == 0 && goal > before+floor {
				t.Errorf("the heap is collected at %d MiB, before the server ran at %d", goal>>20, before>>20)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if goal := heapGoal(); goal > before+floor {
				t.Errorf("when the server has ended the heap is collected at %d MiB", goal>>20)
			}
		})
	}
}

// Whoever says how the collector is to work is not contradicted.
func TestHeapFloorByDefault(t *testing.T) {
	for name, test := range map[string]struct {
		percent int
		limit   int64
		want    int
	}{
		"by default":        {100, math.MaxInt64, 8 << 20},
		"GOGC is set":       {400, math.MaxInt64, 0},
		"GOGC is off":       {-1, math.MaxInt64, 0},
		"GOMEMLIMIT is set": {100, 1 << 30, 0},
	} {
		t.Run(name, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(test.percent))
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(test.limit))
			if got := len((&Config{}).reserveHeap()); got != test.want {
				t.Errorf("%d bytes, want %d", got, test.want)
			}
			if got := len((&Config{HeapFloor: 1 << 10}).reserveHeap()); got != 1<<10 {
				t.Errorf("%d bytes, want those that are said", got)
			}
		})
	}
}

// A floor that no memory has room for is no reason to fail.
func TestHeapFloorIsLimited(t *testing.T) {
	if got := len((&Config{HeapFloor: math.MaxInt}).reserveHeap()); got != 1<<30 {
		t.Errorf("%d bytes, want 1 GiB", got)
	}
}
