package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"
)

// A liveWork is something about exchanges that last: event streams and
// WebSockets. The load comes from this program, see live_client.go.
type liveWork struct {
	name    string
	about   string
	columns []column
	// measure takes one reading of a server that has just been started, with a
	// value for each column.
	measure func(context.Context, *bench, *process) ([]float64, error)
}

func (w liveWork) title() string { return w.name }

// liveWorks are all there is to measure about exchanges that last.
var liveWorks = []liveWork{
	{
		name: "streams", about: "event streams that wait for their second event",
		columns: []column{{streamHeader, "%.2f"}},
		measure: func(ctx context.Context, b *bench, s *process) ([]float64, error) {
			return liveMemory(ctx, s, b.held, openStream)
		},
	},
	{
		name: "sockets", about: "WebSockets that have sent a message back, and wait for the next",
		columns: []column{{socketHeader, "%.2f"}},
		measure: func(ctx context.Context, b *bench, s *process) ([]float64, error) {
			return liveMemory(ctx, s, b.held, openEchoed)
		},
	},
	{
		name: "fanout", about: "messages of 100 bytes that are published to 10,000 event streams",
		columns: []column{{fanOutHeader, "%.1f"}, {"ms until all have it", "%.0f"}},
		measure: fanOut,
	},
	{
		name: "echo-binary", about: "binary messages of 1 KiB that come back, over 64 WebSockets",
		columns: socketColumns, measure: echoing(opBinary),
	},
	{
		name: "echo-text", about: "the same with text, which has to be UTF-8",
		columns: socketColumns, measure: echoing(opText),
	},
}

var socketColumns = []column{{"messages/s", "%.0f"}, {echoHeader, "%.2f"}}

// A livePeer is a server for liveWorks. It answers at three paths: streamPath,
// publishPath and socketPath.
type livePeer struct {
	name, about string
	does        []string // the works that it can do
	serve       func(net.Listener) error
}

func (p livePeer) title() string { return p.name }

const (
	streamPath  = "/events"
	publishPath = "/publish"
	socketPath  = "/socket"
)

var (
	streamWorks = []string{"streams", "fanout"}
	echoWorks   = []string{"echo-binary", "echo-text"}
	socketWorks = append([]string{"sockets"}, echoWorks...)
)

var livePeers = []livePeer{
	{
		name: baseline, does: slices.Concat(streamWorks, socketWorks), serve: serveLiveAce,
		about: "machines behind raxx/sse and raxx/websocket, with the zero Configs",
	},
	{
		name: "net/http", does: streamWorks, serve: serveLiveNetHTTP,
		about: "a goroutine and a channel for each stream",
	},
	{
		name: "coder", does: socketWorks, serve: serveLiveNetHTTP,
		about: "github.com/coder/websocket on net/http, Read and Write",
	},
	{
		name: "gorilla", does: socketWorks, serve: serveGorilla,
		about: "github.com/gorilla/websocket on net/http, ReadMessage and WriteMessage",
	},
	{
		name: "goroutine", does: echoWorks, serve: serveLiveFloor,
		about: "a floor: one goroutine a connection on net.Conn, knows how long frames are and sends the same bytes each time",
	},
}

// compareLive measures a work for each peer that can do it, in every round in a
// new process.
func (b *bench) compareLive(ctx context.Context, w liveWork) (*table, error) {
	t := newTable(w.name, w.about, w.columns)
	for range b.rounds {
		for _, live := range livePeers {
			p := peer{name: live.name}
			if !slices.Contains(live.does, w.name) || !t.admits(p, true) {
				continue
			}
			values, err := b.readLive(ctx, p, w)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			t.add(p, values...)
			progress(w.name, p, "%.2f", values)
		}
	}
	return t, nil
}

func (b *bench) readLive(ctx context.Context, p peer, w liveWork) ([]float64, error) {
	s, err := p.launchWith(b.procs, "-live")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if p.name == baseline && b.profile != "" {
		path, err := b.profileOf(w.name, len(b.live))
		if err != nil {
			return nil, err
		}
		if err := s.tell(orderProfile + " " + path); err != nil {
			return nil, err
		}
		defer s.tell(orderProfileStops)
	}
	return w.measure(ctx, b, s)
}

// liveMemory returns the memory of n connections that are opened by open.
func liveMemory(ctx context.Context, s *process, n int, open func(addr string) (net.Conn, error)) ([]float64, error) {
	before, err := s.held(ctx, 64, open)
	if err != nil {
		return nil, err
	}
	conns, err := openMany(s.addr, n, open)
	defer closeAll(conns)
	if err != nil {
		return nil, err
	}
	after, err := s.settledMemory(ctx)
	return []float64{float64(after-before) / float64(n) / 1024}, err
}

// held returns the memory of the process after some connections have come and
// gone.
func (s *process) held(ctx context.Context, n int, open func(addr string) (net.Conn, error)) (int64, error) {
	conns, err := openMany(s.addr, n, open)
	closeAll(conns)
	if err != nil {
		return 0, err
	}
	return s.settledMemory(ctx)
}

const (
	fanOutStreams  = 10_000
	fanOutMessages = 10
)

// fanOut publishes messages one after the other, each when all streams have got
// the one before.
func fanOut(_ context.Context, _ *bench, s *process) ([]float64, error) {
	conns, err := openMany(s.addr, fanOutStreams, openStream)
	defer closeAll(conns)
	if err != nil {
		return nil, err
	}
	got, failed := listen(conns)
	if _, err := publish(s.addr, got, failed, len(conns)); err != nil { // warms up
		return nil, err
	}
	before, err := s.usage()
	if err != nil {
		return nil, err
	}
	var took time.Duration
	for range fanOutMessages {
		d, err := publish(s.addr, got, failed, len(conns))
		if err != nil {
			return nil, err
		}
		took += d
	}
	after, err := s.usage()
	cpu := (after.cpu - before.cpu).Seconds() * 1e3 / fanOutMessages
	return []float64{cpu, took.Seconds() * 1e3 / fanOutMessages}, err
}

// echoing returns what measures the echo of messages of an opcode.
func echoing(op byte) func(context.Context, *bench, *process) ([]float64, error) {
	return func(_ context.Context, b *bench, s *process) ([]float64, error) {
		conns, err := openMany(s.addr, b.connections, openSocket)
		defer closeAll(conns)
		if err != nil {
			return nil, err
		}
		if _, err := echoFor(conns, op, b.warmup); err != nil {
			return nil, err
		}
		before, err := s.usage()
		if err != nil {
			return nil, err
		}
		n, err := echoFor(conns, op, b.window)
		if err != nil {
			return nil, err
		}
		after, err := s.usage()
		cpu := (after.cpu - before.cpu).Seconds() * 1e6 / float64(n)
		return []float64{float64(n) / b.window.Seconds(), cpu}, err
	}
}
