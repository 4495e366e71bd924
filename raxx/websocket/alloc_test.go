//go:build !race

package websocket

import (
	"runtime"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// The race detector allocates, too: it is left out.

// A message that is echoed costs its own memory once, when it is unmasked, and a
// few words for each machine that it passes.
func TestEchoAllocates(t *testing.T) {
	m := socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, echo))
	_, data := newClient(deflation{}).Send(Text(strings.Repeat("x", 1<<10)))
	var event raxx.Event = data
	if n := testing.AllocsPerRun(100, func() { m, _ = m.Step(event) }); n > 10 {
		t.Errorf("an echo takes %v allocations", n)
	}
	const rounds = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		m, _ = m.Step(event)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / rounds; n > 1536 {
		t.Errorf("an echo of 1024 octets takes %d", n)
	}
}
