package proxyproto

import (
	"net/netip"
	"strconv"
	"strings"
)

const (
	textStart = "PROXY "
	maxText   = 107 // octets of a line, with its CRLF
)

func malformedText(reason string) error { return &ParseError{"2.1", reason} }

// parseText reads a header of version 1:
//
//	PROXY TCP4 192.0.2.1 192.0.2.11 56324 443 CR LF
func parseText(in []byte) (Header, int, error) {
	end, err := lineEnd(in)
	if end == 0 || err != nil {
		return Header{}, 0, err
	}
	h := Header{Version: 1}
	words := strings.Split(string(in[len(textStart):end]), " ")
	if words[0] != "UNKNOWN" {
		if h.Source.TCP, h.Destination.TCP, err = textAddresses(words); err != nil {
			return Header{}, 0, err
		}
	}
	return h, end + len("\r\n"), nil
}

// lineEnd returns where the CRLF of a line stands, or 0 if more must come.
func lineEnd(in []byte) (int, error) {
	for i, c := range in {
		switch {
		case i == maxText-1:
			return 0, malformedText("a line of more than 107 octets")
		case c == '\n':
			return 0, malformedText("a bare LF")
		case c != '\r':
		case i+1 == len(in):
			return 0, nil
		case in[i+1] != '\n':
			return 0, malformedText("a bare CR")
		default:
			return i, nil
		}
	}
	return 0, nil
}

// textAddresses reads protocol, source address, destination address, source port
// and destination port.
func textAddresses(words []string) (source, destination netip.AddrPort, err error) {
	if words[0] != "TCP4" && words[0] != "TCP6" {
		return source, destination, malformedText("neither TCP4 nor TCP6 nor UNKNOWN")
	}
	if len(words) != 5 {
		return source, destination, malformedText("not two addresses and two ports, one space between them")
	}
	if source, err = textAddress(words[0], words[1], words[3]); err == nil {
		destination, err = textAddress(words[0], words[2], words[4])
	}
	return source, destination, err
}

func textAddress(protocol, host, port string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" || addr.Is4() != (protocol == "TCP4") {
		return netip.AddrPort{}, malformedText("not an address of its family")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || port != strconv.FormatUint(n, 10) {
		return netip.AddrPort{}, malformedText("not a port")
	}
	return netip.AddrPortFrom(addr, uint16(n)), nil
}
