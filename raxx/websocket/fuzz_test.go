package websocket

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// A decoded is what a decoder made of some octets.
type decoded struct {
	Ops      []opcode
	Payloads []string
	Fault    *fault
}

// decode hands octets to a decoder in pieces of at most size.
func decode(t *testing.T, d decoder, in string, size int) (all decoded) {
	for in != "" {
		n := min(size, len(in))
		chunk := in[:n]
		in = in[n:]
		for chunk != "" {
			var p piece
			var before = len(chunk)
			if p, chunk, all.Fault = d.next(chunk); all.Fault != nil {
				return all
			}
			if p.op == 0 && chunk != "" || len(chunk) == before {
				t.Fatalf("the decoder took %d of %d octets", before-len(chunk), before)
			}
			if p.op != 0 {
				all.Ops, all.Payloads = append(all.Ops, p.op), append(all.Payloads, p.payload)
			}
			if int64(d.held.n) > 2*d.limit || len(d.control) > maxControl {
				t.Fatalf("the decoder holds %d octets", d.held.n)
			}
		}
	}
	return all
}

// Whatever comes, in whatever pieces, is the same messages or the same fault.
func FuzzDecoder(f *testing.F) {
	for _, in := range []string{
		whole(opText, "Hello") + whole(opBinary, "\x00\xff") + goodbye(1000, "bye"),
		first(opText, "κόσ") + whole(opPing, "p") + more("") + last("με"),
		first(opText, "\xce") + last("\xba"), whole(opText, "\xed\xa0\x80"),
		packed(opText, "\xf2\x48\xcd\xc9\xc9\x07\x00") + packed(opText, "\xf2\x00\x11\x00\x00"),
		whole(opText, strings.Repeat("x", 126)), whole(opBinary, strings.Repeat("x", 65536)),
		"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", "\x81\x05Hello", "\xf3\x80", "\x89\xfe",
	} {
		f.Add(in, uint16(1), false)
		f.Add(in, uint16(7), true)
	}
	f.Fuzz(func(t *testing.T, in string, size uint16, packs bool) {
		d := decoder{limit: 1000, masked: true, packs: packs, window: window{size: 100}}
		got := decode(t, d, in, len(in))
		for _, size := range []int{1, int(size)%max(len(in), 1) + 1} {
			if diff := cmp.Diff(got, decode(t, d, in, size), cmp.AllowUnexported(fault{})); diff != "" {
				t.Errorf("in pieces of %d:\n%s", size, diff)
			}
		}
		for i, op := range got.Ops {
			if op == opText && !utf8.ValidString(got.Payloads[i]) || len(got.Payloads[i]) > 1000 {
				t.Errorf("message %d: %q", i, got.Payloads[i])
			}
		}
		if got.Fault != nil && (!got.Fault.code.sendable() || len(got.Fault.reason) > maxControl-2) {
			t.Errorf("the client can't be told %v", got.Fault)
		}
	})
}

// What inflate makes of a message is what package flate makes of it, within the
// limit, and nothing of it is left for the next one.
func FuzzInflate(f *testing.F) {
	for _, payload := range []string{
		"\xf2\x48\xcd\xc9\xc9\x07\x00", "\xf2\x00\x11\x00\x00", "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "\x00", "", "\x07",
		"\x00\x05\x00\xfa\xffHello\x00", "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", strings.Repeat("\x03\x00", 20),
	} {
		f.Add(payload, "")
		f.Add(payload, "Hello")
	}
	f.Fuzz(func(t *testing.T, payload, before string) {
		const limit, size = 1 << 16, 1 << 9
		w := window{size: size}.after(before)
		text, after, fault := inflate(payload, w, limit)
		again, _, faultAgain := inflate(payload, w, limit)
		if text != again || (fault == nil) != (faultAgain == nil) {
			t.Fatalf("%q and %q, %v and %v", text, again, fault, faultAgain)
		}
		if len(text) > limit || len(after.text()) > size {
			t.Fatalf("%d octets, and a window of %d", len(text), len(after.text()))
		}
		if payload == "" {
			return
		}
		r := flate.NewReaderDict(strings.NewReader(payload+flushed+finalBlock), []byte(w.text()))
		want, err := io.ReadAll(io.LimitReader(r, limit+1))
		switch {
		case fault == nil && (err != nil || !strings.HasPrefix(text, string(want))):
			t.Fatalf("%q, want %q, %v", text, want, err)
		case fault != nil && fault.code == InvalidPayload && err == nil && len(want) <= limit && !moreThanOneStream(payload):
			t.Fatalf("refused: %v", fault)
		}
	})
}

// moreThanOneStream reports whether a block of the payload says that it is the
// last one.
func moreThanOneStream(payload string) bool {
	r := bytes.NewReader([]byte(payload + flushed + finalBlock))
	_, _ = io.Copy(io.Discard, flate.NewReader(r))
	return r.Len() > 0
}

// A message comes back as it was sent, however the octets travel.
func FuzzRoundTrip(f *testing.F) {
	f.Add("", uint16(1), uint8(0), true)
	f.Add("Hello", uint16(2), uint8(1), false)
	f.Add(strings.Repeat("κόσμε ", 200), uint16(100), uint8(3), true)
	f.Add(strings.Repeat("x", 700), uint16(3000), uint8(5), true)
	f.Fuzz(func(t *testing.T, message string, size uint16, how uint8, binary bool) {
		agreed := deflation{on: how&1 != 0, serverAlone: true, clientAlone: how&2 != 0}
		if how&4 != 0 {
			agreed.serverBits, agreed.clientBits = 9, 9
		}
		var part raxx.Part = Binary(message)
		if !binary {
			part = Text(strings.ToValidUTF8(message, "?"))
		}
		client, m := newClient(agreed), socket(Config{CompressFrom: -1}, agreed, raxx.NewMachine(struct{}{}, teller))
		client, data := client.Send(part, part)
		var got []raxx.Event
		for n := max(int(size)+1, len(data)/100); data != ""; {
			chunk := data[:min(n, len(data))]
			data = data[len(chunk):]
			var parts []raxx.Part
			m, parts = m.Step(chunk)
			for _, part := range parts {
				var events []raxx.Event
				client, events, _ = client.Receive(part.(raxx.Data))
				got = append(got, events...)
			}
		}
		want := []raxx.Event{part.(raxx.Event), part.(raxx.Event)}
		diff(t, want, got)
	})
}

// An offer that is taken reads the same when it is written again.
func FuzzOffer(f *testing.F) {
	f.Add("permessage-deflate; client_max_window_bits; server_max_window_bits=10")
	f.Add(`Permessage-Deflate ; client_no_context_takeover;server_max_window_bits="15"`)
	f.Add("permessage-deflate;;")
	f.Fuzz(func(t *testing.T, offer string) {
		d, ok := parseDeflation(offer)
		if !ok {
			if d != (deflation{}) {
				t.Errorf("%q is refused and %+v", offer, d)
			}
			return
		}
		again, ok := parseDeflation(d.String())
		d.clientBits = 0 // what we do not repeat
		if !ok || again != d {
			t.Errorf("%q is %+v, and then %+v, %v", offer, d, again, ok)
		}
	})
}
