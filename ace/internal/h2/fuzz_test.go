package h2

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/raxx-go/raxx/raxx"
	"golang.org/x/net/http2/hpack"
)

// FuzzConn has a Conn read anything behind a preface: it never panics, takes no
// more than it was given, holds no more than its limits allow, and says the same
// when the octets come in two parts.
func FuzzConn(f *testing.F) {
	for _, wire := range conversations(f) {
		f.Add(wire[len(Preface):], 20)
	}
	f.Fuzz(func(t *testing.T, wire []byte, cut int) {
		wire = append([]byte(Preface), wire...)
		want, wantErr := listen(t, wire)
		got, err := listen(t, wire, min(max(cut, 0), len(wire)))
		if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(wantErr, err) {
			t.Errorf("in two parts: error %v, want %v, events (-want +got):\n%s", err, wantErr, diff)
		}
		serveAll(t, wire)
	})
}

// FuzzFrames has a Conn read frames that are well-formed on their own, in any
// order: four octets choose each.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x01\x05\x01\x00\x00\x01\x01\x09\x03\x00\x01\x00\x08\x00\x01\x10"))
	f.Add([]byte("\x01\x04\x01\x00\x00\x00\x01\x50\x01\x05\x01\x01"))
	f.Add([]byte("\x01\x00\x01\x00\x09\x04\x01\x00\x04\x00\x00\x06\x10\x00\x00\x02\x07\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		serveAll(t, append([]byte(Preface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00"), framesOf(t, choices)...))
	})
}

// framesOf makes a frame of every four octets: its type, its flags, its stream,
// and what is in it.
func framesOf(t *testing.T, choices []byte) []byte {
	p := rawPeer(t, nil)
	good := p.encode(p.request("x: y")...)
	payloads := map[uint8][]string{
		frameData:           {"", "content", "\x03abc", "\x00" + string(make([]byte, 16383))},
		frameHeaders:        {string(good), string(good[:5]), "", "\x00\x00\x00\x00\x10" + string(good), "\x82\xbe", "\x3f\x01" + string(good)},
		frameContinuation:   {string(good[5:]), "", string(good)},
		framePriority:       {"\x00\x00\x00\x00\x10", "\x00\x00\x00\x01\x10", "1234"},
		frameRSTStream:      {"\x00\x00\x00\x08", "\x00\x00\x00\x00", "123"},
		frameSettings:       {"", "\x00\x01\x00\x00\x00\x00", "\x00\x04\x00\x00\x00\x01", "\x00\x04\x7f\xff\xff\xff", "\x00\x05\x00\x00\x40\x00", "12345"},
		framePing:           {"12345678", string(drainPing[:]), ""},
		frameGoAway:         {"12345678", "1234"},
		frameWindowUpdate:   {"\x00\x00\x00\x01", "\x00\x01\x00\x00", "\x7f\xff\xff\xff", "\x00\x00\x00\x00"},
		framePriorityUpdate: {"\x00\x00\x00\x01u=1", "\x00\x00\x00\x03i", "\x00\x00\x00\x02"},
	}
	for c := range slices.Chunk(choices, 4) {
		if len(c) < 4 {
			break
		}
		payload := "unknown"
		if of := payloads[c[0]]; len(of) > 0 {
			payload = of[int(c[3])%len(of)]
		}
		p.raw(c[0], c[1], uint32(c[2]), payload)
	}
	return p.wire.Bytes()
}

// serveAll has a Conn read octets, and a driver answer each request in a way
// that depends on its stream. It checks what comes back, and what is held.
func serveAll(t *testing.T, wire []byte) {
	p := rawPeer(t, nil)
	p.sendRoom = 2000
	var ev Event
	open := make(map[*Stream]bool)
	for read := 0; ; {
		n, err := p.conn.Next(wire[read:], int64(read), &ev)
		if read += n; read > len(wire) {
			t.Fatalf("it took %d octets of %d", read, len(wire))
		}
		if p.err = err; err != nil || ev.Kind == NoEvent {
			break
		}
		p.drive(&ev, open)
		if holds := p.conn.holds(); holds > 2<<20 {
			t.Fatalf("the connection holds %d octets", holds)
		}
	}
	p.flush()
	p.frameList() // which checks that they are frames
	for s := range open {
		p.forget(s)
	}
	if p.err != nil && (len(p.conn.open) > 0 || p.conn.held > 0) {
		t.Fatalf("%d streams are open, and %d held, of a connection that is over", len(p.conn.open), p.conn.held)
	}
	p.flush()
	p.conn.Release()
}

