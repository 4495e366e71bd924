package proxyproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func tcp(addr string) Address { return Address{TCP: netip.MustParseAddrPort(addr)} }

func unix(name string) Address { return Address{Unix: name} }

// binaryHeader is a header of version 2 with a true length.
func binaryHeader(command, family byte, body string) string {
	return signature + string([]byte{command, family}) +
		string(binary.BigEndian.AppendUint16(nil, uint16(len(body)))) + body
}

// padded is s in the 108 octets of a unix address.
func padded(s string) string { return s + strings.Repeat("\x00", 108-len(s)) }

const (
	ipv4Body = "\xc0\x00\x02\x01\xc0\x00\x02\x0b\xdc\x04\x01\xbb"
	ipv6Body = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b\xdc\x04\x01\xbb"
	worstText = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"
)

// accepted are headers, by the sections of the specification.
var accepted = []struct {
	name, in string
	want     Header
}{
	{"2.1 TCP4", "PROXY TCP4 192.0.2.1 192.0.2.11 56324 443\r\n", Header{1, tcp("192.0.2.1:56324"), tcp("192.0.2.11:443")}},
	{"2.1 the longest TCP4", "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
		Header{1, tcp("255.255.255.255:65535"), tcp("255.255.255.255:65535")}},
	{"2.1 the shortest TCP4", "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", Header{1, tcp("0.0.0.0:0"), tcp("0.0.0.0:0")}},
	{"2.1 TCP6", "PROXY TCP6 2001:db8::1 2001:DB8:0:0:0:0:0:b 56324 443\r\n", Header{1, tcp("[2001:db8::1]:56324"), tcp("[2001:db8::b]:443")}},
	{"2.1 UNKNOWN, short", "PROXY UNKNOWN\r\n", Header{Version: 1}},
	{"2.1 UNKNOWN, the longest line", worstText, Header{Version: 1}},
	{"2.1 what is behind UNKNOWN is ignored", "PROXY UNKNOWN \x00\xff  x\r\n", Header{Version: 1}},

	{"2.2 TCP over IPv4", binaryHeader(0x21, 0x11, ipv4Body), Header{2, tcp("192.0.2.1:56324"), tcp("192.0.2.11:443")}},
	{"2.2 TCP over IPv6", binaryHeader(0x21, 0x21, ipv6Body), Header{2, tcp("[2001:db8::1]:56324"), tcp("[2001:db8::b]:443")}},
	{"2.2 a unix socket", binaryHeader(0x21, 0x31, padded("")+padded("/run/app.sock")), Header{2, Address{}, unix("/run/app.sock")}},
	{"2.2 a path of 108 octets", binaryHeader(0x21, 0x31, strings.Repeat("/a", 54)+padded("/b")),
		Header{2, unix(strings.Repeat("/a", 54)), unix("/b")}},
	{"2.2 an abstract unix socket", binaryHeader(0x21, 0x31, padded("\x00a")+padded("\x00b\x00c")), Header{2, unix("@a"), unix("@b\x00c")}},
	{"2.2 a relative path that reads like an IP address", binaryHeader(0x21, 0x31, padded("192.0.2.1:80")+padded("/b")), Header{2, Address{}, unix("/b")}},
	{"2.2 LOCAL", binaryHeader(0x20, 0x00, ""), Header{Version: 2}},
	{"2.2 LOCAL with addresses, which are skipped", binaryHeader(0x20, 0x11, ipv4Body), Header{Version: 2}},
	{"2.2 LOCAL with a family that does not exist", binaryHeader(0x20, 0xff, "x"), Header{Version: 2}},
	{"2.2 unspecified", binaryHeader(0x21, 0x00, "anything"), Header{Version: 2}},
	{"2.2 datagrams", binaryHeader(0x21, 0x12, ipv4Body), Header{Version: 2}},
	{"2.2 datagrams over IPv6", binaryHeader(0x21, 0x22, ipv6Body), Header{Version: 2}},
	{"2.2 datagrams over a unix socket", binaryHeader(0x21, 0x32, padded("/a")+padded("/b")), Header{Version: 2}},
	{"2.2 TLVs are skipped", binaryHeader(0x21, 0x11, ipv4Body+"\x04\x00\x01x\xe0\x00\x00"), Header{2, tcp("192.0.2.1:56324"), tcp("192.0.2.11:443")}},
	{"2.2 what is behind the addresses need be no TLV", binaryHeader(0x21, 0x11, ipv4Body+"\x01\xff\xff"), Header{2, tcp("192.0.2.1:56324"), tcp("192.0.2.11:443")}},
	{"2.2 the longest header", binaryHeader(0x21, 0x11, ipv4Body+strings.Repeat("x", MaxBytes-28)), Header{2, tcp("192.0.2.1:56324"), tcp("192.0.2.11:443")}},
}

