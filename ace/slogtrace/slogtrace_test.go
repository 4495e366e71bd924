package slogtrace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// lines returns what calling the hooks of a trace writes, without the time.
func lines(t *testing.T, level slog.Level, call func(ace.Trace)) (all []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	call(New(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level}))))
	for line := range strings.Lines(out.String()) {
		record := make(map[string]any)
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(record, "time")
		all = append(all, record)
	}
	return all
}

var (
	address   = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	peer      = raxx.Peer{Address: "192.0.2.7:1", Protocol: "HTTP/1.1"}
	errBroken = errors.New("broken")
	begun     = time.Unix(1, 0)
)

// known is a peer that has proved who it is.
func known() raxx.Peer {
	p := peer
	p.TLS = &raxx.TLS{Version: "TLS 1.3", Verified: true, Certificates: []raxx.Certificate{{Subject: "CN=Ada"}}}
	return p
}

// exchange is a request with its reply, a millisecond later.
func exchange(status int, fault, err error) ace.ExchangeEvent {
	req := raxx.Get("/a?secret=1")
	req.Peer = peer
	return ace.ExchangeEvent{
		Endpoint: "web", Request: req, Status: status, Content: 5, Begun: begun, Ended: begun.Add(time.Millisecond), Fault: fault, Err: err,
	}
}

