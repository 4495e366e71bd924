//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import "os"

// socketFile returns a file of its own for a socket. It is not made by the
// listener's method File: package exec would set such a file to blocking mode,
// and with it the socket that this process still accepts from.
func socketFile(fd int, name string) (*os.File, error) {
	own, err := duplicate(fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(own), name), nil
}
