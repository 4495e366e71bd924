package ace_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/raxx"
)

// A client that goes away is noticed at once, whatever its exchange does at the
// moment, whether or not its body was read.

// A goner is a client that goes away in the middle of an exchange.
type goner struct {
	conn net.Conn // below TLS
	tls  net.Conn // nil without
	peer *h2Peer  // nil over HTTP/1.1
}

// ways are those in which a client goes away.
var ways = map[string]func(g *goner){
	"closes": func(g *goner) {
		if g.tls != nil {
			g.tls.Close()
		}
		g.conn.Close()
	},
	"is closed below": func(g *goner) { g.conn.Close() },
	"resets": func(g *goner) {
		g.conn.(interface{ SetLinger(int) error }).SetLinger(0)
		g.conn.Close()
	},
	"gives its stream up": func(g *goner) { g.peer.cancel(1) },
}

// A doing is what an exchange does while its client goes away. It tells when it has
// got there, and what it has heard of the end.
type doing struct {
	name   string
	bodies []string // of the request; nil: all of them
	serve  func(req raxx.Request, there func(), heard func(any)) raxx.Response
	traced bool // it is the trace that hears of the end
}

func untilGone(req raxx.Request, heard func(any)) {
	<-req.Context().Done()
	heard(context.Cause(req.Context()))
}

func goneMachine(there func(), heard func(any), answers func(raxx.Event) []raxx.Part) raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event.(type) {
		case raxx.Closed:
			heard(event)
			return nil
		case raxx.Open:
			there()
		}
		return answers(event)
	})
}

var doings = []doing{
	{name: "a handler waits for its context", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		there()
		untilGone(req, heard)
		return hello(req)
	}},
	{name: "a handler waits behind a piece of the body", bodies: []string{"begun"}, serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		for range req.Body.(raxx.Stream).Chunks() {
			break
		}
		there()
		untilGone(req, heard)
		return hello(req)
	}},
	{name: "a handler reads the body", bodies: []string{"begun", "expected"}, serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		there()
		_, err := raxx.ReadAll(req.Body, 0)
		heard(err)
		return hello(req)
	}},
	{name: "a handler asks for its context when the body has broken off", bodies: []string{"begun", "expected"}, serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		there()
		raxx.ReadAll(req.Body, 0)
		heard(context.Cause(req.Context()))
		return hello(req)
	}},
	{name: "a stream waits for its context", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			yield([]byte("a"), nil)
			there()
			untilGone(req, heard)
		})}
	}},
	{name: "a stream breaks off with its context", traced: true, bodies: []string{"none", "whole"}, serve: func(req raxx.Request, there func(), _ func(any)) raxx.Response {
		return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			yield([]byte("a"), nil)
			there()
			<-req.Context().Done()
			yield(nil, errors.New("the database has hung up"))
		})}
	}},
	{name: "a handler fails with its context", traced: true, bodies: []string{"none", "whole"}, serve: func(req raxx.Request, there func(), _ func(any)) raxx.Response {
		there()
		<-req.Context().Done()
		return raxx.Problem(500, "").WithCause(req.Context().Err())
	}},
	{name: "a stream waits for its client", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		req.Scope.OnEnd(func(e raxx.Ending) { heard(e.Reason) })
		there()
		return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for yield([]byte(text(100000)), nil) {
			}
		})}
	}},
	{name: "a long reply waits for its client", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		req.Scope.OnEnd(func(e raxx.Ending) { heard(e.Reason) })
		there()
		return raxx.Text(200, text(1<<20))
	}},
	{name: "a machine waits", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Reply(200, "text/plain", goneMachine(there, heard, opening(raxx.Data("a"))))
	}},
	{name: "a machine waits with its head", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Defer(goneMachine(there, heard, opening()))
	}},
	{name: "a machine waits for its client", serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Reply(200, "text/plain", goneMachine(there, heard, func(raxx.Event) []raxx.Part {
			return parts(raxx.Data(text(100000)), raxx.After{})
		}))
	}},
	{name: "a tunnel waits", bodies: []string{"upgrade"}, serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "websocket"}}, Body: goneMachine(there, heard, func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Tail); ok {
				heard(event)
			}
			return nil
		})}
	}},
	{name: "a tunnel waits for its client", bodies: []string{"upgrade"}, serve: func(req raxx.Request, there func(), heard func(any)) raxx.Response {
		return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "websocket"}}, Body: goneMachine(there, heard, func(raxx.Event) []raxx.Part {
			return parts(raxx.Data(text(100000)), raxx.After{})
		})}
	}},
}

