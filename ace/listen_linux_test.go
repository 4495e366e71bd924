package ace

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestReusePort(t *testing.T) {
	config := ListenConfig{ReusePort: true}
	first := listenHere(t, config, "127.0.0.1:0")
	addr := first.Addr().String()
	second := listenHere(t, config, addr)
	if _, err := Listen(addr); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listened there without the option: %v", err)
	}
	// Each of them gets some of the connections.
	got := make(chan net.Listener)
	for _, l := range []net.Listener{first, second} {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
				got <- l
			}
		}()
	}
	seen := make(map[net.Listener]bool)
	for i := 0; len(seen) < 2 && i < 1000; i++ {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		seen[<-got] = true
		conn.Close()
	}
	if len(seen) != 2 {
		t.Errorf("%d of 2 sockets got connections", len(seen))
	}
}

// Also connections that come before anybody serves have the options that the
// server wants: they inherit them when they are made.
func TestListenSetsWhatConnectionsInherit(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Accept of package net would set options of its own.
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	accepted, _, err := syscall.Accept4(int(file.Fd()), syscall.SOCK_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(accepted)
	for _, option := range []struct {
		name              string
		level, opt, value int
	}{
		{"TCP_NODELAY", syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
		{"SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE", syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 60},
		{"TCP_KEEPINTVL", syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 15},
		{"TCP_KEEPCNT", syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 4},
	} {
		got, err := syscall.GetsockoptInt(accepted, option.level, option.opt)
		if got != option.value || err != nil {
			t.Errorf("%s = %d, %v; want %d", option.name, got, err, option.value)
		}
	}
}

// A peer that has vanished is given up as soon if something was sent to it as if it
// is probed, unless the server is to be more patient than that.
func TestConnectionsAreGivenUpIfWhatWasSentIsNotAnswered(t *testing.T) {
	for patience, want := range map[time.Duration]int{0: 120_000, 2 * time.Minute: 120_000, 3 * time.Minute: 0, -1: 0} {
		s, dial := start(t, networks[0], hello, Config{ProgressTimeout: patience})
		p := dial()
		p.send(get)
		if _, err := http.ReadResponse(p.r, nil); err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		got, err := syscall.GetsockoptInt(s.workers.conn.(*socket).conn.FD(), syscall.IPPROTO_TCP, userTimeout)
		s.mu.Unlock()
		if got != want || err != nil {
			t.Errorf("with a ProgressTimeout of %v it is %d, %v; want %d", patience, got, err, want)
		}
	}
}

// The file of a unix socket never has more permissions than Mode, not even
// before it is given exactly these.
func TestUnixSocketMode(t *testing.T) {
	for _, umask := range []int{0, 0o77} {
		for _, mode := range []fs.FileMode{0o600, 0o660, 0o666} {
			t.Run(fmt.Sprintf("%o with umask %o", mode, umask), func(t *testing.T) {
				defer syscall.Umask(syscall.Umask(umask))
				path := socketPath(t)
				bound, err := ListenConfig{Mode: mode}.bindUnix(path)
				if err != nil {
					t.Fatal(err)
				}
				if at := modeOf(t, path); at&^mode != 0 {
					t.Errorf("it was made with %o", at)
				}
				bound.Close()
				listenHere(t, ListenConfig{Mode: mode}, "unix:"+path)
				if got := modeOf(t, path); got != mode {
					t.Errorf("it has %o", got)
				}
			})
		}
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	file, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return file.Mode().Perm()
}

func TestAbstractUnixSocket(t *testing.T) {
	name := fmt.Sprintf("@raxx-test-%d", os.Getpid())
	l := listenHere(t, ListenConfig{}, "unix:"+name)
	wantGreeting(t, l, "unix", name)
	if _, err := Listen("unix:" + name); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listened there twice: %v", err)
	}
}
