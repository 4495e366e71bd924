package ace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// What holds for the driver of HTTP/2 whatever its connections are.

// A handler that blocks, for a while or for ever, or computes, holds up nobody
// else on its connection.
func TestH2HandlersDoNotHoldUpOthers(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		release := make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/block":
				<-release
			case "/wait":
				select {
				case <-release:
				case <-time.After(10 * time.Millisecond):
				}
			case "/compute":
				for begun := time.Now(); time.Since(begun) < 10*time.Millisecond; {
				}
			}
			return hello(req)
		}, ace.Config{})
		p := c.h2Dial()
		id := uint32(1)
		next := func(request string) uint32 {
			p.ask(id, request)
			id += 2
			return id - 2
		}
		blocked := next("GET /block")
		var slow []uint32
		for range 10 {
			slow = append(slow, next("GET /wait"), next("GET /compute"))
			for range 20 {
				p.want(next("GET /"), "200", "hello")
			}
		}
		for _, stream := range slow {
			p.want(stream, "200", "hello")
		}
		if p.streams[blocked].status != "" {
			t.Error("a handler that blocks has answered")
		}
		close(release)
		p.want(blocked, "200", "hello")
	})
}

func TestH2ManyStreamsAtOnce(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			time.Sleep(time.Millisecond)
			return raxx.Text(200, strings.Repeat(req.Path, 3000))
		}, ace.Config{})
		p := c.h2Dial()
		for round := range 3 {
			for i := range 250 {
				p.ask(uint32(500*round+2*i+1), fmt.Sprintf("GET /%03d", i))
			}
			for i := range 250 {
				p.want(uint32(500*round+2*i+1), "200", strings.Repeat(fmt.Sprintf("/%03d", i), 3000))
			}
		}
		// One more than is allowed is refused, and costs nothing else.
		p = c.h2Dial()
		for i := range 251 {
			p.ask(uint32(2*i+1), "POST /")
		}
		p.until("RST_STREAM", func() bool { return p.streams[501].gone || p.streams[501].done() })
		p.wantAlive()
	})
}

// A client that sends before it reads gets all of its replies.
func TestH2ClientThatSendsBeforeItReads(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, text(30000)) }, ace.Config{})
		p := c.h2Dial()
		for round := range 4 {
			sent := make(chan bool)
			go func() {
				defer close(sent)
				for i := range 200 {
					p.ask(uint32(400*round+2*i+1), "GET /", "x: "+strings.Repeat("x", 5000))
				}
			}()
			within(t, sent, "the server reads while it can't write")
			for i := range 200 {
				p.want(uint32(400*round+2*i+1), "200", text(30000))
			}
		}
	})
}

// An upload that nobody reads is held up, and nothing else; what is read makes
// room for just as much.
func TestH2UploadGoesAtThePaceOfItsHandler(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		gate := make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/" {
				return hello(req)
			}
			<-gate
			total := 0
			for chunk, err := range raxx.Chunks(req.Body) {
				if err != nil {
					return raxx.Text(500, err.Error())
				}
				total += len(chunk)
			}
			return raxx.Text(200, fmt.Sprint(total))
		}, ace.Config{})
		p := c.h2Dial()
		p.ask(1, "POST /upload")
		s := p.streams[1]
		total := 0
		send := func() { // as much as the windows allow
			for s.window > 0 && p.window > 0 {
				n := min(s.window, p.window, 16384)
				p.data(1, false, strings.Repeat("x", int(n)))
				total += int(n)
			}
		}
		send()
		p.ask(3, "GET /")
		p.want(3, "200", "hello")
		if s.window != 0 || total > 1<<17 {
			t.Fatalf("the window of a body that nobody reads is %d behind %d bytes", s.window, total)
		}
		close(gate)
		for total < 20<<20 {
			p.until("WINDOW_UPDATE", func() bool { return s.window > 0 && p.window > 0 })
			if s.window > 1<<20 {
				t.Fatalf("the window has grown to %d", s.window)
			}
			send()
		}
		p.data(1, true, "")
		p.want(1, "200", fmt.Sprint(total))
	})
}

