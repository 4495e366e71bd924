package h2

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/google/go-cmp/cmp"
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

// What waits to be sent is not lost when the Workspace is taken back.
func TestReleaseLosesNothing(t *testing.T) {
	p := newPeer(t, nil)
	p.get(1)
	p.reads()
	p.conn.Send(nil, p.stream(1), []byte("waits"), true)
	p.frames.WritePing(false, [8]byte{1})
	var ev Event
	if _, err := p.conn.Next(p.wire.Bytes(), 0, &ev); err != nil {
		t.Fatal(err)
	}
	p.wire.Reset()
	p.conn.Lend(p.conn.Release())
	if !p.conn.HasOutput() {
		t.Error("there is no output")
	}
	p.want("PING ACK 0100000000000000", `DATA 1 "waits" end`)
}

// A stream whose content was taken keeps its buffer for what comes, unless it is
// large.
func TestBufferOfAStream(t *testing.T) {
	for size, kept := range map[int]bool{100: true, maxKeptBuffer: true, maxKeptBuffer + 1: false} {
		s := new(Stream)
		s.keep(make([]byte, size))
		first := &s.body[0]
		s.take(size - 1)
		if len(s.Unread()) != 1 {
			t.Errorf("%d octets are unread", len(s.Unread()))
		}
		s.take(1)
		s.keep(make([]byte, 50))
		if same := &s.body[0] == first; same != kept || len(s.Unread()) != 50 {
			t.Errorf("of %d octets the buffer is kept: %v; unread %d", size, same, len(s.Unread()))
		}
	}
}

// What one connection has left in a Workspace means nothing to the next.
func TestWorkspaceBringsNothingAlong(t *testing.T) {
	shared := NewWorkspace()
	lent := func() *peer {
		p := newPeer(t, nil)
		p.conn.Release()
		p.conn.Lend(shared)
		return p
	}
	one, other := lent(), lent()
	one.settings(4, 0, 1, 0)
	one.get(1, ":path: /secret", "authorization: a")
	one.headers(3, false, ":method: CONNECT", ":authority: a:1", "x: y")
	one.get(5, "priority: u=0", "te: a")
	one.reads()
	other.settings()
	other.want("SETTINGS ACK")
	other.headers(1, false, ":method: CONNECT", ":authority: b:1")
	other.get(3)
	other.reads()
	if diff := cmp.Diff([]raxx.Request{
		{Method: "CONNECT", Authority: "b:1", Peer: raxx.Peer{Protocol: "HTTP/2.0"}},
		{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/", Peer: raxx.Peer{Protocol: "HTTP/2.0"}},
	}, other.requests); diff != "" {
		t.Errorf("the requests (-want +got):\n%s", diff)
	}
	other.reply(other.stream(3), "ok")
	other.want("HEADERS 3 :status=200 content-length=2", `DATA 3 "ok" end`)
}

// What a field block has come in is not kept: neither the buffer of the read that
// brought it, nor what the fragments of a long one were gathered in.
func TestConnectionThatWaitsKeepsNoFieldBlock(t *testing.T) {
	for _, size := range []int{10, 30000} {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.settings(4, 0)
		block := p.encode(p.request("x-fill: " + strings.Repeat("~", size))...)
		if len(block) < 16000 {
			p.raw(1, 5, 1, string(block)) // HEADERS with END_STREAM and END_HEADERS
		} else {
			p.raw(1, 1, 1, string(block[:16000]))
			p.raw(9, 4, 1, string(block[16000:])) // CONTINUATION with END_HEADERS
		}
		limits := new(Limits)
		serve := func() (*Conn, weak.Pointer[byte]) {
			wire := bytes.Clone(p.wire.Bytes())
			c, ev := New(limits, NewWorkspace()), Event{}
			for read := 0; ev.Kind != RequestEvent; {
				n, err := c.Next(wire[read:], 0, &ev)
				if err != nil {
					t.Fatal(err)
				}
				read += n
			}
			c.Release()
			return c, weak.Make(&wire[0])
		}
		if c, wire := serve(); true {
			runtime.GC()
			if wire.Value() != nil {
				t.Errorf("a field of %d octets: what was read is kept", size)
			}
			runtime.KeepAlive(c)
		}
		if n := inUse(100, func() *Conn { c, _ := serve(); return c }); n > 4096 {
			t.Errorf("a field of %d octets: the connection takes %d octets", size, n)
		}
	}
}
