package ace

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A draining is a server in memory and in fake time that will be drained.
type draining struct {
	t      *testing.T
	server *Server
	net    *memnet.Listener
	served chan error
	events []string // of the trace, with the time since the beginning
	began  time.Time
}

// drainable runs a test against a server whose handler waits for a while that
// its path tells.
func drainable(t *testing.T, c Config, test func(d *draining)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &draining{t: t, net: memnet.Listen(), served: make(chan error, 1), began: time.Now()}
		note := func(event string) {
			d.events = append(d.events, time.Since(d.began).String()+" "+event)
		}
		c.Trace.Ready = func(ReadyEvent) { note("ready") }
		c.Trace.DrainBegan = func(e DrainEvent) {
			if d.server.Ready() {
				t.Error("the server is ready when it drains")
			}
			note("began")
		}
		c.Trace.EndpointClosed = func(EndpointEvent) { note("closed") }
		c.Trace.ConnectionsCut = func(DrainError) { note("cut") }
		c.Trace.DrainEnded = func(e DrainEvent) {
			if e.Took > time.Since(d.began) {
				t.Errorf("the drain took %v", e.Took)
			}
			if note("ended"); e.Err != nil {
				note(e.Err.Error())
			}
		}
		d.server = New(func(req raxx.Request) raxx.Response {
			wait, _ := time.ParseDuration(strings.TrimPrefix(req.Path, "/"))
			select {
			case <-time.After(wait):
			case <-req.Context().Done():
			}
			return hello(req)
		}, c)
		go func() { d.served <- d.server.ServeEndpoints(Endpoint{Name: "web", Listener: d.net}) }()
		synctest.Wait()
		test(d)
		if err := <-d.served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
}

func (d *draining) dial() *peer {
	d.t.Helper()
	conn, err := d.net.Dial()
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return newPeer(d.t, conn)
}

// shutdown shuts the server down within a time, and returns what came of it.
func (d *draining) shutdown(timeout time.Duration) chan error {
	down := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		down <- d.server.Shutdown(ctx)
	}()
	synctest.Wait()
	return down
}

func (d *draining) wantEvents(want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.events); diff != "" {
		d.t.Errorf("the trace was told (-want +got):\n%s", diff)
	}
}

func TestReadyWhileAllEndpointsAccept(t *testing.T) {
	l, m := memnet.Listen(), memnet.Listen()
	seen := make(chan bool, 3)
	var s *Server
	s = New(hello, Config{Trace: Trace{
		EndpointOpened: func(EndpointEvent) { seen <- s.Ready() },
		Ready:          func(e ReadyEvent) { seen <- s.Ready() && len(e.Addrs) == 2 },
	}})
	if s.Ready() {
		t.Error("a server that serves nothing is ready")
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeEndpoints(Endpoint{Listener: l}, Endpoint{Listener: m}) }()
	for range 2 {
		if <-seen {
			t.Error("the server was ready before all its endpoints were")
		}
	}
	if !<-seen || !s.Ready() {
		t.Error("the server is not ready when all its endpoints are")
	}
	s.Close()
	if s.Ready() {
		t.Error("a server that is closed is ready")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestServerWithAFailedEndpointIsNotReady(t *testing.T) {
	l := &flakyListener{Listener: memnet.Listen()}
	ready := make(chan ReadyEvent, 1)
	s := New(hello, Config{Trace: Trace{Ready: func(e ReadyEvent) { ready <- e }}})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	<-ready
	l.fail(errors.New("broken"))
	l.Dial() // ends the accept that waits
	if err := <-served; err == nil || s.Ready() {
		t.Errorf("Serve returned %v, and the server is ready: %t", err, s.Ready())
	}
	s.Close()
}

// For a while everything goes on, and only those who ask are told.
func TestDrainDelay(t *testing.T) {
	drainable(t, Config{DrainDelay: 10 * time.Second}, func(d *draining) {
		old := d.dial()
		down := d.shutdown(time.Minute)
		for range 9 {
			time.Sleep(time.Second)
			p := d.dial() // that a load balancer still sends
			p.send(get)
			p.want(200, "hello")
			old.send(get)
			old.want(200, "hello")
			defer p.Close()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if _, err := d.net.Dial(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the delay, Dial returned %v", err)
		}
		old.wantEnd()
		old.Close()
		if err := <-down; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
		if len(d.events) != 4 || d.events[1] != "0s began" || d.events[2] != "10s closed" {
			t.Errorf("the trace was told %q", d.events)
		}
	})
}

func TestDrainDelayEndsEarly(t *testing.T) {
	for name, end := range map[string]func(d *draining){
		"by a close": func(d *draining) { d.server.Close() },
		"by another shutdown that has no time": func(d *draining) {
			ctx, cancel := context.WithTimeout(context.Background(), 0)
			defer cancel()
			d.server.Shutdown(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			drainable(t, Config{DrainDelay: time.Hour}, func(d *draining) {
				down := d.shutdown(2 * time.Hour)
				time.Sleep(time.Second)
				end(d)
				if err := <-down; err != nil {
					t.Errorf("Shutdown returned %v", err)
				}
				d.wantEvents("0s ready", "0s began", "1s closed", "1s ended")
			})
		})
	}
	t.Run("by its own deadline", func(t *testing.T) {
		drainable(t, Config{DrainDelay: time.Hour}, func(d *draining) {
			if err := <-d.shutdown(time.Minute); err != nil {
				t.Errorf("Shutdown returned %v, although nothing was cut", err)
			}
			d.wantEvents("0s ready", "0s began", "1m0s closed", "1m0s ended")
		})
	})
	t.Run("without endpoints", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			s := New(hello, Config{DrainDelay: time.Hour})
			if err := s.Shutdown(t.Context()); err != nil || time.Since(began) > 0 {
				t.Errorf("Shutdown of a server that serves nothing returned %v after %v", err, time.Since(began))
			}
		})
	})
}

