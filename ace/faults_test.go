package ace_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// These tests run scripts of HTTP/1.1, HTTP/2 and none, in the clear and within TLS,
// over a connection that fails at one of the calls that the server makes on it: at
// the first, then at the second, and so on to the last. Wherever it fails, all that
// belonged to it comes to one end.

// A call is one of those that a server makes on a connection.
type call uint8

const (
	reading call = iota
	writing
	closing // the direction in which the server sends
)

// A fault is what happens at a call. It may use the connection.
type fault struct {
	name string
	at   call
	do   func(c *faultyConn, p []byte) (int, error)
	// harmless: all goes on as if it had not happened.
	harmless bool
	// is, for one of a write, is the reason for the end of the connection.
	is error
}

// errCable is an error of the network that nobody has heard of.
var errCable = errors.New("the cable is cut")

var faults = []fault{
	{name: "short read", at: reading, harmless: true, do: func(c *faultyConn, p []byte) (int, error) { return c.Conn.Read(p[:1]) }},
	{name: "empty read", at: reading, harmless: true, do: func(*faultyConn, []byte) (int, error) { return 0, nil }},
	{name: "read wakes up", at: reading, harmless: true, do: func(*faultyConn, []byte) (int, error) { return 0, os.ErrDeadlineExceeded }},
	{name: "read, and the end", at: reading, do: func(c *faultyConn, p []byte) (int, error) {
		n, _ := c.Conn.Read(p)
		c.endsWith(io.EOF)
		return n, io.EOF
	}},
	{name: "end of what comes", at: reading, do: func(c *faultyConn, _ []byte) (int, error) {
		c.endsWith(io.EOF)
		return 0, io.EOF
	}},
	{name: "reset at a read", at: reading, do: func(c *faultyConn, _ []byte) (int, error) { return 0, c.reset() }},
	{name: "read, and a reset", at: reading, do: func(c *faultyConn, p []byte) (int, error) {
		n, _ := c.Conn.Read(p)
		return n, c.reset()
	}},
	{name: "unknown error at a read", at: reading, do: func(c *faultyConn, _ []byte) (int, error) {
		c.endsWith(errCable)
		return 0, errCable
	}},
	{name: "reset at a write", at: writing, is: ace.ErrClientGone, do: func(c *faultyConn, _ []byte) (int, error) { return 0, c.reset() }},
	{name: "short write, and a reset", at: writing, is: ace.ErrClientGone, do: func(c *faultyConn, p []byte) (int, error) {
		n, _ := c.Conn.Write(p[:len(p)/2])
		return n, c.reset()
	}},
	{name: "write, and an end", at: writing, is: ace.ErrClientGone, do: func(c *faultyConn, p []byte) (int, error) {
		n, _ := c.Conn.Write(p)
		return n, syscall.EPIPE
	}},
	{name: "time-out of a write", at: writing, is: ace.ErrTimeout, do: func(*faultyConn, []byte) (int, error) { return 0, os.ErrDeadlineExceeded }},
	{name: "short write, and a time-out", at: writing, is: ace.ErrTimeout, do: func(c *faultyConn, p []byte) (int, error) {
		n, _ := c.Conn.Write(p[:len(p)/2])
		return n, os.ErrDeadlineExceeded
	}},
	{name: "unknown error at a write", at: writing, is: errCable, do: func(*faultyConn, []byte) (int, error) { return 0, errCable }},
	{name: "no end of what is sent", at: closing, do: func(*faultyConn, []byte) (int, error) { return 0, errCable }},
}

// A faultyConn has a fault at one call of a kind.
type faultyConn struct {
	*memnet.Conn
	fault   fault
	at      int  // the number of the call that it happens at; -1: none
	proxied bool // it comes from where proxies are trusted

	mu     sync.Mutex
	calls  [3]int // so far, by kind
	closes int
	over   error // of every read from now on
}

// endsWith sets the error of every read from now on.
func (c *faultyConn) endsWith(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = err
}

func (c *faultyConn) reset() error {
	c.Conn.Reset()
	return syscall.ECONNRESET
}

// strikes counts a call, and reports whether it is the one.
func (c *faultyConn) strikes(kind call) (strikes bool, over error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[kind]++
	return c.fault.at == kind && c.calls[kind]-1 == c.at, c.over
}

