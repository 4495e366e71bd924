package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the server processes, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "foe") {
		main()
		return
	}
	os.Exit(m.Run())
}

// launched starts a peer for a work, until the test ends.
func launched(t *testing.T, p peer, w work) *process {
	t.Helper()
	j := job{w, t.TempDir()}
	if err := j.prepare(); err != nil {
		t.Fatal(err)
	}
	s, err := p.launch(t.Context(), j, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

func TestEachPeerAnswersEachWork(t *testing.T) {
	for _, p := range peers {
		for _, w := range works {
			if w.protocol != h1 || !p.takesPart(w) || !p.can(w) {
				continue
			}
			t.Run(p.name+"/"+w.name, func(t *testing.T) {
				if !p.installed() {
					t.Skipf("%s is not installed", p.program)
				}
				if p.name == "epoll" && !onLinux {
					t.Skip("epoll is there on Linux only")
				}
				t.Parallel()
				s := launched(t, p, w)
				c, err := net.Dial("tcp", s.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.SetDeadline(time.Now().Add(10 * time.Second))
				r := bufio.NewReader(c)
				for range 2 {
					converse(t, c, r, p, w)
				}
			})
		}
	}
}

// converse sends as many requests at once as the work wants, and checks the
// replies.
func converse(t *testing.T, c net.Conn, r *bufio.Reader, p peer, w work) {
	t.Helper()
	request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\n", w.method, w.path)
	if w.body != "" {
		request += fmt.Sprintf("Content-Length: %d\r\n", len(w.body))
	}
	request += "\r\n" + w.body
	if _, err := io.WriteString(c, strings.Repeat(request, w.depth)); err != nil {
		t.Fatal(err)
	}
	for range w.depth {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 200 || resp.ContentLength != int64(len(w.reply)) || string(body) != w.reply {
			t.Fatalf("status %d, length %d, %d bytes that begin with %.40q; want status 200 and the %d bytes of %.40q",
				resp.StatusCode, resp.ContentLength, len(body), body, len(w.reply), w.reply)
		}
		if resp.Close {
			t.Error("the reply closes the connection")
		}
		if w.name == "routed" && !isFloor(p) {
			checkStackFields(t, resp.Header)
		}
	}
}

func isFloor(p peer) bool { return p.name == "goroutine" || p.name == "epoll" }

// checkStackFields looks for what the eight middlewares send.
func checkStackFields(t *testing.T, h http.Header) {
	t.Helper()
	if h.Get(idField) == "" {
		t.Errorf("no field %s", idField)
	}
	for _, f := range securityFields {
		if got := h.Get(f[0]); got != f[1] {
			t.Errorf("field %s is %q, want %q", f[0], got, f[1])
		}
	}
}

func TestAServerThatIsNoneOfOursDoesNotStart(t *testing.T) {
	_, err := peer{name: "apache"}.launch(t.Context(), job{work: works[0]}, 1)
	if err == nil || !errors.Is(err, io.EOF) {
		t.Errorf("launch = %v, want the end of the process", err)
	}
}

func TestServerObeys(t *testing.T) {
	p, err := find(peers, baseline)
	if err != nil {
		t.Fatal(err)
	}
	s := launched(t, p, works[0])
	profile := t.TempDir() + "/cpu.out"
	for _, order := range []string{orderGC, orderProfile + " " + profile, orderProfileStops} {
		if err := s.tell(order); err != nil {
			t.Errorf("%s: %v", order, err)
		}
	}
	if err := s.tell("dance"); err == nil || err.Error() != `no such order: "dance"` {
		t.Errorf("dance: %v", err)
	}
	if info, err := os.Stat(profile); err != nil || info.Size() == 0 {
		t.Errorf("no profile was written: %v", err)
	}
}
