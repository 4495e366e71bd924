//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A load is many clients, each of which sends one request after the other, and
// what they have seen.
type load struct {
	network, addr string
	stop          atomic.Bool
	clients       sync.WaitGroup

	mu      sync.Mutex
	answers map[string]int // by body: the number of the process
	failure error          // the first
}

// startLoad starts clients; every other one makes a new connection for each
// request.
func startLoad(addr net.Addr, clients int) *load {
	l := &load{network: addr.Network(), addr: addr.String(), answers: make(map[string]int)}
	for i := range clients {
		l.clients.Go(func() {
			for !l.stop.Load() {
				if err := l.connection(i%2 == 0); err != nil {
					l.mu.Lock()
					l.failure = errors.Join(l.failure, err)
					l.mu.Unlock()
					return
				}
			}
		})
	}
	return l
}

// connection sends requests on a connection until the server says that it was
// the last one.
func (l *load) connection(once bool) error {
	conn, err := net.Dial(l.network, l.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	from := bufio.NewReader(conn)
	for last := once; ; {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
			return err
		}
		resp, err := http.ReadResponse(from, nil)
		if err != nil {
			return fmt.Errorf("no response: %w", err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			return fmt.Errorf("%d %q, %w", resp.StatusCode, body, err)
		}
		l.mu.Lock()
		l.answers[string(body)]++
		l.mu.Unlock()
		if last || resp.Close || l.stop.Load() {
			return nil
		}
	}
}

// answered waits until the process with a number has answered n more requests,
// or a client has failed.
func (l *load) answered(pid, n int) {
	count := func() (int, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.answers[strconv.Itoa(pid)], l.failure
	}
	for begun, _ := count(); ; <-time.After(time.Millisecond) {
		if now, err := count(); err != nil || now >= begun+n {
			return
		}
	}
}

func (l *load) end() (answers map[string]int, failure error) {
	l.stop.Store(true)
	l.clients.Wait()
	return l.answers, l.failure
}

// One process after the other takes over the socket under load: every request is
// answered.
func TestHandOverLosesNothing(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "unix:" + socketPath(t)} {
		t.Run(strings.TrimSuffix(addr, ":0"), func(t *testing.T) {
			l, err := Listen(addr)
			if err != nil {
				t.Fatal(err)
			}
			s := New(func(raxx.Request) raxx.Response { return raxx.Text(200, strconv.Itoa(os.Getpid())) }, Config{})
			served := make(chan error, 1)
			go func() { served <- s.Serve(l) }()
			clients := startLoad(l.Addr(), 8)
			clients.answered(os.Getpid(), 200)

			next := child(t, "serve", "systemd:web")
			r := begin(t, next, func() error { return HandOver(next, map[string]net.Listener{"web": l}) })
			if got := r.line(); got != "ready" {
				t.Fatalf("the child said %q", got)
			}
			clients.answered(os.Getpid(), 20) // the two share what comes
			if err := errors.Join(s.Shutdown(t.Context()), <-served); err != nil {
				t.Error(err)
			}
			clients.answered(next.Process.Pid, 200)
			answers, failure := clients.end()
			if failure != nil {
				t.Errorf("a request was lost: %v", failure)
			}
			if len(answers) != 2 || answers[strconv.Itoa(next.Process.Pid)] < 200 {
				t.Errorf("answers by process: %v", answers)
			}
		})
	}
}

// A process that serves can close its socket after it was handed over: it still
// does not block.
func TestHandOverLeavesTheSocketAsItWas(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	accepted := make(chan error)
	go func() {
		for {
			conn, err := l.Accept()
			if accepted <- err; err != nil {
				return
			}
			conn.Close()
		}
	}()
	cmd := exec.Command("true")
	if err := HandOver(cmd, map[string]net.Listener{"web": l}); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if err := <-accepted; err != nil {
		t.Error(err)
	}
	l.Close()
	select {
	case err := <-accepted:
		if !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Accept did not return when the listener was closed")
	}
	// No copy of the socket is left in this process.
	if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
		conn.Close()
		t.Error("somebody still listens")
	}
}

func TestHandOverPassesTheEnvironment(t *testing.T) {
	t.Setenv("LISTEN_PID", "1")
	t.Setenv("LISTEN_FDS", "9")
	a, b := listenHere(t, ListenConfig{}, "127.0.0.1:0"), listenHere(t, ListenConfig{}, "unix:"+socketPath(t))
	next := child(t, "take", "systemd:web,systemd:a b,fd:5")
	extra, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	next.ExtraFiles = []*os.File{extra}
	r := begin(t, next, func() error {
		return HandOver(next, map[string]net.Listener{"web": ProxyProtocol(a), "a b": b})
	})
	told := r.taking()
	if told.Addrs[0] != a.Addr().String() || told.Addrs[1] != b.Addr().String() || !strings.Contains(told.Errors[2], "no socket") {
		t.Errorf("it listens on %q, %q", told.Addrs, told.Errors)
	}
	if got := strings.Join(told.Environment, " "); got != "LISTEN_FDS=2 LISTEN_FDNAMES=a b:web" {
		t.Errorf("the environment is %s", got)
	}
	// The file of the unix socket stays for the one that has it now.
	b.Close()
	wantGreetingAt(t, b.Addr())
}

func TestHandOverErrors(t *testing.T) {
	l := listenHere(t, ListenConfig{}, "127.0.0.1:0")
	path := socketPath(t)
	local := listenHere(t, ListenConfig{}, "unix:"+path)
	type named map[string]net.Listener
	for _, tt := range []struct {
		command   string
		listeners named
		want      string
	}{
		{"true", nil, "no listeners"},
		{"true", named{"": l}, "a name has"},
		{"true", named{"a:b": l}, "a name has"},
		{"true", named{"a\n": l}, "a name has"},
		{"true", named{strings.Repeat("a", 256): l}, "a name has"},
		{"true", named{"a": memnet.Listen()}, "has no socket"},
		{"/no/such/command", named{"a": l, "b": local}, "no such file"},
	} {
		if err := HandOver(exec.Command(tt.command), tt.listeners); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("HandOver(%s, %v) = %v, want %q", tt.command, tt.listeners, err, tt.want)
		}
	}
	if local.Close(); exists(path) {
		t.Error("the file stays although nobody has the socket")
	}
}