// refused are beginnings of connections, each with the first octet at which it
// is certain that it is no header.
var refused = []struct {
	name, in string
	section  string
	at       int
}{
	{"2 a request", "GET / HTTP/1.1\r\n\r\n", "2", 0},
	{"2 a TLS handshake", "\x16\x03\x01\x00\xc8", "2", 0},
	{"2 an empty line and a request", "\r\nGET / HTTP/1.1\r\n\r\n", "2", 2},
	{"2 another word", "PROXIMA", "2", 4},
	{"2 lower case", "proxy TCP4 192.0.2.1 192.0.2.11 1 2\r\n", "2", 0},
	{"2 a tab for a space", "PROXY\tTCP4 192.0.2.1 192.0.2.11 1 2\r\n", "2", 5},

	{"2.1 no protocol", "PROXY \r\n", "2.1", 7},
	{"2.1 another protocol", "PROXY UDP4 192.0.2.1 192.0.2.11 1 2\r\n", "2.1", 36},
	{"2.1 a word that begins with UNKNOWN", "PROXY UNKNOWNS\r\n", "2.1", 15},
	{"2.1 two spaces", "PROXY TCP4 192.0.2.1  192.0.2.11 1 2\r\n", "2.1", 37},
	{"2.1 a space at the end", "PROXY TCP4 192.0.2.1 192.0.2.11 1 2 \r\n", "2.1", 37},
	{"2.1 a port is missing", "PROXY TCP4 192.0.2.1 192.0.2.11 1\r\n", "2.1", 34},
	{"2.1 an address of the other family", "PROXY TCP4 ::1 ::2 1 2\r\n", "2.1", 23},
	{"2.1 IPv4 in TCP6", "PROXY TCP6 192.0.2.1 192.0.2.11 1 2\r\n", "2.1", 36},
	{"2.1 a leading zero in an address", "PROXY TCP4 192.0.02.1 192.0.2.11 1 2\r\n", "2.1", 37},
	{"2.1 an address with a zone", "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "2.1", 32},
	{"2.1 a leading zero in a port", "PROXY TCP4 192.0.2.1 192.0.2.11 01 2\r\n", "2.1", 37},
	{"2.1 a port with a sign", "PROXY TCP4 192.0.2.1 192.0.2.11 1 +2\r\n", "2.1", 37},
	{"2.1 a port beyond 65535", "PROXY TCP4 192.0.2.1 192.0.2.11 65536 2\r\n", "2.1", 40},
	{"2.1 a bare LF", "PROXY UNKNOWN\n", "2.1", 13},
	{"2.1 a bare CR", "PROXY UNKNOWN\r \r\n", "2.1", 14},
	{"2.1 a line of 108 octets", "PROXY UNKNOWN " + strings.Repeat("x", 92) + "\r\n", "2.1", 106},
	{"2.1 a line without end", "PROXY UNKNOWN " + strings.Repeat("x", 200), "2.1", 106},

	{"2.2 another version", binaryHeader(0x11, 0x11, ipv4Body), "2.2", 12},
	{"2.2 another command", binaryHeader(0x22, 0x11, ipv4Body), "2.2", 12},
	{"2.2 another family", binaryHeader(0x21, 0x41, ipv4Body), "2.2", 13},
	{"2.2 another protocol", binaryHeader(0x21, 0x13, ipv4Body), "2.2", 13},
	{"2.2 a family without a protocol", binaryHeader(0x21, 0x10, ipv4Body), "2.2", 13},
	{"2.2 shorter than its addresses", binaryHeader(0x21, 0x11, ipv4Body[:11]), "2.2", 15},
	{"2.2 an IPv6 header with IPv4 addresses", binaryHeader(0x21, 0x21, ipv4Body), "2.2", 15},
	{"2.2 half a unix address", binaryHeader(0x21, 0x31, padded("/a")), "2.2", 15},
	{"2.2 a header of 4097 octets", binaryHeader(0x21, 0x11, strings.Repeat("x", MaxBytes-15)), "2.2", 15},
	{"2.2 a LOCAL header of 64 KiB", signature + "\x20\x00\xff\xffxx", "2.2", 15},
}

func TestAccepted(t *testing.T) {
	for _, tt := range accepted {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.in {
				if h, n, err := Parse([]byte(tt.in[:i])); h != (Header{}) || n != 0 || err != nil {
					t.Fatalf("Parse of the first %d octets = %v, %d, %v; want more", i, h, n, err)
				}
			}
			for _, behind := range []string{"", "\r\n", "GET / HTTP/1.1\r\n\r\n"} {
				if h, n, err := Parse([]byte(tt.in + behind)); h != tt.want || n != len(tt.in) || err != nil {
					t.Errorf("Parse(%q) = %v, %d, %v; want %v, %d", tt.in+behind, h, n, err, tt.want, len(tt.in))
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			for i := range len(tt.in) + 1 {
				h, n, err := Parse([]byte(tt.in[:i]))
				var fault *ParseError
				if i > tt.at && (!errors.As(err, &fault) || fault.Section != tt.section) || i <= tt.at && err != nil {
					t.Fatalf("Parse of the first %d octets returned %v, want a fault (%s) from the octet at %d on", i, err, tt.section, tt.at)
				}
				if h != (Header{}) || n != 0 {
					t.Fatalf("Parse of the first %d octets = %v, %d", i, h, n)
				}
			}
		})
	}
}

func TestKnown(t *testing.T) {
	for in, want := range map[string]bool{
		"PROXY UNKNOWN\r\n":                                             false,
		"PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n":                            true,
		binaryHeader(0x20, 0x11, ipv4Body):                              false,
		binaryHeader(0x21, 0x31, padded("")+padded("")):                 false,
		binaryHeader(0x21, 0x31, padded("")+padded("/run/app.sock")):    true,
		binaryHeader(0x21, 0x21, strings.Repeat("\x00", len(ipv6Body))): true,
	} {
		if h, _, err := Parse([]byte(in)); h.Known() != want || err != nil {
			t.Errorf("Parse(%q) = %v, %v: Known is %t, want %t", in, h, err, h.Known(), want)
		}
	}
}

// FuzzParse checks that a header means the same however it comes, that it is
// within the limits, and that writing it down and reading it again changes
// nothing.
func FuzzParse(f *testing.F) {
	for _, tt := range accepted {
		f.Add([]byte(tt.in))
	}
	for _, tt := range refused {
		f.Add([]byte(tt.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		want, length, fault := Parse(in)
		if length > min(len(in), MaxBytes) || length == 0 && fault == nil && len(in) >= MaxBytes {
			t.Fatalf("a header of %d octets in %d, %v", length, len(in), fault)
		}
		if length > 0 && fault != nil || length == 0 && want != (Header{}) {
			t.Fatalf("Parse = %v, %d, %v", want, length, fault)
		}
		for i := range min(len(in), MaxBytes+1) {
			h, n, err := Parse(in[:i])
			switch {
			case n == 0 && err == nil: // more is wanted
			case h != want || n != length || fmt.Sprint(err) != fmt.Sprint(fault):
				t.Fatalf("Parse of the first %d octets = %v, %d, %v; of all %v, %d, %v", i, h, n, err, want, length, fault)
			}
		}
		if length > 0 {
			text := write(want)
			if h, n, err := Parse([]byte(text)); h != want || n != len(text) || err != nil {
				t.Fatalf("written down as %q, %v is read as %v, %d, %v", text, want, h, n, err)
			}
		}
	})
}

// write writes a header down as simply as possible.
func write(h Header) string {
	from, to := h.Source, h.Destination
	switch {
	case h.Version == 1 && !h.Known():
		return "PROXY UNKNOWN\r\n"
	case h.Version == 1:
		family := "TCP6"
		if from.TCP.Addr().Is4() {
			family = "TCP4"
		}
		return fmt.Sprintf("PROXY %s %s %s %d %d\r\n", family, from.TCP.Addr(), to.TCP.Addr(), from.TCP.Port(), to.TCP.Port())
	case !h.Known():
		return binaryHeader(0x20, 0, "")
	case from.TCP.IsValid():
		body := string(from.TCP.Addr().AsSlice()) + string(to.TCP.Addr().AsSlice())
		body += string(binary.BigEndian.AppendUint16(nil, from.TCP.Port()))
		body += string(binary.BigEndian.AppendUint16(nil, to.TCP.Port()))
		family := byte(0x11)
		if len(body) > 12 {
			family = 0x21
		}
		return binaryHeader(0x21, family, body)
	}
	return binaryHeader(0x21, 0x31, writeUnix(from)+writeUnix(to))
}

func writeUnix(a Address) string {
	if name, ok := strings.CutPrefix(a.Unix, "@"); ok {
		return padded("\x00" + name)
	}
	return padded(a.Unix)
}
