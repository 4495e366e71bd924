//go:build !linux

package ace

import "net"

// newSocket returns nil: on these systems every connection is a stream.
func newSocket(*Server, net.Conn) transport { return nil }
