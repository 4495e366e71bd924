package ace

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/raxx-go/raxx/ace/internal/scheduler"
	"github.com/raxx-go/raxx/raxx"
)

// A gauge is a transport that shows what a worker does in one turn: a client sends
// all at once, and takes whatever comes.
type gauge struct {
	treadmill
	in    string
	sent  int
	kicks int
	slow  bool     // what handlers do is known to take long
	calls []string // handlerEnds and write, in their order
}

// newGauge returns a worker, and what shows what it does.
func newGauge(h raxx.Handler, in string) (*worker, *gauge) {
	s := New(h, Config{})
	w := s.newWorker(arrival{endpoint: &endpoint{server: s, handler: s.handler}})
	g := &gauge{treadmill: treadmill{server: s}, in: in}
	w.conn = g
	return w, g
}

func (g *gauge) read(b **buffer, _ int64) error {
	if g.in == "" {
		return errAgain
	}
	if *b == nil {
		*b = g.server.buffers.get()
	}
	space := (*b).space()
	n := copy(space, g.in)
	(*b).b, g.in = (*b).b[:len((*b).b)+n], g.in[n:]
	return nil
}

func (g *gauge) write(head, data []byte, _ time.Duration) error {
	g.sent += len(head) + len(data)
	g.calls = append(g.calls, "write")
	return nil
}

func (g *gauge) writeSome(head, data []byte, timeout time.Duration) (int, error) {
	return len(head) + len(data), g.write(head, data, timeout)
}

func (g *gauge) sendFile(fs.File, int64, time.Duration) error {
	g.calls = append(g.calls, "write")
	return nil
}

func (g *gauge) kick()                                 { g.kicks++ }
func (g *gauge) handlerBegins(string) bool             { return g.slow }
func (g *gauge) handlerEnds(string)                    { g.calls = append(g.calls, "handlerEnds") }
func (g *gauge) enter(string) (scheduler.Ticket, bool) { return 0, true }
func (g *gauge) turns() bool                           { return true }

// turn does one turn, and returns how much was sent and how often another one was
// asked for.
func (g *gauge) turn(w *worker) (sent, kicks int) {
	g.sent, g.kicks = 0, 0
	w.turn()
	return g.sent, g.kicks
}

// A client that asks for much at once does not keep the others of its poller
// waiting.
func TestTurnAnswersSoManyRequests(t *testing.T) {
	for name, ask := range map[string]string{"HTTP 1.1": strings.Repeat(get, 150), "HTTP 2": h2Asks(t, 150)} {
		t.Run(name, func(t *testing.T) {
			answered := 0
			w, g := newGauge(func(raxx.Request) raxx.Response { answered++; return raxx.Text(200, "hello") }, ask)
			for i, want := range []int{doneAtMost, 2 * doneAtMost, 150} {
				_, kicks := g.turn(w)
				if last := i == 2; answered != want || kicks != 0 == last {
					t.Errorf("turn %d: %d are answered, want %d; %d turns more are asked for", i, answered, want, kicks)
				}
			}
		})
	}
}

// Nor does a machine that always has something to do.
func TestTurnTakesSoManySteps(t *testing.T) {
	steps := 0
	w, g := newGauge(func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
			steps++
			return n, []raxx.Part{raxx.After{}}
		}))
	}, get)
	for i := range 3 {
		last := steps
		if _, kicks := g.turn(w); steps-last > doneAtMost+1 || steps == last || kicks == 0 {
			t.Fatalf("turn %d takes %d steps, and asks for %d turns more", i, steps-last, kicks)
		}
	}
}

// Nor if the heads of its replies fill all the room that there is for them, and have
// to be sent in between.
func TestTurnAnswersSoManyRequestsAtLength(t *testing.T) {
	answered := 0
	w, g := newGauge(func(raxx.Request) raxx.Response {
		answered++
		return raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: strings.Repeat("x", 6<<10)}}}
	}, h2Asks(t, 300))
	for turns := 0; answered < 300 && turns < 300; turns++ {
		last := answered
		if sent, _ := g.turn(w); answered-last > doneAtMost || sent > 2*sentAtMost {
			t.Errorf("a turn answers %d requests, and sends %d octets", answered-last, sent)
		}
	}
	if answered != 300 {
		t.Errorf("%d are answered", answered)
	}
}

// What has come is answered also if the client has gone on to close its direction.
func TestTurnLeavesNothing(t *testing.T) {
	for name, ask := range map[string]string{"HTTP 1.1": strings.Repeat(get, 150), "HTTP 2": h2Asks(t, 150)} {
		t.Run(name, func(t *testing.T) {
			answered := 0
			w, g := newGauge(func(raxx.Request) raxx.Response { answered++; return raxx.Text(200, "hello") }, ask)
			g.turn(w)
			w.conn = &ended{g}
			for range 2 {
				if next := w.turn(); next == ends && answered < 150 {
					t.Errorf("it ends, and %d are answered", answered)
				}
			}
			if answered != 150 {
				t.Errorf("%d are answered", answered)
			}
		})
	}
}

// An ended gauge has an end behind what has come.
type ended struct{ *gauge }

func (e *ended) read(b **buffer, deadline int64) error { return e.treadmill.read(b, deadline) }