// What begins with neither protocol is closed, and not answered in one of them;
// what looks like HTTP/1.1 is.
func TestH2Prefaces(t *testing.T) {
	for _, test := range []struct{ sent, want string }{
		{"INVALID CONNECTION PREFACE\r\n\r\n", ""},
		{"GET nowhere HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"GET / PREFACE\r\n\r\n", "HTTP/1.1 400 "},
		{"GET nowhere http/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"GET nowhere\r\n\r\n", "HTTP/1.1 400 "},
		{"GET nowhere TTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 400 "},
		{"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "HTTP/1.1 "},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x06\x00\x00\x00\x00\x00", "\x00\x00"},
	} {
		for _, e := range []engine{engines[0], engines[1]} {
			c := e.newClient(t, hello, ace.Config{})
			conn, err := c.dial()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, test.sent)
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			got, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(got), test.want) || test.want == "" && len(got) > 0 {
				t.Errorf("%s: got %.40q, %v, in answer to %q, want %q", e.name, got, err, test.sent, test.want)
			}
			conn.Close()
		}
	}
}

// RFC 9110, Section 10.1.1: a body that becomes the reply is asked for before the
// reply begins; a client may take the final status for the end of its waiting.
func TestH2ExpectContinue(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		p := e.newClient(t, echo, ace.Config{}).h2Dial()
		p.ask(1, "POST /", "expect: 100-continue")
		p.until("the head", func() bool { return p.streams[1].status != "" })
		if diff := cmp.Diff([]string{"100"}, p.streams[1].informs); diff != "" {
			t.Errorf("interim responses (-want +got):\n%s", diff)
		}
		p.data(1, true, "hello")
		p.want(1, "200", "hello")
		p.ask(3, "POST /", "expect: 100-continue", "content-length: 0")
		p.data(3, true, "")
		p.want(3, "200", "")
	})
	t.Run("however it is said", func(t *testing.T) {
		onHTTP2(t, func(t *testing.T, e engine) {
			p := e.newClient(t, echo, ace.Config{}).h2Dial()
			for i, fields := range [][]string{
				{"expect: 100-Continue"}, {"expect: x-a", "expect: 100-continue"}, {"expect: x-a, 100-continue"},
			} {
				id := uint32(2*i + 1)
				p.ask(id, "POST /", fields...)
				p.until("the head", func() bool { return p.streams[id].status != "" })
				if diff := cmp.Diff([]string{"100"}, p.streams[id].informs); diff != "" {
					t.Errorf("%q: interim responses (-want +got):\n%s", fields, diff)
				}
				p.data(id, true, "hello")
				p.want(id, "200", "hello")
			}
		})
	})
	shout := func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			return parts(event)
		case raxx.Tail:
			return parts(event)
		}
		return nil
	}
	t.Run("a machine", func(t *testing.T) {
		onHTTP2(t, func(t *testing.T, e engine) {
			p := e.newClient(t, func(req raxx.Request) raxx.Response {
				if req.Path == "/late" {
					return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
						if _, ok := event.(raxx.Open); ok {
							return parts(raxx.Reply(200, "text/plain", nil))
						}
						return shout(event)
					}))
				}
				return does(shout)(req)
			}, ace.Config{}).h2Dial()
			for i, path := range []string{"/", "/late"} {
				id := uint32(2*i + 1)
				p.ask(id, "POST "+path, "expect: 100-continue")
				p.until("the head", func() bool { return p.streams[id].status != "" })
				if diff := cmp.Diff([]string{"100"}, p.streams[id].informs); diff != "" {
					t.Errorf("%s: interim responses (-want +got):\n%s", path, diff)
				}
				p.data(id, true, "hello")
				p.want(id, "200", "hello")
			}
			p.ask(5, "HEAD /", "expect: 100-continue")
			p.until("the head", func() bool { return p.streams[5].status != "" })
			if len(p.streams[5].informs) > 0 {
				t.Errorf("a body that nobody reads is asked for: %v", p.streams[5].informs)
			}
		})
	})
}

