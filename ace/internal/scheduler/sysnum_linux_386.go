package scheduler

// Before Linux 4.3 a 386 had one call for all of them, socketcall(2), and that is
// what package syscall still uses there.
const (
	SysSendto   = 369
	SysRecvfrom = 371
	sysConnect  = 362
)
