//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// staleSocket leaves the file of a socket behind that nobody listens on.
func staleSocket(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func TestUnixSocket(t *testing.T) {
	path := socketPath(t)
	for range 2 { // the second time over the first one's stale file
		l := listenHere(t, ListenConfig{}, "unix:"+path)
		if got := l.Addr().String(); got != path || l.Addr().Network() != "unix" {
			t.Errorf("Addr = %q", got)
		}
		wantGreeting(t, l, "unix", path)
		l.Close()
		if l.Close(); exists(path) {
			t.Error("the file was not removed")
		}
		staleSocket(t, path)
	}
}

func TestUnixSocketByARelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	l := listenHere(t, ListenConfig{}, "unix:s")
	here, _ := filepath.Abs("s")
	wantGreeting(t, l, "unix", here)
	t.Chdir(t.TempDir())
	if l.Close(); exists(here) {
		t.Error("the file was not removed")
	}
}

// A client may call its socket what it likes, also what reads like the address of
// somebody else.
func TestUnixSocketOfAClientThatIsCalledAsAnAddress(t *testing.T) {
	t.Chdir(t.TempDir())
	app := func(req raxx.Request) raxx.Response {
		return raxx.Text(200, fmt.Sprintf("%q", req.Peer.Address))
	}
	for name, wrap := range map[string]func(net.Listener) net.Listener{
		"a socket": func(l net.Listener) net.Listener { return l },
		"a stream": func(l net.Listener) net.Listener { return struct{ net.Listener }{l} },
	} {
		t.Run(name, func(t *testing.T) {
			path := socketPath(t)
			server := New(app, Config{})
			defer server.Close()
			go server.Serve(wrap(listenHere(t, ListenConfig{}, "unix:"+path)))
			for i, called := range []string{"127.0.0.1:80", "10.0.0.1", "[::1]:1", "client"} {
				conn, err := net.DialUnix("unix", &net.UnixAddr{Name: called, Net: "unix"}, &net.UnixAddr{Name: path, Net: "unix"})
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
				got, err := io.ReadAll(conn)
				if conn.Close(); err != nil || !strings.HasSuffix(string(got), "\r\n\r\n\"\"") {
					t.Errorf("%d: a client called %s: %q, %v", i, called, got, err)
				}
				os.Remove(called)
			}
		})
	}
}

func TestUnixSocketInUse(t *testing.T) {
	path := socketPath(t)
	l := listenHere(t, ListenConfig{}, "unix:"+path)
	_, err := Listen("unix:" + path)
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "another server answers there") {
		t.Errorf("the error is %v", err)
	}
	if conn, err := l.Accept(); err != nil { // the question whether it answers
		t.Fatal(err)
	} else {
		conn.Close()
	}
	wantGreeting(t, l, "unix", path)
}

// What is no socket for connections is left alone.
func TestUnixSocketOverSomethingElse(t *testing.T) {
	path := socketPath(t)
	want := func(reason string) {
		t.Helper()
		if _, err := Listen("unix:" + path); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), reason) {
			t.Errorf("the error is %v, want %q", err, reason)
		}
		if !exists(path) {
			t.Fatal("it was removed")
		}
		os.Remove(path)
	}
	os.WriteFile(path, []byte("precious"), 0o600)
	want("no socket")
	os.Symlink("/nowhere", path)
	want("no socket")
	datagrams, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer datagrams.Close()
	want("not certain")
}

// A file that somebody else has put in its place is not removed.
func TestUnixSocketThatWasReplaced(t *testing.T) {
	path := socketPath(t)
	old := listenHere(t, ListenConfig{}, "unix:"+path)
	os.Remove(path)
	now := listenHere(t, ListenConfig{}, "unix:"+path)
	old.Close()
	wantGreeting(t, now, "unix", path)
}

// Of many that find a stale file at once, one gets the socket, and keeps it.
func TestUnixSocketRace(t *testing.T) {
	path := socketPath(t)
	for range 20 {
		staleSocket(t, path)
		var all sync.WaitGroup
		won := make(chan net.Listener, 8)
		for range cap(won) {
			all.Go(func() {
				if l, err := Listen("unix:" + path); err == nil {
					won <- l
				} else if !errors.Is(err, syscall.EADDRINUSE) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Errorf("%d have it", len(won))
		}
		for range len(won) {
			(<-won).Close()
		}
	}
}

// Who listens waits for another that looks at the folder, but not for ever.
func TestUnixSocketWaitsForTheFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := socketPath(t)
		for _, held := range []time.Duration{300 * time.Millisecond, time.Hour} {
			staleSocket(t, path)
			unlock := lockFolder(filepath.Dir(path))
			go func() {
				time.Sleep(held)
				unlock()
			}()
			begun := time.Now()
			l, err := Listen("unix:" + path)
			if err != nil {
				t.Fatal(err)
			}
			if took, want := time.Since(begun), min(held, time.Second); took < want || took > want+50*time.Millisecond {
				t.Errorf("held for %v, it took %v", held, took)
			}
			l.Close()
			time.Sleep(held)
		}
	})
}

func TestUnixSocketErrors(t *testing.T) {
	long := "unix:" + t.TempDir() + strings.Repeat("/long", 30)
	if _, err := Listen(long); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a path that is too long: %v", err)
	}
	if _, err := Listen("unix:" + t.TempDir() + "/none/s"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
