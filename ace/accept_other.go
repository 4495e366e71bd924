//go:build !unix

package ace

import "syscall"

var (
	// lostConnections: a client that left between the handshake and accept.
	lostConnections = []error{syscall.ECONNABORTED, syscall.ECONNRESET}
	// shortages: of sockets and of memory.
	shortages = []error{syscall.EMFILE, syscall.ENOBUFS}
	// forbidden: by a rule, to that client.
	forbidden = []error{syscall.EACCES}
)

// descriptorLimit: these systems have no such limit worth the name.
func descriptorLimit() int { return 1 << 30 }
