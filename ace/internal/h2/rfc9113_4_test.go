package h2

import (
	"strings"
	"testing"
)

// RFC 9113, Section 4: HTTP Frames.
func TestFrames(t *testing.T) {
	t.Run("4.1 frames of unknown types are ignored", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(0x16, 0xff, 0, "whatever")
		p.raw(0xff, 0, 7, "")
		p.wantAlive()
	})
	t.Run("4.1 flags without a meaning are ignored", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(framePing, 0xfe, 0, "12345678")
		p.want("PING ACK 3132333435363738")
	})
	t.Run("4.1 the reserved bit is ignored", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(framePing, 0, 1<<31, "12345678")
		p.want("PING ACK 3132333435363738")
	})
	t.Run("4.2 a frame of 16,384 octets is taken", func(t *testing.T) {
		p := newPeer(t, nil)
		p.post(1)
		p.data(1, true, strings.Repeat("x", 16384))
		p.wantEvents("request 1 GET /", "data 1 16384 end")
	})
	for _, kind := range []uint8{frameData, frameHeaders, frameSettings, framePing, 0x16} {
		t.Run("4.2 a frame of 16,385 octets is refused when its header has come", func(t *testing.T) {
			p := newPeer(t, nil)
			p.post(1)
			p.reads()
			p.write([]byte{0, 0x40, 1, kind, 0, 0, 0, 0, 1})
			p.wantConnError(FrameSizeError, "4.2")
		})
	}
	t.Run("4.2 a frame that has not come whole is left alone", func(t *testing.T) {
		p := newPeer(t, nil)
		p.data(1, true, "content")
		if n := p.feed(p.wire.Bytes()[:12]); n != 0 {
			t.Errorf("it took %d octets", n)
		}
	})
}

// RFC 9113, Section 4.3: Field Section Compression and Decompression.
func TestFieldBlocks(t *testing.T) {
	t.Run("4.3 a block that can't be decoded ends the connection", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(frameHeaders, flagEndHeaders|flagEndStream, 1, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
		p.wantConnError(CompressionError, "4.3")
	})
	t.Run("4.3 a block that ends within a field ends the connection", func(t *testing.T) {
		p := newPeer(t, nil)
		p.raw(frameHeaders, flagEndHeaders|flagEndStream, 1, "\x82\x44\x05/pa")
		p.wantConnError(CompressionError, "4.3")
	})
	for _, kind := range []uint8{framePriority, frameHeaders, frameData, frameSettings, framePing, frameRSTStream, frameGoAway, frameWindowUpdate, framePushPromise, framePriorityUpdate, 0x16} {
		t.Run("4.3 no other frame within a block", func(t *testing.T) {
			p := newPeer(t, nil)
			p.raw(frameHeaders, flagEndStream, 1, string(p.encode(p.request()...)))
			p.raw(kind, 0, 1, "12345")
			p.wantConnError(ProtocolError, "6.2")
		})
	}
	t.Run("4.3 a block is decoded for a stream that is refused", func(t *testing.T) {
		p := newPeer(t, &Limits{Streams: 1})
		p.post(1)
		p.post(3, "x-new: in the table") // refused
		p.want("RST_STREAM 3 REFUSED_STREAM")
		p.raw(frameRSTStream, 0, 1, "\x00\x00\x00\x08")
		p.get(5, "x-new: in the table")
		p.reads()
		if got := p.requests[len(p.requests)-1].Header.Get("x-new"); got != "in the table" {
			t.Errorf("the field behind is %q", got)
		}
	})
	t.Run("4.3 a block is decoded for a message that is malformed", func(t *testing.T) {
		p := newPeer(t, nil)
		p.get(1, "Upper: case", "x-new: in the table")
		p.wantStreamError(1, ProtocolError)
		p.get(3, "x-new: in the table")
		p.reads()
		if got := p.requests[0].Header.Get("x-new"); got != "in the table" {
			t.Errorf("the field behind is %q", got)
		}
	})
	t.Run("4.3.1 a smaller table of the peer is used from the next block on", func(t *testing.T) {
		p := newPeer(t, nil)
		p.serve = true
		for id := range uint32(4) {
			p.get(2*id + 1)
		}
		p.reads()
		p.frameList()
		p.settings(1, 0)
		p.get(9)
		p.decoder.SetAllowedMaxDynamicTableSize(0)
		p.want("SETTINGS ACK", "HEADERS 9 :status=200 content-length=2", `DATA 9 "ok" end`)
	})
}
