//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// TestChild is what this binary does when a test runs it as a process of its own.
// In a run of the tests themselves it does nothing.
func TestChild(t *testing.T) {
	switch os.Getenv("ACE_TEST_CHILD") {
	case "take":
		take(strings.Split(os.Getenv("ACE_TEST_ADDRESSES"), ","))
	case "serve":
		serveUntilToldToEnd(t, os.Getenv("ACE_TEST_ADDRESSES"))
	}
}

// child returns the command of a process that does what role says.
func child(t *testing.T, role, addresses string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(cmd.Environ(), "GORACE=atexit_sleep_ms=0", "ACE_TEST_CHILD="+role, "ACE_TEST_ADDRESSES="+addresses)
	cmd.Stderr = os.Stderr
	return cmd
}

// A taking is what a child tells of its attempts to listen.
type taking struct {
	Addrs, Errors []string // by address: one of them is empty
	Environment   []string // afterwards, of LISTEN_*
	Kept          []int    // of the first descriptors, those that would be passed on
}

// take listens on addresses, greets who connects to them, and tells what came of
// it on standard output.
func take(addresses []string) {
	var told taking
	for _, addr := range addresses {
		l, err := Listen(addr)
		if err != nil {
			told.Addrs, told.Errors = append(told.Addrs, ""), append(told.Errors, err.Error())
			continue
		}
		told.Addrs, told.Errors = append(told.Addrs, l.Addr().String()), append(told.Errors, "")
		defer l.Close()
		go greetAll(l)
	}
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "LISTEN_") {
			told.Environment = append(told.Environment, variable)
		}
	}
	for fd := 3; fd < 9; fd++ {
		if flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0); errno == 0 && flags&syscall.FD_CLOEXEC == 0 {
			told.Kept = append(told.Kept, fd)
		}
	}
	json.NewEncoder(os.Stdout).Encode(told)
	io.Copy(io.Discard, os.Stdin) // until the test has seen enough
}

func greetAll(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		io.WriteString(conn, "hello")
		conn.Close()
	}
}

// serveUntilToldToEnd serves its process number on an endpoint, says that it is
// ready, and drains when standard input ends.
func serveUntilToldToEnd(t *testing.T, addr string) {
	l, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	s := New(func(raxx.Request) raxx.Response { return raxx.Text(200, fmt.Sprint(os.Getpid())) }, Config{})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A running is a child that has been started.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Reader // that it says
	end   func()        // tells it to end
}

// begin starts a child by start and makes sure that it ends with the test.
func begin(t *testing.T, cmd *exec.Cmd, start func() error) *running {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	r := &running{t, cmd, bufio.NewReader(out), func() { in.Close() }}
	t.Cleanup(func() {
		r.end()
		io.Copy(io.Discard, r.lines)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the child ended with %v", err)
		}
	})
	return r
}

// line returns what the child says next.
func (r *running) line() string {
	r.t.Helper()
	line, err := r.lines.ReadString('\n')
	if err != nil {
		r.t.Fatalf("the child said %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

// taking returns what a child in the role of take tells.
func (r *running) taking() (told taking) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.line()), &told); err != nil {
		r.t.Fatal(err)
	}
	return told
}
