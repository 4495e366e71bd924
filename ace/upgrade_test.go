package ace_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A machine may find out first whether it switches to another protocol.
func TestUpgradeByADeferredHead(t *testing.T) {
	var seen record
	h := deferred(&seen, func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.After{Delay: time.Second})
		case raxx.Timer:
			return parts(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "shout"}}}, raxx.Data("welcome "))
		case raxx.Data:
			return parts(raxx.Data(strings.ToUpper(string(event))))
		case raxx.Tail:
			return parts(raxx.Tail{})
		}
		return nil
	})
	serve(t, h, func(tc *testConn) {
		tc.send(get, "Upgrade: shout\r\nConnection: upgrade\r\n\r\nat once ")
		tc.wantNothing()
		tc.advance(time.Second)
		tc.wantUndated("HTTP/1.1 101 Switching Protocols\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\nwelcome AT ONCE ")
		tc.send("and later")
		tc.wantUndated("AND LATER")
		tc.halfClose()
		tc.wantClosed()
		wantSeen(t, &seen, "Open", "Timer ", "Data at once ", "Data and later", "Tail")
	})
}

// Over HTTP/2 it is the same (RFC 8441): what the client says early waits, and is
// no body that the client would have to go on with.
func TestH2UpgradeByADeferredHead(t *testing.T) {
	for name, early := range map[string]string{"a client that waits": "", "a client that does not": "at once "} {
		t.Run(name, func(t *testing.T) {
			var seen record
			h := deferred(&seen, func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					return parts(raxx.After{Delay: time.Minute})
				case raxx.Timer:
					return parts(raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "shout"}}}, raxx.Data("welcome "))
				case raxx.Data:
					return parts(raxx.Data(strings.ToUpper(string(event))))
				case raxx.Tail:
					return parts(raxx.Tail{})
				}
				return nil
			})
			inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
				seen.take()
				p := c.h2Dial()
				p.ask(1, "CONNECT /", ":protocol: shout")
				if early != "" {
					p.data(1, false, early)
				}
				p.wantAfter(time.Minute, "the tunnel is open", func() bool { return p.streams[1].body.Len() > 0 })
				p.data(1, true, "and later")
				p.want(1, "200", "welcome "+strings.ToUpper(early)+"AND LATER")
				want := []string{"Open", "Timer ", "Data at once ", "Data and later", "Tail"}
				if early == "" {
					want = append(want[:2], want[3:]...)
				}
				wantSeen(t, &seen, want...)
			})
		})
	}
}

// A machine that has not seen that it was asked for a tunnel opens none, either, when
// it answers later.
func TestH2TunnelThatNobodyMeant(t *testing.T) {
	var ended chan ace.ExchangeEvent
	config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended <- e }}}
	inFakeTime(t, config, func(req raxx.Request) raxx.Response {
		return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
			switch event.(type) {
			case raxx.Open:
				return parts(raxx.After{Delay: time.Second})
			case raxx.Timer:
				if req.Path == "/whole" {
					return parts(raxx.Text(200, "all"))
				}
				return parts(raxx.Response{Status: 299}, raxx.Data("a part"))
			}
			return nil
		}))
	}, func(t *testing.T, c *client) {
		ended = make(chan ace.ExchangeEvent, 1)
		p := c.h2Dial()
		p.ask(1, "CONNECT /whole", ":protocol: shout")
		p.until("the end of the reply", p.streams[1].done)
		if got, e := p.streams[1].status, <-ended; got != "501" || e.Status != 501 || e.Err != nil || e.Fault != nil {
			t.Errorf("a whole reply: got %s, and the trace %d, %v, %v", got, e.Status, e.Err, e.Fault)
		}
		p.ask(3, "CONNECT /", ":protocol: shout")
		p.until("the end of the reply", p.streams[3].done)
		var fault *ace.ResponseError
		if got, e := p.streams[3].status, <-ended; got != "500" || !errors.As(e.Fault, &fault) {
			t.Errorf("one in parts: got %s, and the trace %v", got, e.Fault)
		}
	})
}
