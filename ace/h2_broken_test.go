package ace_test

import (
	"errors"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// Who waits for a body is told at once of the rule that its client has broken on the
// stream, and so is the trace.
func TestH2StreamThatIsBroken(t *testing.T) {
	var told chan raxx.Reason
	var ended chan error
	config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e.Err }}}
	inFakeTime(t, config, func(req raxx.Request) raxx.Response {
		if req.Path == "/machine" {
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				if closed, ok := event.(raxx.Closed); ok {
					told <- closed.Reason
				}
				return nil
			}))
		}
		_, err := raxx.ReadAll(req.Body, 0)
		var fault *raxx.Error
		var protocol *ace.ProtocolError
		if !errors.As(err, &fault) || fault.Status != 400 || !errors.As(err, &protocol) || protocol.Section != "6.9" {
			t.Errorf("the body ends by %#v", err)
		}
		told <- raxx.Violated
		return hello(req)
	}, func(t *testing.T, c *client) {
		told, ended = make(chan raxx.Reason, 1), make(chan error, 1)
		p := c.h2Dial()
		for i, path := range []string{"/", "/machine"} {
			stream := uint32(2*i + 1)
			p.ask(stream, "POST "+path)
			synctest.Wait()
			begun := time.Now()
			p.frames.WriteWindowUpdate(stream, 0)
			if reason, took := <-told, time.Since(begun); reason != raxx.Violated || took > 0 {
				t.Errorf("%s: it was told %v after %v", path, reason, took)
			}
			var protocol *ace.ProtocolError
			if err := <-ended; !errors.As(err, &protocol) || protocol.Section != "6.9" {
				t.Errorf("%s: the trace was told of %v", path, err)
			}
			p.wantReset(stream, http2.ErrCodeProtocol)
		}
		p.wantAlive()
	})
}

// A machine need not wait, either, until a connection has lingered that was timed out.
func TestH2TimeOutIsToldAtOnce(t *testing.T) {
	var told chan raxx.Event
	inFakeTime(t, ace.Config{}, does(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Closed); ok {
			told <- event
		}
		return nil
	}), func(t *testing.T, c *client) {
		told = make(chan raxx.Event, 1)
		p := c.h2Dial()
		p.ask(1, "GET /")
		synctest.Wait()
		begun := time.Now()
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte{0x82}}) // and no end of it
		if got, took := <-told, time.Since(begun); got != raxx.Event(raxx.Closed{Reason: raxx.TimedOut}) || took.Round(time.Second) != 10*time.Second {
			t.Errorf("it was told %v after %v", got, took)
		}
	})
}

// The trace is told how the network says that a client has gone.
func TestH2TraceOfAReset(t *testing.T) {
	var closed chan error
	config := ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e.Err }}}
	inFakeTime(t, config, hello, func(t *testing.T, c *client) {
		closed = make(chan error, 1)
		p := c.h2Dial()
		p.ask(1, "GET /")
		p.want(1, "200", "hello")
		p.conn.(*memnet.Conn).Reset()
		if err := <-closed; !errors.Is(err, ace.ErrClientGone) || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the connection ended by %v", err)
		}
	})
}

// A handler that ends its goroutine costs its connection also if that goes on without
// it, since it takes long.
func TestH2ExitOfAHandlerThatTakesLong(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		ended, closed := make(chan ace.ExchangeEvent, 2), make(chan error, 2)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/exit" {
				time.Sleep(20 * time.Millisecond)
				runtime.Goexit()
			}
			return hello(req)
		}, ace.Config{Trace: ace.Trace{
			ExchangeEnded:    func(e ace.ExchangeEvent) { ended <- e },
			ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e.Err },
		}})
		c.h2Dial().ask(1, "GET /exit")
		var panicked *ace.PanicError
		if e := within(t, ended, "the trace is told of the exchange"); !errors.As(e.Fault, &panicked) || e.Err == nil {
			t.Errorf("the trace was told of the fault %v and the end %v", e.Fault, e.Err)
		}
		if err := within(t, closed, "the connection ends"); !errors.As(err, &panicked) {
			t.Errorf("the connection ended by %v", err)
		}
		if got := c.ask(ask{method: "GET", target: "/"}); got.body != "hello" {
			t.Errorf("behind it: %+v", got)
		}
	})
}
