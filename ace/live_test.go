package ace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A record is what machines have written down.
type record struct {
	mu    sync.Mutex
	lines []string
}

func (r *record) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// take returns what was written since the last call.
func (r *record) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.lines
	r.lines = nil
	return lines
}

// A diary is the state of a machine that writes down what happens to it.
type diary struct {
	seen *record // shared with the test, which reads it when the machine waits
	do   func(raxx.Event) []raxx.Part
}

func (d diary) step(event raxx.Event) (diary, []raxx.Part) {
	line := fmt.Sprintf("%T", event)[len("raxx."):]
	switch event := event.(type) {
	case raxx.Data:
		line += " " + string(event)
	case raxx.Tail:
		for _, f := range event.Trailer {
			line += " " + f.Name + "=" + f.Value
		}
	case raxx.Info:
		line += " " + event.Topic + ": " + event.Message
	case raxx.Timer:
		line += " " + event.Name
	case raxx.Closed:
		line += " " + event.Reason.String()
	}
	d.seen.add(line)
	if d.do == nil {
		return d, nil
	}
	return d, d.do(event)
}

// wantSeen wants the machine to have seen these events, when there is nothing
// more to do.
func wantSeen(t *testing.T, seen *record, want ...string) {
	t.Helper()
	synctest.Wait()
	if d := cmp.Diff(want, seen.take()); d != "" {
		t.Errorf("the machine has seen:\n%s", d)
	}
}

// machineOf returns a handler whose machine answers events with do.
func machineOf(seen *record, do func(raxx.Event) []raxx.Part) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewMachine(diary{seen, do}, diary.step))
	}
}

// deferred is machineOf without a head.
func deferred(seen *record, do func(raxx.Event) []raxx.Part) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		return raxx.Defer(raxx.NewMachine(diary{seen, do}, diary.step))
	}
}

// parts makes a list of parts.
func parts(p ...raxx.Part) []raxx.Part { return p }

func TestMachineStreamsItsReply(t *testing.T) {
	var seen record
	tick := func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.Data("one"), raxx.After{Name: "two", Delay: time.Second})
		case raxx.Timer:
			return parts(raxx.Data(event.Name), raxx.Tail{})
		}
		return nil
	}
	serve(t, machineOf(&seen, tick), func(tc *testConn) {
		seen.take()
		tc.send(getOne)
		tc.wantUndated(headChunked + "3\r\none\r\n")
		tc.wantWrites(1)
		tc.advance(time.Second)
		tc.wantUndated("3\r\ntwo\r\n0\r\n\r\n")
		tc.wantWrites(1)
		wantSeen(t, &seen, "Open", "Timer two")
		tc.send(getOne) // the connection goes on
		tc.wantUndated(headChunked + "3\r\none\r\n")
	})
}

// headChunked is the head of a reply that a machine makes.
const headChunked = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"

// wantUndated is wantBytes for replies whose date does not matter.
func (tc *testConn) wantUndated(want string) {
	tc.t.Helper()
	tc.receive()
	if d := cmp.Diff(want, regexp.MustCompile("date: [^\r]*\r\n").ReplaceAllString(string(tc.got), "")); d != "" {
		tc.t.Error(d)
	}
	tc.got = nil
}

func TestMachineReadsTheBodyAsItComes(t *testing.T) {
	var seen record
	count := func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			return parts(raxx.Data("<" + event + ">"))
		case raxx.Tail:
			return parts(raxx.Tail{Trailer: raxx.Header{{Name: "x-sum", Value: "1"}}})
		}
		return nil
	}
	serve(t, machineOf(&seen, count), func(tc *testConn) {
		seen.take()
		tc.sendEach(postChunked, "3\r\nabc\r\n", "2\r\nde\r\n")
		wantSeen(t, &seen, "Open", "Data abc", "Data de")
		tc.sendEach("0\r\nx-in: 2\r\n\r\n" + getOne)
		wantSeen(t, &seen, "Tail x-in=2", "Open")
		tc.receive()
		if got := string(tc.got); !strings.Contains(got, "5\r\n<abc>\r\n4\r\n<de>\r\n0\r\nx-sum: 1\r\n\r\nHTTP/1.1 200 OK\r\n") {
			t.Errorf("got %q", got)
		}
	})
}

