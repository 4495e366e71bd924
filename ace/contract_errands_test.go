package ace_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// An errand is an exchange in which client and handler do what a number says. Both
// can tell from it what the other sends, so that nothing of one exchange can be
// taken for a piece of another.
type errand struct {
	number  uint64
	method  string
	upload  int  // octets of the request's body
	unknown bool // whose length is not told beforehand
	unread  bool // the handler does not read it
	kind    errandKind
	length  int              // octets of the reply
	breaks  bool             // the handler gives up, halfway
	leaves  int              // the client leaves behind so many octets of the reply; -1: it does not
	gone    bool             // it leaves while the handler is at work
	pauses  [3]time.Duration // of the client while it sends, of the handler, of the client while it reads
}

type errandKind int

const (
	asData errandKind = iota
	asFile
	asStream
	asStreamOfLength
	asMachine
	asPull // a machine, of what it reads from a body
	asPanic
	errandKinds
)

func newErrand(number uint64) errand {
	r := rand.New(rand.NewPCG(number, 0))
	size := func() int { return r.IntN(1 << (4 * (1 + r.IntN(4)))) } // up to 16, 256, 4,096, 65,536
	e := errand{
		number: number, method: "GET", kind: errandKind(r.IntN(int(errandKinds))), length: 1 + size(),
		breaks: r.IntN(8) == 0, leaves: -1, gone: r.IntN(5) == 0,
	}
	if r.IntN(2) == 0 {
		e.method, e.upload, e.unknown, e.unread = "POST", size(), r.IntN(2) == 0, r.IntN(4) == 0
	}
	e.gone = e.gone && !e.unread // over HTTP/1.1 the end of the client comes behind what it has sent
	if r.IntN(8) == 0 {
		e.leaves = r.IntN(e.length + 1)
	}
	return e
}

// newSlowErrand is newErrand where some make others wait.
func newSlowErrand(number uint64) errand {
	r := rand.New(rand.NewPCG(number, 1))
	e := newErrand(number)
	for i := range e.pauses {
		e.pauses[i] = time.Duration([]int{0, 0, 9, 25, 40}[r.IntN(5)]) * time.Second
	}
	return e
}

// isCut reports whether the client lets the server wait for longer than this does.
func (e errand) isCut() bool { return max(e.pauses[0], e.pauses[2]) > 30*time.Second }

// errandText returns what is sent, in lines that tell the errand and their place.
func errandText(number uint64, length int) string {
	var b strings.Builder
	for line := 0; b.Len() < length; line++ {
		fmt.Fprintf(&b, "%x.%x\n", number, line)
	}
	return b.String()[:length]
}

// sends returns what the body of the request is.
func (e errand) sends() string { return errandText(^e.number, e.upload) }

// chunks yields the reply, in pieces, as far as it comes.
func (e errand) chunks(yield func([]byte, error) bool) {
	rest := errandText(e.number, e.length)
	if e.breaks {
		rest = rest[:e.length/2]
	}
	for len(rest) > 0 {
		n := min(len(rest), 1+len(rest)/3)
		if !yield([]byte(rest[:n]), nil) {
			return
		}
		rest = rest[n:]
	}
	if e.breaks {
		yield(nil, errBroken)
	}
}

// An errandMachine replies piece by piece.
type errandMachine struct {
	rest   [][]byte
	breaks bool
}

func (m errandMachine) step(event raxx.Event) (errandMachine, []raxx.Part) {
	switch event.(type) {
	case raxx.Open, raxx.Timer:
		switch {
		case len(m.rest) > 0:
			next := raxx.Data(m.rest[0])
			m.rest = m.rest[1:]
			return m, []raxx.Part{next, raxx.After{Name: "next"}}
		case m.breaks:
			panic(errBroken)
		}
		return m, []raxx.Part{raxx.Tail{}}
	}
	return m, nil
}

func (e errand) machine() raxx.Machine {
	m := errandMachine{breaks: e.breaks}
	for piece, err := range e.chunks {
		if err == nil {
			m.rest = append(m.rest, piece)
		}
	}
	return raxx.NewMachine(m, errandMachine.step)
}

// pulls is a machine that sends on what it reads, and breaks off if that does.
func pulls(from raxx.Body) raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.Pull{From: from})
		case raxx.Pulled:
			if event.End && event.Cause != (raxx.Cause{}) {
				panic(errBroken)
			} else if event.End {
				return parts(raxx.Tail{})
			}
			return parts(event.Data)
		}
		return nil
	})
}