// Machines that never rest let others go on, on their connection and elsewhere.
func TestH2MachinesThatNeverRest(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/spin" {
				return raxx.Reply(200, "text/plain", reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.After{}} }))
			}
			return hello(req)
		}, ace.Config{})
		p, other := c.h2Dial(), c.h2Dial()
		for i := range 4 {
			p.ask(uint32(2*i+1), "GET /spin")
			other.ask(uint32(2*i+1), "GET /spin")
		}
		third := c.h2Dial()
		for i := range 20 {
			for _, p := range []*h2Peer{p, other, third} {
				p.ask(uint32(2*i+101), "GET /")
				p.want(uint32(2*i+101), "200", "hello")
			}
		}
	})
}

// What is said to a request that no handler sees may be a stream, whose client
// takes its time.
func TestH2RefusalThatStreams(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, hello, ace.Config{MaxHeadBytes: 1000, ErrorResponse: func(raxx.Request, error) raxx.Response {
			return raxx.Reply(431, "text/plain", raxxtest.Chunks(text(50000), text(50000)))
		}})
		p := c.h2Dial(narrow(1000))
		for i := range 5 {
			p.ask(uint32(2*i+1), "GET /", "a: "+strings.Repeat("x", 2000))
		}
		p.ask(101, "GET /")
		p.want(101, "200", "hello")
		p.frames.WriteSettings(narrow(1 << 30))
		for i := range 5 {
			p.want(uint32(2*i+1), "431", text(50000)+text(50000))
		}
	})
}

// A connection that ends while its handlers are at work takes nothing along but
// their exchanges.
func TestH2ConnectionThatEndsUnderItsHandlers(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		const n = 50
		causes, release := make(chan error, n), make(chan bool)
		begun, events := make(chan bool, n), make(chan raxx.Event, 3*n)
		closed := make(chan ace.ConnectionEvent, 2)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/machine":
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					events <- event
					return []raxx.Part{raxx.Data("a")}
				}))
			case "/block":
				ctx := req.Context()
				begun <- true
				<-ctx.Done()
				causes <- context.Cause(ctx)
				<-release
				return raxx.Text(200, text(100000))
			}
			return hello(req)
		}, ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e }}})
		p := c.h2Dial()
		for i := range n {
			p.ask(uint32(4*i+1), "GET /block")
			p.ask(uint32(4*i+3), "GET /machine")
		}
		for range n {
			within(t, begun, "a handler is called")
			within(t, events, "a machine is asked")
		}
		p.conn.Close()
		for range n {
			if err := within(t, causes, "a context ends"); !errors.Is(err, ace.ErrClientGone) {
				t.Errorf("a context ended with %v", err)
			}
			if got := within(t, events, "a machine is told"); got != raxx.Event(raxx.Closed{Reason: raxx.ClientGone}) {
				t.Errorf("a machine was told %#v", got)
			}
		}
		if got := within(t, closed, "the connection has ended"); got.Requests != 2*n {
			t.Errorf("the trace was told %+v", got)
		}
		close(release)
		q := c.h2Dial()
		q.ask(1, "GET /")
		q.want(1, "200", "hello")
	})
}

