package h2

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// inUse returns how much memory each of n things takes that make makes.
func inUse[T any](n int, make func() T) int {
	kept := []T{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		kept = append(kept, make())
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	return int(after.HeapAlloc-before.HeapAlloc) / n
}

// A connection that waits holds its state, and neither buffers nor a Workspace.
func TestMemory(t *testing.T) {
	p := rawPeer(t, nil)
	p.write([]byte(Preface))
	p.settings(4, 0)
	p.settings(4, 65535)
	first := []int{p.wire.Len()}
	for id := uint32(1); id < 9; id += 2 {
		p.get(id, "user-agent: h2load nghttp2/1.52.0", "accept: */*")
		first = append(first, p.wire.Len())
	}
	wire := p.wire.Bytes()
	w := NewWorkspace()
	out := make([]byte, 0, 1024)
	head := Head{Status: 200, Length: 2, Date: "Tue, 03 Nov 2026 10:00:00 GMT", Header: raxx.Header{{Name: "content-type", Value: "text/plain; charset=utf-8"}}}
	var ev Event
	limits := new(Limits)
	serve := func(requests int, answer bool) *Conn {
		c := New(limits, w)
		for read := 0; ; {
			n, err := c.Next(wire[read:first[requests]], 0, &ev)
			if err != nil {
				t.Fatal(err)
			}
			if read += n; ev.Kind == NoEvent {
				break
			}
			if answer {
				out = c.AppendHead(out[:0], ev.Stream, &head)
				out = c.Send(out, ev.Stream, []byte("ok"), true)
				c.Forget(ev.Stream)
			}
		}
		out = c.AppendOutput(out[:0], 0)
		if c.Release() != w {
			t.Fatal("the Workspace has not come back")
		}
		return c
	}
	new := inUse(2000, func() *Conn { return serve(0, true) })
	used := inUse(2000, func() *Conn { return serve(4, true) })
	waiting := inUse(2000, func() *Conn { return serve(4, false) })
	size := int(unsafe.Sizeof(Stream{}))
	t.Logf("new %d, after four requests %d, with four streams that wait %d (%d each), Conn %d, Stream %d, Workspace %d",
		new, used, waiting, (waiting-used)/4, unsafe.Sizeof(Conn{}), size, inUse(100, NewWorkspace))
	if used > 1536 {
		t.Errorf("an idle connection takes %d octets", used)
	}
	if size > 300 {
		t.Errorf("a stream takes %d octets", size)
	}
}
