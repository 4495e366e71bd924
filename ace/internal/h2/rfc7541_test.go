package h2

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/raxx-go/raxx/raxx"
	"golang.org/x/net/http2/hpack"
)

// RFC 7541, Appendix C: the requests of C.3 and C.4, each row on the connection
// of the one before.
func TestHPACKExamples(t *testing.T) {
	blocks := map[string][]string{
		"C.3 without Huffman code": {
			"828684410f7777772e6578616d706c652e636f6d",
			"828684be58086e6f2d6361636865",
			"828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
		},
		"C.4 with Huffman code": {
			"828684418cf1e3c2e5f23a6ba0ab90f4ff",
			"828684be5886a8eb10649cbf",
			"828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
		},
	}
	want := []raxx.Request{
		{Method: "GET", Scheme: "http", Authority: "www.example.com", Path: "/"},
		{Method: "GET", Scheme: "http", Authority: "www.example.com", Path: "/", Header: raxx.Header{{Name: "cache-control", Value: "no-cache"}}},
		{Method: "GET", Scheme: "https", Authority: "www.example.com", Path: "/index.html", Header: raxx.Header{{Name: "custom-key", Value: "custom-value"}}},
	}
	for i := range want {
		want[i].Peer.Protocol = "HTTP/2.0"
	}
	for name, rows := range blocks {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, nil)
			for i, row := range rows {
				block, _ := hex.DecodeString(row)
				p.raw(frameHeaders, flagEndHeaders|flagEndStream, uint32(2*i+1), string(block))
			}
			p.reads()
			if diff := cmp.Diff(want, p.requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// RFC 7541, Section 2 to 6, as they concern a decoder.
func TestDecoding(t *testing.T) {
	good := "\x82\x87\x84\x41\x0bexample.org"
	for _, test := range []struct {
		name  string
		block string
		code  Code
	}{
		{"C.2.1 a literal with indexing", good + "\x40\x0acustom-key\x0dcustom-header", NoError},
		{"C.2.2 a literal without indexing", "\x82\x87\x41\x0bexample.org\x04\x0c/sample/path", NoError},
		{"C.2.3 a literal that is never indexed", good + "\x10\x08password\x06secret", NoError},
		{"C.2.4 an indexed field", good, NoError},
		{"2.3.3 an index beyond the tables", good + "\xff\x00", CompressionError},
		{"2.3.3 a name beyond the tables", good + "\x7f\x01\x01a", CompressionError},
		{"4.2 a size update behind a field, while the table is empty", "\x82\x87\x84\x01\x0bexample.org\x20", CompressionError},
		{"4.2 a size update behind a field, while it is not", good + "\x20", CompressionError},
		{"4.2 a size update at the beginning", "\x20" + good, NoError},
		{"4.2 two size updates at the beginning", "\x20\x3f\xe1\x1f" + good, NoError},
		{"5.1 an integer that overflows", good + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", CompressionError},
		{"5.1 an integer without an end", good + "\xff\xff", CompressionError},
		{"5.2 a string that is longer than the block", good + "\x40\x01a\x05b", CompressionError},
		{"5.2 padding of more than 7 bits", good + "\x40\x01a\x82\x1f\xff", CompressionError},
		{"5.2 padding of zeros", good + "\x40\x01a\x81\x18", CompressionError},
		{"5.2 Huffman code with EOS", good + "\x40\x01a\x84\xff\xff\xff\xff", CompressionError},
		{"6.1 index 0", good + "\x80", CompressionError},
		{"6.3 a size update beyond SETTINGS_HEADER_TABLE_SIZE", "\x3f\xe2\x1f" + good, CompressionError},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, nil)
			p.raw(frameHeaders, flagEndHeaders|flagEndStream, 1, test.block)
			if test.code != NoError {
				p.wantConnError(test.code, "4.3")
				return
			}
			p.want()
			if len(p.requests) != 1 {
				t.Errorf("there are %d requests", len(p.requests))
			}
		})
	}
}

