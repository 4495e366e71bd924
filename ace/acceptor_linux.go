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
	limited   bool // connections are given up if what was sent to them is not answered
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
	// Those of [Listen] have them already; this one may come from elsewhere.
	raw.Control(func(fd uintptr) { setInherited(int(fd)) })
	// Who wants more patience with clients that stand still is not overruled.
	_, tcp := l.(*net.TCPListener)
	limited := tcp && e.server.limits.progress <= vanishedAfter
	return &socketAcceptor{e, l, proxies, scheduler, file, raw, limited}
}

// accept waits for a connection and starts its worker.
func (a *socketAcceptor) accept() error {
	for {
		fd, peer, err := a.acceptFD()
		if err != nil {
			return &net.OpError{Op: "accept", Net: a.listener.Addr().Network(), Addr: a.listener.Addr(), Err: err}
		}
		if arrived, ok := a.admit(peer); ok {
			if a.limited {
				giveUpAfter(fd, vanishedAfter)
			}
			startSocket(arrived, a.scheduler, fd)
			return nil
		}
		// A reset leaves nothing of it behind in the kernel.
		syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
		syscall.Close(fd)
		a.endpoint.tellRefused(addressText(peer))
	}
}

// acceptFD waits for a connection.
func (a *socketAcceptor) acceptFD() (fd int, peer syscall.Sockaddr, err error) {
	var failure error
	err = a.raw.Read(func(listener uintptr) bool {
		fd, peer, failure = syscall.Accept4(int(listener), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		return failure != syscall.EAGAIN
	})
	if err != nil {
		return 0, nil, net.ErrClosed // there is no other reason not to wait for a descriptor
	}
	return fd, peer, os.NewSyscallError("accept4", failure)
}

// admit reports whether a connection from peer is let in. That of a proxy is: it
// is the client that counts, whose address is not known yet.
func (a *socketAcceptor) admit(peer syscall.Sockaddr) (arrived arrival, ok bool) {
	arrived = arrival{endpoint: a.endpoint, header: a.proxies != nil && a.isProxy(peer)}
	if !arrived.header {
		if arrived.site, ok = a.endpoint.server.addresses.enter(ipOfSocket(peer)); !ok {
			return arrived, false
		}
	}
	arrived.peer = addressText(peer)
	return arrived, true
}

// ipOfSocket returns the IP address of a socket's peer, if it has one.
func ipOfSocket(addr syscall.Sockaddr) netip.Addr {
	switch addr := addr.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrFrom4(addr.Addr)
	case *syscall.SockaddrInet6:
		return netip.AddrFrom16(addr.Addr)
	}
	return netip.Addr{}
}

// isProxy reports whether a connection from peer begins with a PROXY header.
func (a *socketAcceptor) isProxy(peer syscall.Sockaddr) bool {
	_, unix := peer.(*syscall.SockaddrUnix)
	return unix || a.proxies.trustsIP(ipOfSocket(peer))
}

func (a *socketAcceptor) close() { a.file.Close() }

// addressText returns the address as peerText does.
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
		return unixPeer(a.Name)
	}
	return ""
}
