package h2

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// conversations are what clients say, of every kind that the other tests know.
func conversations(t testing.TB) map[string][]byte {
	all := make(map[string][]byte)
	add := func(name string, say func(p *peer)) {
		p := rawPeer(t, nil)
		p.write([]byte(Preface))
		p.settings(3, 100, 4, 70000)
		say(p)
		all[name] = slices.Clone(p.wire.Bytes())
	}
	add("requests", func(p *peer) {
		for id := uint32(1); id < 12; id += 2 {
			p.get(id, ":path: /a?b", "x: y", "cookie: a=b", "cookie: c=d")
		}
	})
	add("bodies", func(p *peer) {
		p.post(1, "content-length: 14")
		p.post(3, "priority: u=1")
		p.data(1, false, "content")
		p.raw(frameData, flagPadded, 3, "\x05content\x00\x00\x00\x00\x00")
		p.headers(3, true, "a: trailer")
		p.data(1, true, "content")
	})
	add("continuation", func(p *peer) {
		block := string(p.encode(p.request("x: " + strings.Repeat("y", 300))...))
		p.raw(frameHeaders, flagEndStream, 1, block[:10])
		p.raw(frameContinuation, 0, 1, "")
		p.raw(frameContinuation, flagEndHeaders, 1, block[10:])
	})
	add("control", func(p *peer) {
		p.frames.WritePing(false, [8]byte{7})
		p.post(1)
		p.frames.WriteWindowUpdate(0, 10)
		p.frames.WriteWindowUpdate(1, 10)
		p.frames.WritePriorityUpdate(1, "u=2")
		p.raw(framePriority, 0, 1, "\x00\x00\x00\x03\x10")
		p.raw(0x77, 3, 9, "unknown")
		p.settings(1, 100)
		p.cancel(1)
		p.frames.WriteSettingsAck()
		p.frames.WriteGoAway(0, 0, []byte("bye"))
	})
	add("malformed", func(p *peer) {
		p.get(1, "connection: close")
		p.get(3)
		p.headers(5, true, ":path: /")
		p.post(7, "content-length: 1")
		p.data(7, true, "four")
		p.frames.WriteWindowUpdate(3, 0)
	})
	add("a fault", func(p *peer) {
		p.get(1)
		p.raw(framePing, 0, 0, "short")
		p.get(3)
	})
	add("a tunnel", func(p *peer) {
		p.headers(1, false, ":method: CONNECT", ":protocol: websocket", ":scheme: https", ":authority: a", ":path: /")
		p.data(1, false, "hi")
		p.data(1, true, "")
	})
	return all
}

// A conversation means the same however it comes: whole, octet by octet, or cut
// in two anywhere.
func TestSplits(t *testing.T) {
	for name, wire := range conversations(t) {
		t.Run(name, func(t *testing.T) {
			want, wantErr := listen(t, wire)
			octets := make([]int, len(wire))
			for i := range octets {
				octets[i] = i
			}
			splits := [][]int{octets}
			for i := range octets {
				splits = append(splits, []int{i})
			}
			for _, at := range splits {
				got, err := listen(t, wire, at...)
				if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(wantErr, err) {
					t.Fatalf("cut at %v: error %v, want %v, events (-want +got):\n%s", at, err, wantErr, diff)
				}
			}
		})
	}
}

// listen has a Conn read a conversation that is cut at these offsets.
func listen(t testing.TB, wire []byte, at ...int) (events []string, err error) {
	p := rawPeer(t, nil)
	p.takes = true
	read := 0
	for _, end := range append(at, len(wire)) {
		read += p.feed(wire[read:end])
		p.answers.Reset()
	}
	return p.events, p.err
}
