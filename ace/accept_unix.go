//go:build unix

package ace

import (
	"runtime"
	"syscall"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
)

var (
	// lostConnections: a client that left, or a fault of the network, between
	// the handshake and accept. accept(2) asks to treat them like EAGAIN.
	lostConnections = []error{
		syscall.ECONNABORTED, syscall.EINTR, syscall.EPROTO, syscall.ENETDOWN, syscall.ENOPROTOOPT,
		syscall.EHOSTDOWN, syscall.EHOSTUNREACH, syscall.EOPNOTSUPP, syscall.ENETUNREACH, syscall.ECONNRESET,
	}
	// shortages: of descriptors, of this process or of the system, and of
	// memory. They pass when something is closed.
	shortages = []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM}
	// forbidden: by a rule of the firewall or of a security module, perhaps to that
	// client, perhaps to all until the rule is changed.
	forbidden = []error{syscall.EPERM, syscall.EACCES}
)

// leastLeft is how many descriptors are left for everything else, however few
// there are: the server itself needs a dozen, and its pollers some for each
// processor.
const leastLeft = 32

// descriptorLimit returns how many connections the limit on file descriptors
// allows, with an eighth of it left for everything else.
func descriptorLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1 << 30
	}
	n := int(min(uint64(limit.Cur), 1<<30))
	pollers := scheduler.Descriptors * runtime.GOMAXPROCS(0)
	return max(n-max(n/8, leastLeft+pollers), 1)
}