// What was cut is told: the exchanges with what they were, the others by number.
func TestDrainTellsWhatItCut(t *testing.T) {
	drainable(t, Config{}, func(d *draining) {
		stuck := d.dial()
		stuck.send("POST /1h?q HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n")
		time.Sleep(10 * time.Second)
		late, ending, partial := d.dial(), d.dial(), d.dial()
		late.send("GET /10m HTTP/1.1\r\nHost: t\r\n\r\n")
		ending.send("GET /5s HTTP/1.1\r\nHost: t\r\n\r\n")
		partial.send("GET / HTTP/1.1\r\n")
		synctest.Wait()
		down := d.shutdown(8 * time.Second)
		ending.want(200, "hello")
		ending.Close()
		err := <-down
		want := &DrainError{
			Connections: 3,
			Exchanges: []CutExchange{
				{"POST", "/1h", "web", raxx.Peer{Address: "client", Protocol: "HTTP/1.1"}, WorkerServes, 18 * time.Second},
				{"GET", "/10m", "web", raxx.Peer{Address: "client", Protocol: "HTTP/1.1"}, WorkerServes, 8 * time.Second},
			},
		}
		var report *DrainError
		if !errors.As(err, &report) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Shutdown returned %v", err)
		}
		for i := range report.Exchanges { // the server's clock has ticks
			report.Exchanges[i].For = report.Exchanges[i].For.Round(time.Second)
		}
		report.Err = nil
		if diff := cmp.Diff(want, report); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(d.events) != 6 || d.events[3] != "18s cut" || d.events[4] != "18s ended" || !strings.Contains(d.events[5], "POST /1h") {
			t.Errorf("the trace was told %q", d.events)
		}
		for _, p := range []*peer{stuck, late} {
			p.wantRefused()
		}
	})
}

// A handler that does not heed its context is left behind, and the error says so.
func TestDrainTellsOfHandlersThatAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, release := memnet.Listen(), make(chan bool)
		s := New(blockOn("/deaf", release), Config{DrainTimeout: 5 * time.Second})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.RunEndpoints(ctx, Endpoint{Listener: l}) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		newPeer(t, conn).send("GET /deaf HTTP/1.1\r\nHost: t\r\n\r\n")
		synctest.Wait()
		began := time.Now()
		stop()
		var report *DrainError
		if err := <-done; !errors.As(err, &report) || report.Connections != 1 || report.Left != 1 || time.Since(began) != 6*time.Second {
			t.Errorf("Run returned %+v after %v", err, time.Since(began))
		}
		close(release)
		conn.Close()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("a second Shutdown returned %v", err)
		}
	})
}

func TestDrainErrorText(t *testing.T) {
	x := func(path string) CutExchange {
		return CutExchange{Method: "GET", Path: path, Peer: raxx.Peer{Address: "192.0.2.1:1"}, For: 3 * time.Second}
	}
	for _, tt := range []struct {
		err  DrainError
		want string
	}{
		{DrainError{}, "ace: connections cut at the end of the time to drain: 0"},
		{DrainError{Connections: 1, Exchanges: []CutExchange{{Method: "GET", Path: "/a"}}}, // by a unix socket
			"ace: connections cut at the end of the time to drain: 1, GET /a from - for 0s: context deadline exceeded"},
		{DrainError{Connections: 2}, "ace: connections cut at the end of the time to drain: 2: context deadline exceeded"},
		{DrainError{Connections: 2, Exchanges: []CutExchange{x("/a")}, Left: 1},
			"ace: connections cut at the end of the time to drain: 2, GET /a from 192.0.2.1:1 for 3s; handlers still at work: 1: context deadline exceeded"},
		{DrainError{Connections: 5, Exchanges: []CutExchange{x("/a"), x("/b"), x("/" + strings.Repeat("c", 500)), x("/d"), x("/e")}},
			"ace: connections cut at the end of the time to drain: 5, GET /a from 192.0.2.1:1 for 3s, GET /b from 192.0.2.1:1 for 3s, GET /" +
				strings.Repeat("c", 79) + "… from 192.0.2.1:1 for 3s, and 2 more exchanges: context deadline exceeded"},
	} {
		if tt.err.Connections > 0 {
			tt.err.Err = context.DeadlineExceeded
		}
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
