package websocket

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 7692, Section 7.1: what is offered, and what is agreed on.
func TestNegotiation(t *testing.T) {
	const alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	const kept = "permessage-deflate; server_no_context_takeover"
	rows := []struct {
		name  string
		offer string
		keep  bool
		want  string // "": none
	}{
		{"5 no extension", "", false, ""},
		{"5 another extension", "x-webkit-deflate-frame", false, ""},
		{"5 another extension before it", "foo; bar=1, permessage-deflate", false, alone},
		{"5 its name in other letters", "Permessage-Deflate", false, alone},
		{"7.1 without parameters", "permessage-deflate", false, alone},
		{"7.1 without parameters, and the context is kept", "permessage-deflate", true, kept},
		{"7.1 a parameter that is not known", "permessage-deflate; foo", false, ""},
		{"7.1 an empty parameter", "permessage-deflate;", false, ""},
		{"7.1 a parameter twice", "permessage-deflate; server_no_context_takeover; server_no_context_takeover", false, ""},
		{"7.1 the second offer, if the first can't be taken", "permessage-deflate; foo, permessage-deflate; server_max_window_bits=9", false, alone + "; server_max_window_bits=9"},
		{"7.1 the first offer of two", "permessage-deflate; server_max_window_bits=9, permessage-deflate", false, alone + "; server_max_window_bits=9"},
		{"7.1 every parameter, and two offers with fewer", "permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9, " +
			"permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover, permessage-deflate; client_no_context_takeover; client_max_window_bits",
			true, alone + "; server_max_window_bits=9"},
		{"7.1.1.1 server_no_context_takeover", "permessage-deflate; server_no_context_takeover", false, alone},
		{"7.1.1.1 server_no_context_takeover with a value", "permessage-deflate; server_no_context_takeover=1", false, ""},
		{"7.1.1.2 client_no_context_takeover", "permessage-deflate; client_no_context_takeover", true, alone},
		{"7.1.1.2 client_no_context_takeover with a value", "permessage-deflate; client_no_context_takeover=true", true, ""},
		{"7.1.2.1 server_max_window_bits of 8", "permessage-deflate; server_max_window_bits=8", false, alone + "; server_max_window_bits=8"},
		{"7.1.2.1 server_max_window_bits of 15", "permessage-deflate; server_max_window_bits=15", true, kept + "; server_max_window_bits=15"},
		{"7.1.2.1 server_max_window_bits in quotes", `permessage-deflate; server_max_window_bits="10"`, false, alone + "; server_max_window_bits=10"},
		{"7.1.2.1 server_max_window_bits behind a quote", `permessage-deflate; server_max_window_bits="10`, false, ""},
		{"7.1.2.1 server_max_window_bits before a quote", `permessage-deflate; server_max_window_bits=10"`, false, ""},
		{"7.1.2.1 server_max_window_bits of a quote", `permessage-deflate; server_max_window_bits="`, false, ""},
		{"7.1.2.1 server_max_window_bits of nothing in quotes", `permessage-deflate; server_max_window_bits=""`, false, ""},
		{"7.1.2.1 server_max_window_bits of 11", "permessage-deflate; server_max_window_bits=11", false, alone + "; server_max_window_bits=11"},
		{"7.1.2.1 server_max_window_bits of 12", "permessage-deflate; server_max_window_bits=12", false, alone + "; server_max_window_bits=12"},
		{"7.1.2.1 server_max_window_bits of 13", "permessage-deflate; server_max_window_bits=13", false, alone + "; server_max_window_bits=13"},
		{"7.1.2.1 server_max_window_bits of 14", "permessage-deflate; server_max_window_bits=14", false, alone + "; server_max_window_bits=14"},
		{"7.1.2.1 server_max_window_bits of 7", "permessage-deflate; server_max_window_bits=7", false, ""},
		{"7.1.2.1 server_max_window_bits of 16", "permessage-deflate; server_max_window_bits=16", false, ""},
		{"7.1.2.1 server_max_window_bits with a zero before it", "permessage-deflate; server_max_window_bits=09", false, ""},
		{"7.1.2.1 server_max_window_bits without a value", "permessage-deflate; server_max_window_bits", false, ""},
		{"7.1.2.2 client_max_window_bits without a value", "permessage-deflate; client_max_window_bits", false, alone},
		{"7.1.2.2 client_max_window_bits of 10", "permessage-deflate; client_max_window_bits=10", true, kept},
		{"7.1.2.2 client_max_window_bits of 7", "permessage-deflate; client_max_window_bits=7", false, ""},
		{"7.1.2.2 client_max_window_bits with an empty value", "permessage-deflate; client_max_window_bits=", false, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			req := Handshake("/")
			if r.offer != "" {
				req = req.With(fieldExtensions, r.offer)
			}
			resp := upgrade(req, Config{Compress: true, KeepContext: r.keep})
			if got := resp.Header.Get(fieldExtensions); got != r.want || resp.Status != 101 {
				t.Errorf("status %d, %q, want %q", resp.Status, got, r.want)
			}
			if _, err := NewClient(req, resp); err != nil {
				t.Error(err)
			}
		})
	}
}

