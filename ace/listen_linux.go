package ace

import (
	"io/fs"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
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

// keepAlives are none: connections have those that they inherit.
func keepAlives() net.KeepAliveConfig { return net.KeepAliveConfig{} }

// setInherited sets the options that connections inherit from their listener:
// once, and not for each of them. A unix socket refuses them, which is no harm.
func setInherited(fd int) {
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	// A peer whose machine has vanished while it waits for a silent event stream is
	// found by nothing else.
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, keepAliveIdle)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, keepAliveInterval)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, keepAliveCount)
}

// userTimeout is TCP_USER_TIMEOUT, which package syscall knows on some architectures
// only.
const userTimeout = 18

// giveUpAfter ends a connection whose peer has left unanswered for so long what was
// sent to it. While there is something of that nothing is probed, so without it a peer
// that has vanished is given up when the kernel has sent the same again for a quarter
// of an hour. Connections do not inherit it from the listeners of package net, which
// are of multipath TCP.
func giveUpAfter(fd int, patience time.Duration) {
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, userTimeout, int(patience.Milliseconds()))
}