// Every event is one line, with all there is to say.
func TestEveryEventIsALine(t *testing.T) {
	type line = map[string]any
	opened := ace.ConnectionEvent{Endpoint: "web", Peer: peer, Requests: 2}
	closed, refused := opened, opened
	closed.Err, refused.Err = ace.ErrTimeout, ace.ErrAddressLimit
	cut := ace.DrainError{Connections: 2, Exchanges: []ace.CutExchange{{Method: "GET", Path: "/a", Peer: peer}}, Err: context.DeadlineExceeded}
	got := lines(t, slog.LevelDebug, func(trace ace.Trace) {
		trace.EndpointOpened(ace.EndpointEvent{Endpoint: "web", Addr: address, TLS: true})
		trace.Ready(ace.ReadyEvent{Addrs: []net.Addr{address}})
		trace.AcceptFailed(ace.AcceptEvent{Endpoint: "web", Addr: address, Err: syscall.EMFILE, Pause: time.Second})
		trace.AcceptFailed(ace.AcceptEvent{Endpoint: "web", Addr: address, Err: errBroken})
		trace.LimitReached(ace.AcceptEvent{Endpoint: "web", Addr: address, Err: ace.ErrConnectionLimit})
		trace.ConnectionRefused(refused)
		trace.ConnectionOpened(opened)
		trace.HandshakeEnded(ace.HandshakeEvent{Endpoint: "web", Peer: known(), ServerName: "a.test", Begun: begun, Ended: begun.Add(3)})
		trace.HandshakeEnded(ace.HandshakeEvent{Endpoint: "web", Peer: peer, Begun: begun, Ended: begun.Add(3), Err: errBroken})
		trace.BrokerFailed(ace.BrokerEvent{Topic: "news", Err: errBroken})
		trace.ExchangeEnded(exchange(200, nil, nil))
		trace.ConnectionClosed(closed)
		trace.DrainBegan(ace.DrainEvent{Connections: 3})
		trace.ConnectionsCut(cut)
		trace.DrainEnded(ace.DrainEvent{Connections: 1, Took: time.Second, Err: &cut})
		trace.EndpointClosed(ace.EndpointEvent{Endpoint: "web", Addr: address})
		trace.EndpointClosed(ace.EndpointEvent{Endpoint: "web", Addr: address, Err: errBroken})
	})
	want := []line{
		{"level": "INFO", "msg": "endpoint opened", "endpoint": "web", "address": "192.0.2.1:443", "tls": true},
		{"level": "INFO", "msg": "ready", "endpoints": 1.0},
		{"level": "WARN", "msg": "accept failed", "endpoint": "web", "pause": 1e9, "error": syscall.EMFILE.Error()},
		{"level": "DEBUG", "msg": "accept failed", "endpoint": "web", "pause": 0.0, "error": "broken"},
		{"level": "WARN", "msg": "limit reached", "endpoint": "web", "error": ace.ErrConnectionLimit.Error()},
		{"level": "DEBUG", "msg": "connection refused", "endpoint": "web", "peer": "192.0.2.7:1", "error": ace.ErrAddressLimit.Error()},
		{"level": "DEBUG", "msg": "connection opened", "endpoint": "web", "peer": "192.0.2.7:1"},
		{"level": "DEBUG", "msg": "handshake", "endpoint": "web", "peer": "192.0.2.7:1", "name": "a.test", "took": 3.0,
			"version": "TLS 1.3", "resumed": false, "client": "CN=Ada"},
		{"level": "DEBUG", "msg": "handshake", "endpoint": "web", "peer": "192.0.2.7:1", "name": "", "took": 3.0, "error": "broken"},
		{"level": "ERROR", "msg": "broker failed", "topic": "news", "error": "broken"},
		{"level": "INFO", "msg": "request", "method": "GET", "path": "/a", "status": 200.0, "bytes": 5.0, "took": 1e6,
			"peer": "192.0.2.7:1", "endpoint": "web"},
		{"level": "DEBUG", "msg": "connection closed", "endpoint": "web", "peer": "192.0.2.7:1", "requests": 2.0, "error": ace.ErrTimeout.Error()},
		{"level": "INFO", "msg": "drain began", "connections": 3.0},
		{"level": "WARN", "msg": "connections cut", "connections": 2.0, "exchanges": 1.0, "error": cut.Error()},
		{"level": "WARN", "msg": "drain ended", "connections": 1.0, "took": 1e9, "error": cut.Error()},
		{"level": "INFO", "msg": "endpoint closed", "endpoint": "web", "address": "192.0.2.1:443"},
		{"level": "ERROR", "msg": "endpoint closed", "endpoint": "web", "address": "192.0.2.1:443", "error": "broken"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLevelsOfRequests(t *testing.T) {
	panicked := &ace.PanicError{Value: "x", Stack: []byte("main.go:1")}
	for _, tt := range []struct {
		name  string
		event ace.ExchangeEvent
		want  string
	}{
		{"a good one", exchange(200, nil, nil), "INFO"},
		{"a client's fault", exchange(400, nil, &ace.ProtocolError{Status: 400}), "INFO"},
		{"a client's fault that the handler names", exchange(404, errBroken, nil), "INFO"},
		{"a client that leaves", exchange(200, nil, ace.ErrClientGone), "INFO"},
		{"a client that does not read", exchange(200, nil, ace.ErrTimeout), "INFO"},
		{"a stream that ends because the client has left", exchange(200, &ace.ResponseError{Err: ace.ErrClientGone}, ace.ErrClientGone), "INFO"},
		{"a stream that ends because the client does not read", exchange(200, &ace.ResponseError{Err: ace.ErrTimeout}, ace.ErrTimeout), "INFO"},
		{"a failure that the handler names with another status", exchange(200, errBroken, nil), "ERROR"},
		{"a handler's fault", exchange(500, errBroken, nil), "ERROR"},
		{"a panic", exchange(500, panicked, nil), "ERROR"},
		{"a panic with a status of its own", exchange(418, panicked, nil), "ERROR"},
		{"a panic after the client has left", exchange(200, panicked, ace.ErrClientGone), "ERROR"},
		{"a response that can't be sent", exchange(500, &ace.ResponseError{Reason: "a bad field"}, nil), "ERROR"},
		{"one that can't, with a status of its own", exchange(418, &ace.ResponseError{Reason: "a bad field"}, nil), "ERROR"},
		{"a stream that breaks off", exchange(200, &ace.ResponseError{Err: errBroken}, errBroken), "ERROR"},
		{"what a drain has cut", exchange(0, nil, ace.ErrServerClosed), "WARN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := lines(t, slog.LevelDebug, func(trace ace.Trace) { trace.ExchangeEnded(tt.event) })
			if len(got) != 1 || got[0]["level"] != tt.want {
				t.Fatalf("got %v, want one line of level %s", got, tt.want)
			}
			if fault, _ := got[0]["fault"].(string); (fault != "") != (tt.event.Fault != nil) {
				t.Errorf("the fault is told as %q", fault)
			}
			if stack, ok := got[0]["stack"]; ok != (tt.event.Fault == panicked) || ok && stack != "main.go:1" {
				t.Errorf("the stack is told as %v", stack)
			}
		})
	}
}

func TestWorkersThatPanicAreErrors(t *testing.T) {
	got := lines(t, slog.LevelWarn, func(trace ace.Trace) {
		trace.ConnectionClosed(ace.ConnectionEvent{Err: &ace.PanicError{Value: "x", Stack: []byte("main.go:1")}})
		trace.ConnectionClosed(ace.ConnectionEvent{Err: ace.ErrClientGone})
	})
	if len(got) != 1 || got[0]["level"] != "ERROR" || got[0]["stack"] != "main.go:1" {
		t.Errorf("got %v, want one error with the stack", got)
	}
}

// A machine without HTTP has no exchange that could be told of. What it can't send
// is a fault of this side all the same.
func TestFaultsOfMachinesWithoutHTTPAreErrors(t *testing.T) {
	fault := &ace.ResponseError{Reason: "a second head"}
	got := lines(t, slog.LevelDebug, func(trace ace.Trace) {
		trace.ConnectionClosed(ace.ConnectionEvent{Err: fault})
		trace.ConnectionClosed(ace.ConnectionEvent{Err: fault, Peer: raxx.Peer{Protocol: "HTTP/1.1"}})
		trace.ConnectionClosed(ace.ConnectionEvent{Err: &ace.AbortError{}})
	})
	if len(got) != 3 || got[0]["level"] != "ERROR" || got[1]["level"] != "DEBUG" || got[2]["level"] != "DEBUG" {
		t.Errorf("got %v", got)
	}
}

// What a client has sent stays on its line, and does not fill the disk.
func TestLongAndStrangePaths(t *testing.T) {
	var out bytes.Buffer
	trace := New(slog.New(slog.NewTextHandler(&out, nil)))
	e := exchange(404, nil, nil)
	e.Request.Path = "/\nlevel=ERROR\x1b[31m" + strings.Repeat("x", 10_000)
	trace.ExchangeEnded(e)
	if text := out.String(); strings.Count(text, "\n") != 1 || len(text) > 1000 || strings.Contains(text, "\x1b") {
		t.Errorf("got %q", text)
	}
}

func TestDefaultLogger(t *testing.T) {
	New(nil).ConnectionOpened(ace.ConnectionEvent{}) // which [slog.Default] is not enabled for
}

// Errors may repeat what a client has sent: those of package tls do so with all
// protocols that it has offered.
func TestLongErrors(t *testing.T) {
	long := errors.New(strings.Repeat("x", 10_000))
	for _, record := range lines(t, slog.LevelDebug, func(trace ace.Trace) {
		trace.HandshakeEnded(ace.HandshakeEvent{Err: long})
		trace.ExchangeEnded(exchange(400, long, long))
	}) {
		for _, name := range []string{"error", "fault"} {
			if text, _ := record[name].(string); len(text) > 1100 || len(text) == 0 && record["msg"] == "request" {
				t.Errorf("%s of %s has %d bytes", name, record["msg"], len(text))
			}
		}
	}
}

// The trace has every hook that there is.
func TestEveryHookIsThere(t *testing.T) {
	trace := reflect.ValueOf(New(nil))
	for i := range trace.NumField() {
		if trace.Field(i).IsNil() {
			t.Errorf("there is no hook %s", trace.Type().Field(i).Name)
		}
	}
}
