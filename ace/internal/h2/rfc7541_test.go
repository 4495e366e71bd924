package h2

import (
	"encoding/hex"
	"fmt"
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