func TestMachineGetsWhatTheHandlerHasLeft(t *testing.T) {
	var seen record
	h := func(req raxx.Request) raxx.Response {
		for range req.Body.(raxx.Stream).Chunks() {
			break
		}
		return machineOf(&seen, nil)(req)
	}
	serve(t, h, func(tc *testConn) {
		seen.take()
		tc.sendEach(postChunked+"1\r\na\r\n", "1\r\nb\r\n0\r\n\r\n")
		wantSeen(t, &seen, "Open", "Data b", "Tail")
	})
	seen.take()
	serve(t, raxx.Complete(0)(machineOf(&seen, nil)), func(tc *testConn) {
		seen.take()
		tc.sendEach(postHello)
		wantSeen(t, &seen, "Open")
	})
}

func TestDeferredHead(t *testing.T) {
	for name, test := range map[string]struct {
		send []raxx.Part
		want string
	}{
		"then content": {
			parts(raxx.Response{Status: 202}, raxx.Data("later"), raxx.Tail{}),
			"HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n5\r\nlater\r\n0\r\n\r\n",
		},
		"of a known length": {
			parts(raxx.Response{Status: 200, Header: raxx.Header{{Name: "content-length", Value: "5"}}}, raxx.Data("later"), raxx.Tail{}),
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlater",
		},
		"with all of the reply": {
			parts(raxx.Response{Status: 200, Body: raxx.Data("all")}),
			"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nall",
		},
		"with a stream": {
			parts(raxx.Response{Status: 200, Body: raxx.NewStream(-1, chunks("a", "b"))}),
			"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
		},
		"behind early hints": {
			parts(raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a.css>"}}}, raxx.Response{Status: 204}, raxx.Tail{}),
			"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var seen record
			h := deferred(&seen, func(event raxx.Event) []raxx.Part {
				switch event.(type) {
				case raxx.Open:
					return parts(raxx.After{Delay: time.Second})
				case raxx.Timer:
					return test.send
				}
				return nil
			})
			serve(t, h, func(tc *testConn) {
				seen.take()
				tc.send(getOne)
				tc.wantNothing()
				tc.advance(time.Second)
				tc.wantUndated(test.want)
				wantSeen(t, &seen, "Open", "Timer ")
				tc.send(getOne)
				wantSeen(t, &seen, "Open")
			})
		})
	}
}

// What can't be sent is a fault of the machine: 500 before the head, and a reply
// that breaks off behind it.
func TestFaultsOfMachines(t *testing.T) {
	for name, test := range map[string]struct {
		before, after []raxx.Part // the head
		reason        string
	}{
		"content before the head":  {before: parts(raxx.Data("x")), reason: "Closed the reply can't be sent"},
		"an end without a head":    {before: parts(raxx.Tail{}), reason: "Closed the reply can't be sent"},
		"a head that splits":       {before: parts(raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: "b\r\nc"}}}), reason: "Closed the reply can't be sent"},
		"an interim status of 200": {before: parts(raxx.Inform{Status: 200}), reason: "Closed the reply can't be sent"},
		"an abort":                 {before: parts(raxx.Abort{}), after: parts(raxx.Abort{}), reason: "Closed the reply was broken off"},
		"a second head":            {after: parts(raxx.Response{Status: 200}), reason: "Closed the reply can't be sent"},
		"a request":                {after: parts(raxx.Get("/")), reason: "Closed the reply can't be sent"},
		"a forbidden trailer":      {after: parts(raxx.Tail{Trailer: raxx.Header{{Name: "host", Value: "x"}}}), reason: "Closed the reply can't be sent"},
		"a panic":                  {before: parts(nil), after: parts(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			var seen record
			var ended []ace.ExchangeEvent
			trace := ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { ended = append(ended, e) }}
			answer := func(list []raxx.Part) func(raxx.Event) []raxx.Part {
				return func(event raxx.Event) []raxx.Part {
					switch event.(type) {
					case raxx.Open:
						return parts(raxx.After{Delay: time.Second})
					case raxx.Timer:
						if list[0] == nil {
							panic("a fault")
						}
						return list
					}
					return nil
				}
			}
			want := []string{"Open", "Timer "}
			if test.reason != "" {
				want = append(want, test.reason)
			}
			if test.before != nil {
				serveWith(t, ace.Config{Trace: trace}, deferred(&seen, answer(test.before)), func(tc *testConn) {
					seen.take()
					ended = nil
					tc.send(getOne)
					tc.advance(time.Second)
					tc.wantReply(500, "*")
					wantSeen(t, &seen, want...)
					if len(ended) != 1 || ended[0].Fault == nil {
						t.Errorf("the trace says %v", ended)
					}
				})
			}
			if test.after != nil {
				seen.take()
				serveWith(t, ace.Config{Trace: trace}, machineOf(&seen, answer(test.after)), func(tc *testConn) {
					seen.take()
					tc.send(getOne)
					tc.advance(time.Second)
					tc.wantBroken(200, "")
					wantSeen(t, &seen, want...)
				})
			}
		})
	}
}

func TestClosedSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		send string
		do   func(tc *testConn, server *ace.Server)
		want []string
	}{
		"the client has gone": {getOne, func(tc *testConn, _ *ace.Server) { tc.conn.Close() }, []string{"Open", "Closed the client has gone away"}},
		"the client has gone within its body": {
			post + "Content-Length: 5\r\n\r\nhe", func(tc *testConn, _ *ace.Server) { tc.conn.Close() },
			[]string{"Open", "Data he", "Closed the client has gone away"},
		},
		"the body stands still": {
			post + "Content-Length: 5\r\n\r\nhe", func(tc *testConn, _ *ace.Server) { tc.advance(31 * time.Second) },
			[]string{"Open", "Data he", "Closed the client took too long"},
		},
		"the body is malformed": {postChunked + "3\r\nabc\r\n", func(tc *testConn, _ *ace.Server) { tc.send("x") }, []string{"Open", "Data abc", "Closed the client broke the protocol"}},
		"the server is closed":  {getOne, func(_ *testConn, server *ace.Server) { server.Close() }, []string{"Open", "Closed the server is closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			var seen record
			var server *ace.Server
			serveServer(t, ace.Config{}, machineOf(&seen, nil), &server, func(tc *testConn) {
				seen.take()
				tc.send(test.send)
				synctest.Wait()
				test.do(tc, server)
				wantSeen(t, &seen, test.want...)
			})
		})
	}
}

// What comes of a body goes to the machine alone, also where its handler has kept
// the body.
func TestMachineTakesTheBodyFromItsHandler(t *testing.T) {
	var seen record
	var body raxx.Body
	answer := machineOf(&seen, nil)
	handle := func(req raxx.Request) raxx.Response {
		body = req.Body
		return answer(req)
	}
	serve(t, handle, func(tc *testConn) {
		seen.take()
		tc.send(post, "Content-Length: 5\r\n\r\nhe")
		wantSeen(t, &seen, "Open", "Data he")
		if got, err := raxx.ReadAll(body, 0); !errors.Is(err, ace.ErrExchangeOver) {
			t.Errorf("got %q, %v", got, err)
		}
		tc.send("llo")
		wantSeen(t, &seen, "Data llo", "Tail")
	})
}

func TestMachineThatWaitsHasNoTimeLimit(t *testing.T) {
	var seen record
	serve(t, machineOf(&seen, nil), func(tc *testConn) {
		seen.take()
		tc.send(getOne)
		tc.wantUndated(headChunked)
		tc.advance(24 * time.Hour)
		tc.wantNothing()
		wantSeen(t, &seen, "Open")
	})
}