// A client that closes the direction in which it sends gets the replies to what it
// has asked for, as over HTTP/1.1. Its handlers are told, since it may have gone;
// machines, and those that wait for more of it, end.
func TestH2HalfClose(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		causes, release := make(chan error, 2), make(chan bool)
		events := make(chan raxx.Event, 2)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/machine":
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					events <- event
					return nil
				}))
			case "/upload":
				_, err := raxx.ReadAll(req.Body, 0)
				causes <- err
				return hello(req)
			}
			<-req.Context().Done()
			causes <- context.Cause(req.Context())
			<-release
			return echo(req)
		}, ace.Config{})
		p := c.h2Dial()
		p.ask(1, "GET /machine")
		within(t, events, "a machine is asked")
		p.ask(3, "POST /upload")
		p.ask(5, "POST /slow")
		p.data(5, true, text(20000))
		p.conn.(interface{ CloseWrite() error }).CloseWrite()
		if got := within(t, events, "a machine is told"); got != raxx.Event(raxx.Closed{Reason: raxx.ClientGone}) {
			t.Errorf("a machine was told %#v", got)
		}
		for range 2 {
			if err := within(t, causes, "a handler is told"); !errors.Is(err, ace.ErrClientGone) {
				t.Errorf("a handler was told %v", err)
			}
		}
		close(release)
		p.want(5, "200", text(20000))
	})
}

// A machine whose stream is reset right before the connection ends is told, too:
// no turn is left in which it could be.
func TestH2ResetRightBeforeTheEnd(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		events := make(chan raxx.Event, 3)
		c := e.newClient(t, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				events <- event
				return nil
			}))
		}, ace.Config{})
		p := c.h2Dial()
		defer p.conn.Close()
		p.ask(1, "GET /")
		within(t, events, "a machine is asked")
		var frames bytes.Buffer
		f := http2.NewFramer(&frames, nil)
		f.AllowIllegalWrites = true
		f.WriteRSTStream(1, http2.ErrCodeCancel)
		f.WriteData(0, false, nil)
		p.conn.Write(frames.Bytes())
		if got := within(t, events, "a machine is told"); got != raxx.Event(raxx.Closed{Reason: raxx.ClientGone}) {
			t.Errorf("a machine was told %#v", got)
		}
	})
}

// What ends with its connection ends at once, though that lingers.
func TestH2EndsBeforeItHasLingered(t *testing.T) {
	for _, e := range engines {
		if !e.http2 || !e.memory {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				events := make(chan raxx.Event, 3)
				c := e.newClient(t, func(raxx.Request) raxx.Response {
					return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
						events <- event
						return nil
					})}
				}, ace.Config{})
				p := c.h2Dial()
				defer p.conn.Close()
				p.ask(1, "GET /")
				<-events
				begun := time.Now()
				io.WriteString(p.conn, strings.Repeat("\x00", 9)) // DATA on stream 0
				if got, took := <-events, time.Since(begun); got != raxx.Event(raxx.Closed{Reason: raxx.Violated}) || took > 0 {
					t.Errorf("the machine was told %#v after %v", got, took)
				}
			})
		})
	}
}

// A client that goes while a step is at work takes nothing along of what that
// publishes: the machine's state is already the one behind it.
func TestH2ResetUnderAStep(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		begun, release := make(chan bool, 2), make(chan bool)
		events := make(chan raxx.Event, 3)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/listen":
				return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
					events <- event
					return nil
				})).WithDo(raxx.Subscribe{Topic: "said"})
			case "/post":
				return raxx.NoContent().WithDo(raxx.Publish{Topic: "go"})
			}
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				if event == raxx.Event(raxx.Closed{Reason: raxx.ClientGone}) {
					return nil
				}
				begun <- true
				if _, opens := event.(raxx.Open); opens {
					return nil
				}
				<-release
				return []raxx.Part{raxx.Data("a"), raxx.Publish{Topic: "said", Message: "bye"}}
			})).WithDo(raxx.Subscribe{Topic: "go"})
		}, ace.Config{})
		p := c.h2Dial()
		p.ask(1, "GET /listen")
		within(t, events, "Open")
		p.ask(3, "GET /")
		within(t, begun, "Open")
		p.ask(5, "GET /post")
		within(t, begun, "the step begins")
		p.cancel(3)
		p.wantAlive()
		close(release)
		if got := within(t, events, "the other machine is told"); got != raxx.Event(raxx.Info{Topic: "said", Message: "bye"}) {
			t.Errorf("the other machine was told %#v", got)
		}
	})
}

