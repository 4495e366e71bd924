package h2

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// RFC 9113, Section 5.1: Stream States.
func TestStreamStates(t *testing.T) {
	for _, test := range []struct {
		name    string
		do      func(p *peer)
		code    Code
		section string // of the connection's error; empty for one of stream 1
	}{
		{"5.1 idle: DATA", func(p *peer) { p.data(1, true, "x") }, ProtocolError, "6.1"},
		{"5.1 idle: RST_STREAM", func(p *peer) { p.raw(frameRSTStream, 0, 1, "\x00\x00\x00\x08") }, ProtocolError, "6.4"},
		{"5.1 idle: WINDOW_UPDATE", func(p *peer) { p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x08") }, ProtocolError, "6.9"},
		{"5.1 idle: CONTINUATION", func(p *peer) { p.raw(frameContinuation, flagEndHeaders, 1, "\x82") }, ProtocolError, "6.10"},
		{"5.1 half-closed: DATA", func(p *peer) { p.get(1); p.data(1, true, "x") }, StreamClosed, ""},
		{"5.1 half-closed: HEADERS", func(p *peer) { p.get(1); p.headers(1, true, "a: b") }, StreamClosed, ""},
		{"5.1 half-closed: CONTINUATION", func(p *peer) { p.get(1); p.raw(frameContinuation, flagEndHeaders, 1, "") }, ProtocolError, "6.10"},
		{"5.1 half-closed by a trailer: DATA", func(p *peer) { p.post(1); p.headers(1, true, "a: b"); p.data(1, true, "x") }, StreamClosed, ""},
		{"5.1 half-closed by a trailer: HEADERS", func(p *peer) { p.post(1); p.headers(1, true, "a: b"); p.headers(1, true, "a: b") }, StreamClosed, ""},
		{"5.1 closed by RST_STREAM: DATA", func(p *peer) { p.post(1); p.cancel(1); p.data(1, true, "x") }, StreamClosed, ""},
		{"5.1 closed by RST_STREAM: HEADERS", func(p *peer) { p.post(1); p.cancel(1); p.headers(1, true, "a: b") }, StreamClosed, ""},
		{"5.1 closed: DATA", func(p *peer) { p.served(1); p.data(1, true, "x") }, StreamClosed, "5.1"},
		{"5.1 closed: HEADERS", func(p *peer) { p.served(1); p.get(1) }, StreamClosed, "5.1"},
		{"5.1 closed: CONTINUATION", func(p *peer) { p.served(1); p.raw(frameContinuation, flagEndHeaders, 1, "") }, ProtocolError, "6.10"},
		{"5.1 closed, before another one was reset: DATA", func(p *peer) { p.served(1); p.post(3); p.cancel(3); p.data(1, true, "x") }, StreamClosed, "5.1"},
		{"5.1 closed, before another one was skipped: HEADERS", func(p *peer) { p.served(1); p.get(5); p.get(1) }, StreamClosed, "5.1"},
		{"5.1 closed, behind another one that was skipped: HEADERS", func(p *peer) { p.served(3); p.get(5); p.get(3) }, StreamClosed, "5.1"},
		{"5.1.1 a stream with an even identifier", func(p *peer) { p.get(2) }, ProtocolError, "5.1.1"},
		{"5.1.1 a stream that was skipped", func(p *peer) { p.get(5); p.get(3) }, ProtocolError, "5.1.1"},
		{"5.1.1 a stream that was skipped before the last one", func(p *peer) { p.get(5); p.get(7); p.get(3) }, ProtocolError, "5.1.1"},
		{"5.1.1 DATA on a stream that was skipped", func(p *peer) { p.get(5); p.data(3, true, "x") }, StreamClosed, "5.1"},
		{"5.1.1 the first stream that was skipped", func(p *peer) { p.get(3); p.get(1) }, ProtocolError, "5.1.1"},
		{"5.1.1 an identifier once more", func(p *peer) { p.served(1); p.served(3); p.get(1) }, StreamClosed, "5.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			test.do(p)
			if test.section != "" {
				p.wantConnError(test.code, test.section)
				return
			}
			p.wantStreamError(1, test.code)
		})
	}
	for _, test := range []struct {
		name string
		do   func(p *peer)
	}{
		{"5.1 idle: PRIORITY is let through", func(p *peer) { p.raw(framePriority, 0, 1, "\x00\x00\x00\x00\x10") }},
		{"5.1 half-closed: WINDOW_UPDATE is let through", func(p *peer) { p.get(1); p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x08") }},
		{"5.1 half-closed: PRIORITY is let through", func(p *peer) { p.get(1); p.raw(framePriority, 0, 1, "\x00\x00\x00\x00\x10") }},
		{"5.1 half-closed: RST_STREAM is let through", func(p *peer) { p.get(1); p.cancel(1) }},
		{"5.1 closed: WINDOW_UPDATE is let through", func(p *peer) { p.served(1); p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x08") }},
		{"5.1 closed: PRIORITY is let through", func(p *peer) { p.served(1); p.raw(framePriority, 0, 1, "\x00\x00\x00\x00\x10") }},
		{"5.1 closed: RST_STREAM is let through", func(p *peer) { p.served(1); p.cancel(1) }},
		{"5.1 closed by us: DATA and a trailer are let through", func(p *peer) {
			p.post(1)
			p.reads()
			p.conn.Reset(p.stream(1), Cancel)
			p.reads()
			p.data(1, false, "on its way")
			p.headers(1, true, "a: b")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			test.do(p)
			p.reads()
			p.frameList()
			p.wantAlive()
		})
	}
}

// RFC 9113, Section 5.1: what comes on a stream that we have reset is dropped. The
// peer may not know yet, also if nothing has come for a while.
func TestStreamsThatWeReset(t *testing.T) {
	refuse := func(p *peer, first, last uint32) {
		for id := first; id <= last; id += 2 {
			p.post(id, "connection: close")
		}
		p.reads()
		p.frameList()
		p.conn.Lend(p.conn.Release())
	}
	t.Run("5.1 what was on its way gets no answer", func(t *testing.T) {
		p := newPeer(t, nil)
		refuse(p, 1, 1)
		for range 3 {
			p.data(1, false, "x")
			p.want()
			p.conn.Lend(p.conn.Release())
		}
		p.headers(1, true, "a: b")
		p.want()
		p.served(3)
	})
	t.Run("5.1 a connection that is busy remembers the newest, too", func(t *testing.T) {
		p := newPeer(t, nil)
		for id := uint32(1); id <= 599; id += 2 {
			p.post(id, "connection: close")
		}
		p.reads()
		p.frameList()
		for id := uint32(599); id > 599-2*recentlyClosed; id -= 2 {
			p.data(id, false, "x")
			p.want()
		}
		p.data(1, false, "x")
		p.wantStreamError(1, StreamClosed)
	})
	t.Run("5.1 a connection that waits remembers the newest", func(t *testing.T) {
		p := newPeer(t, nil)
		refuse(p, 1, 599)
		if n := cap(p.conn.recent.ring); n > fewRecent {
			t.Errorf("it remembers %d", n)
		}
		for id := uint32(599); id > 599-2*fewRecent; id -= 2 {
			p.data(id, false, "x")
			p.want()
		}
		refuse(p, 601, 619)
		for id := uint32(619); id > 619-2*fewRecent; id -= 2 {
			p.data(id, false, "x")
			p.want()
		}
		p.data(1, false, "x")
		p.wantStreamError(1, StreamClosed)
	})
}

// cancel resets a stream.
func (p *peer) cancel(stream uint32) { p.raw(frameRSTStream, 0, stream, "\x00\x00\x00\x08") }

// served has a request served to its end.
func (p *peer) served(stream uint32) {
	p.get(stream)
	p.reads()
	p.reply(p.stream(stream), "ok")
	p.frameList()
}

func TestStreamConcurrency(t *testing.T) {
	t.Run("5.1.2 a stream beyond the limit is refused", func(t *testing.T) {
		p := newPeer(t, nil)
		for i := range uint32(250) {
			p.get(2*i + 1)
		}
		p.reads()
		p.get(501)
		p.wantStreamError(501, RefusedStream)
	})
	t.Run("5.1.2 a stream that has ended makes room", func(t *testing.T) {
		p := newPeer(t, &Limits{Streams: 1})
		p.served(1)
		p.served(3)
	})
	t.Run("5.1.2 twice the largest limit is not a small one", func(t *testing.T) {
		p := newPeer(t, &Limits{Streams: math.MaxInt})
		p.served(1)
	})
	t.Run("5.1.2 a stream counts while its content waits for a window", func(t *testing.T) {
		p := newPeer(t, &Limits{Streams: 1})
		p.settings(4, 0)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), "waits")
		p.conn.Forget(p.stream(1))
		p.frameList()
		p.get(3)
		p.want("RST_STREAM 3 REFUSED_STREAM")
		p.raw(frameWindowUpdate, 0, 1, "\x00\x00\x00\x05")
		p.want(`DATA 1 "waits" end`)
		p.get(5)
		p.wantEvents("request 1 GET / end", "refused 3 REFUSED_STREAM", "request 5 GET / end")
	})
	t.Run("5.1.2 requests that were reset count while they are at work", func(t *testing.T) {
		p := newPeer(t, &Limits{Streams: 2})
		for i := range uint32(4) {
			p.get(2*i + 1)
			p.cancel(2*i + 1)
		}
		p.reads()
		p.get(9)
		p.wantStreamError(9, RefusedStream)
	})
}

// RFC 9113, Section 5.2: Flow Control. See also TestWindowUpdate.
func TestReceiving(t *testing.T) {
	t.Run("5.2 content that is not taken gives no window back", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.want()
	})
	t.Run("5.2 what is taken is given back by half a window", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		p.conn.Take(s, 32766)
		p.want()
		p.conn.Take(s, 1)
		p.want("WINDOW_UPDATE 1 32767") // and not more: one octet is unread
	})
	t.Run("5.2 a stream that is read to its end gets a larger window", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		for range 2 {
			p.data(1, false, strings.Repeat("x", 16384))
		}
		p.reads()
		p.conn.Take(s, 32768)
		p.want("WINDOW_UPDATE 1 98303") // 32,768 and 65,535 more
		if s.recv.size != 2*initialWindow || s.recv.window != s.recv.size {
			t.Errorf("the window is %+v", s.recv)
		}
	})
	t.Run("5.2 windows grow to their limit only", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		for range 1000 {
			p.data(1, false, strings.Repeat("x", 16384))
			p.reads()
			p.conn.Take(s, len(s.Unread()))
		}
		if s.recv.size != 1<<20 || p.conn.recv.size != 2<<20 {
			t.Errorf("the windows are %+v and %+v", s.recv, p.conn.recv)
		}
	})
	t.Run("5.2 windows of what comes in bursts grow, too", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		for range 100 {
			for range 3 {
				p.data(1, false, strings.Repeat("x", 16384))
				p.reads()
			}
			p.conn.Take(s, 40000) // the next piece is there when this one is given back
			p.conn.Take(s, len(s.Unread()))
		}
		if s.recv.size != 1<<20 || p.conn.recv.size != 2<<20 {
			t.Errorf("the windows are %+v and %+v", s.recv, p.conn.recv)
		}
	})
	t.Run("5.2 a window that may be what holds up its reader grows only then", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		s := p.stream(1)
		for range 100 {
			p.data(1, false, strings.Repeat("x", 16384))
			p.reads()
			p.conn.Take(s, 16384)
		}
		if s.recv.size != initialWindow || p.conn.recv.size != firstConnWindow {
			t.Errorf("the windows are %+v and %+v", s.recv, p.conn.recv)
		}
	})
	t.Run("5.2 a stream that nobody reads does not keep the window of others small", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		for range 3 {
			p.data(1, false, strings.Repeat("x", 16384))
		}
		p.post(3)
		p.reads()
		s := p.stream(3)
		for range 300 {
			p.data(3, false, strings.Repeat("x", 16384))
			p.reads()
			p.conn.Take(s, 16384)
		}
		if s.recv.size != 1<<20 || p.conn.recv.size != 2<<20 {
			t.Errorf("the windows are %+v and %+v", s.recv, p.conn.recv)
		}
	})
	t.Run("5.2 a large window is given back by a quarter", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		for s.recv.size < 1<<20 || s.recv.owed > 0 {
			p.data(1, false, strings.Repeat("x", 16384))
			p.reads()
			p.conn.Take(s, 16384)
		}
		for range 16 {
			p.data(1, false, strings.Repeat("x", 16384))
		}
		p.reads()
		for _, test := range []struct{ taken, owed int }{{1<<18 - 1, 1<<18 - 1}, {1, 0}} {
			p.conn.Take(s, test.taken)
			if got := int(s.recv.owed); got != test.owed {
				t.Errorf("%d octets are owed behind %d, want %d", got, test.taken, test.owed)
			}
		}
	})
	t.Run("5.2 what a reset has given back is not given back once more", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		s := p.stream(1)
		chunk := len(s.Unread()) // somebody looks at it
		p.cancel(1)
		p.reads()
		p.conn.Take(s, chunk)
		if p.conn.recv.window+p.conn.recv.owed != p.conn.recv.size {
			t.Errorf("the window is %+v", p.conn.recv)
		}
	})
	t.Run("5.2 what a reset takes away is given back at once", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		s := p.stream(1)
		p.conn.Take(s, 100)
		p.cancel(1)
		p.reads()
		if w := p.conn.recv; w.window+w.owed != w.size || len(s.Unread()) > 0 {
			t.Errorf("the window is %+v, unread %d", w, len(s.Unread()))
		}
	})
	t.Run("5.2 a body that came whole and that nobody takes is given back", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, true, strings.Repeat("x", 16384))
		p.reads()
		s := p.stream(1)
		p.reply(s, "ok")
		p.conn.Forget(s)
		if w := p.conn.recv; w.window+w.owed != w.size {
			t.Errorf("the window is %+v", w)
		}
	})
	t.Run("5.2 streams that are not read leave room for others", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		for range 3 {
			p.data(1, false, strings.Repeat("x", 16384))
		}
		p.post(3)
		p.data(3, false, "comes through")
		p.reads()
		if got := string(p.stream(3).Unread()); got != "comes through" {
			t.Errorf("unread is %q", got)
		}
	})
	t.Run("5.2.1 padding is given back, too", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		for range 256 {
			p.raw(frameData, flagPadded, 1, "\xff"+"x"+strings.Repeat("\x00", 255))
			p.reads()
			p.conn.Take(p.stream(1), 1)
		}
		p.reads()
		for _, w := range []inflow{p.stream(1).recv, p.conn.recv} {
			if w.window+w.owed != w.size || p.err != nil {
				t.Errorf("the window is %+v, the error %v", w, p.err)
			}
		}
	})
	t.Run("5.2 content of a stream that is forgotten is given back", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		p.conn.Forget(p.stream(1))
		p.data(1, false, strings.Repeat("x", 16384))
		p.reads()
		if w := p.conn.recv; w.window+w.owed != w.size {
			t.Errorf("the window is %+v", w)
		}
	})
	t.Run("5.2 a stream that has ended gets no window", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		for i := range 3 {
			p.data(1, i == 2, strings.Repeat("x", 16384))
		}
		p.reads()
		p.conn.Take(p.stream(1), 3*16384)
		p.want()
	})
	t.Run("5.2 content that is taken late, behind the end, is given back", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, true, "content")
		p.reads()
		s := p.stream(1)
		p.reply(s, "ok")
		if !s.Closed() || string(s.Unread()) != "content" {
			t.Fatalf("closed is %v, unread %q", s.Closed(), s.Unread())
		}
		p.conn.Take(s, 7)
		if w := p.conn.recv; w.window+w.owed != w.size {
			t.Errorf("the window is %+v", w)
		}
	})
	t.Run("5.2 content comes as it was sent, however it is taken", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.reads()
		s := p.stream(1)
		random := rand.New(rand.NewPCG(1, 2))
		var sent, got []byte
		for round := range 2000 {
			piece := make([]byte, random.IntN(1000))
			for i := range piece {
				piece[i] = byte(random.Uint32())
			}
			sent = append(sent, piece...)
			p.data(1, round == 1999, string(piece))
			p.reads()
			p.frameList()
			unread := s.Unread()
			n := random.IntN(len(unread) + 1)
			if round == 1999 || len(unread) > 20000 {
				n = len(unread)
			}
			if random.IntN(3) == 0 {
				s.Leave()
			}
			p.conn.Take(s, n)
			got = append(got, unread[:n]...)
		}
		if !bytes.Equal(sent, got) || !s.Ended() {
			t.Errorf("%d octets of %d have come as they were sent; the end: %v", len(got), len(sent), s.Ended())
		}
		if w := p.conn.recv; w.window+w.owed != w.size {
			t.Errorf("the window is %+v", w)
		}
	})
	t.Run("5.2 content that is left elsewhere stays as it is", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, "before")
		p.reads()
		s := p.stream(1)
		before := s.Unread()
		s.Leave()
		p.conn.Take(s, 6)
		p.data(1, false, "behind")
		p.reads()
		if string(before) != "before" || string(s.Unread()) != "behind" {
			t.Errorf("it has become %q, and the rest is %q", before, s.Unread())
		}
	})
	t.Run("5.2 unread content stays where it is until it is taken", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, false, "before")
		p.reads()
		s := p.stream(1)
		before := s.Unread()
		for range 100 {
			p.data(1, false, "behind")
			p.reads()
		}
		if string(before) != "before" {
			t.Errorf("it has become %q", before)
		}
		p.conn.Take(s, 6)
		if got, want := string(s.Unread()), strings.Repeat("behind", 100); got != want {
			t.Errorf("the rest is %q", got)
		}
	})
}
