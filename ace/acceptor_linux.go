package ace

import (
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
)

// A socketAcceptor accepts descriptors that Go's own poller never sees.
type socketAcceptor struct {
	endpoint  *endpoint
	listener  net.Listener
	proxies   *proxyListener // nil: connections do not begin with PROXY headers
	scheduler *scheduler.Scheduler
	file      *os.File // the listener's descriptor again: a net.Listener's own can't be waited for
	raw       syscall.RawConn
}

// newAcceptor returns nil if the connections of l are not plain sockets, or have
// to be served by a goroutine each for another reason.
func newAcceptor(e *endpoint, l net.Listener) acceptor {
	proxies, _ := l.(*proxyListener)
	if proxies != nil {
		l = proxies.Listener
	}
	switch l.(type) {
	case *net.TCPListener, *net.UnixListener, *unixListener:
	default:
		return nil
	}
	if e.tls != nil {
		return nil
	}
	scheduler := e.server.scheduler()
	if scheduler == nil {
		return nil
	}
	file, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		return nil
	}
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil
	}
	raw.Control(func(fd uintptr) { setInherited(int(fd)) })
	return &socketAcceptor{e, l, proxies, scheduler, file, raw}
}

// accept waits for a connection and starts its worker.
func (a *socketAcceptor) accept() error {
	var fd int
	var peer syscall.Sockaddr
	var failure error
	err := a.raw.Read(func(listener uintptr) bool {
		fd, peer, failure = syscall.Accept4(int(listener), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		return failure != syscall.EAGAIN
	})
	switch {
	case err != nil:
		err = net.ErrClosed // there is no other reason not to wait for a descriptor
	case failure != nil:
		err = os.NewSyscallError("accept4", failure)
	}
	if err != nil {
		return &net.OpError{Op: "accept", Net: a.listener.Addr().Network(), Addr: a.listener.Addr(), Err: err}
	}
	startSocket(a.endpoint, a.scheduler, fd, addressText(peer), a.proxies != nil && a.isProxy(peer))
	return nil
}

// isProxy reports whether a connection from peer begins with a PROXY header.
func (a *socketAcceptor) isProxy(peer syscall.Sockaddr) bool {
	switch peer := peer.(type) {
	case *syscall.SockaddrInet4:
		return a.proxies.trustsIP(netip.AddrFrom4(peer.Addr))
	case *syscall.SockaddrInet6:
		return a.proxies.trustsIP(netip.AddrFrom16(peer.Addr))
	case *syscall.SockaddrUnix:
		return true
	}
	return false
}

// setInherited sets the options that connections inherit from their listener:
// once, and not for each of them. A unix socket refuses them, which is no harm.
func setInherited(fd int) {
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	// A peer whose machine has vanished while it waits for an event stream is
	// found by nothing else.
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 60)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 15)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 4)
}

func (a *socketAcceptor) close() { a.file.Close() }

// addressText returns the address as net.Addr.String does.
func addressText(addr syscall.Sockaddr) string {
	switch a := addr.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String()
	case *syscall.SockaddrInet6:
		ip := netip.AddrFrom16(a.Addr).Unmap()
		if a.ZoneId != 0 {
			if zone, err := net.InterfaceByIndex(int(a.ZoneId)); err == nil {
				ip = ip.WithZone(zone.Name)
			}
		}
		return netip.AddrPortFrom(ip, uint16(a.Port)).String()
	case *syscall.SockaddrUnix:
		return a.Name
	}
	return ""
}
