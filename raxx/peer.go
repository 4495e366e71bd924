package raxx

// A Peer is what the server knows of the connection that a request came on. All
// requests of a connection have the same.
type Peer struct {
	// Address is where the connection comes from, such as "192.0.2.7:51334".
	// Behind a proxy that is the proxy.
	Address string
	// Protocol is the version that the connection speaks: "HTTP/1.0" or
	// "HTTP/1.1". Handlers should not need it.
	Protocol string
}