// packing is what the usual offer leads to.
var packing = deflation{on: true, serverAlone: true, clientAlone: true}

// unpacked returns a machine that echoes, and takes compressed messages. It
// compresses none.
func unpacked(limit int64) raxx.Machine {
	return socket(Config{MessageLimit: limit, CompressFrom: 1 << 30}, packing, raxx.NewMachine(struct{}{}, teller))
}

func packed(op opcode, payload string) string {
	return client(header{op: op, fin: true, packed: true}, payload)
}

// RFC 7692, Sections 6 and 7.2: compressed messages of a client.
func TestInflate(t *testing.T) {
	bad := refused("1007", "compressed data that can't be read (RFC 7692, 7.2.2)")
	hello := "\xf2\x48\xcd\xc9\xc9\x07\x00"
	run(t, unpacked(0), []row{
		{"6 a message that is not compressed", whole(opText, "Hello"), []string{"text Hello"}},
		{"6.1 RSV1 in the second fragment", client(header{op: opText, packed: true}, hello[:3]) + client(header{fin: true, packed: true}, hello[3:]), refused("1002", "RSV1 is set within a message (RFC 7692, 6.1)")},
		{"6.1 RSV1 in a later fragment of a message that is not compressed", first(opText, "a") + client(header{fin: true, packed: true}, hello), refused("1002", "RSV1 is set within a message (RFC 7692, 6.1)")},
		{"7.2.3.1 one block", packed(opText, hello), []string{"text Hello"}},
		{"7.2.3.1 two fragments", client(header{op: opText, packed: true}, hello[:3]) + last(hello[3:]), []string{"text Hello"}},
		{"7.2.3.1 a ping between fragments", client(header{op: opText, packed: true}, hello[:3]) + whole(opPing, "p") + last(hello[3:]), []string{"pong p", "text Hello"}},
		{"7.2.3.1 a binary message", packed(opBinary, hello), []string{"binary Hello"}},
		{"7.2.3.3 a block without compression", packed(opText, "\x00\x05\x00\xfa\xffHello\x00"), []string{"text Hello"}},
		{"7.2.3.4 a block that is the last one", packed(opText, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), []string{"text Hello"}},
		{"7.2.3.5 two blocks", packed(opText, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), []string{"text Hello"}},
		{"7.2.3.6 no text", packed(opText, "\x00"), []string{"text "}},
		{"7.2.3.6 no text, as zlib has it", packed(opText, ""), []string{"text "}},
		{"7.2.2 three streams in a message", packed(opText, strings.Repeat("\xf3\x48\xcd\xc9\xc9\x07\x00", 3)+"\x00"), []string{"text HelloHelloHello"}},
		{"7.2.2 a stream that refers to the one before it", packed(opText, "\xf3\x48\xcd\xc9\xc9\x07\x00\xf2\x00\x11\x00\x00"), []string{"text HelloHello"}},
		{"7.2.2 more streams than anybody makes", packed(opText, strings.Repeat("\x03\x00", 100)+"\x00"), bad},
		{"7.2.2 a block of the reserved type", packed(opText, "\x07"), bad},
		{"7.2.2 lengths that do not match", packed(opText, "\x00\x05\x00\xfa\xfeHello\x00"), bad},
		{"7.2.2 a message that breaks off", packed(opText, "\xf2\x48"), bad},
		{"7.2.2 a reference to before the beginning", packed(opText, "\x02\x13\x00\x00"), bad},
		{"7.2.2 a block that takes what the sender took off for its own", packed(opText, "\x01\x02\x00\xfd\xff"), bad},
		{"7.2.2 text that is not UTF-8", packed(opText, "\x00\x01\x00\xfe\xff\xff\x00"), notText},
		{"7.1.1.2 a reference to an earlier message", packed(opText, hello) + packed(opText, "\xf2\x00\x11\x00\x00"), append([]string{"text Hello"}, bad...)},
	})
}

