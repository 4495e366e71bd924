package ace

import (
	"bytes"
	"crypto/tls"
	"errors"
	"os"
	"reflect"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/internal/memnet"
)

// Joined traces are told one after the other, of everything.
func TestJoinTraces(t *testing.T) {
	var told []string
	trace := func(name string) (trace Trace) {
		v := reflect.ValueOf(&trace).Elem()
		for _, field := range v.Fields() {
			field.Set(reflect.MakeFunc(field.Type(), func([]reflect.Value) []reflect.Value {
				told = append(told, name)
				return nil
			}))
		}
		return trace
	}
	joined := reflect.ValueOf(JoinTraces(trace("a"), Trace{}, trace("b"), trace("c")))
	for i := range joined.NumField() {
		told = nil
		joined.Field(i).Call([]reflect.Value{reflect.Zero(joined.Field(i).Type().In(0))})
		if diff := cmp.Diff([]string{"a", "b", "c"}, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", joined.Type().Field(i).Name, diff)
		}
	}
}

// A hook that nobody has set is nil, so that nothing is spent on it.
func TestJoinedTracesWithoutHooks(t *testing.T) {
	joined := reflect.ValueOf(JoinTraces(Trace{}, Trace{}))
	for i := range joined.NumField() {
		if !joined.Field(i).IsNil() {
			t.Errorf("%s is not nil", joined.Type().Field(i).Name)
		}
	}
}

// Every hook is shown in an example.
func TestEveryHookHasAnExample(t *testing.T) {
	examples, err := os.ReadFile("trace_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	hooks := reflect.TypeFor[Trace]()
	for field := range hooks.Fields() {
		if name := field.Name; !regexp.MustCompile(`\b` + name + `:`).Match(examples) {
			t.Errorf("no example shows %s", name)
		}
	}
}

// handshakes serves TLS in memory and in fake time, and returns what the trace
// was told of the handshake of a client.
func handshakes(t *testing.T, server *tls.Config, client func(s *Server, conn *memnet.Conn)) (event HandshakeEvent) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		told := make(chan HandshakeEvent, 1)
		s := New(hello, Config{TLS: server, Trace: Trace{HandshakeEnded: func(e HandshakeEvent) { told <- e }}})
		served := make(chan error, 1)
		go func() { served <- s.ServeEndpoints(Endpoint{Name: "web", Listener: l}) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		client(s, conn.(*memnet.Conn))
		event = <-told
		conn.Close()
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
	return event
}

func TestTraceTellsOfHandshakes(t *testing.T) {
	server, good := testTLS(t)
	e := handshakes(t, server, func(_ *Server, conn *memnet.Conn) {
		time.Sleep(time.Second)
		tls.Client(conn, good).Handshake()
	})
	if e.Err != nil || e.Endpoint != "web" || e.ServerName != "test" || e.Ended.Sub(e.Begun) != time.Second ||
		e.Peer.Address != "client" || e.Peer.TLS == nil || e.Peer.TLS.Version != "TLS 1.3" {
		t.Errorf("the trace was told %+v", e)
	}
	for _, tt := range []struct {
		name   string
		client func(*Server, *memnet.Conn)
		asked  string
		want   error
	}{
		{"a silent client", func(*Server, *memnet.Conn) { time.Sleep(time.Minute) }, "", ErrTimeout},
		{"a client that leaves", func(_ *Server, conn *memnet.Conn) { conn.Close() }, "", ErrClientGone},
		{"a client that is lost", func(_ *Server, conn *memnet.Conn) { conn.Reset() }, "", ErrClientGone},
		{"a client that does not know the certificate", func(_ *Server, conn *memnet.Conn) {
			tls.Client(conn, &tls.Config{ServerName: "test"}).Handshake()
		}, "test", tls.AlertError(42)},
		{"a server that is closed", func(s *Server, _ *memnet.Conn) { s.Close() }, "", ErrServerClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := handshakes(t, server, tt.client)
			if !errors.Is(e.Err, tt.want) && !isAlert(e.Err, tt.want) || e.Peer.TLS != nil || e.ServerName != tt.asked {
				t.Errorf("the trace was told %+v, want %v", e, tt.want)
			}
		})
	}
	e = handshakes(t, server, func(_ *Server, conn *memnet.Conn) { conn.Write([]byte(get)) })
	var protocol *ProtocolError
	if !errors.As(e.Err, &protocol) || protocol.Status != 400 {
		t.Errorf("of a client without TLS the trace was told %v", e.Err)
	}
	e = handshakes(t, server, func(_ *Server, conn *memnet.Conn) { conn.Write(bytes.Repeat([]byte{0}, 10)) })
	if record := (tls.RecordHeaderError{}); !errors.As(e.Err, &record) {
		t.Errorf("of a client that speaks something else the trace was told %v", e.Err)
	}
}

// isAlert reports whether err is an alert that a client has sent, if that is
// wanted. Which one it is may depend on the version of package tls.
func isAlert(err, want error) bool {
	var wanted tls.AlertError
	return errors.As(want, &wanted) && err != nil && regexp.MustCompile(`remote error: tls: .*certificate`).MatchString(err.Error())
}
