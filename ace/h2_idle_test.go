package ace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// Connections of HTTP/2 on which nothing goes on, or nothing more.

func TestH2IdleConnectionEnds(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.drain(10 * time.Second)
		p.ask(1, "GET /")
		p.want(1, "200", "hello")
		p.wantAfter(60*time.Second, "GOAWAY", func() bool { return len(p.goAways) > 0 })
		p.wantEnd(http2.ErrCodeNo)
	})
}

// The handlers of a connection that is broken need not wait until it has lingered.
func TestH2BrokenConnectionEndsItsExchanges(t *testing.T) {
	ended := make(chan error, 1)
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		<-req.Context().Done()
		ended <- context.Cause(req.Context())
		return hello(req)
	}, func(t *testing.T, c *client) {
		ended = make(chan error, 1)
		p := c.h2Dial()
		p.ask(1, "GET /")
		synctest.Wait()
		begun := time.Now()
		p.frames.WriteRawFrame(http2.FramePing, 0, 1, make([]byte, 8))
		var protocol *ace.ProtocolError
		if err := <-ended; !errors.As(err, &protocol) || time.Since(begun) > time.Second {
			t.Errorf("the context ended with %v after %v", err, time.Since(begun))
		}
		p.wantEnd(http2.ErrCodeProtocol)
	})
}

// RFC 9113, Section 6.8: a client that is about to leave is served for as long as it
// goes on asking, and is told that the connection ends.
func TestH2GoAwayOfTheClient(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.drain(10 * time.Second)
		p.frames.WriteGoAway(0, http2.ErrCodeNo, nil)
		p.drain(300 * time.Millisecond)
		p.ask(1, "POST /")
		p.drain(time.Second)
		p.data(1, true, "x")
		p.want(1, "200", "hello")
		p.drain(300 * time.Millisecond)
		p.ask(3, "GET /")
		p.want(3, "200", "hello")
		p.drain(300 * time.Millisecond)
		p.wantAlive()
		p.drain(300 * time.Millisecond)
		p.wantEnd(http2.ErrCodeNo)
		if len(p.goAways) != 1 || p.goAways[0].LastStreamID != 3 {
			t.Errorf("the client was told %v", p.goAways)
		}
	})
}

func TestH2WaitingMachineKeepsItsConnection(t *testing.T) {
	inFakeTime(t, ace.Config{}, does(func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Open:
			return []raxx.Part{raxx.Data("a"), raxx.After{Delay: time.Hour}}
		case raxx.Timer:
			return []raxx.Part{raxx.Tail{}}
		}
		return nil
	}), func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "GET /")
		p.wantAfter(time.Hour, "the end of the reply", p.streams[1].done)
		p.want(1, "200", "a")
	})
}