func (c *faultyConn) Read(p []byte) (int, error) {
	strikes, over := c.strikes(reading)
	switch {
	case strikes:
		return c.fault.do(c, p)
	case over != nil:
		return 0, over
	}
	return c.Conn.Read(p)
}

func (c *faultyConn) Write(p []byte) (int, error) {
	if strikes, _ := c.strikes(writing); strikes {
		return c.fault.do(c, p)
	}
	return c.Conn.Write(p)
}

func (c *faultyConn) RemoteAddr() net.Addr {
	if c.proxied {
		return &net.UnixAddr{}
	}
	return c.Conn.RemoteAddr()
}

func (c *faultyConn) CloseWrite() error {
	if strikes, _ := c.strikes(closing); strikes {
		_, err := c.fault.do(c, nil)
		return err
	}
	return c.Conn.CloseWrite()
}

func (c *faultyConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closes++
	return c.Conn.Close()
}

// A faultyListener accepts one connection with a fault.
type faultyListener struct {
	*memnet.Listener
	conn *faultyConn
}

func (l *faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.conn.Conn = conn.(*memnet.Conn)
	return l.conn, nil
}

// A script is what a client sends, piece by piece, and what serves it: a
// handler, or a machine on bare connections.
type script struct {
	name   string
	handle func(*witness) raxx.Handler
	raw    func(raxx.Event) []raxx.Part
	send   []string
	http2  bool
	tls    bool   // the pieces go within TLS
	header string // of the PROXY protocol; "": none
}

// long is more than is gathered before it is written, and less than the network
// holds.
var long = strings.Repeat("0123456789abcdef", 2500)

// pace is the time between two pieces, and wait that of a machine's timer. They
// never meet a tick of the server's clock, so that two runs see the same dates.
const pace, wait = 530 * time.Millisecond, 970 * time.Millisecond

// count answers each event with its name, and ends behind three timers or the
// client's end.
func count(event raxx.Event) []raxx.Part {
	switch event := event.(type) {
	case raxx.Open:
		return parts(raxx.Data("open "), raxx.After{Name: "1", Delay: wait}, raxx.Subscribe{Topic: "t"})
	case raxx.Data:
		return parts(raxx.Data(strings.ToUpper(string(event))))
	case raxx.Timer:
		switch event.Name {
		case "1":
			return parts(raxx.Data("one "), raxx.After{Name: "2"}, raxx.Publish{Topic: "t", Message: long})
		case "2":
			return parts(raxx.Data("two "), raxx.After{Name: "3", Delay: 2 * wait})
		}
		return parts(raxx.Data("three"), raxx.Tail{})
	case raxx.Info:
		return parts(raxx.Data(event.Message))
	case raxx.Tail:
		return parts(raxx.Data("tail "))
	}
	return nil
}