// reply returns the response of the handler.
func (e errand) reply() raxx.Response {
	text := errandText(e.number, e.length)
	body := map[errandKind]func() raxx.Body{
		asData:           func() raxx.Body { return raxx.Data(text) },
		asFile:           func() raxx.Body { return raxx.NewFile(fstest.MapFS{"f": {Data: []byte(text)}}, "f") },
		asStream:         func() raxx.Body { return raxx.NewStream(-1, e.chunks) },
		asStreamOfLength: func() raxx.Body { return raxx.NewStream(int64(e.length), e.chunks) },
		asMachine:        func() raxx.Body { return e.machine() },
		asPull:           func() raxx.Body { return pulls(raxx.NewStream(-1, e.chunks)) },
		asPanic:          func() raxx.Body { panic(errBroken) },
	}[e.kind]()
	return raxx.Response{Status: 200, Body: body}
}

// mayBeWhole reports whether a client can get all of the reply.
func (e errand) mayBeWhole() bool { return e.kind != asPanic && (!e.breaks || e.kind <= asFile) }

// A ledger holds what the server has said of each errand.
type ledger struct {
	errand  func(number uint64) errand
	mu      sync.Mutex
	calls   map[uint64]int
	endings map[uint64][]raxx.Ending
	events  map[uint64][]ace.ExchangeEvent
	gone    map[uint64]func() // makes the client leave
}

func newLedger(of func(number uint64) errand) *ledger {
	return &ledger{errand: of, calls: map[uint64]int{}, endings: map[uint64][]raxx.Ending{}, events: map[uint64][]ace.ExchangeEvent{}, gone: map[uint64]func(){}}
}

// errandOf returns the number of the errand to which a request belongs.
func errandOf(req raxx.Request) uint64 {
	number, _ := strconv.ParseUint(strings.TrimPrefix(req.Path, "/"), 10, 64)
	return number
}

// handle does what a handler has to do.
func (l *ledger) handle(t *testing.T, req raxx.Request) raxx.Response {
	e := l.errand(errandOf(req))
	req.Scope.OnEnd(func(ending raxx.Ending) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.endings[e.number] = append(l.endings[e.number], ending)
	})
	l.mu.Lock()
	l.calls[e.number]++
	leave := l.gone[e.number]
	l.mu.Unlock()
	if !e.unread {
		got, err := raxx.ReadAll(req.Body, -1)
		if sent := e.sends(); err == nil && string(got) != sent || !strings.HasPrefix(sent, string(got)) {
			t.Errorf("%+v: the handler read %s, want %s", e, brief(string(got)), brief(sent))
		}
	}
	time.Sleep(e.pauses[1])
	if leave != nil {
		leave()
		<-req.Context().Done()
	}
	return e.reply()
}

// run does what a client has to do, and reports whether it got the whole reply.
func (e errand) run(t *testing.T, c *client, l *ledger) (whole bool) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second+4*max(e.pauses[0], e.pauses[1], e.pauses[2]))
	defer cancel()
	left := e.leaves >= 0
	if e.gone {
		left = true
		l.mu.Lock()
		l.gone[e.number] = cancel
		l.mu.Unlock()
	}
	req := c.request(ctx, ask{method: e.method, target: fmt.Sprint("/", e.number), body: e.sends(), unknown: e.unknown}, &answer{})
	if req.Body != nil {
		req.Body = &pausingBody{req.Body, e.upload / 2, e.pauses[0]}
	}
	resp, err := c.http.RoundTrip(req)
	if err == nil {
		defer resp.Body.Close()
		read := io.Reader(&pausingBody{resp.Body, e.length / 2, e.pauses[2]})
		if e.leaves >= 0 {
			read = io.LimitReader(read, int64(e.leaves))
		}
		var got []byte
		if got, err = io.ReadAll(read); resp.StatusCode == 200 {
			want := errandText(e.number, e.length)
			whole = err == nil && !left
			if !strings.HasPrefix(want, string(got)) || whole && string(got) != want {
				t.Errorf("%+v: the client read %s, want %s", e, brief(string(got)), brief(want))
			}
		} else if (resp.StatusCode != http.StatusInternalServerError || e.mayBeWhole()) && !e.isCut() {
			t.Errorf("%+v: %s", e, resp.Status)
		}
	}
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		t.Errorf("%+v: the client waits for ever", e)
	case whole && !e.mayBeWhole():
		t.Errorf("%+v: what has broken off looks whole", e)
	case !whole && !left && e.mayBeWhole() && !e.unread && !e.isCut(): // an upload that nobody reads may fail first
		t.Errorf("%+v: the client got no whole reply: %v", e, err)
	}
	return whole
}