func TestDrainReachesMachines(t *testing.T) {
	var seen record
	var server *ace.Server
	farewell := func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Drain); ok {
			return parts(raxx.Data("bye"), raxx.Tail{})
		}
		return nil
	}
	serveServer(t, ace.Config{}, machineOf(&seen, farewell), &server, func(tc *testConn) {
		seen.take()
		tc.send(getOne)
		tc.wantUndated(headChunked)
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		wantSeen(t, &seen, "Open", "Drain")
		tc.receive()
		if got := string(tc.got); got != "3\r\nbye\r\n0\r\n\r\n" {
			t.Errorf("got %q", got)
		}
	})
}

func TestTopicsConnectMachines(t *testing.T) {
	var seen record
	h := func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: "news", Message: req.Query})
		}
		return raxx.Reply(200, "text/plain", raxx.NewMachine(diary{&seen, func(event raxx.Event) []raxx.Part {
			if info, ok := event.(raxx.Info); ok {
				return parts(raxx.Data(info.Message))
			}
			return nil
		}}, diary.step)).WithDo(raxx.Subscribe{Topic: "news"})
	}
	serve(t, h, func(tc *testConn) {
		seen.take()
		other := tc.dial()
		tc.send(getOne)
		tc.wantUndated(headChunked)
		other.send("POST /?a HTTP/1.1\r\n" + host + crlf)
		other.wantReply(204, "")
		tc.wantUndated("1\r\na\r\n")
		wantSeen(t, &seen, "Open", "Info news: a")
	})
}

// What no request has caused reaches machines by the server.
func TestServerPublishes(t *testing.T) {
	var seen record
	h := func(req raxx.Request) raxx.Response {
		m := machineOf(&seen, func(event raxx.Event) []raxx.Part {
			if info, ok := event.(raxx.Info); ok {
				return parts(raxx.Data(info.Message))
			}
			return nil
		})
		return m(req).WithDo(raxx.Subscribe{Topic: "news"})
	}
	var server *ace.Server
	serveServer(t, ace.Config{}, h, &server, func(tc *testConn) {
		seen.take()
		server.Publish("news", "too early")
		tc.send(getOne)
		tc.wantUndated(headChunked)
		server.Publish("olds", "b")
		server.Publish("news", "a")
		tc.wantUndated("1\r\na\r\n")
		wantSeen(t, &seen, "Open", "Info news: a")
	})
}

func TestEffectsThatNobodyCouldBeToldOf(t *testing.T) {
	h := func(raxx.Request) raxx.Response { return raxx.NoContent().WithDo(raxx.Subscribe{Topic: "a"}) }
	serve(t, h, func(tc *testConn) {
		tc.send(getOne)
		tc.wantReply(500, "*")
	})
}

func TestMachineIsNotRunForAHEAD(t *testing.T) {
	var seen record
	serve(t, machineOf(&seen, nil), func(tc *testConn) {
		seen.take()
		tc.send("HEAD / HTTP/1.1\r\n"+host+crlf, "HEAD / HTTP/1.1\r\n"+host+crlf)
		tc.wantReplyTo("HEAD", 200, "")
		tc.wantReplyTo("HEAD", 200, "")
		wantSeen(t, &seen)
	})
}

func TestUpgrade(t *testing.T) {
	var seen record
	shout := func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			return parts(raxx.Data(strings.ToUpper(string(event))))
		case raxx.Tail:
			return parts(raxx.Data("bye"), raxx.Tail{})
		}
		return nil
	}
	h := func(req raxx.Request) raxx.Response {
		if req.Header.Get("upgrade") != "shout" {
			return raxx.Text(200, "no upgrade")
		}
		return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "shout"}}, Body: raxx.NewMachine(diary{&seen, shout}, diary.step)}
	}
	serve(t, h, func(tc *testConn) {
		seen.take()
		tc.send(get + "Upgrade: shout\r\nConnection: keep-alive, Upgrade\r\n\r\nhello")
		tc.wantUndated("HTTP/1.1 101 Switching Protocols\r\nupgrade: shout\r\nconnection: upgrade\r\n\r\nHELLO")
		tc.send("GET / HTTP/1.1\r\n\r\n")
		tc.wantUndated("GET / HTTP/1.1\r\n\r\n")
		tc.advance(time.Hour)
		tc.halfClose()
		tc.receive()
		if string(tc.got) != "bye" {
			t.Errorf("got %q", tc.got)
		}
		tc.got = nil
		tc.wantClosed()
		wantSeen(t, &seen, "Open", "Data hello", "Data GET / HTTP/1.1\r\n\r\n", "Tail")
	})
	serve(t, h, func(tc *testConn) {
		seen.take()
		tc.send(get + "Upgrade: shout\r\n\r\n") // Connection does not name it
		tc.wantReply(200, "no upgrade")
		tc.send("GET / HTTP/1.0\r\nUpgrade: shout\r\nConnection: upgrade\r\n\r\n")
		tc.wantReply(200, "no upgrade")
	})
	serve(t, func(raxx.Request) raxx.Response {
		return raxx.Response{Status: 101, Body: raxx.NewMachine(diary{&seen, nil}, diary.step)}
	}, func(tc *testConn) {
		seen.take()
		tc.send(getOne)
		tc.wantReply(500, "*")
	})
}

