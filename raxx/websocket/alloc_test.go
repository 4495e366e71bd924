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

// A client may refer to 32 KiB of what it has said, and that is not copied for each
// message of a few octets.
func TestContextIsNotCopied(t *testing.T) {
	agreed := deflation{on: true}
	m := socket(Config{}, agreed, raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n + 1, nil }))
	client := newClient(agreed)
	send := func(text string) raxx.Data {
		_, data := client.Send(Text(text))
		return data
	}
	m, _ = m.Step(send(strings.Repeat("0123456789abcdef", maxWindow/16)))
	const rounds = 1000
	short := raxx.Data("\xc1\x83\x00\x00\x00\x00\x4a\x04\x00") // "a"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		m, _ = m.Step(short)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / rounds; n > 2048 {
		t.Errorf("a message of 1 octet takes %d", n)
	}
}