// Nor does one that takes much at once.
func TestTurnSendsSoMuch(t *testing.T) {
	piece := raxx.Data(strings.Repeat("x", 64<<10))
	endless := func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
			return n, []raxx.Part{piece, raxx.After{}}
		}))
	}
	long := raxx.Data(strings.Repeat("x", 64<<20))
	for _, test := range []struct {
		name    string
		ask     string
		handler raxx.Handler
	}{
		{"a machine that never stops", get, endless},
		{"a machine that sends all at once", get, func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
				return n, []raxx.Part{long, raxx.Tail{}}
			}))
		}},
		{"HTTP 2", h2Asks(t, 1), func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", long) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, g := newGauge(test.handler, test.ask)
			for i := range 10 {
				const slack = bodyBufferSize + 10<<10 // a piece is not cut
				sent, kicks := g.turn(w)
				if sent < sentAtMost/2 || sent > sentAtMost+slack || kicks == 0 {
					t.Errorf("turn %d sends %d octets, and asks for %d turns more", i, sent, kicks)
				}
			}
		})
	}
}

// While much is sent, the poller can be taken away, as it can while a handler is at
// work.
func TestLongRepliesCountAsTheirHandlers(t *testing.T) {
	for n, want := range map[int][]string{
		20000:          {"handlerEnds", "write"},
		sentAtMost + 1: {"write", "handlerEnds"},
	} {
		w, g := newGauge(func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", n)) }, get)
		g.turn(w)
		if !slices.Equal(g.calls[:2], want) {
			t.Errorf("%d octets: %v, want %v", n, g.calls, want)
		}
	}
}

// A reply does not wait for a hook that is known to be slow.
func TestReplyGoesBeforeASlowHook(t *testing.T) {
	w, g := newGauge(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, get)
	sent := 0
	w.server.config.Trace.ExchangeEnded = func(ExchangeEvent) { sent = g.sent }
	g.slow = true
	g.turn(w)
	if sent == 0 {
		t.Error("nothing was sent before the hook")
	}
}

// A swap is a transport on which others have the turn when what was done in it has been
// done.
type swap struct {
	*gauge
	meanwhile func()
}

func (s *swap) exit(scheduler.Ticket) bool {
	s.meanwhile()
	return true
}

// The trace is told of a reply that was left to its connection, by a handler that had
// taken long, at the moment at which that ended.
func TestTurnThatIsTheLast(t *testing.T) {
	w, g := newGauge(func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", 100_000)) }, h2Asks(t, 1))
	var ended []error
	w.server.config.Trace.ExchangeEnded = func(e ExchangeEvent) { ended = append(ended, e.Err) }
	w.conn = &swap{g, func() {
		w.why = io.EOF
		w.h2.end()
	}}
	if next := w.turn(); next != detaches || len(ended) != 1 || !errors.Is(ended[0], ErrClientGone) || w.server.left != 0 {
		t.Errorf("the turn ends with %d, the trace is told %v, and a drain waits for %d", next, ended, w.server.left)
	}
}

// A client that turns out to be gone before such a hook has ended no exchange: the hook
// and the handler are told the same.
func TestSlowHookIsToldWhatTheHandlerIs(t *testing.T) {
	told := make(chan raxx.Ending, 1)
	w, g := newGauge(func(req raxx.Request) raxx.Response {
		req.Scope.OnEnd(func(ending raxx.Ending) { told <- ending })
		return raxx.Text(200, "hello")
	}, get)
	var traced ExchangeEvent
	w.server.config.Trace.ExchangeEnded = func(event ExchangeEvent) { traced = event }
	g.slow = true
	w.conn = &gone{g}
	w.turn()
	if ending := <-told; (ending.Reason == 0) != (traced.Err == nil) || ending.Content != traced.Content {
		t.Errorf("the handler is told of %+v, the trace of %d octets, %v", ending, traced.Content, traced.Err)
	}
}

// A gone gauge takes no reply.
type gone struct{ *gauge }

func (*gone) write(_, _ []byte, _ time.Duration) error { return ErrClientGone }

// h2Asks is what a client of HTTP/2 sends that asks n times, and takes any amount.
func h2Asks(t *testing.T, n int) string {
	t.Helper()
	var out, block bytes.Buffer
	out.WriteString(http2.ClientPreface)
	frames := http2.NewFramer(&out, nil)
	frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
	frames.WriteWindowUpdate(0, 1<<30)
	fields := hpack.NewEncoder(&block)
	for i := range n {
		block.Reset()
		for _, f := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "test"}} {
			fields.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
		}
		if err := frames.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// A holding transport takes all, as TLS does, and is not rid of it.
type holding struct {
	*gauge
	held     bool
	expected expectation
}

func (h *holding) writeSome(head, data []byte, _ time.Duration) (int, error) {
	if h.held {
		return len(head) + len(data), errAgain
	}
	return len(head) + len(data), nil
}

func (h *holding) await(_ int64, expected expectation) { h.expected = expected }

// What the transport is not rid of waits for room, whatever else makes a turn.
func TestTurnWaitsForRoomForWhatIsHeld(t *testing.T) {
	w, g := newGauge(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, h2Asks(t, 1))
	h := &holding{gauge: g, held: true}
	w.conn = h
	for i := range 3 {
		if w.turn(); !h.expected.room {
			t.Fatalf("turn %d does not wait for room", i)
		}
	}
	h.held = false
	if w.turn(); h.expected.room {
		t.Error("the last turn waits for room")
	}
}
