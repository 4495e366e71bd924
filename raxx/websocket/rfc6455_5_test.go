package websocket

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// refused is what is said instead of a message that is refused: a Close, what the
// application is told, and the end.
func refused(code, reason string) []string {
	return []string{"close " + code + " " + reason, "closed " + code + " the client broke the protocol", "end"}
}

// RFC 6455, Section 5.2: frames of every length, of which the form changes at
// 126 and at 65,536 octets.
func TestFraming(t *testing.T) {
	x := func(n int) string { return strings.Repeat("*", n) }
	run(t, echoing(), []row{
		{"5.2 a text without content", whole(opText, ""), []string{"text "}},
		{"5.2 a text of 125 octets", whole(opText, x(125)), []string{"text " + x(125)}},
		{"5.2 a text of 126 octets", whole(opText, x(126)), []string{"text " + x(126)}},
		{"5.2 a text of 127 octets", whole(opText, x(127)), []string{"text " + x(127)}},
		{"5.2 a text of 128 octets", whole(opText, x(128)), []string{"text " + x(128)}},
		{"5.2 a text of 65,535 octets", whole(opText, x(65535)), []string{"text 65535 octets"}},
		{"5.2 a text of 65,536 octets", whole(opText, x(65536)), []string{"text 65536 octets"}},
		{"5.2 a binary message without content", whole(opBinary, ""), []string{"binary "}},
		{"5.2 a binary message of 125 octets", whole(opBinary, "\xfe"+x(124)), []string{"binary \xfe" + x(124)}},
		{"5.2 a binary message of 126 octets", whole(opBinary, "\xfe"+x(125)), []string{"binary \xfe" + x(125)}},
		{"5.2 a binary message of 65,535 octets", whole(opBinary, x(65535)), []string{"binary 65535 octets"}},
		{"5.2 a binary message of 65,536 octets", whole(opBinary, x(65536)), []string{"binary 65536 octets"}},
		{"5.2 two messages follow on each other", whole(opText, "a") + whole(opText, "b"), []string{"text a", "text b"}},
		{"5.3 a masking key of zero", "\x81\x82\x00\x00\x00\x00hi", []string{"text hi"}},
		{"5.7 the masked Hello of the RFC", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", []string{"text Hello"}},
	})
}

func TestFramingRefuses(t *testing.T) {
	rsv := func(bits, op byte, payload string) string {
		f := []byte(whole(opcode(op), payload))
		f[0] |= bits
		return string(f)
	}
	reserved := refused("1002", "a reserved bit is set (RFC 6455, 5.2)")
	rsv1 := refused("1002", "RSV1 is set without an extension (RFC 6455, 5.2)")
	opcodes := refused("1002", "a reserved opcode (RFC 6455, 5.2)")
	minimal := refused("1002", "a length in more octets than it needs (RFC 6455, 5.2)")
	run(t, echoing(), []row{
		{"5.1 a frame that is not masked", "\x81\x05Hello", refused("1002", "a frame of a client that is not masked (RFC 6455, 5.1)")},
		{"5.1 a control frame that is not masked", "\x89\x00", refused("1002", "a frame of a client that is not masked (RFC 6455, 5.1)")},
		{"5.2 RSV1", rsv(0x40, 1, "x"), rsv1},
		{"5.2 RSV2", rsv(0x20, 1, "x"), reserved},
		{"5.2 RSV3", rsv(0x10, 1, "x"), reserved},
		{"5.2 RSV2 and RSV3", rsv(0x30, 2, "x"), reserved},
		{"5.2 RSV1, RSV2 and RSV3", rsv(0x70, 1, "x"), reserved},
		{"5.2 RSV3 in a ping", rsv(0x10, 9, "x"), reserved},
		{"5.2 RSV2 in a Close", rsv(0x20, 8, ""), reserved},
		{"5.2 a reserved bit behind a message", whole(opText, "x") + rsv(0x10, 1, "y"), append([]string{"text x"}, reserved...)},
		{"5.2 opcode 3", whole(3, ""), opcodes},
		{"5.2 opcode 4", whole(4, "payload"), opcodes},
		{"5.2 opcode 5 behind a message", whole(opText, "x") + whole(5, "") + whole(opPing, ""), append([]string{"text x"}, opcodes...)},
		{"5.2 opcode 6", whole(6, "payload"), opcodes},
		{"5.2 opcode 7", whole(7, ""), opcodes},
		{"5.2 opcode 11", whole(11, ""), opcodes},
		{"5.2 opcode 12", whole(12, "payload"), opcodes},
		{"5.2 opcode 13 behind a message", whole(opText, "x") + whole(13, ""), append([]string{"text x"}, opcodes...)},
		{"5.2 opcode 14", whole(14, "payload"), opcodes},
		{"5.2 opcode 15", whole(15, ""), opcodes},
		{"5.2 125 octets with a length of 16 bits", "\x81\xfe\x00\x7d\x00\x00\x00\x00", minimal},
		{"5.2 65,535 octets with a length of 64 bits", "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00", minimal},
		{"5.2 a length with its highest bit set", "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", refused("1002", "a length of more than 63 bits (RFC 6455, 5.2)")},
	})
}

// RFC 6455, Section 5.4: fragments.
func TestFragments(t *testing.T) {
	none := refused("1002", "a continuation of no message (RFC 6455, 5.4)")
	within := refused("1002", "a message within another (RFC 6455, 5.4)")
	run(t, echoing(), []row{
		{"5.4 a message of two fragments", first(opText, "Hel") + last("lo"), []string{"text Hello"}},
		{"5.4 a binary message of three", first(opBinary, "a") + more("b") + last("c"), []string{"binary abc"}},
		{"5.4 a control frame between fragments", first(opText, "a") + whole(opPing, "p") + last("b"), []string{"pong p", "text ab"}},
		{"5.4 control frames between all of them", first(opText, "a") + whole(opPing, "1") + more("b") + whole(opPing, "2") + last("c"), []string{"pong 1", "pong 2", "text abc"}},
		{"5.4 fragments without content", first(opText, "") + more("") + last(""), []string{"text "}},
		{"5.4 only the middle has content", first(opText, "") + more("x") + last(""), []string{"text x"}},
		{"5.4 a Close between fragments", first(opText, "a") + goodbye(1000, "") + last("b"), []string{"close 1000", "closed 1000 said", "end"}},
		{"5.4 two messages of fragments", first(opText, "a") + last("b") + first(opText, "c") + last("d"), []string{"text ab", "text cd"}},
		{"5.4 a continuation of nothing", more("x"), none},
		{"5.4 a last fragment of nothing", last("x") + whole(opText, "y"), none},
		{"5.4 a continuation behind a whole message", whole(opText, "a") + last("x"), append([]string{"text a"}, none...)},
		{"5.4 a continuation behind the last fragment", first(opText, "a") + last("b") + more("c"), append([]string{"text ab"}, none...)},
		{"5.4 a text within a text", first(opText, "a") + whole(opText, "b"), within},
		{"5.4 a binary message within a text", first(opText, "a") + first(opBinary, "b"), within},
	})
}

// RFC 6455, Section 5.5: control frames.
func TestControlFrames(t *testing.T) {
	x := strings.Repeat("x", 125)
	ten, pongs := "", []string(nil)
	for _, c := range "0123456789" {
		ten += whole(opPing, string(c))
		pongs = append(pongs, "pong "+string(c))
	}
	run(t, echoing(), []row{
		{"5.5 a ping of 126 octets", whole(opPing, x+"x"), refused("1002", "a control frame of more than 125 octets (RFC 6455, 5.5)")},
		{"5.5 a pong of 126 octets", whole(opPong, x+"x"), refused("1002", "a control frame of more than 125 octets (RFC 6455, 5.5)")},
		{"5.5 a ping in fragments", client(header{op: opPing}, "a") + last("b"), refused("1002", "a control frame in fragments (RFC 6455, 5.5)")},
		{"5.5 a pong in fragments", client(header{op: opPong}, "a") + last("b"), refused("1002", "a control frame in fragments (RFC 6455, 5.5)")},
		{"5.5 a Close in fragments", client(header{op: opClose}, ""), refused("1002", "a control frame in fragments (RFC 6455, 5.5)")},
		{"5.5 a compressed ping", client(header{op: opPing, fin: true, packed: true}, ""), refused("1002", "a control frame that is compressed (RFC 7692, 6.1)")},
		{"5.5.2 a ping", whole(opPing, ""), []string{"pong "}},
		{"5.5.2 a ping with a text", whole(opPing, "Hello"), []string{"pong Hello"}},
		{"5.5.2 a ping with octets that are no text", whole(opPing, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), []string{"pong \x00\xff\xfe\xfd\xfc\xfb\x00\xff"}},
		{"5.5.2 a ping of 125 octets", whole(opPing, x), []string{"pong " + x}},
		{"5.5.2 ten pings", ten, pongs},
		{"5.5.3 a pong that nobody asked for", whole(opPong, "") + whole(opPing, "x"), []string{"pong x"}},
		{"5.5.3 a pong with content that nobody asked for", whole(opPong, "x") + whole(opPing, "y"), []string{"pong y"}},
	})
}

// RFC 6455, Section 5.3: masking is its own inverse, whatever the length and
// wherever the octets lie.
func TestMask(t *testing.T) {
	for n := range 100 {
		for offset := range 9 {
			b := []byte(strings.Repeat("0123456789", 11)[:offset+n])
			want := strings.Clone(string(b))
			mask(b[offset:], testMask)
			for i, key := 0, uint32(testMask); i < n; i++ {
				if got := b[offset+i] ^ byte(key); got != want[offset+i] {
					t.Fatalf("%d octets at %d: octet %d is %q, want %q", n, offset, i, got, want[offset+i])
				}
				key = turn(key, 1)
			}
			mask(b[offset:], testMask)
			if string(b) != want {
				t.Fatalf("%d octets at %d: masked twice they are %q", n, offset, b)
			}
		}
	}
}

// What is refused is told to the client: it has to fit into a control frame.
func TestReasonsFit(t *testing.T) {
	for b := range 1 << 16 {
		if _, _, f := parseHeader(string([]byte{byte(b), byte(b >> 8)})); f != nil && len(f.reason) > maxControl-2 {
			t.Errorf("%q has %d octets", f.reason, len(f.reason))
		}
	}
}

// Headers survive being written and read.
func TestHeaderRoundTrip(t *testing.T) {
	for _, h := range []header{
		{op: opText, fin: true, length: 1}, {op: opBinary, packed: true, length: 125}, {length: 126, fin: true},
		{op: opText, length: 65535, masked: true, key: testMask}, {op: opText, length: 65536}, {op: opPong, fin: true, masked: true, length: 125},
		{op: opBinary, fin: true, length: 1<<63 - 1, masked: true, key: 1},
	} {
		b := string(appendHeader(nil, h))
		got, n, f := parseHeader(b)
		if d := cmp.Diff(h, got, cmp.AllowUnexported(header{})); d != "" || n != len(b) || f != nil {
			t.Errorf("%q: %d of %d octets, %v\n%s", b, n, len(b), f, d)
		}
		for i := range b {
			if _, n, f := parseHeader(b[:i]); n != 0 || f != nil {
				t.Errorf("%q is a header of %d octets, %v", b[:i], n, f)
			}
		}
	}
}
