//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package ace

import (
	"errors"
	"os"
)

// socketFile fails: these systems do not pass sockets by their descriptor.
func socketFile(int, string) (*os.File, error) { return nil, errors.ErrUnsupported }