// send sends a request.
func (g *goner) send(t *testing.T, e goneEngine, over net.Conn, body string) {
	if !e.http2 {
		io.WriteString(over, map[string]string{
			"none":     get + crlf,
			"begun":    post + "content-length: 10\r\n\r\nhello",
			"whole":    post + "content-length: 5\r\n\r\nhello",
			"expected": post + "content-length: 5\r\nexpect: 100-continue\r\n\r\n",
			"upgrade":  get + "connection: upgrade\r\nupgrade: websocket\r\n\r\n",
		}[body])
		return
	}
	g.peer = newH2Peer(t, over)
	switch body {
	case "none":
		g.peer.ask(1, "GET /")
	case "begun":
		g.peer.ask(1, "POST /", "content-length: 10")
		g.peer.data(1, false, "hello")
	case "whole":
		g.peer.ask(1, "POST /", "content-length: 5")
		g.peer.data(1, true, "hello")
	case "expected":
		g.peer.ask(1, "POST /", "content-length: 5", "expect: 100-continue")
	case "upgrade":
		g.peer.ask(1, "CONNECT /", ":protocol: websocket")
	}
}

// leave plays an exchange whose client goes away, in memory and in fake time, and
// returns what it has heard before any time passed.
func (e goneEngine) leave(t *testing.T, d doing, body string, way func(*goner)) (heard any) {
	synctest.Test(t, func(t *testing.T) {
		there, told := make(chan bool, 1), make(chan any, 10)
		l := memnet.Listen()
		var where net.Listener = l
		if !e.turns {
			where = unknownListener{l}
		}
		config := ace.Config{}
		if d.traced {
			config.Trace.ExchangeEnded = func(e ace.ExchangeEvent) { told <- e.Err }
		}
		if e.tls {
			config.TLS = faultsTLS()
		}
		s := ace.New(func(req raxx.Request) raxx.Response {
			return d.serve(req, func() { there <- true }, func(v any) { told <- v })
		}, config)
		served := make(chan error, 1)
		go func() { served <- s.Serve(where) }()
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		g := &goner{conn: conn}
		over := conn
		if e.tls {
			c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{e.alpn()}})
			g.tls, over = c, c
		}
		g.send(t, e, over, body)
		within(t, there, "it goes on")
		synctest.Wait()
		if len(told) > 0 {
			t.Errorf("it heard %#v too early", <-told)
		}
		way(g)
		synctest.Wait()
		select {
		case heard = <-told:
		default:
		}
		conn.Close()
		s.Close()
		<-served
		time.Sleep(time.Second) // the server's timers stand still at their next tick
	})
	return heard
}

// A goneEngine is a way between such a client and its handler.
type goneEngine struct {
	engine
	turns bool // and no goroutine
}

func (e goneEngine) alpn() string {
	if e.http2 {
		return "h2"
	}
	return "http/1.1"
}

func TestContractClientIsMissedAtOnce(t *testing.T) {
	for _, e := range []goneEngine{
		{engine{name: "HTTP 1.1, by turns"}, true},
		{engine{name: "HTTP 1.1, on a goroutine"}, false},
		{engine{name: "HTTP 1.1 over TLS", tls: true}, false},
		{engine{name: "HTTP 2, by turns", http2: true}, true},
		{engine{name: "HTTP 2, on a goroutine", http2: true}, false},
		{engine{name: "HTTP 2 over TLS", http2: true, tls: true}, false},
	} {
		for _, d := range doings {
			bodies := d.bodies
			if bodies == nil {
				bodies = []string{"none", "begun", "whole", "expected"}
			}
			for _, body := range bodies {
				for name, way := range ways {
					if strings.HasPrefix(name, "gives") && !e.http2 {
						continue
					}
					t.Run(strings.Join([]string{e.name, d.name, "body " + body, "client " + name}, "; "), func(t *testing.T) {
						if heard := e.leave(t, d, body, way); !isClientGone(heard) {
							t.Errorf("heard %#v", heard)
						}
					})
				}
			}
		}
	}
}

// isClientGone reports whether this is how an exchange is told that its client has
// gone.
func isClientGone(heard any) bool {
	switch heard := heard.(type) {
	case error:
		return errors.Is(heard, ace.ErrClientGone)
	case raxx.Closed:
		return heard.Reason == raxx.ClientGone
	case raxx.Reason:
		return heard == raxx.ClientGone
	}
	_, ended := heard.(raxx.Tail) // of a tunnel, whose other direction may be open
	return ended
}
