//go:build !linux

package ace

import "net"

// newAcceptor returns nil: on these systems every connection is a stream.
func newAcceptor(*endpoint, net.Listener) acceptor { return nil }
