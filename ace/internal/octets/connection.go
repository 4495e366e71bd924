package octets

import "strings"

// NamesFields reports whether the value of a Connection field names others that
// whoever passes the message on has to leave out (RFC 9110, Section 7.6.1), beside
// those that are known to be for one hop.
func NamesFields(connection string) bool {
	for option := range strings.SplitSeq(connection, ",") {
		switch option = strings.Trim(option, " \t"); {
		case option == "", strings.EqualFold(option, "keep-alive"), strings.EqualFold(option, "close"),
			strings.EqualFold(option, "upgrade"), strings.EqualFold(option, "te"):
		default:
			return true
		}
	}
	return false
}

// OfConnection reports whether a field of a reply concerns a connection and its
// framing, so that only the protocol writes it.
func OfConnection(name string) bool {
	switch len(name) {
	case len("upgrade"):
		return name == "upgrade"
	case len("connection"):
		return name == "connection" || name == "keep-alive"
	case len("content-length"):
		return name == "content-length"
	case len("proxy-connection"):
		return name == "proxy-connection"
	case len("transfer-encoding"):
		return name == "transfer-encoding"
	}
	return false
}
