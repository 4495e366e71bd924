package ace_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// serveRaw runs a test against a machine on bare connections, in fake time.
func serveRaw(t *testing.T, do func(raxx.Event) []raxx.Part, test func(tc *testConn, seen *record, server *ace.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var seen record
		l := memnet.Listen()
		server := ace.New(hello, ace.Config{})
		served := make(chan error, 1)
		go func() {
			served <- server.ServeEndpoints(ace.Endpoint{Listener: l, Machine: raxx.NewMachine(diary{&seen, do}, diary.step)})
		}()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			conn.Close()
			server.Close()
			if err := <-served; err != nil {
				t.Errorf("ServeEndpoints returned %v", err)
			}
			time.Sleep(time.Second)
		}()
		test(&testConn{t: t, conn: conn.(*memnet.Conn), listener: l}, &seen, server)
	})
}

func TestRawMachine(t *testing.T) {
	shout := func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.Data("welcome\n"), raxx.After{Name: "silence", Delay: time.Minute}, raxx.Subscribe{Topic: "all"})
		case raxx.Data:
			return parts(raxx.Data(strings.ToUpper(string(event))), raxx.After{Name: "silence", Delay: time.Minute})
		case raxx.Timer:
			return parts(raxx.Data("you are so silent\n"), raxx.Publish{Topic: "all", Message: "somebody is silent"})
		case raxx.Info:
			return parts(raxx.Data(event.Message + "\n"))
		case raxx.Tail, raxx.Drain:
			return parts(raxx.Data("bye\n"), raxx.Tail{})
		}
		return nil
	}
	t.Run("speaks first, answers, waits, and ends behind the client's end", func(t *testing.T) {
		serveRaw(t, shout, func(tc *testConn, seen *record, _ *ace.Server) {
			tc.wantBytes("welcome\n")
			tc.send("hello\n")
			tc.wantBytes("HELLO\n")
			tc.advance(time.Minute + time.Second)
			tc.wantBytes("you are so silent\nsomebody is silent\n")
			tc.halfClose()
			tc.receive()
			if string(tc.got) != "bye\n" {
				t.Errorf("got %q", tc.got)
			}
			tc.got = nil
			tc.wantClosed()
			wantSeen(t, seen, "Open", "Data hello\n", "Timer silence", "Info all: somebody is silent", "Tail")
		})
	})
	t.Run("is told when the client has gone", func(t *testing.T) {
		serveRaw(t, nil, func(tc *testConn, seen *record, _ *ace.Server) {
			synctest.Wait()
			tc.conn.Reset()
			wantSeen(t, seen, "Open", "Closed the client has gone away")
		})
	})
	t.Run("is told of a drain, and of the end", func(t *testing.T) {
		serveRaw(t, nil, func(tc *testConn, seen *record, server *ace.Server) {
			synctest.Wait()
			go server.Close()
			wantSeen(t, seen, "Open", "Closed the server is closed")
		})
		serveRaw(t, shout, func(tc *testConn, seen *record, server *ace.Server) {
			tc.wantBytes("welcome\n")
			done := make(chan error, 1)
			go func() { done <- server.Shutdown(context.Background()) }()
			synctest.Wait()
			tc.receive()
			if string(tc.got) != "bye\n" {
				t.Errorf("got %q", tc.got)
			}
			tc.conn.Close()
			<-done
			wantSeen(t, seen, "Open", "Drain")
		})
	})
	t.Run("sends no HTTP", func(t *testing.T) {
		head := func(event raxx.Event) []raxx.Part { return parts(raxx.Response{Status: 200}) }
		serveRaw(t, head, func(tc *testConn, seen *record, _ *ace.Server) {
			wantSeen(t, seen, "Open", "Closed the reply can't be sent")
			tc.wantReset()
		})
	})
	t.Run("reads nothing while the client does not read", func(t *testing.T) {
		double := func(event raxx.Event) []raxx.Part {
			if data, ok := event.(raxx.Data); ok {
				return parts(raxx.Data(strings.Repeat("x", 100<<10)), raxx.Data(data))
			}
			return nil
		}
		serveRaw(t, double, func(tc *testConn, seen *record, _ *ace.Server) {
			tc.sendEach("a")
			tc.sendEach("b")
			wantSeen(t, seen, "Open", "Data a")
			tc.receive()
			wantSeen(t, seen, "Data b")
			tc.receive()
			if got := string(tc.got); len(got) != 2*(100<<10)+2 || !strings.HasSuffix(got, "xb") {
				t.Errorf("got %d bytes", len(got))
			}
		})
	})
}
