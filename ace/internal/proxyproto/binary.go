package proxyproto

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

const (
	signature   = "\r\n\r\n\x00\r\nQUIT\n"
	fixedLength = len(signature) + 4 // command, family and length follow
)

// The families of addresses, by their number.
const (
	familyIPv4 = 1
	familyIPv6 = 2
	familyUnix = 3
)

func malformedBinary(reason string) error { return &ParseError{"2.2", reason} }

// parseBinary reads a header of version 2:
//
//	signature │ version, command │ family, protocol │ length │ addresses │ TLVs
//	       12 │                1 │                1 │      2 │ length octets
func parseBinary(in []byte) (Header, int, error) {
	known, err := checkCommand(in)
	if err != nil || len(in) < fixedLength {
		return Header{}, 0, err
	}
	family := in[13] >> 4
	n := fixedLength + int(binary.BigEndian.Uint16(in[14:]))
	if n > MaxBytes {
		return Header{}, 0, malformedBinary("a header of more than 4096 octets")
	}
	if known && n < fixedLength+addressesSize(family) {
		return Header{}, 0, malformedBinary("shorter than its addresses")
	}
	if len(in) < n {
		return Header{}, 0, nil
	}
	h := Header{Version: 2}
	if known {
		h.Source, h.Destination = readAddresses(family, in[fixedLength:n])
	}
	return h, n, nil
}

// checkCommand checks version, command, family and protocol as far as they have
// come. It reports whether addresses follow that can be told.
func checkCommand(in []byte) (known bool, err error) {
	if len(in) <= 12 {
		return false, nil
	}
	switch in[12] {
	case 0x20: // LOCAL: what stands in the family is ignored
		return false, nil
	case 0x21: // PROXY
	default:
		return false, malformedBinary("neither LOCAL nor PROXY in version 2")
	}
	if len(in) <= 13 {
		return false, nil
	}
	switch in[13] {
	case 0x11, 0x21, 0x31: // streams over IPv4, IPv6, unix sockets
		return true, nil
	case 0x00, 0x12, 0x22, 0x32: // unspecified, datagrams
		return false, nil
	}
	return false, malformedBinary("an unassigned family or protocol")
}

// addressesSize returns how many octets the two addresses take, with their ports.
func addressesSize(family byte) int {
	switch family {
	case familyIPv4:
		return 2*4 + 2*2
	case familyIPv6:
		return 2*16 + 2*2
	}
	return 2 * 108
}

// readAddresses reads the two addresses at the beginning of in.
func readAddresses(family byte, in []byte) (source, destination Address) {
	in = in[:addressesSize(family)]
	if family == familyUnix {
		return readUnix(in[:len(in)/2]), readUnix(in[len(in)/2:])
	}
	hosts, ports := in[:len(in)-4], in[len(in)-4:]
	return readTCP(hosts[:len(hosts)/2], ports[:2]), readTCP(hosts[len(hosts)/2:], ports[2:])
}

func readTCP(host, port []byte) Address {
	addr, _ := netip.AddrFromSlice(host) // of 4 or 16 octets: always ok
	return Address{TCP: netip.AddrPortFrom(addr, binary.BigEndian.Uint16(port))}
}

// readUnix reads a path that ends with a NUL, or an abstract name, which begins
// with one.
func readUnix(in []byte) Address {
	path, _, _ := bytes.Cut(in, []byte{0})
	if name := bytes.TrimRight(in, "\x00"); len(path) == 0 && len(name) > 0 {
		return Address{Unix: "@" + string(name[1:])}
	}
	if len(path) > 0 && path[0] != '/' {
		// A relative path may read like an abstract name, or like an IP address: it
		// is told as neither.
		return Address{}
	}
	return Address{Unix: string(path)}
}
