package ace

import "syscall"

// replace makes fd stand for what with stands for.
func replace(with, fd int) error { return syscall.Dup3(with, fd, syscall.O_CLOEXEC) }
