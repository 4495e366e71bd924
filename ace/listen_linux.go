package ace

import (
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// abstractSockets: a unix socket may have a name that is not in the file system.
const abstractSockets = true

// reusePort sets SO_REUSEPORT, which package syscall knows on some architectures
// only.
func reusePort(fd uintptr) error {
	option := 0xf
	if strings.HasPrefix(runtime.GOARCH, "mips") {
		option = 0x200
	}
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, option, 1))
}

// restrictSocket sets the permissions that the file of a unix socket will have
// when it is made, less those that the umask takes away. So there is no moment
// in which it has more.
func restrictSocket(fd uintptr, mode fs.FileMode) error {
	return os.NewSyscallError("fchmod", syscall.Fchmod(int(fd), uint32(mode)))
}
