package ace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// A ListenConfig opens endpoints. Its zero value is what [Listen] uses.
type ListenConfig struct {
	// ReusePort lets more than one socket, of one process or of several of the same
	// user, listen on one TCP address. The kernel deals the connections out to
	// them. On other systems than Linux it is an error. Danger: the connections
	// that wait in a socket's queue when it is closed are lost, so a restart is
	// better done by [HandOver].
	ReusePort bool
	// Mode is who may connect to a unix socket: the permissions of its file, such
	// as 0o660. If zero, the process's umask decides. On Linux the file never has
	// more than these; elsewhere it has those of the umask for a moment, so put
	// it in a directory that nobody else can enter.
	Mode fs.FileMode
}

// Listen opens an endpoint for [Server.Serve]. An address is written in one of
// these forms:
//
//	127.0.0.1:8080   TCP; a host name stands for the first of its addresses
//	:http, :8080     every address of the machine, IPv6 and IPv4
//	[::1]:0          a port that the system chooses: ask the listener's Addr
//	tcp4:…, tcp6:…   the same, on IPv4 or IPv6 only
//	unix:/run/a.sock a unix socket; its file is removed when it is closed
//	unix:@name       an abstract unix socket (Linux)
//	fd:3             a listening socket that this process has inherited
//	systemd:name     the one that is called name in LISTEN_FDNAMES
//	systemd:         the only one in LISTEN_FDS
//
// The file of a unix socket that is there already is replaced if nobody answers
// on it; else the error is that the address is in use.
//
// Sockets are inherited from systemd (see sd_listen_fds(3)) and from [HandOver].
// Each can be taken once. They are not passed on to processes that this one
// starts, and the environment is left as it is. LISTEN_PID, if set, has to be
// this process.
//
// If the address is malformed, the error is an [*AddressError].
//
// Connections to a TCP socket that Listen has opened send without delay
// (TCP_NODELAY), and are probed when they have been silent for a minute, also those
// that come before the endpoint is served.
func Listen(addr string) (net.Listener, error) { return ListenConfig{}.Listen(addr) }

// Listen is [Listen] with the options of c. An option that means nothing for the
// address is an error.
func (c ListenConfig) Listen(addr string) (net.Listener, error) {
	a, err := parseAddress(addr)
	if err != nil {
		return nil, err
	}
	var l net.Listener
	switch err = c.check(a); {
	case err != nil:
	case a.kind == overTCP:
		l, err = c.listenTCP(a)
	case a.kind == overUnix:
		l, err = c.listenUnix(a.rest)
	case a.kind == byNumber:
		l, err = takeSocket(a.fd)
	default:
		l, err = takeNamedSocket(a.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("ace: listen on %q: %w", addr, err)
	}
	return l, nil
}

// check refuses options that mean nothing for a. They would look as if they
// protected something.
func (c ListenConfig) check(a address) error {
	switch {
	case c.ReusePort && a.kind != overTCP:
		return errors.New("option ReusePort is for TCP addresses")
	case c.Mode != 0 && (a.kind != overUnix || a.rest[0] == '@'):
		return errors.New("option Mode is for unix sockets with a path")
	case c.Mode&^fs.ModePerm != 0:
		return fmt.Errorf("option Mode is %v, which is more than permissions", c.Mode)
	}
	return nil
}

func (c ListenConfig) listenTCP(a address) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1, KeepAliveConfig: keepAlives()}
	config.Control = func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd uintptr) error {
			setInherited(int(fd))
			if c.ReusePort {
				return reusePort(fd)
			}
			return nil
		})
	}
	return config.Listen(context.Background(), a.network, a.rest)
}

// How long a connection is silent before it is probed, and how long and how often
// then: a peer that has vanished is found within two minutes.
const (
	keepAliveIdle     = 60 // seconds
	keepAliveInterval = 15 // seconds
	keepAliveCount    = 4
)

// vanishedAfter is how long a peer may leave unanswered what was sent to it, probe
// or not.
const vanishedAfter = (keepAliveIdle + keepAliveInterval*keepAliveCount) * time.Second

// control calls f with the descriptor of a socket.
func control(raw syscall.RawConn, f func(fd uintptr) error) error {
	var failed error
	err := raw.Control(func(fd uintptr) { failed = f(fd) })
	return errors.Join(err, failed)
}

// answerTimeout is how long a unix socket that is there may take to answer. One
// that has a server takes none at all.
const answerTimeout = time.Second