// A table size update behind a field is found whatever the fields are, whether
// the table holds something or not, and nothing is taken for one that is none
// (RFC 7541, Section 4.2).
func TestTableSizeUpdates(t *testing.T) {
	good := "\x82\x87\x84\x41\x0bexample.org"
	empty := "\x20"                                              // no field fits into such a table
	long := func(n int) string { return strings.Repeat("?", n) } // each octet looks like an update
	for _, test := range []struct{ name, before, block string }{
		{"6.1 indices", "", empty + good},
		{"6.1 an index of two octets", good + strings.Repeat("\x40\x01a\x01?", 100), good + "\xff\x20"},
		{"6.2.1 a literal whose name is an index", "", empty + good + "\x58\x01?"},
		{"6.2.1 a literal whose name is index 15", "", empty + good + "\x4f\x01?"},
		{"6.2.1 a literal whose name is index 16", "", empty + good + "\x50\x01?"},
		{"6.2.1 a literal with a name", "", empty + good + "\x40\x01a\x01?"},
		{"6.2.2 a literal whose name is an index of two octets", "", empty + good + "\x0f\x00\x01?"},
		{"6.2.3 a literal that is never indexed", "", empty + good + "\x10\x01a\x01?"},
		{"5.2 a string of 126 octets", "", empty + good + "\x00\x01a\x7e" + long(126)},
		{"5.2 a string of 127 octets", "", empty + good + "\x00\x01a\x7f\x00" + long(127)},
		{"5.2 a string of 254 octets", "", empty + good + "\x00\x01a\x7f\x7f" + long(254)},
		{"5.2 a string of 255 octets", "", empty + good + "\x00\x01a\x7f\x80\x01" + long(255)},
		{"5.2 a string of 9,000 octets", "", empty + good + "\x00\x01a\x7f\xa9\x45" + long(9000)},
		{"5.1 an integer of more octets than it needs", "", empty + good + "\x00\x01a\x7f\x81\x80\x80\x80\x80\x00" + long(128)},
		{"5.2 a string in Huffman code", "", empty + good + "\x00\x01a\x82\x19\x0b"},
		{"4.2 updates of more than one octet", "", "\x3e\x3f\x00\x3f\xe1\x1f" + good},
		{"4.2 two updates while the table holds something", good, "\x3f\xe0\x1f\x3f\xe1\x1f" + good},
		{"4.4 a field that the table has no room for", empty + good, "\x82\x87\x84\x01\x0bexample.org"},
		{"4.4 a field that is larger than the table", good + "\x40\x01a\x7f\xa9\x45" + long(9000), "\x82\x87\x84\x01\x0bexample.org"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, late := range []string{"", "\x20", "\x20\x82", "\x3f\xe1\x1f"} {
				p := newPeer(t, nil)
				if test.before != "" {
					p.raw(frameHeaders, flagEndHeaders|flagEndStream, 1, test.before)
				}
				p.raw(frameHeaders, flagEndHeaders|flagEndStream, 3, test.block+late)
				if late != "" {
					p.wantConnError(CompressionError, "4.3")
					continue
				}
				p.want()
				if last := p.events[len(p.events)-1]; last != "request 3 GET / end" {
					t.Errorf("got %q", last)
				}
			}
		})
	}
}

// An update that is the second thing in a block is behind a field if the first was
// one.
func TestTableSizeUpdateBehindOneField(t *testing.T) {
	for name, field := range map[string]string{"6.1 an index": "\x82", "6.1 a long index": "\xff\x20", "6.2.1 a literal": "\x41\x01a", "6.2.2 another literal": "\x00\x01a\x01b"} {
		if sizesFirst([]byte("\x20" + field + "\x20")) {
			t.Errorf("%s: the update behind it is let through", name)
		}
		if !sizesFirst([]byte("\x20\x3f\xe1\x1f" + field + field)) {
			t.Errorf("%s: the updates before it are refused", name)
		}
	}
}

