//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package ace

import (
	"errors"
	"fmt"
	"net"
)

func closeOnExec(int) {}

// takeSocket fails: these systems do not pass sockets by their descriptor.
func takeSocket(int) (net.Listener, error) {
	return nil, fmt.Errorf("inherited sockets: %w", errors.ErrUnsupported)
}
