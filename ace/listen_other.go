//go:build !linux

package ace

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"
)

const abstractSockets = false

// reusePort fails: elsewhere SO_REUSEPORT is missing, or does not deal the
// connections out.
func reusePort(uintptr) error { return fmt.Errorf("ReusePort: %w", errors.ErrUnsupported) }

// restrictSocket does nothing: these systems can't do it before there is a file.
func restrictSocket(uintptr, fs.FileMode) error { return nil }

// keepAlives are set on each connection that is accepted.
func keepAlives() net.KeepAliveConfig {
	return net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle * time.Second, Interval: keepAliveInterval * time.Second, Count: keepAliveCount,
	}
}

// setInherited does nothing: what connections inherit differs from system to
// system. Package net turns Nagle's algorithm off in each of them.
func setInherited(int) {}