// What the encoder makes of fields, a general decoder makes fields of again,
// whatever the peer does to the table.
func TestEncoding(t *testing.T) {
	encode := func(e *encoder, fields ...raxx.Field) []byte {
		block := e.begin(nil)
		for _, f := range fields {
			block = e.appendField(block, f.Name, f.Value)
		}
		return block
	}
	t.Run("6.2.2 a field is sent as it is the first time", func(t *testing.T) {
		e := &encoder{limit: 4096}
		if got, want := string(encode(e, raxx.Field{Name: "server", Value: "ace"})), "\x0f\x27\x03ace"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("6.2.1 it is put into the table the second time", func(t *testing.T) {
		e := &encoder{limit: 4096}
		f := raxx.Field{Name: "server", Value: "ace"}
		encode(e, f)
		if got := encode(e, f); got[0] != 0x40|54 {
			t.Errorf("got %q", got)
		}
	})
	t.Run("6.1 it is an index the third time", func(t *testing.T) {
		e := &encoder{limit: 4096}
		f := raxx.Field{Name: "server", Value: "ace"}
		encode(e, f)
		encode(e, f)
		if got, want := string(encode(e, f)), "\xbe"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("5.1 lengths about the ends of a prefix come back as they were", func(t *testing.T) {
		for n := range 600 {
			e := encoder{limit: headerTableSize}
			name, value := strings.Repeat("n", n+1), strings.Repeat("<", n)
			var got []string
			d := hpack.NewDecoder(headerTableSize, func(f hpack.HeaderField) { got = append(got, f.Name, f.Value) })
			if _, err := d.Write(e.appendField(nil, name, value)); err != nil || !slices.Equal(got, []string{name, value}) {
				t.Fatalf("a value of %d octets: got %q, %v", n, got, err)
			}
		}
	})
	t.Run("7.1.3 secrets are never put into a table", func(t *testing.T) {
		e := &encoder{limit: 4096}
		for range 3 {
			for _, name := range []string{"set-cookie", "authorization", "cookie", "proxy-authorization"} {
				if got := encode(e, raxx.Field{Name: name, Value: "secret"}); got[0]&0xf0 != 0x10 {
					t.Errorf("%s is %q", name, got)
				}
			}
		}
	})
	t.Run("4.2 changes of the table's size are told at the beginning of a block", func(t *testing.T) {
		e := &encoder{limit: 4096}
		for _, step := range []struct {
			sizes []uint32
			want  string
		}{
			{[]uint32{4096}, ""}, {[]uint32{1 << 30}, ""}, {[]uint32{100}, "\x3f\x45"}, {[]uint32{0, 50}, "\x20\x3f\x13"},
			{[]uint32{60, 10, 20}, "\x2a\x34"}, {[]uint32{5000}, "\x3f\xe1\x1f"},
		} {
			for _, size := range step.sizes {
				e.resize(size)
			}
			if got := string(e.begin(nil)); got != step.want {
				t.Errorf("after %v: %x, want %x", step.sizes, got, step.want)
			}
		}
	})
	t.Run("4.3 what a smaller table holds is an index as before, and what it loses is lost", func(t *testing.T) {
		e := &encoder{limit: 4096}
		f := raxx.Field{Name: "server", Value: "ace"} // it takes 41 octets
		encode(e, f)
		encode(e, f)
		for _, step := range []struct {
			size uint32
			want string
		}{
			{41, "\x3f\x0a\xbe"}, {4096, "\x3f\xe1\x1f\xbe"},
			{40, "\x3f\x09\x0f\x27\x03ace"}, {4096, "\x3f\xe1\x1f\x76\x82\x19\x0b"}, {4096, "\xbe"},
		} {
			e.resize(step.size)
			if got := string(encode(e, f)); got != step.want {
				t.Errorf("with a table of %d octets: %x, want %x", step.size, got, step.want)
			}
		}
	})
	t.Run("4.1 no field takes more than a quarter of the table", func(t *testing.T) {
		for length, want := range map[int]int{67: 1, 68: 2 + 1 + 1 + 68} {
			e := &encoder{limit: 400}
			f := raxx.Field{Name: "x", Value: strings.Repeat("v", length)}
			encode(e, f)
			encode(e, f)
			if got := encode(e, f); len(got) != want {
				t.Errorf("a value of %d octets takes %d, want %d", length, len(got), want)
			}
		}
	})
	t.Run("4.4 fields that change do not keep those behind them out of use", func(t *testing.T) {
		e := &encoder{limit: 4096}
		for i := range 1000 {
			f := raxx.Field{Name: "date", Value: fmt.Sprint("second ", i)}
			encode(e, f)
			encode(e, f)
			if got := string(encode(e, f)); got != "\xbe" {
				t.Fatalf("field %d is %x the third time", i, got)
			}
		}
	})
	t.Run("4.4 a field that changes takes the place of its last value, and a new one that of the oldest", func(t *testing.T) {
		e := encoder{limit: headerTableSize}
		send := func(name, value string) (octets int) {
			for range 2 {
				octets = len(e.appendField(nil, name, value))
			}
			return octets
		}
		names := make([]string, maxHot-1)
		for i := range names {
			names[i] = fmt.Sprint("x-", i)
			send(names[i], "a")
		}
		for i := range 30 {
			send("date", fmt.Sprint(i))
		}
		for _, name := range names {
			if n := len(e.appendField(nil, name, "a")); n != 1 {
				t.Errorf("behind 30 dates, %s takes %d octets", name, n)
			}
		}
		send("x-new", "a")
		for _, name := range names[1:] {
			if n := len(e.appendField(nil, name, "a")); n != 1 {
				t.Errorf("behind a new field, %s takes %d octets", name, n)
			}
		}
		if n := len(e.appendField(nil, names[0], "a")); n == 1 {
			t.Error("the oldest is still known")
		}
	})
	t.Run("4.4 any order of fields and sizes comes back as it was", func(t *testing.T) { testRoundTrip(t) })
}

// testRoundTrip encodes fields in an order that makes the encoder put in, find,
// lose and replace some.
func testRoundTrip(t *testing.T) {
	e := &encoder{limit: 4096}
	d := hpack.NewDecoder(4096, nil)
	random := uint32(1)
	next := func(n uint32) uint32 {
		random = random*1664525 + 1013904223
		return random >> 8 % n
	}
	for block := range 3000 {
		if next(20) == 0 {
			size := next(5000)
			e.resize(size)
			d.SetAllowedMaxDynamicTableSize(min(size, 4096))
		}
		var want []hpack.HeaderField
		encoded := e.begin(nil)
		for range next(12) {
			f := hpack.HeaderField{Name: fmt.Sprint("x-", next(6)), Value: strings.Repeat("v", int(next(9)*next(9)))}
			switch next(4) {
			case 0:
				f.Name, f.Value = "content-type", fmt.Sprint("text/", next(3))
			case 1:
				f.Name, f.Value = "date", fmt.Sprint("second ", block/10)
			}
			want = append(want, f)
			encoded = e.appendField(encoded, f.Name, f.Value)
		}
		got, err := d.DecodeFull(encoded)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("block %d: %v (-want +got):\n%s", block, err, diff)
		}
	}
	if len(e.hot) > maxHot || e.added == 0 {
		t.Errorf("%d fields are remembered, %d were put in", len(e.hot), e.added)
	}
}

// A client may change the size of its table whenever it likes (RFC 7541, Section
// 4.2), and takes from it at once what it has no room for any more.
func TestTableSizeOfPeer(t *testing.T) {
	p := newPeer(t, &Limits{Settings: 1 << 20})
	changes := [][]uint32{
		{}, {}, {0}, {}, {4096}, {}, {}, {0, 4096}, {}, {41}, {40}, {41, 4096}, {}, {1 << 30}, {100, 0, 300}, {}, {}, {150}, {1<<32 - 1}, {4000, 4095},
	}
	table := uint32(4096) // its size, as the client has it
	for i := range uint32(1000) {
		for _, size := range changes[i%uint32(len(changes))] {
			p.settings(1, size)
			p.want("SETTINGS ACK")
			p.decoder.SetAllowedMaxDynamicTableSize(size)
			table = min(table, size)
			p.decoder.SetMaxDynamicTableSize(table)
		}
		id := 2*i + 1
		p.get(id)
		p.reads()
		header := raxx.Header{{Name: "server", Value: "ace"}, {Name: "date", Value: fmt.Sprint(i / 7)}, {Name: "x", Value: fmt.Sprint(i % 3)}}
		s := p.stream(id)
		p.head(s, Head{Status: 200, Length: -1, Header: header, End: true})
		p.forget(s)
		p.want(fmt.Sprintf("HEADERS %d :status=200 server=ace date=%d x=%d end", id, i/7, i%3))
		if t.Failed() {
			t.Fatalf("behind change %d", i)
		}
		table = p.conn.encoder.limit
	}
}