// A client that does not read holds up its machine, and after a while is cut off.
func TestMachineWaitsForASlowClient(t *testing.T) {
	var seen record
	flood := func(event raxx.Event) []raxx.Part {
		return parts(raxx.Data(strings.Repeat("x", 32<<10)), raxx.After{Name: "more"})
	}
	serve(t, machineOf(&seen, flood), func(tc *testConn) {
		seen.take()
		tc.send(getOne)
		synctest.Wait()
		if n := len(seen.take()); n > 5 {
			t.Errorf("the machine took %d steps for a client that does not read", n)
		}
		tc.advance(29 * time.Second)
		wantSeen(t, &seen)
		tc.advance(2 * time.Second)
		wantSeen(t, &seen, "Closed the client took too long")
	})
}

func TestMailboxOverflows(t *testing.T) {
	var seen record
	h := func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: "t", Message: "m"}, raxx.Publish{Topic: "t", Message: "m"}, raxx.Publish{Topic: "t", Message: "m"})
		}
		return machineOf(&seen, func(event raxx.Event) []raxx.Part {
			if _, ok := event.(raxx.Open); ok {
				return parts(raxx.Data(strings.Repeat("x", 100<<10)))
			}
			return nil
		})(req).WithDo(raxx.Subscribe{Topic: "t"})
	}
	var told error // of the exchange that is cut
	config := ace.Config{MaxMailbox: 2, Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) {
		if e.Request.Method == "GET" {
			told = e.Err
		}
	}}}
	serveWith(t, config, h, func(tc *testConn) {
		seen.take()
		other := tc.dial()
		tc.send(getOne)
		synctest.Wait()
		other.send("POST / HTTP/1.1\r\n" + host + crlf)
		other.wantReply(204, "")
		if tc.receive(); tc.end == nil || bytes.HasSuffix(tc.got, []byte("0\r\n\r\n")) {
			t.Errorf("the reply of %d bytes ended with %v", len(tc.got), tc.end)
		}
		wantSeen(t, &seen, "Open", "Closed the mailbox is full")
		synctest.Wait()
		if !errors.Is(told, ace.ErrOverflow) {
			t.Errorf("the trace was told %v", told)
		}
	})
}

// chunks yields these.
func chunks(all ...string) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		for _, c := range all {
			if !yield([]byte(c), nil) {
				return
			}
		}
	}
}

// A note that nobody takes is a fault, wherever it stands.
func TestUntakenNotes(t *testing.T) {
	note := raxx.NewKey[int]("visits").Note(1)
	var seen record
	for name, h := range map[string]raxx.Handler{
		"a plain reply":            func(raxx.Request) raxx.Response { return raxx.NoContent().WithDo(note) },
		"a machine's first effect": func(req raxx.Request) raxx.Response { return machineOf(&seen, nil)(req).WithDo(note) },
		"a machine's part":         deferred(&seen, func(raxx.Event) []raxx.Part { return parts(note) }),
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, h, func(tc *testConn) {
				tc.send(getOne)
				tc.wantReply(500, "*")
			})
		})
	}
}