// drive answers at once, late, in part, or never.
func (p *peer) drive(ev *Event, open map[*Stream]bool) {
	s := ev.Stream
	switch ev.Kind {
	case RequestEvent:
		open[s] = true
		switch s.ID() % 16 {
		case 1, 3:
			p.reply(s, "at once")
			delete(open, s)
			p.forget(s)
		case 5:
			p.reply(s, string(make([]byte, 100000)))
		case 7:
			p.send(s, "in part", false)
		case 9:
			p.conn.Reset(s, Cancel)
		}
	case DataEvent:
		p.conn.Take(s, len(s.Unread())/2)
	case TrailerEvent, ResetEvent:
		delete(open, s)
		p.forget(s)
	}
	if s != nil && s.ID()%4 == 3 {
		p.flush()
		for p.conn.Drained() != nil {
		}
	}
}

// FuzzBlock decodes field blocks: what is let through is what a general decoder
// finds, within the limits, and the blocks behind it are read alike.
func FuzzBlock(f *testing.F) {
	p := rawPeer(f, nil)
	f.Add(p.encode(p.request("x: y", "cookie: a", "cookie: b")...), p.encode(p.request("x: y")...))
	f.Add([]byte("\x20\x82\x87\x84\x41\x01a"), []byte("\x82\x87\x84\xbe"))
	f.Add([]byte("\x82\x87\x84\x41\x01a\x20"), []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		if len(first) > 16384 || len(second) > 16384 {
			return
		}
		p := newPeer(t, nil)
		reference := hpack.NewDecoder(4096, nil)
		for i, block := range [][]byte{first, second} {
			p.raw(frameHeaders, flagEndHeaders|flagEndStream, uint32(2*i+1), string(block))
			before := len(p.requests)
			p.reads()
			fields, size, err := decodeBlock(reference, block)
			if err != nil && p.err == nil && size <= 32<<10 {
				t.Fatalf("block %x is let through, in spite of %v", block, err)
			}
			if p.err != nil || err != nil {
				// Of a block that is too large, strings are not looked at any
				// more: it has been refused.
				return
			}
			if len(p.requests) > before && !p.conn.open[len(p.conn.open)-1].Closed() {
				checkRequest(t, p, fields)
			}
		}
	})
}

// decodeBlock returns the fields of a block, and their size, up to what is wrong
// with it.
func decodeBlock(d *hpack.Decoder, block []byte) (fields []hpack.HeaderField, size int, err error) {
	d.SetEmitFunc(func(f hpack.HeaderField) {
		fields = append(fields, f)
		size += int(f.Size())
	})
	return fields, size, decoder{d}.decode(block)
}

// checkRequest compares the last request with the fields that it was made of.
func checkRequest(t *testing.T, p *peer, fields []hpack.HeaderField) {
	req := p.requests[len(p.requests)-1]
	if bytes.Contains([]byte(p.events[len(p.events)-1]), []byte("refuse")) {
		return
	}
	var want, got []string
	size := 0
	for _, f := range fields {
		size += int(f.Size())
		if !f.IsPseudo() && f.Name != "host" && f.Name != "cookie" {
			want = append(want, f.Name+": "+f.Value)
		}
		if f.Name == ":protocol" {
			defer func(v string) {
				if req.Header.Get("upgrade") != v {
					t.Errorf("upgrade is %q", req.Header.Get("upgrade"))
				}
			}(f.Value)
		}
	}
	for _, f := range req.Header {
		if err := raxx.CheckField(f.Name, f.Value); err != nil {
			t.Errorf("field %q is let through: %v", f.Name, err)
		}
		if f.Name != "cookie" && f.Name != "upgrade" {
			got = append(got, f.Name+": "+f.Value)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || size > 32<<10 || len(fields) > 200 {
		t.Errorf("%d fields of %d octets became (-want +got):\n%s", len(fields), size, diff)
	}
	if req.Method != "CONNECT" && (req.Path == "" || req.Path[0] != '/' && req.Path != "*") || req.Authority == "" {
		t.Errorf("let through: %+v", req)
	}
}