// RFC 7692, Section 7.1.1: the client may refer to its earlier messages.
func TestKeepContext(t *testing.T) {
	agreed := deflation{on: true, serverAlone: true}
	m := socket(Config{CompressFrom: 1 << 30}, agreed, raxx.NewMachine(struct{}{}, teller))
	run(t, m, []row{
		{"7.2.3.2 the second Hello of the RFC", packed(opText, "\xf2\x48\xcd\xc9\xc9\x07\x00") + packed(opText, "\xf2\x00\x11\x00\x00"), []string{"text Hello", "text Hello"}},
		{"7.2.3.2 a message that was not compressed is not referred to", whole(opText, "Hello") + packed(opText, "\xf2\x00\x11\x00\x00"), append([]string{"text Hello"}, refused("1007", "compressed data that can't be read (RFC 7692, 7.2.2)")...)},
	})

	small := socket(Config{CompressFrom: 1 << 30}, deflation{on: true, serverAlone: true, clientBits: 10}, raxx.NewMachine(struct{}{}, teller))
	run(t, small, []row{
		{"7.1.2.2 the second Hello, with a smaller window", packed(opText, "\xf2\x48\xcd\xc9\xc9\x07\x00") + packed(opText, "\xf2\x00\x11\x00\x00"), []string{"text Hello", "text Hello"}},
	})

	// Messages of all sizes around that of the window, all by one encoder.
	var stream bytes.Buffer
	w, err := flate.NewWriter(&stream, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range []int{100, 20000, 20000, 1, 32767, 32768, 32769, 100, 70000, 5} {
		text := strings.Repeat(fmt.Sprint("message ", i%3, ", "), n/8+1)[:n]
		stream.Reset()
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		var got []raxx.Part
		m, got = m.Step(raxx.Data(packed(opText, strings.TrimSuffix(stream.String(), flushed))))
		var echoed string
		for _, part := range got {
			data, _ := part.(raxx.Data)
			echoed += string(data)
		}
		if !strings.HasSuffix(echoed, text) {
			t.Fatalf("message %d of %d octets did not come back", i, n)
		}
	}
}

func TestWindowIsBounded(t *testing.T) {
	w := deflation{on: true, clientBits: 10}.clientWindow()
	for _, n := range []int{1000, 100, 1024, 1025, 5000} {
		if w = w.after(strings.Repeat("x", n)); len(w.text()) > 1024 {
			t.Errorf("after %d octets the window has %d", n, len(w.text()))
		}
	}
	if w := (window{size: 3}).after("ab").after("cd"); w.text() != "bcd" {
		t.Errorf("the window is %q", w.text())
	}
}

// RFC 7692, Section 8, and RFC 6455, Section 10.4: a small message may be large.
func TestInflateLimit(t *testing.T) {
	pack := func(size int) string {
		d, b := deflate(strings.Repeat("x", size), false)
		defer d.release(false)
		return packed(opText, string(b))
	}
	tooBig := refused("1009", "the message is too big")
	run(t, unpacked(1000), []row{
		{"8 up to the limit", pack(1000), []string{"text 1000 octets"}},
		{"8 up to the limit, in a block that is longer than its text", packed(opText, "\x00\xe8\x03\x17\xfc"+strings.Repeat("x", 1000)+"\x00"), []string{"text 1000 octets"}},
		{"8 one more", pack(1001), tooBig},
		{"8 one more, in a block that is the last one", packed(opText, "\x01\xe9\x03\x16\xfc"+strings.Repeat("x", 1001)), tooBig},
		{"8 a thousand times as much", pack(1000000), tooBig},
		{"8 more before it is inflated", packed(opText, strings.Repeat("x", 1100))[:8], tooBig},
	})
}

// A message that is beyond the limit is not inflated to its end.
func TestInflateStopsAtTheLimit(t *testing.T) {
	d, b := deflate(strings.Repeat("x", 10<<20), false)
	defer d.release(false)
	f := &inflater{source: source{string(b), flushed + finalBlock}}
	f.reader = flate.NewReader(&f.source)
	if fault := f.run(nil, 1000); fault != tooBig || cap(f.out) > 10000 {
		t.Errorf("%v, with memory for %d octets", fault, cap(f.out))
	}
}

// RFC 7692, Section 7.2.1: what the application sends is compressed, if that
// pays.
func TestDeflate(t *testing.T) {
	text := strings.Repeat("to be or not to be ", 100)
	noise := "7Zc(1'Wq}oP-9$xK" // too short for anything to be found in it
	for _, r := range []struct {
		name   string
		agreed deflation
		from   int
		text   string
		packed bool
	}{
		{"6 nothing was agreed on, for a small one", deflation{}, -1, text[:600], false},
		{"6 a text", packing, 0, text, true},
		{"6 a text that is too small", packing, 0, text[:511], false},
		{"6 a text just large enough", packing, 0, text[:512], true},
		{"6 all texts, but for one that would grow", packing, -1, noise, false},
		{"6 a text without content", packing, -1, "", false},
		{"6 nothing was agreed on", deflation{}, -1, text, false},
		{"7.1.2.1 a narrow window", deflation{on: true, serverAlone: true, clientAlone: true, serverBits: 8}, 0, text, true},
		{"7.1.2.1 a window that is nearly whole", deflation{on: true, serverAlone: true, clientAlone: true, serverBits: 14}, 0, text, true},
		{"7.1.2.1 a window that is whole", deflation{on: true, serverAlone: true, clientAlone: true, serverBits: 15}, 0, text, true},
		{"7.2.1 more than one block", packing, 0, strings.Repeat(text, 100), true},
	} {
		t.Run(r.name, func(t *testing.T) {
			m := socket(Config{CompressFrom: r.from}, r.agreed, raxx.NewMachine(struct{}{}, teller))
			_, parts := m.Step(raxx.Data(whole(opText, r.text)))
			data := raxx.Data("")
			for _, part := range parts {
				data += part.(raxx.Data)
			}
			if got := data[0]&bitRSV1 != 0; got != r.packed {
				t.Errorf("compressed: %v, want %v", got, r.packed)
			}
			if r.packed && len(data) >= len(r.text) {
				t.Errorf("%d octets became %d", len(r.text), len(data))
			}
			// RFC 7692, Section 7.1.2.1: the client may have forgotten what comes before
			// its window. Where it is narrow, nothing is referred to; else all that repeats is.
			narrow := r.agreed.serverBits == 8 || r.agreed.serverBits == 14
			if refers := len(data) < len(r.text)/4; r.packed && len(r.text) > 1000 && refers == narrow {
				t.Errorf("%d octets became %d with a window of %d bits", len(r.text), len(data), r.agreed.serverBits)
			}
			_, events, _ := newClient(r.agreed).Receive(data)
			diff(t, []raxx.Event{Text(r.text)}, events)
		})
	}
}

// RFC 7692, Section 6.1: control frames are not compressed.
func TestControlFramesAreNotCompressed(t *testing.T) {
	ping := strings.Repeat("x", maxControl)
	run(t, socket(Config{CompressFrom: -1}, packing, raxx.NewMachine(struct{}{}, teller)), []row{
		{"6.1 a pong", whole(opPing, ping), []string{"pong " + ping}},
	})
}

// RFC 7692, Section 7.1.2.1: with a narrow window nothing refers to more than it
// holds, which is to say to nothing.
func TestNarrowWindow(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 4096)
	d, b := deflate(text, true)
	defer d.release(true)
	// 16 symbols take 4 bits each, at least, if none of them stands for more.
	if len(b) < len(text)/2 {
		t.Errorf("%d octets became %d: something refers to what came before", len(text), len(b))
	}
}
