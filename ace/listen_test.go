package ace

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// listenHere listens until the test ends.
func listenHere(t *testing.T, c ListenConfig, addr string) net.Listener {
	t.Helper()
	l, err := c.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// socketPath returns a path for a unix socket: a short one, since there is not
// much room for it in an address.
func socketPath(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "ace")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder + "/s"
}

// wantGreeting checks that whoever connects to addr is greeted by l.
func wantGreeting(t *testing.T, l net.Listener, network, addr string) {
	t.Helper()
	greeted := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, err = io.WriteString(conn, "hello")
			conn.Close()
		}
		greeted <- err
	}()
	conn, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := io.ReadAll(conn)
	if err := errors.Join(err, <-greeted); string(got) != "hello" || err != nil {
		t.Errorf("greeted with %q, %v", got, err)
	}
}

func TestListenTCP(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "tcp:127.0.0.1:0", "tcp4:127.0.0.1:0", "tcp4::0", "[::1]:0", "tcp6:[::1]:0", "localhost:0", ":0"} {
		t.Run(addr, func(t *testing.T) {
			l, err := Listen(addr)
			if errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL) {
				t.Skip("no IPv6: ", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if _, ok := l.(*net.TCPListener); !ok {
				t.Errorf("the listener is a %T", l)
			}
			wantGreeting(t, l, "tcp", l.Addr().String())
		})
	}
}

func TestListenOneFamily(t *testing.T) {
	for range 20 { // the port that is free on IPv6 may be somebody's on IPv4
		l, err := Listen("tcp6:[::]:0")
		if err != nil {
			t.Skip("no IPv6: ", err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		beside, err := Listen("tcp4:0.0.0.0:" + port)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer beside.Close()
		wantGreeting(t, beside, "tcp4", "127.0.0.1:"+port)
		return
	}
	t.Error("no port was left on IPv4 by a listener for IPv6 only")
}

func TestListenErrorsNameTheAddress(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	addr := l.Addr().String()
	if _, err := Listen(addr); !errors.Is(err, syscall.EADDRINUSE) || !strings.HasPrefix(err.Error(), `ace: listen on "`+addr+`": `) {
		t.Errorf("the error is %v", err)
	}
}

// An option that would do nothing is refused: it would look like protection.
func TestListenOptionsThatMeanNothing(t *testing.T) {
	for _, tt := range []struct {
		addr   string
		config ListenConfig
	}{
		{"127.0.0.1:0", ListenConfig{Mode: 0o600}},
		{"unix:@raxx", ListenConfig{Mode: 0o600}},
		{"fd:3", ListenConfig{Mode: 0o600}},
		{"unix:" + socketPath(t), ListenConfig{Mode: 0o10600}},
		{"unix:" + socketPath(t), ListenConfig{ReusePort: true}},
		{"fd:3", ListenConfig{ReusePort: true}},
		{"systemd:", ListenConfig{ReusePort: true}},
	} {
		if l, err := tt.config.Listen(tt.addr); err == nil {
			l.Close()
			t.Errorf("%+v for %s was accepted", tt.config, tt.addr)
		} else if !strings.Contains(err.Error(), "Mode") && !strings.Contains(err.Error(), "ReusePort") {
			t.Errorf("%+v for %s: %v", tt.config, tt.addr, err)
		}
	}
}
