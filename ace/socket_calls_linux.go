package ace

import (
	"syscall"
	"unsafe"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
)

// readFD, writeFD and writeFDParts are recv(2), send(2) and writev(2) on a
// descriptor that does not block. The first two take a shorter way through the
// kernel than read(2) and write(2).
func readFD(fd int, p []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall6(scheduler.SysRecvfrom, uintptr(fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
		if errno == 0 {
			return int(n), 0
		}
		if errno != syscall.EINTR {
			return 0, errno
		}
	}
}

// peekFD is recv(2) that takes nothing.
func peekFD(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(scheduler.SysRecvfrom, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_PEEK, 0, 0)
	return int(n), errno
}

func writeFD(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(scheduler.SysSendto, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

func writeFDParts(fd int, head, data []byte) (int, syscall.Errno) {
	vec := [2]syscall.Iovec{{Base: unsafe.SliceData(head)}, {Base: unsafe.SliceData(data)}}
	vec[0].SetLen(len(head))
	vec[1].SetLen(len(data))
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&vec[0])), uintptr(len(vec)))
	return int(n), errno
}

// queuedFD returns how many octets a socket holds that its peer has not taken, or 0
// if that can't be told.
func queuedFD(fd int) int {
	var n int32
	if _, _, errno := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n))); errno != 0 {
		return 0
	}
	return int(n)
}
