//go:build !linux

package ace

import (
	"errors"
	"fmt"
	"io/fs"
)

const abstractSockets = false

// reusePort fails: elsewhere SO_REUSEPORT is missing, or does not deal the
// connections out.
func reusePort(uintptr) error { return fmt.Errorf("ReusePort: %w", errors.ErrUnsupported) }

// restrictSocket does nothing: these systems can't do it before there is a file.
func restrictSocket(uintptr, fs.FileMode) error { return nil }
