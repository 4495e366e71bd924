package h2

import (
	"slices"
	"strings"
	"testing"
)

// RFC 9113, Section 10.5: each row sends frames until it is cut off. Frames tells
// how many rounds it may take, and at least half of them; the driver serves every request as fast as it can.
func TestAttacks(t *testing.T) {
	for _, test := range []struct {
		name   string
		limit  string // the field of Limits that stops it
		rounds int
		begin  func(p *peer)
		round  func(p *peer, id uint32) // id is of a stream that is new each time
	}{
		{"rapid reset (CVE-2023-44487)", "Resets", 501, nil, func(p *peer, id uint32) {
			p.post(id)
			p.cancel(id)
		}},
		{"rapid reset behind the reply", "ClosedStreams", 1001, nil, func(p *peer, id uint32) {
			p.post(id)
			p.reads()
			p.reply(p.stream(id), "ok")
			p.forget(p.stream(id))
			p.cancel(id)
		}},
		{"rapid reset behind the reply to a request without a body", "ClosedStreams", 1001, nil, func(p *peer, id uint32) {
			p.get(id)
			p.reads()
			p.cancel(id)
		}},
		{"MadeYouReset by increments of 0 (CVE-2025-8671)", "Resets", 501, nil, func(p *peer, id uint32) {
			p.post(id)
			p.frames.WriteWindowUpdate(id, 0)
		}},
		{"MadeYouReset by windows that overflow", "Resets", 501, nil, func(p *peer, id uint32) {
			p.post(id)
			p.frames.WriteWindowUpdate(id, 1<<31-1)
		}},
		{"MadeYouReset by PRIORITY frames of a wrong length", "Resets", 501, nil, func(p *peer, id uint32) {
			p.post(id)
			p.raw(framePriority, 0, id, "1234")
		}},
		{"MadeYouReset by content that is too long", "Resets", 501, nil, func(p *peer, id uint32) {
			p.post(id, "content-length: 1")
			p.data(id, false, "four")
		}},
		{"MadeYouReset by content beyond the window", "Resets", 57, nil, func(p *peer, id uint32) {
			p.post(id)
			for range 4 {
				p.data(id, false, strings.Repeat("x", 16384))
			}
		}},
		{"MadeYouReset by content behind the end", "Resets", 501, func(p *peer) { p.serve = false }, func(p *peer, id uint32) {
			p.get(id)
			p.data(id, true, "x")
			p.forgetAll()
		}},
		{"requests that are malformed", "Resets", 501, nil, func(p *peer, id uint32) { p.get(id, "connection: close") }},
		{"requests that are malformed, and long", "Resets", 80, nil, func(p *peer, id uint32) {
			p.get(id, "a: "+strings.Repeat("<", 15000), "connection: close")
		}},
		{"requests that are too large", "Resets", 40, nil, func(p *peer, id uint32) { p.long(id, p.request("a: "+strings.Repeat("x", 40000))...) }},
		{"more streams than are allowed", "Resets", 751, func(p *peer) { p.serve = false }, func(p *peer, id uint32) { p.post(id) }},
		{"more streams than are allowed, with long headers", "Resets", 330, func(p *peer) { p.serve = false }, func(p *peer, id uint32) { p.post(id, "a: "+strings.Repeat("<", 15000)) }},
		{"frames for streams that were reset", "Resets", 501, func(p *peer) { p.post(1); p.cancel(1); p.reads() }, func(p *peer, id uint32) { p.late(id) }},
		{"header blocks for streams that we reset", "ClosedStreams", 1001, func(p *peer) {
			p.post(1)
			p.reads()
			p.conn.Reset(p.stream(1), Cancel)
		}, func(p *peer, id uint32) { p.headers(1, true, "a: b") }},
		{"frames for streams that we reset", "ClosedStreams", 1001, func(p *peer) {
			p.post(1)
			p.reads()
			p.conn.Reset(p.stream(1), Cancel)
		}, func(p *peer, id uint32) { p.data(1, false, "x") }},
		{"CONTINUATION frames without end", "BlockFrames", 65, func(p *peer) { p.raw(frameHeaders, 0, 1, "") }, func(p *peer, id uint32) { p.raw(frameContinuation, 0, 1, "\x10\x01a\x01b") }},
		{"empty CONTINUATION frames", "BlockFrames", 65, func(p *peer) { p.raw(frameHeaders, 0, 1, "") }, func(p *peer, id uint32) { p.raw(frameContinuation, 0, 1, "") }},
		{"large CONTINUATION frames", "BlockBytes", 5, func(p *peer) { p.raw(frameHeaders, 0, 1, "") }, func(p *peer, id uint32) {
			p.raw(frameContinuation, 0, 1, strings.Repeat("\x82", 16384))
		}},
		{"a trailer without end", "BlockFrames", 65, func(p *peer) {
			p.post(1)
			p.raw(frameHeaders, flagEndStream, 1, "")
		}, func(p *peer, id uint32) { p.raw(frameContinuation, 0, 1, "") }},
		{"an HPACK bomb", "Resets", 60, func(p *peer) { p.get(1, "bomb: "+strings.Repeat("x", 4000)) }, func(p *peer, id uint32) {
			p.raw(frameHeaders, flagEndHeaders|flagEndStream, id+2, strings.Repeat("\xbe", 16384))
		}},
		{"a bomb of cookies, an octet for each (CVE-2026-49975)", "Resets", 501, nil, func(p *peer, id uint32) {
			p.get(id, slices.Repeat([]string{"cookie: a"}, 300)...)
		}},
		{"fields that turn the table over", "Resets", 70, nil, func(p *peer, id uint32) {
			p.raw(frameHeaders, flagEndHeaders|flagEndStream, id, string(p.encode(p.request()...))+strings.Repeat("\x40\x01a\x01b", 3000))
		}},
		{"SETTINGS", "Settings", 101, nil, func(p *peer, id uint32) { p.settings() }},
		{"SETTINGS that change the table's size", "Settings", 101, nil, func(p *peer, id uint32) { p.settings(1, 0, 1, 4096) }},
		{"SETTINGS that open a window octet by octet", "Settings", 101, func(p *peer) { p.waits(); p.serve = false }, func(p *peer, id uint32) { p.settings(4, id) }},
		{"acknowledgements of SETTINGS", "Settings", 101, nil, func(p *peer, id uint32) { p.frames.WriteSettingsAck() }},
		{"GOAWAY", "Settings", 101, nil, func(p *peer, id uint32) { p.frames.WriteGoAway(0, 0, nil) }},
		{"PING", "Pings", 501, nil, func(p *peer, id uint32) { p.frames.WritePing(false, [8]byte{}) }},
		{"acknowledgements of PING", "Pings", 501, nil, func(p *peer, id uint32) { p.frames.WritePing(true, [8]byte{}) }},
		{"acknowledgements of the PING of a drain", "Pings", 502, func(p *peer) { p.conn.Drain() }, func(p *peer, id uint32) {
			p.frames.WritePing(true, drainPing)
		}},
		{"empty DATA frames", "EmptyFrames", 101, func(p *peer) { p.post(1) }, func(p *peer, id uint32) { p.data(1, false, "") }},
		{"DATA frames of padding", "EmptyFrames", 101, func(p *peer) { p.post(1) }, func(p *peer, id uint32) {
			p.raw(frameData, flagPadded, 1, "\xff"+strings.Repeat("\x00", 255))
		}},
		{"DATA frames of one octet", "SmallFrames", 50030, func(p *peer) { p.post(1); p.takes = true }, func(p *peer, id uint32) { p.data(1, false, "x") }},
		{"DATA frames of one octet and padding", "SmallFrames", 50030, func(p *peer) { p.post(1); p.takes = true }, func(p *peer, id uint32) {
			p.raw(frameData, flagPadded, 1, "\xff"+strings.Repeat("x", 256))
		}},
		{"WINDOW_UPDATE on the connection", "WindowUpdates", 1001, nil, func(p *peer, id uint32) { p.frames.WriteWindowUpdate(0, 1) }},
		{"WINDOW_UPDATE for more than was sent", "WindowUpdates", 1032, func(p *peer) {
			p.serve = false
			p.get(1)
			p.reads()
			p.reply(p.stream(1), strings.Repeat("x", 60<<10))
		}, func(p *peer, id uint32) { p.frames.WriteWindowUpdate(0, 4096) }},
		{"WINDOW_UPDATE on a stream", "WindowUpdates", 1001, func(p *peer) { p.post(1) }, func(p *peer, id uint32) { p.frames.WriteWindowUpdate(1, 1) }},
		{"WINDOW_UPDATE on closed streams", "ClosedStreams", 1001, func(p *peer) { p.get(1); p.conn.limits = &Limits{WindowUpdates: 1e6} }, func(p *peer, id uint32) {
			p.frames.WriteWindowUpdate(1, 1)
		}},
		{"a stream's window of one octet at a time", "TinyWindows", 102, func(p *peer) { p.waits() }, func(p *peer, id uint32) { p.frames.WriteWindowUpdate(1, 1) }},
		{"the connection's window of one octet at a time", "TinyWindows", 102, func(p *peer) {
			p.serve = false
			p.settings(4, 1<<20)
			p.get(1)
			p.reads()
			p.reply(p.stream(1), strings.Repeat("x", 100000))
		}, func(p *peer, id uint32) { p.frames.WriteWindowUpdate(0, 1) }},
		{"PING for each octet of a window", "TinyWindows", 102, func(p *peer) { p.waits() }, func(p *peer, id uint32) {
			p.frames.WriteWindowUpdate(1, 1)
			p.frames.WritePing(false, [8]byte{})
		}},
		{"PING for each of few octets, of large content", "Pings", 501, func(p *peer) { p.waits(); p.conn.limits = &Limits{TinyWindows: 1e6} }, func(p *peer, id uint32) {
			p.frames.WriteWindowUpdate(1, 1)
			p.frames.WritePing(false, [8]byte{})
		}},
		{"PRIORITY", "Priorities", 501, nil, func(p *peer, id uint32) { p.raw(framePriority, 0, id, "\x00\x00\x00\x00\x10") }},
		{"PRIORITY_UPDATE", "Priorities", 501, nil, func(p *peer, id uint32) { p.frames.WritePriorityUpdate(id, "u=1") }},
		{"WINDOW_UPDATE, ten for each request", "WindowUpdates", 251, nil, func(p *peer, id uint32) {
			p.get(id)
			for range 10 {
				p.frames.WriteWindowUpdate(0, 1)
			}
		}},
		{"PRIORITY, ten for each request", "Priorities", 84, nil, func(p *peer, id uint32) {
			p.get(id)
			for range 10 {
				p.raw(framePriority, 0, id, "\x00\x00\x00\x00\x10")
			}
		}},
		{"PING, four for each request and its reply", "Pings", 251, nil, func(p *peer, id uint32) {
			p.get(id)
			for range 4 {
				p.frames.WritePing(false, [8]byte{})
			}
		}},
		{"DATA frames of one octet, 200 for each request", "SmallFrames", 400, nil, func(p *peer, id uint32) {
			p.post(id)
			for range 200 {
				p.data(id, false, "x")
			}
			p.data(id, true, "")
		}},
		{"frames for streams that are closed, three for each request", "ClosedStreams", 501, nil, func(p *peer, id uint32) {
			p.post(id)
			p.data(id, true, "x")
			p.reads()
			for range 3 {
				p.cancel(id)
			}
		}},
		{"frames of unknown types", "UnknownFrames", 501, nil, func(p *peer, id uint32) { p.raw(0x16, 0, 0, strings.Repeat("x", 16384)) }},
		{"ALTSVC frames for streams", "UnknownFrames", 501, nil, func(p *peer, id uint32) { p.raw(0xa, 0, id, "") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.now = 1e12 // the connection is not new
			p.serve = !strings.Contains(test.name, "MadeYouReset")
			if test.begin != nil {
				test.begin(p)
				p.reads()
			}
			rounds := 0
			for ; rounds < test.rounds && p.err == nil; rounds++ {
				test.round(p, uint32(2*rounds+1))
				p.reads()
				p.forgetClosed()
			}
			if rounds < test.rounds/2 {
				t.Errorf("it was cut off after %d rounds", rounds)
			}
			p.wantLimit(test.limit)
			p.bounded(64 << 10)
		})
	}
}

