package ace

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// HandOver starts cmd, which inherits the sockets of the listeners and finds each
// by its name, at the address "systemd:name" of [Listen]. A name has 1 to 255 ASCII
// characters, no control characters and no colon. So a server can be replaced
// without a connection lost: as long as one of the two processes has the socket,
// new connections wait in its queue.
//
//	next := exec.Command(os.Args[0], "-listen", "systemd:web")
//	err := ace.HandOver(next, map[string]net.Listener{"web": l})
//	…                    // wait until next says that it is ready
//	server.Shutdown(ctx) // closes l here, and answers what was accepted
//
// The listeners are those of [Listen], with [ProxyProtocol] or without, and of
// package net. This process may go on to accept from them: then the two share the
// connections. The file of a unix socket is then no longer removed when this
// process closes the socket; it is left behind when the last server has gone, and
// [Listen] replaces it.
//
// HandOver sets LISTEN_FDS and LISTEN_FDNAMES for cmd, and puts the sockets before
// what there is in cmd.ExtraFiles. It returns when cmd has been started; the caller
// waits for the end of cmd (see [exec.Cmd.Wait]). On systems that pass no sockets,
// such as Windows, the error wraps [errors.ErrUnsupported].
func HandOver(cmd *exec.Cmd, listeners map[string]net.Listener) error {
	if len(listeners) == 0 {
		return errors.New("ace: hand over: no listeners")
	}
	names := slices.Sorted(maps.Keys(listeners))
	sockets := make([]*os.File, 0, len(names))
	defer func() {
		for _, f := range sockets {
			f.Close()
		}
	}()
	for _, name := range names {
		socket, err := socketOf(name, listeners[name])
		if err != nil {
			return fmt.Errorf("ace: hand over %q: %w", name, err)
		}
		sockets = append(sockets, socket)
	}
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isListenVariable),
		"LISTEN_FDS="+strconv.Itoa(len(names)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	cmd.ExtraFiles = slices.Concat(sockets, cmd.ExtraFiles)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("ace: hand over: %w", err)
	}
	for _, l := range listeners {
		leaveFile(l)
	}
	return nil
}

// socketOf returns the socket of a listener, as a file of its own.
func socketOf(name string, l net.Listener) (*os.File, error) {
	if !isSocketName(name) {
		return nil, errors.New("a name has 1 to 255 characters of ASCII, no control characters and no colon")
	}
	socket, ok := unwrapListener(l).(syscall.Conn)
	if !ok {
		return nil, fmt.Errorf("a %T has no socket", l)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	var file *os.File
	err = control(raw, func(fd uintptr) (err error) {
		file, err = socketFile(int(fd), name)
		return err
	})
	return file, err
}

// isSocketName reports whether name can stand in LISTEN_FDNAMES.
func isSocketName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	return name != "" && len(name) <= 255
}

// isListenVariable reports whether a variable of the environment tells of
// inherited sockets.
func isListenVariable(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "LISTEN_PIDFDID"}, name)
}

// leaveFile makes sure that the file of a unix socket stays when l is closed.
func leaveFile(l net.Listener) {
	if u, ok := unwrapListener(l).(interface{ SetUnlinkOnClose(bool) }); ok {
		u.SetUnlinkOnClose(false)
	}
}

// unwrapListener returns the listener that has the socket.
func unwrapListener(l net.Listener) net.Listener {
	if p, ok := l.(*proxyListener); ok {
		return unwrapListener(p.Listener)
	}
	return l
}
