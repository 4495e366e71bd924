//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package ace

import "syscall"

// replace makes fd stand for what with stands for.
func replace(with, fd int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	err := syscall.Dup2(with, fd)
	syscall.CloseOnExec(fd)
	return err
}
