package octets

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
