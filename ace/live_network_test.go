package ace

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// These run over sockets, which pollers serve, and over streams, which have a
// goroutine each: what live_test.go checks in fake time has to hold for both.

// A told is the state of a machine that tells a test what happens to it.
type told struct {
	events chan string
	do     func(raxx.Event) []raxx.Part
}

func (s told) step(event raxx.Event) (told, []raxx.Part) {
	if s.events != nil {
		s.events <- fmt.Sprintf("%T %v", event, event)
	}
	return s, s.do(event)
}

func newTold(do func(raxx.Event) []raxx.Part) (raxx.Machine, chan string) {
	events := make(chan string, 1000)
	return raxx.NewMachine(told{events, do}, told.step), events
}

// wantTold wants the machine to be told of an event before long.
func wantTold(t *testing.T, events <-chan string, want string) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case got := <-events:
			if strings.HasPrefix(got, want) {
				return
			}
		case <-timeout:
			t.Fatalf("the machine was not told: %s", want)
		}
	}
}

// sink does nothing.
func sink(raxx.Event) []raxx.Part { return nil }

func TestEventStreamOverNetworks(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		h := func(req raxx.Request) raxx.Response {
			if req.Method == "POST" {
				return raxx.NoContent().WithDo(raxx.Publish{Topic: "t", Message: req.Query})
			}
			m := raxx.NewMachine(told{nil, func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Info:
					return []raxx.Part{raxx.Data(event.Message + "\n")}
				case raxx.Drain:
					return []raxx.Part{raxx.Data("bye\n"), raxx.Tail{}}
				}
				return nil
			}}, told.step)
			return raxx.Reply(200, "text/plain", m).WithDo(raxx.Subscribe{Topic: "t"})
		}
		s, dial := start(t, n, h, Config{})
		var streams []*bufio.Reader
		for range 20 {
			p := dial()
			p.send(get)
			resp, err := http.ReadResponse(p.r, nil)
			if err != nil {
				t.Fatal(err)
			}
			streams = append(streams, bufio.NewReader(resp.Body))
		}
		talker := dial()
		for i := range 20 {
			talker.send(fmt.Sprintf("POST /?%d HTTP/1.1\r\nHost: test\r\n\r\n", i))
			talker.want(204, "")
		}
		for _, r := range streams {
			for i := range 20 {
				if line, err := r.ReadString('\n'); line != fmt.Sprintf("%d\n", i) {
					t.Fatalf("got %q, %v; want %d", line, err, i)
				}
			}
		}
		done := make(chan error, 1)
		go func() { done <- s.Shutdown(t.Context()) }()
		for _, r := range streams {
			if rest, err := io.ReadAll(r); string(rest) != "bye\n" || err != nil {
				t.Errorf("the stream ended with %q, %v", rest, err)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// It is noticed within 100 ms, though a machine that is busy may need another
// attempt to show it.
func TestClientThatGoesAwayIsNoticed(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		for name, request := range map[string]string{
			"behind a request":           get,
			"within a body":              "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhe",
			"with a request behind it":   get + "GET /next HTTP/1.1\r\nHost: test\r\n\r\n",
			"with a long body behind it": get + "POST /next HTTP/1.1\r\nHost: test\r\nContent-Length: 30000\r\n\r\n" + strings.Repeat("x", 30000),
		} {
			if !n.polled() && strings.Contains(name, "long body") {
				continue // what is beyond a stream's read-ahead can't be seen
			}
			m, events := newTold(sink)
			_, dial := start(t, n, func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", m) }, Config{})
			quickest := time.Hour
			for range 10 {
				p := dial()
				p.send(request)
				wantTold(t, events, "raxx.Open")
				begun := time.Now()
				p.Close()
				wantTold(t, events, "raxx.Closed {the client has gone away}")
				if quickest = min(quickest, time.Since(begun)); quickest < 100*time.Millisecond {
					break
				}
			}
			if quickest > 100*time.Millisecond {
				t.Errorf("%s: noticed after %v", name, quickest)
			}
		}
	})
}

// On a socket it is also if the client has never read, and much waits for it.
func TestClientThatDoesNotReadGoesAway(t *testing.T) {
	if !networks[0].polled() {
		t.Skip("a goroutine that writes sees nothing of what comes")
	}
	m, events := newTold(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return []raxx.Part{raxx.Data(strings.Repeat("x", 16<<20))}
		}
		return nil
	})
	_, dial := start(t, networks[0], func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", m) }, Config{})
	p := dial()
	p.send(get)
	wantTold(t, events, "raxx.Open")
	p.Conn.(interface{ CloseWrite() error }).CloseWrite()
	wantTold(t, events, "raxx.Closed {the client has gone away}")
}

// A client that does not read keeps its own machine waiting, without a goroutine
// where there are pollers, and nobody else.
func TestSlowReadersHoldNothing(t *testing.T) {
	flood := func(event raxx.Event) []raxx.Part {
		return []raxx.Part{raxx.Data(strings.Repeat("x", 256<<10)), raxx.After{}}
	}
	m, _ := newTold(flood)
	h := func(req raxx.Request) raxx.Response {
		if req.Path == "/flood" {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(told{nil, flood}, told.step))
		}
		return hello(req)
	}
	_ = m
	s, dial := start(t, networks[0], h, Config{})
	before := runtime.NumGoroutine()
	var slow []*peer
	for range 50 {
		p := dial()
		p.send("GET /flood HTTP/1.1\r\nHost: test\r\n\r\n")
		slow = append(slow, p)
	}
	quick := dial()
	for range 200 {
		quick.send(get)
		quick.want(200, "hello")
	}
	if s.Connections() != 51 {
		t.Fatalf("there are %d connections", s.Connections())
	}
	if n := runtime.NumGoroutine(); n > before+30 && networks[0].polled() {
		t.Errorf("%d goroutines for 50 clients that do not read", n-before)
	}
	for _, p := range slow {
		if _, err := io.CopyN(io.Discard, p.r, 4<<20); err != nil {
			t.Fatal(err)
		}
	}
}