var scripts = []script{
	{name: "two GETs", handle: func(*witness) raxx.Handler { return hello }, send: []string{getOne + getOne, get[:20], get[20:] + crlf}},
	{name: "POST", handle: func(*witness) raxx.Handler { return complete }, send: []string{postHello, post + "Content-Length: 40000\r\n\r\n", long, getOne}},
	{name: "a body that nobody reads", handle: func(*witness) raxx.Handler { return hello }, send: []string{post + "Content-Length: 40000\r\n\r\n", long, getOne}},
	{name: "chunked echo", handle: func(*witness) raxx.Handler { return echo }, send: []string{postChunked, "5\r\nhello\r\n", "9c40\r\n" + long + "\r\n", "0\r\nx: y\r\n\r\n" + getOne}},
	{name: "expectation", handle: func(*witness) raxx.Handler { return complete }, send: []string{post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", "hello", getOne}},
	{name: "stream", handle: func(*witness) raxx.Handler { return streamOf("one", long, "two") }, send: []string{getOne, getOne}},
	{name: "last request", handle: func(*witness) raxx.Handler { return hello }, send: []string{get + "Connection: close\r\n\r\n"}},
	{name: "malformed head", handle: func(*witness) raxx.Handler { return hello }, send: []string{getOne + "X : y\r\n\r\n"}},
	{name: "machine stream", handle: func(w *witness) raxx.Handler { return w.handler(raxx.Response{Status: 200}, count) }, send: []string{getOne, getOne}},
	{name: "machine with a body", handle: func(w *witness) raxx.Handler { return w.handler(raxx.Response{Status: 200}, count) },
		send: []string{postChunked, "5\r\nhello\r\n", "3\r\nyou\r\n0\r\n\r\n" + getOne}},
	{name: "machine with a deferred head", handle: func(w *witness) raxx.Handler {
		return w.handler(raxx.Response{}, func(event raxx.Event) []raxx.Part {
			switch event.(type) {
			case raxx.Open:
				return parts(raxx.Inform{Status: 103}, raxx.After{Delay: wait})
			case raxx.Timer:
				return parts(raxx.Text(200, long))
			}
			return nil
		})
	}, send: []string{getOne, getOne}},
	{name: "upgrade", handle: func(w *witness) raxx.Handler {
		return w.handler(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "x"}}}, count)
	}, send: []string{get + "Upgrade: x\r\nConnection: upgrade\r\n\r\nhello", "you"}},
	{name: "raw machine", raw: count, send: []string{"hello", "you"}},
	{name: "behind a proxy", header: "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", handle: func(*witness) raxx.Handler { return echo },
		send: []string{postHello, getOne}},
	{name: "raw machine behind a proxy", header: "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x01\x00\x02", raw: count,
		send: []string{"hello"}},
}

// A witness sees what happens to a connection and to the machines on it.
type witness struct {
	mu             sync.Mutex
	opened, closed int
	why            error
	machines       []*testimony
}

// A testimony is the state of a machine that writes down what happens to it.
type testimony struct {
	seen []string
	said bool // a Tail, or a whole response: its end
	do   func(raxx.Event) []raxx.Part
}

func (m *testimony) step(event raxx.Event) (*testimony, []raxx.Part) {
	m.seen = append(m.seen, strings.TrimPrefix(fmt.Sprintf("%T", event), "raxx."))
	list := m.do(event)
	for _, part := range list {
		switch part := part.(type) {
		case raxx.Tail:
			m.said = true
		case raxx.Response:
			m.said = m.said || part.Body != nil
		}
	}
	return m, list
}

// machine returns a machine whose end is looked for.
func (w *witness) machine(do func(raxx.Event) []raxx.Part) raxx.Machine {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := &testimony{do: do}
	w.machines = append(w.machines, m)
	return raxx.NewMachine(m, (*testimony).step)
}

// handler returns a handler of such machines.
func (w *witness) handler(head raxx.Response, do func(raxx.Event) []raxx.Part) raxx.Handler {
	return func(raxx.Request) raxx.Response { return head.WithBody(w.machine(do)) }
}

func (w *witness) trace() ace.Trace {
	return ace.Trace{
		ConnectionOpened: func(ace.ConnectionEvent) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.opened++
		},
		ConnectionClosed: func(e ace.ConnectionEvent) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.closed++
			w.why = e.Err
		},
	}
}

// check says what has not come to one end.
func (w *witness) check(t *testing.T, conn *faultyConn) {
	t.Helper()
	once := conn.closes == 1 || conn.closes == 2 && conn.proxied // a header that does not come closes it, too
	if w.opened != 1 || w.closed != 1 || !once {
		t.Errorf("the connection was opened %d times and closed %d times, in the trace %d times", w.opened, conn.closes, w.closed)
	}
	for _, m := range w.machines {
		told := 0
		for i, event := range m.seen {
			if event == "Open" && i > 0 || event == "Closed" && i < len(m.seen)-1 {
				t.Errorf("a machine has seen %v", m.seen)
			}
			if event == "Closed" {
				told++
			}
		}
		if len(m.seen) > 0 && told == 0 && !m.said {
			t.Errorf("a machine that has seen %v has not come to an end", m.seen)
		}
	}
}

// broken reports whether a machine was told that it could not end by itself.
func (w *witness) broken() bool {
	return slices.ContainsFunc(w.machines, func(m *testimony) bool { return m.said && slices.Contains(m.seen, "Closed") })
}

