package main

import "syscall"

// allowDescriptors lets the process open as many descriptors as it may, or no
// further ones. Those that are open stay so.
func allowDescriptors(plenty bool) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = 0
	if plenty {
		limit.Cur = limit.Max
	}
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
