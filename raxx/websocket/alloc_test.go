//go:build !race

package websocket

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// The race detector allocates, too: it is left out.

// A message that is echoed costs its own memory twice and a few words for each
// machine that it passes.
func TestEchoAllocates(t *testing.T) {
	m := socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, echo))
	_, data := newClient(deflation{}).Send(Text(strings.Repeat("x", 1<<10)))
	var event raxx.Event = data
	if n := testing.AllocsPerRun(100, func() { m, _ = m.Step(event) }); n > 8 {
		t.Errorf("an echo takes %v allocations", n)
	}
}