// run plays a script with a fault at a call, and returns what the client has
// got. synctest fails if a goroutine is left.
func (s *script) run(t *testing.T, f fault, at int) (got string, conn *faultyConn, w *witness) {
	conn, w = &faultyConn{fault: f, at: at, proxied: s.header != ""}, &witness{}
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		e := ace.Endpoint{Listener: &faultyListener{l, conn}}
		if s.header != "" {
			e.Listener = ace.ProxyProtocol(e.Listener)
		}
		h := raxx.Handler(hello)
		if s.raw != nil {
			e.Machine = w.machine(s.raw)
		} else {
			h = s.handle(w)
		}
		config := ace.Config{Trace: w.trace()}
		if s.tls {
			config.TLS = faultsTLS()
		}
		server := ace.New(h, config)
		served := make(chan error, 1)
		go func() { served <- server.ServeEndpoints(e) }()
		client, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		tc := &testConn{t: t, conn: client.(*memnet.Conn)}
		io.WriteString(tc.conn, s.header)
		if s.tls {
			got = s.talkWithinTLS(tc)
		} else {
			got = s.talk(tc)
		}
		tc.conn.Close()
		synctest.Wait()
		if n := server.Connections(); n != 0 {
			t.Errorf("there are %d connections", n)
		}
		server.Close()
		if err := <-served; err != nil {
			t.Errorf("ServeEndpoints returned %v", err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
	w.check(t, conn)
	return got, conn, w
}

// talk sends the pieces, waits, ends its direction, and waits again.
func (s *script) talk(tc *testConn) (got string) {
	for _, piece := range s.send {
		io.WriteString(tc.conn, piece) // it may be too late for that
		tc.receive()
		tc.advance(pace)
	}
	tc.advance(10 * time.Second)
	tc.receive()
	tc.halfClose()
	tc.advance(2 * time.Minute)
	tc.receive()
	return string(tc.got)
}

func TestFaultsAtEveryCall(t *testing.T) {
	all := slices.Concat(scripts, h2Scripts)
	for _, s := range all {
		s.name, s.tls = s.name+" over TLS", true
		all = append(all, s)
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			want, sound, _ := s.run(t, fault{}, -1)
			if len(want) == 0 {
				t.Fatal("the script brings nothing")
			}
			for _, f := range faults {
				for at := range sound.calls[f.at] {
					if s.tls && f.at == writing && at == sound.calls[writing]-1 {
						f.is = nil // it is the word of TLS that all has been said
					}
					got, conn, w := s.run(t, f, at)
					f.check(t, &s, want, got, conn, w)
					if t.Failed() {
						t.Fatalf("with a %s at call %d", f.name, at+1)
					}
				}
			}
		})
	}
}

// seen is what a client has got, by the stream that it came on.
func (s *script) seen(got string) map[string]string {
	if s.http2 {
		return h2Replies(got)
	}
	return map[string]string{"": got}
}

// check compares what a client has got with what it would have got without the
// fault.
func (f *fault) check(t *testing.T, s *script, want, got string, conn *faultyConn, w *witness) {
	t.Helper()
	if conn.calls[f.at] <= conn.at {
		if !s.http2 && !s.tls { // there, how many there are depends on who is first
			t.Error("the call was not made")
		}
		return
	}
	whole := true
	seen := s.seen(got)
	for stream, want := range s.seen(want) {
		got := seen[stream]
		whole = whole && got == want
		switch {
		case f.harmless && got != want:
			t.Errorf("the client got otherwise than without the fault: %s", differ(want, got))
		case f.is != nil && !strings.HasPrefix(want, got):
			t.Errorf("the client got what it would not have got without the fault: %s", differ(want, got))
		}
	}
	switch {
	case f.harmless && w.broken():
		t.Error("a machine that has come to its end was told of another one")
	case s.tls && whole && w.why == nil: // so it is here, if there were fewer writes
	case f.is != nil && !errors.Is(w.why, f.is) && !errors.As(w.why, new(*ace.ProtocolError)):
		t.Errorf("the connection was closed because of %v, want %v", w.why, f.is)
	}
}

// differ says where two long texts differ.
func differ(want, got string) string {
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	return fmt.Sprintf("%d bytes, want %d; behind %d bytes came %.60q, want %.60q", len(got), len(want), at, got[at:], want[at:])
}
