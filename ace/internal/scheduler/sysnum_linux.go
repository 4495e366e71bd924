//go:build !386

package scheduler

import "syscall"

// The numbers of the calls on sockets, which package syscall does not name on every
// processor.
const (
	SysSendto   = syscall.SYS_SENDTO
	SysRecvfrom = syscall.SYS_RECVFROM
	sysConnect  = syscall.SYS_CONNECT
)
