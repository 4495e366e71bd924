//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

func closeOnExec(fd int) { syscall.CloseOnExec(fd) }

// takeSocket returns the listening socket that a descriptor stands for. The
// number stands for nothing from then on, but is not free either: a number that
// was free could come to stand for something else of this process, which a
// second call would then take for an inherited socket.
func takeSocket(fd int) (net.Listener, error) {
	if err := checkListens(fd); err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	own, err := duplicate(fd)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(own), fmt.Sprintf("fd:%d", fd))
	defer file.Close()
	l, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	if err := occupy(fd); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// checkListens returns an error if fd is no listening socket.
func checkListens(fd int) error {
	kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE)
	switch {
	case err == syscall.EBADF:
		return errors.New("there is none")
	case err == syscall.ENOTSOCK:
		return errors.New("it is no socket, or has been taken")
	case err != nil:
		return os.NewSyscallError("getsockopt", err)
	case kind != syscall.SOCK_STREAM:
		return errors.New("it is not a socket for connections (ListenStream= in a systemd unit)")
	}
	listens, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	if err == nil && listens == 0 {
		return errors.New("it does not listen; perhaps it is one connection (Accept=yes in a systemd unit)")
	}
	return nil // where it can't be asked, accept will tell
}

// duplicate returns another descriptor for what fd stands for, in the same mode
// and not passed on to other processes.
func duplicate(fd int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	own, err := syscall.Dup(fd)
	if err != nil {
		return 0, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(own)
	return own, nil
}

// occupy makes fd stand for nothing.
func occupy(fd int) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	return os.NewSyscallError("dup2", replace(int(null.Fd()), fd))
}