// waits has the reply on stream 1 wait for a window.
func (p *peer) waits() {
	p.serve = false
	p.settings(4, 0)
	p.get(1)
	p.reads()
	p.reply(p.stream(1), strings.Repeat("x", 100000))
}

// late sends content on a stream that was reset long ago.
func (p *peer) late(id uint32) {
	p.get(id + 2)
	p.data(1, false, "x")
	if p.conn.recent.how(1) == resetByUs { // so that it is not just ignored
		p.conn.recent = recentStreams{longAgo: 1}
	}
}

// forgetClosed forgets all streams that are closed, and forgetAll all.
func (p *peer) forgetClosed() {
	for s := range p.seen {
		if s.Closed() {
			p.forget(s)
		}
	}
}

func (p *peer) forgetAll() {
	p.reads()
	for s := range p.seen {
		p.forget(s)
	}
}

// bounded checks what the connection holds.
func (p *peer) bounded(most int) {
	p.Helper()
	if n := p.conn.holds(); n > most {
		p.Errorf("the connection holds %d octets", n)
	}
}

// holds returns about how much memory a connection takes, without its table.
func (c *Conn) holds() int {
	n := cap(c.control) + cap(c.block.octets) + 8*cap(c.open) + 8*cap(c.recent.ring) + 12*cap(c.priority.early)
	for _, f := range c.encoder.hot {
		n += 48 + len(f.name) + len(f.value)
	}
	for _, s := range c.open {
		n += 256 + cap(s.body)
	}
	return n
}