// What a client sends while its machine has output pending waits in the kernel,
// and arrives in order.
func TestRawEchoOverNetworks(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		echo := func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Data:
				return []raxx.Part{event}
			case raxx.Tail:
				return []raxx.Part{event}
			}
			return nil
		}
		wantRawEcho(t, n, raxx.NewMachine(told{nil, echo}, told.step))
	})
}

// A client that has nothing more to say gets all that its machine has, also what
// it says later, and what has to wait until there is room.
func TestRawMachineBehindTheEndOfItsClient(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		const size = 4 << 20
		do := func(event raxx.Event) []raxx.Part {
			switch event.(type) {
			case raxx.Tail:
				return []raxx.Part{raxx.After{Name: "later", Delay: 10 * time.Millisecond}}
			case raxx.Timer:
				return []raxx.Part{raxx.Data(strings.Repeat("x", size)), raxx.Tail{}}
			}
			return nil
		}
		conn := startRawOn(t, n, raxx.NewMachine(told{nil, do}, told.step))()
		conn.(interface{ CloseWrite() error }).CloseWrite()
		if got, err := io.ReadAll(conn); len(got) != size || err != nil {
			t.Errorf("got %d bytes, %v; want %d", len(got), err, size)
		}
	})
}

// A machine that keeps nothing of what it is handed is handed the same, in memory
// that is used again.
func TestRawBorrowerOverNetworks(t *testing.T) {
	overAll(t, func(t *testing.T, n network) {
		wantRawEcho(t, n, raxx.NewMachine(copier{}, copier.step))
	})
}

// A copier sends back copies of what comes, when it has gathered some of it.
type copier struct{ gathered string }

func (copier) BorrowsData() bool { return true }

func (c copier) step(event raxx.Event) (copier, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Data:
		if c.gathered += string(event); len(c.gathered) == len(event) {
			c.gathered = strings.Clone(c.gathered)
		}
		if len(c.gathered) > 10_000 {
			return copier{}, []raxx.Part{raxx.Data(c.gathered)}
		}
	case raxx.Tail:
		return copier{}, []raxx.Part{raxx.Data(c.gathered), event}
	}
	return c, nil
}

// startRawOn serves a machine on bare connections until the test ends.
func startRawOn(t *testing.T, n network, m raxx.Machine) (dial func() net.Conn) {
	t.Helper()
	l, dialNet := n.listen(t)
	s := New(hello, n.configFor(t, Config{}))
	served := make(chan error, 1)
	go func() { served <- s.ServeEndpoints(Endpoint{Listener: l, Machine: m}) }()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	return func() net.Conn {
		t.Helper()
		conn, err := dialNet()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
}

// wantRawEcho has all that is sent come back.
func wantRawEcho(t *testing.T, n network, m raxx.Machine) {
	t.Helper()
	conn := startRawOn(t, n, m)()
	var sent strings.Builder
	for i := range 200_000 {
		fmt.Fprintln(&sent, i)
	}
	go func() {
		io.WriteString(conn, sent.String())
		conn.(interface{ CloseWrite() error }).CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if string(got) != sent.String() || err != nil {
		t.Errorf("got %d bytes, %v; want the %d that were sent", len(got), err, sent.Len())
	}
}

// A machine whose step takes long, or panics, or never stops to send: the others
// go on.
func TestMachinesAreIsolated(t *testing.T) {
	release := make(chan bool)
	h := func(req raxx.Request) raxx.Response {
		do := func(event raxx.Event) []raxx.Part {
			switch req.Path {
			case "/panic":
				panic("a fault")
			case "/block":
				<-release
			case "/spin":
				return []raxx.Part{raxx.After{}}
			}
			return []raxx.Part{raxx.Tail{}}
		}
		if req.Path == "/" {
			return hello(req)
		}
		return raxx.Reply(200, "text/plain", raxx.NewMachine(told{nil, do}, told.step))
	}
	_, dial := start(t, networks[0], h, Config{})
	for range 4 {
		for _, path := range []string{"/panic", "/block", "/spin"} {
			dial().send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n")
		}
	}
	p := dial()
	for range 100 {
		p.send(get)
		p.want(200, "hello")
	}
	close(release)
}

// Whoever speaks HTTP in the clear is told so on a port for HTTPS; that of a
// machine speaks no HTTP.
func TestCleartextOnAPortForTLS(t *testing.T) {
	overClear(t, func(t *testing.T, n network) {
		server, _ := testTLS(t)
		answer := func(m raxx.Machine) string {
			l, dial := n.listen(t)
			s := New(hello, Config{TLS: server})
			served := make(chan error, 1)
			go func() { served <- s.ServeEndpoints(Endpoint{Listener: l, Machine: m}) }()
			defer func() {
				s.Close()
				<-served
			}()
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			p := newPeer(t, conn)
			p.send("GET / HTTP/1.1\r\n\r\n")
			got, _ := io.ReadAll(p.r)
			return string(got)
		}
		if got := answer(raxx.Machine{}); !strings.Contains(got, "speaks HTTPS") {
			t.Errorf("the server answers %q", got)
		}
		if got := answer(raxx.NewMachine(copier{}, copier.step)); got != "" {
			t.Errorf("the endpoint of a machine answers %q", got)
		}
	})
}