// The trace is told of every exchange, also of what did not become one, and of
// the fault that ends a connection.
func TestH2Trace(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		ended, closed := make(chan ace.ExchangeEvent, 10), make(chan ace.ConnectionEvent, 10)
		c := e.newClient(t, echo, ace.Config{Trace: ace.Trace{
			ExchangeEnded:    func(e ace.ExchangeEvent) { ended <- e },
			ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e },
		}})
		p := c.h2Dial()
		var endpoints []string
		expect := func(method string, status int, content int64, want string) {
			t.Helper()
			got := within(t, ended, "the trace is told")
			endpoints = append(endpoints, got.Endpoint)
			if got.Request.Method != method || got.Status != status || got.Content != content || !strings.Contains(fmt.Sprint(got.Err), want) ||
				got.Request.Peer.Protocol != "HTTP/2.0" {
				t.Errorf("got %s %d %d %v, want %s %d %d %s", got.Request.Method, got.Status, got.Content, got.Err, method, status, content, want)
			}
		}
		p.ask(1, "POST /")
		p.data(1, true, "hello")
		p.want(1, "200", "hello")
		expect("POST", 200, 5, "<nil>")
		p.ask(3, "GET /", "connection: close")
		p.wantReset(3, http2.ErrCodeProtocol)
		expect("", 0, 0, "PROTOCOL_ERROR: a field that is about a connection of HTTP/1.1 (RFC 9113, 8.2.2)")
		p.ask(5, "POST /")
		p.until("the head", func() bool { return p.streams[5].status != "" })
		p.cancel(5)
		expect("POST", 200, 0, ace.ErrClientGone.Error())
		p.ask(7, "GET /", "a: "+strings.Repeat("x", 40000))
		expect("GET", 431, 113, "a header larger than is allowed")
		p.frames.WriteWindowUpdate(0, 0)
		p.wantEnd(http2.ErrCodeProtocol)
		p.conn.Close()
		var fault *ace.ProtocolError
		got := within(t, closed, "the trace is told")
		if !errors.As(got.Err, &fault) || fault.Section != "6.9" || got.Requests != 4 && got.Requests != 3 {
			t.Errorf("got %+v", got)
		}
		if slices.ContainsFunc(endpoints, func(name string) bool { return name == "" || name != got.Endpoint }) {
			t.Errorf("exchanges on the endpoints %q, on a connection of %q", endpoints, got.Endpoint)
		}
	})
}

// Replies that wait for a window are delivered by their urgency (RFC 9218), and
// the least urgent gets its share.
func TestH2Priorities(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, text(100000)) }, ace.Config{})
		p := c.h2Dial(narrow(1 << 30))
		p.lazy = true // so that nothing but the first 65,535 octets goes by itself
		p.ask(1, "GET /", "priority: u=5")
		p.until("a window that is used up", func() bool { return p.owed == 65535 })
		p.ask(3, "GET /", "priority: u=7")
		p.ask(5, "GET /", "priority: u=1")
		p.ask(7, "GET /", "priority: u=3")
		p.frames.WritePriorityUpdate(7, "u=0")
		for _, id := range []uint32{3, 5, 7} {
			p.until("a head", func() bool { return p.streams[id].status != "" })
		}
		p.wantAlive()
		var order []uint32
		for len(order) < 4 {
			p.frames.WriteWindowUpdate(0, 16384)
			before := p.owed
			p.until("content", func() bool { return p.owed >= before+1 })
			for id, s := range p.streams {
				if s.done() && !slices.Contains(order, id) {
					order = append(order, id)
				}
			}
			if s := p.streams[3]; order == nil && s.body.Len() > 2*16384 {
				t.Errorf("the least urgent has got %d octets before the most urgent was whole", s.body.Len())
			}
		}
		if !slices.Equal(order, []uint32{7, 5, 1, 3}) {
			t.Errorf("the replies came in the order %v", order)
		}
	})
}