// Frames that go with real work may come as often as the work.
func TestWorkIsNoAttack(t *testing.T) {
	t.Run("an upload with a PING for each frame", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		p.post(1)
		for range 5000 {
			p.data(1, false, strings.Repeat("x", 4000))
			p.frames.WritePing(false, [8]byte{})
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("an upload in pieces of 256 octets", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		p.post(1)
		for range 20000 {
			p.data(1, false, strings.Repeat("x", 256))
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("a chat, message by message", func(t *testing.T) {
		p := newPeer(t, nil)
		p.takes = true
		p.post(1)
		p.reads()
		s := p.stream(1)
		for i := range 50000 {
			p.data(1, false, "hello")
			p.reads()
			p.answers.Write(p.conn.Send(make([]byte, 0, 100), s, []byte("hello"), false))
			if i%5000 == 0 {
				p.frames.WriteWindowUpdate(1, 25000)
				p.frames.WriteWindowUpdate(0, 25000)
			}
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("a download with two updates and a PING for each frame", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		s := p.stream(1)
		for range 5000 {
			p.answers.Write(p.conn.Send(make([]byte, 0, 20000), s, []byte(strings.Repeat("x", 4000)), false))
			p.frames.WriteWindowUpdate(0, 4000)
			p.frames.WriteWindowUpdate(1, 4000)
			p.frames.WritePing(false, [8]byte{})
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("a download that is read in pieces of 4 KiB", func(t *testing.T) { // as by package net/http
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		s := p.stream(1)
		p.frames.WriteWindowUpdate(0, 1<<30)
		p.frames.WriteWindowUpdate(1, 4<<20)
		p.reads()
		for range 5 {
			for range 256 {
				p.answers.Write(p.conn.Send(make([]byte, 0, 20000), s, []byte(strings.Repeat("x", 16384)), false))
			}
			p.now += budgetPeriod // meanwhile they wait to be read
			p.frames.WritePing(false, [8]byte{})
			for range 1024 {
				p.frames.WriteWindowUpdate(0, 4096)
				p.frames.WriteWindowUpdate(1, 4096)
			}
			p.reads()
		}
		if p.err != nil || p.conn.sent != 5*4<<20 {
			t.Error(p.conn.sent, p.err)
		}
	})
	t.Run("an upload of small pieces with a PING for each", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		p.post(1)
		for range 3000 {
			p.data(1, false, strings.Repeat("x", 100))
			p.frames.WritePing(false, [8]byte{})
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("a download that waits for the connection's window, which opens by a few hundred octets", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1<<20)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), strings.Repeat("x", 300000))
		for range 300 {
			p.frames.WriteWindowUpdate(0, 300)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("windows of a stream that waits for that of the connection", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, 1<<20)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), strings.Repeat("x", 300000))
		for range 300 {
			p.frames.WriteWindowUpdate(1, 1)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("windows of a stream that are small, where much may be sent", func(t *testing.T) {
		p := newPeer(t, nil)
		p.settings(4, initialWindow+300)
		p.get(1)
		p.reads()
		p.reply(p.stream(1), strings.Repeat("x", 300000))
		for range 300 {
			p.frames.WriteWindowUpdate(1, 1)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("a download that is given back in pieces of 2 KiB", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		s := p.stream(1)
		for range 100 {
			p.send(s, strings.Repeat("x", 16384), false)
			p.send(s, strings.Repeat("x", 16384), false)
			for range 16 {
				p.frames.WriteWindowUpdate(0, 2048)
				p.frames.WriteWindowUpdate(1, 2048)
			}
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("2,000 messages of a few octets a second, none of which is answered", func(t *testing.T) { // as by gRPC
		p := newPeer(t, nil)
		p.post(1)
		p.takes = true
		for range 20_000 {
			p.data(1, false, "\x00\x00\x00\x00\x03abc")
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("messages of a few octets, each of which is timed with a PING", func(t *testing.T) { // as by gRPC
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		s := p.stream(1)
		for range 5000 {
			p.answers.Write(p.conn.Send(make([]byte, 0, 100), s, []byte("data: hello\n\n"), false))
			p.frames.WriteWindowUpdate(0, 13)
			p.frames.WriteWindowUpdate(1, 13)
			p.frames.WritePing(false, [8]byte{})
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("messages of a few octets, each of which is given back", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1)
		p.reads()
		s := p.stream(1)
		for range 5000 {
			p.answers.Write(p.conn.Send(make([]byte, 0, 100), s, []byte("data: hello\n\n"), false))
			p.frames.WriteWindowUpdate(0, 13)
			p.frames.WriteWindowUpdate(1, 13)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("downloads whose last updates come when they have ended", func(t *testing.T) {
		p := newPeer(t, nil)
		p.frames.WriteWindowUpdate(0, 1<<20)
		for i := range uint32(1000) {
			p.get(2*i + 1)
			p.reads()
			s := p.stream(2*i + 1)
			p.reply(s, strings.Repeat("x", 60<<10))
			p.forget(s)
			p.reads() // and it has been sent
			for range 15 {
				p.frames.WriteWindowUpdate(0, 4096)
				p.frames.WriteWindowUpdate(2*i+1, 4096)
			}
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("uploads of which every other one ends when it was answered", func(t *testing.T) {
		p := newPeer(t, nil)
		for i := range uint32(5000) {
			p.post(2*i + 1)
			p.reads()
			s := p.stream(2*i + 1)
			p.reply(s, "no")
			p.forget(s)
			if i%2 == 0 {
				p.cancel(2*i + 1)
			} else {
				p.data(2*i+1, true, "")
			}
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("requests with priorities and updates", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		for i := range uint32(5000) {
			p.frames.WritePriorityUpdate(2*i+1, "u=2")
			p.get(2*i + 1)
			p.raw(framePriority, 0, 2*i+1, "\x00\x00\x00\x00\x10")
			p.frames.WriteWindowUpdate(0, 2)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
	t.Run("resets that are spread over time", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		for i := range uint32(5000) {
			p.now += budgetPeriod / 400
			p.post(2*i + 1)
			p.cancel(2*i + 1)
			p.reads()
		}
		if p.err != nil {
			t.Error(p.err)
		}
	})
}

// What is counted is counted within ten seconds.
func TestBudgetPeriod(t *testing.T) {
	for _, again := range []struct {
		behind int64 // how long behind the first of those that are allowed
		ends   bool
	}{{0, true}, {budgetPeriod - 1, true}, {budgetPeriod, false}} {
		p := newPeer(t, nil)
		p.now = 12e9 // which begins a new period
		ping := func(n int) {
			for range n {
				p.frames.WritePing(false, [8]byte{})
			}
			p.reads()
			p.frameList()
		}
		ping(1)
		p.now++
		ping(499)
		if p.err != nil {
			t.Fatal(p.err)
		}
		p.now = 12e9 + again.behind
		if ping(1); (p.err != nil) != again.ends {
			t.Errorf("another one %d ns behind the first: %v", again.behind, p.err)
		}
	}
}

// Answers that nobody fetches are bounded, whatever the frames are.
func TestAnswersPileUp(t *testing.T) {
	for name, round := range map[string]func(p *peer, id uint32){
		"to PING":               func(p *peer, id uint32) { p.frames.WritePing(false, [8]byte{}) },
		"to faults of a stream": func(p *peer, id uint32) { p.get(id, "connection: close") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, &Limits{Pings: 1e6, Resets: 1e6})
			for i := range uint32(2000) {
				round(p, 2*i+1)
			}
			p.wantLimit("ControlBytes")
			p.bounded(40 << 10)
		})
	}
	t.Run("as many as are allowed", func(t *testing.T) {
		for _, less := range []int{0, 1} {
			p := newPeer(t, &Limits{ControlBytes: 10*(headSize+8) - less})
			for range 10 {
				p.frames.WritePing(false, [8]byte{})
			}
			if p.reads(); (p.err != nil) != (less > 0) {
				t.Errorf("with %d octets less: %v", less, p.err)
			}
		}
	})
}
