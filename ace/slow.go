package ace

import (
	"sync/atomic"
	"time"
)

// slowPaths remembers the paths whose handlers did not return at once. Their
// requests leave the poller before the handler is called, so that the poller
// need not find out again, at the cost of the others, that they block. It is a
// table by a hash: two paths that share a slot share its fate, which costs one
// of them a switch of goroutines and nothing else.
type slowPaths struct {
	any   atomic.Int64 // until then there is one, by the clock of the wheel
	slots [256]atomic.Int64
}

// slowFor is how long a path is remembered.
const slowFor = time.Second

// has reports whether the path is remembered. While none is, it costs one load.
func (p *slowPaths) has(path string, now int64) bool {
	return p.any.Load() > now && p.slots[slotOf(path)].Load() > now
}

// add remembers the path from now on.
func (p *slowPaths) add(path string, now int64) {
	until := now + int64(slowFor)
	p.slots[slotOf(path)].Store(until)
	p.any.Store(until)
}

// relax halves the time for which the path is still remembered: a handler that
// lost its poller only because the machine was busy is soon forgotten.
func (p *slowPaths) relax(path string, now int64) {
	slot := &p.slots[slotOf(path)]
	slot.Store(now + (slot.Load()-now)/2)
}

// slotOf is the FNV-1a hash of the path.
func slotOf(path string) uint8 {
	h := uint32(2166136261)
	for i := 0; i < len(path); i++ {
		h = (h ^ uint32(path[i])) * 16777619
	}
	return uint8(h ^ h>>8 ^ h>>16 ^ h>>24)
}
