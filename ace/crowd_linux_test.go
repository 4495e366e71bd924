package ace

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// TestCrowd is what this binary does when a test of this file runs it as a
// process of its own. In a run of the tests themselves it does nothing.
func TestCrowd(t *testing.T) {
	argument := os.Getenv("ACE_TEST_ARGUMENT")
	switch os.Getenv("ACE_TEST_CROWD") {
	case "hold":
		address, count, _ := strings.Cut(argument, " ")
		hold(t, address, count)
	case "poor":
		servePoorly(t, argument)
	}
}

// crowd returns the command of a process that does what role says.
func crowd(t *testing.T, role, argument string) *exec.Cmd {
	cmd := child(t, "", "")
	cmd.Args[1] = "-test.run=^TestCrowd$"
	cmd.Env = append(cmd.Env, "ACE_TEST_CROWD="+role, "ACE_TEST_ARGUMENT="+argument)
	return cmd
}

// hold opens connections that say nothing, until it is told to end.
func hold(t *testing.T, address, count string) {
	n, err := strconv.Atoi(count)
	if err != nil {
		t.Fatal(err)
	}
	const at = 8
	held := make([][]net.Conn, at)
	var dialling sync.WaitGroup
	for d := range at {
		dialling.Go(func() {
			for i := range n / at {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				held[d] = append(held[d], conn)
				if i%10 == 9 {
					catchUp(t, address)
				}
			}
		})
	}
	dialling.Wait()
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(held)
}

// catchUp waits until the server has accepted what was dialled before: an answer
// on a later connection says so. Without it the kernel's queue might overflow.
func catchUp(t *testing.T, address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	conn.Write([]byte(get))
	conn.Read(make([]byte, 1))
}

// waitFor waits until something that a server reports has come true.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 10_000 {
		if is() {
			return
		}
		<-time.After(time.Millisecond)
	}
	t.Fatalf("it did not come about that %s", what)
}

// affordable returns how many of n connections this process has descriptors for.
func affordable(n int) int {
	return min(n, (descriptorLimit()-200)/8*8)
}

// Ten thousand connections on which nothing is said take nothing from those on
// which something is, and nothing of them is left when they have gone.
func TestTenThousandSilentConnections(t *testing.T) {
	server, client := testTLS(t)
	for _, tt := range []struct {
		name       string
		n          int
		config     Config
		goroutines int // at most, for all connections
		over       func(net.Conn) net.Conn
	}{
		{"in the clear", affordable(10_000), Config{}, 100, func(conn net.Conn) net.Conn { return conn }},
		{"on a port for TLS", affordable(2_000), Config{TLS: server}, 3_000, func(conn net.Conn) net.Conn { return tls.Client(conn, client) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.HandshakeTimeout = time.Minute // they stay
			s, dial := start(t, networks[0], hello, tt.config)
			before := runtime.NumGoroutine()
			cmd := crowd(t, "hold", fmt.Sprint(dialled(t, s), " ", tt.n))
			silent := begin(t, cmd, cmd.Start)
			if got := silent.line(); got != "ready" {
				t.Fatalf("the child said %q", got)
			}
			waitFor(t, "all are accepted", func() bool { return s.Connections() == tt.n })
			p := dial()
			p = newPeer(t, tt.over(p.Conn))
			for range 100 {
				p.send(get)
				p.want(200, "hello")
			}
			if more := runtime.NumGoroutine() - before; more > tt.goroutines {
				t.Errorf("%d goroutines serve %d connections", more, tt.n)
			}
			began := time.Now()
			all := s.Workers()
			t.Logf("%d workers were listed in %v", len(all), time.Since(began))
			if len(all) != tt.n+1 {
				t.Errorf("there are %d workers, want %d", len(all), tt.n+1)
			}
			p.Close()
			silent.end()
			waitFor(t, "all have gone", func() bool { return s.Connections() == 0 })
		})
	}
}

// dialled returns the address of a server.
func dialled(t *testing.T, s *Server) string {
	t.Helper()
	waitFor(t, "the server is ready", s.Ready)
	return s.Addrs()[0].String()
}

// servePoorly serves with few descriptors, as sockets or as streams, until it is
// told to end, and says what the trace tells.
func servePoorly(t *testing.T, kind string) {
	runtime.GOMAXPROCS(16) // whose pollers take as many descriptors as the rest of the server is left
	few := syscall.Rlimit{Cur: 96, Max: 96}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	var l net.Listener
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	kind, limited := strings.CutSuffix(kind, ", limited")
	if kind == "stream" {
		l = hidden{l}
	}
	config := Config{MaxConnections: -1}
	if limited {
		config.MaxConnections = 0
	}
	var once, full sync.Once
	config.Trace.AcceptFailed = func(e AcceptEvent) {
		once.Do(func() { fmt.Println("failed", errors.Is(e.Err, syscall.EMFILE), e.Pause > 0) })
	}
	config.Trace.LimitReached = func(AcceptEvent) { full.Do(func() { fmt.Println("full") }) }
	s := New(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, config)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Println(l.Addr())
	io.Copy(io.Discard, os.Stdin)
	s.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A process that has run out of descriptors serves those that it has, says why it
// does not accept others, and accepts them as soon as it can. With the limit that
// it sets itself by default it does not run out in the first place.
func TestProcessWithoutDescriptors(t *testing.T) {
	for kind, want := range map[string]string{
		"socket": "failed true true", "stream": "failed true true", "socket, limited": "full", "stream, limited": "full",
	} {
		t.Run(kind, func(t *testing.T) {
			cmd := crowd(t, "poor", kind)
			poor := begin(t, cmd, cmd.Start)
			address := poor.line()
			dial := func() *peer {
				t.Helper()
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				conn.SetDeadline(time.Now().Add(20 * time.Second))
				return newPeer(t, conn)
			}
			old := dial()
			old.send(get)
			old.want(200, "hello")
			var others []*peer
			for range 100 {
				others = append(others, dial())
			}
			if got := poor.line(); got != want {
				t.Errorf("the trace was told %q, want %q", got, want)
			}
			for range 10 {
				old.send(get)
				old.want(200, "hello")
			}
			last := others[99]
			last.send(get)
			for _, p := range others[:99] {
				p.Close()
			}
			last.want(200, "hello")
		})
	}
}