// reconcile compares what was said of an errand to those who ask.
func (l *ledger) reconcile(t *testing.T, e errand, whole, traced bool) {
	endings, events := l.endings[e.number], l.events[e.number]
	if len(endings) != l.calls[e.number] || traced && len(events) < len(endings) {
		t.Errorf("%+v: %d calls, %d endings, %d events", e, l.calls[e.number], len(endings), len(events))
		return
	}
	sent := 0
	for _, ending := range endings {
		if ending.Reason == 0 && ending.Status == 200 {
			sent++
			if ending.Content != int64(e.length) {
				t.Errorf("%+v: the whole reply, the server says, was %d octets", e, ending.Content)
			}
		}
	}
	// By the length a client knows that it has all, and may leave before the handler has
	// said that this was all.
	early := e.kind == asStreamOfLength && slices.ContainsFunc(endings, func(x raxx.Ending) bool {
		return x.Reason == raxx.ClientGone && x.Content == int64(e.length)
	})
	if whole && sent == 0 && !early {
		t.Errorf("%+v: the client got the whole reply, and the server says %+v", e, endings)
	}
	if sent > 0 && !e.mayBeWhole() {
		t.Errorf("%+v: broken off, and the server says %+v", e, endings)
	}
	if !traced {
		return
	}
	for i, ending := range endings {
		x := events[i]
		if len(endings) == 1 && (x.Status != ending.Status || x.Content != ending.Content || (x.Err == nil) != (ending.Reason == 0)) {
			t.Errorf("%+v: the handler is told of %+v, the trace of %d, %d octets, %v", e, ending, x.Status, x.Content, x.Err)
		}
	}
}

// A pausingBody lets who reads it wait, once so much was read.
type pausingBody struct {
	io.ReadCloser
	at    int
	pause time.Duration
}

func (b *pausingBody) Read(p []byte) (int, error) {
	if b.at <= 0 {
		time.Sleep(b.pause)
		b.pause = 0
	} else if len(p) > b.at {
		p = p[:b.at]
	}
	n, err := b.ReadCloser.Read(p)
	b.at -= n
	return n, err
}

// runErrands has clients of an engine go on errands, all at once, and compares what
// they and the server say of each.
func runErrands(t *testing.T, e engine, of func(number uint64) errand) {
	const clients, each = 8, 25
	l := newLedger(of)
	var open atomic.Int64
	c := e.newClient(t, func(req raxx.Request) raxx.Response { return l.handle(t, req) }, ace.Config{Trace: ace.Trace{
		ExchangeEnded: func(x ace.ExchangeEvent) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.events[errandOf(x.Request)] = append(l.events[errandOf(x.Request)], x)
		},
		ConnectionOpened: func(ace.ConnectionEvent) { open.Add(1) },
		ConnectionClosed: func(ace.ConnectionEvent) { open.Add(-1) },
	}})
	whole := make([]bool, clients*each)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for j := i * each; j < (i+1)*each; j++ {
				whole[j] = of(uint64(j+1)).run(t, c, l)
			}
		})
	}
	all.Wait()
	c.http.CloseIdleConnections()
	if err := c.server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := open.Load(); n != 0 {
		t.Errorf("behind the drain the trace knows of %d open connections", n)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for j, whole := range whole {
		l.reconcile(t, of(uint64(j+1)), whole, e.under != serverOfNetHTTP)
	}
}

// What a client gets, what its handler is told of the end, and what the trace says
// fit together, in any order of what the three do.
func TestContractErrands(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) { runErrands(t, e, newErrand) })
}

// So they do where clients and handlers are slow, and where clients are too slow.
func TestContractSlowErrands(t *testing.T) {
	for _, e := range engines {
		if e.memory {
			t.Run(e.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					runErrands(t, e, newSlowErrand)
					time.Sleep(time.Minute) // net/http may still send what was answered before
				})
			})
		}
	}
}
