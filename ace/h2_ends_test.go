package ace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What comes to its end over HTTP/2, or to nothing.

// A CONNECT is refused as over HTTP/1.1, and no handler sees it.
func TestH2ConnectReachesNoHandler(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		var called atomic.Int32
		p := e.newClient(t, func(req raxx.Request) raxx.Response {
			called.Add(1)
			return hello(req)
		}, ace.Config{}).h2Dial()
		p.streams[1] = &h2Stream{window: 65535}
		p.encoder.WriteField(hpack.HeaderField{Name: ":method", Value: "CONNECT"})
		p.encoder.WriteField(hpack.HeaderField{Name: ":authority", Value: "t.example:443"})
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: p.block.Bytes()})
		p.until("the end of the reply", p.streams[1].done)
		if s := p.streams[1]; s.status != "501" || !strings.Contains(s.body.String(), "no proxy (RFC 9113, 8.5)") {
			t.Errorf("got %s %q", s.status, s.body.String())
		}
		if n := called.Load(); n > 0 {
			t.Errorf("%d handlers were called", n)
		}
		p.wantAlive()
	})
}

// What a client says of its scheme does not make a connection a secure one, nor
// the other way round.
func TestH2SchemeIsThatOfTheConnection(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		p := e.newClient(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Scheme) }, ace.Config{}).h2Dial()
		want := map[bool]string{true: "https", false: "http"}[e.tls]
		for i, scheme := range []string{"http", "https", "coap"} {
			id := uint32(2*i + 1)
			p.streams[id] = &h2Stream{window: 65535}
			p.block.Reset()
			for name, value := range map[string]string{":method": "GET", ":scheme": scheme, ":authority": "t.example", ":path": "/"} {
				p.encoder.WriteField(hpack.HeaderField{Name: name, Value: value})
			}
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true, EndStream: true, BlockFragment: p.block.Bytes()})
			p.want(id, "200", want)
		}
	})
}

// A machine that takes over a request which asks for no other protocol is no reply
// (RFC 9113, Section 8.6: there is no 101).
func TestH2SwitchThatNobodyAskedFor(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		faults := make(chan error, 1)
		p := e.newClient(t, func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "chat"}}, Body: reacts(opening(raxx.Data("hi")))}
		}, ace.Config{Trace: ace.Trace{ExchangeEnded: func(e ace.ExchangeEvent) { faults <- e.Fault }}}).h2Dial()
		p.ask(1, "GET /")
		p.until("the end of the reply", p.streams[1].done)
		if got := p.streams[1].status; got != "500" {
			t.Errorf("got %s", got)
		}
		var fault *ace.ResponseError
		if err := within(t, faults, "the trace is told"); !errors.As(err, &fault) || !strings.Contains(err.Error(), "101") {
			t.Errorf("the fault is %v", err)
		}
	})
}

// A body that was read to its end is not there a second time: that is no empty one.
func TestH2BodyIsReadOnce(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		p := e.newClient(t, func(req raxx.Request) raxx.Response {
			first, err := raxx.ReadAll(req.Body, 0)
			_, again := raxx.ReadAll(req.Body, 0)
			return raxx.Text(200, fmt.Sprintf("%s %v %v", first, err, errors.Is(again, ace.ErrBodyRead)))
		}, ace.Config{}).h2Dial()
		p.ask(1, "POST /")
		p.data(1, true, "hello")
		p.want(1, "200", "hello <nil> true")
	})
}

// A stream that is given up takes nothing of a chunk along that its handler has
// back: it is reset before.
func TestH2ChunkIsLetGoOf(t *testing.T) {
	var release chan bool
	chunks := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		chunk := []byte(text(100000))
		for yield(chunk, nil) {
		}
		copy(chunk, strings.Repeat("!", len(chunk)))
		<-release
	})
	inFakeTime(t, ace.Config{}, body(chunks), func(t *testing.T, c *client) {
		release = make(chan bool)
		defer close(release)
		p := c.h2Dial(narrow(1000))
		p.ask(1, "GET /")
		p.until("the first octets", func() bool { return p.streams[1].body.Len() == 1000 })
		p.drain(40 * time.Second)
		p.wantReset(1, http2.ErrCodeCancel) // whatever the handler does meanwhile
		p.frames.WriteWindowUpdate(1, 10000)
		p.wantAlive()
		if got := p.streams[1].body.String(); got != text(100000)[:1000] {
			t.Errorf("%d octets came: %s", len(got), brief(got))
		}
	})
}

// Nobody opens a window behind the end of what a client sends: what waits for one
// ends at once.
func TestH2HalfCloseEndsWhatWaitsForAWindow(t *testing.T) {
	for name, setting := range map[string]http2.Setting{"of the stream": narrow(1000), "of the connection": narrow(1 << 30)} {
		t.Run(name, func(t *testing.T) {
			var ends chan raxx.Ending
			inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
				req.Scope.OnEnd(func(e raxx.Ending) { ends <- e })
				return raxx.Text(200, text(large))
			}, func(t *testing.T, c *client) {
				ends = make(chan raxx.Ending, 1)
				p := c.h2Dial(setting)
				p.lazy = true
				p.ask(1, "GET /")
				p.drain(time.Second)
				begun := time.Now()
				p.conn.(interface{ CloseWrite() error }).CloseWrite()
				if got := <-ends; got.Reason != raxx.ClientGone || time.Since(begun) > time.Second {
					t.Errorf("%v after %v", got, time.Since(begun))
				}
			})
		})
	}
}

// A connection on which nothing goes on has no error at its end, whoever ends it.
func TestH2ConnectionsThatEndWell(t *testing.T) {
	for name, ends := range map[string]func(*h2Peer){
		"the client": func(p *h2Peer) { p.conn.Close() },
		"the server": func(p *h2Peer) { p.drain(2 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			var closed chan ace.ConnectionEvent
			inFakeTime(t, ace.Config{Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e }}}, hello, func(t *testing.T, c *client) {
				closed = make(chan ace.ConnectionEvent, 1)
				p := c.h2Dial()
				p.ask(1, "GET /")
				p.want(1, "200", "hello")
				ends(p)
				if got := <-closed; got.Err != nil || got.Requests != 1 {
					t.Errorf("the trace was told %+v", got)
				}
			})
		})
	}
}

// A client that fetches its replies late is served further at once, also while
// nothing on its connection has a time limit.
func TestH2RequestsBehindRepliesThatWereNotFetched(t *testing.T) {
	var release chan bool
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		if req.Path == "/wait" {
			<-release
		}
		return raxx.NoContent().With("x", strings.Repeat("x", 20000))
	}, func(t *testing.T, c *client) {
		release = make(chan bool)
		defer close(release)
		p := c.h2Dial()
		p.ask(1, "GET /wait")
		var requests bytes.Buffer
		frames := p.frames
		p.frames = http2.NewFramer(&requests, nil)
		for i := range 200 {
			p.ask(uint32(2*i+3), "GET /", "x: "+strings.Repeat("x", 5000))
		}
		p.frames = frames
		go p.conn.Write(requests.Bytes())
		time.Sleep(time.Second)
		begun := time.Now()
		for i := range 200 {
			p.want(uint32(2*i+3), "204", "")
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A reply whose client half closes, reads no more, and goes then has an end, too.
func TestH2HalfCloseBehindWhichTheClientGoes(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		ends, told := make(chan raxx.Ending, 1), make(chan error, 1)
		p := e.newClient(t, func(req raxx.Request) raxx.Response {
			context.AfterFunc(req.Context(), func() { told <- context.Cause(req.Context()) })
			req.Scope.OnEnd(func(e raxx.Ending) { ends <- e })
			return raxx.Text(200, text(64<<20))
		}, ace.Config{}).h2Dial()
		p.ask(1, "GET /")
		p.until("the head", func() bool { return p.streams[1].status != "" })
		p.conn.(interface{ CloseWrite() error }).CloseWrite()
		if err := within(t, told, "the context ends"); !errors.Is(err, ace.ErrClientGone) {
			t.Errorf("the context ended with %v", err)
		}
		p.conn.Close()
		if got := within(t, ends, "the end is told"); got.Reason != raxx.ClientGone {
			t.Errorf("got %v", got)
		}
	})
}

// A client that has closed the direction in which it sends, and may be gone, is
// waited for as long as one that takes nothing.
func TestH2HalfCloseIsNotForEver(t *testing.T) {
	var release chan bool
	inFakeTime(t, ace.Config{}, func(raxx.Request) raxx.Response {
		<-release // whatever its context says
		return raxx.Text(200, "late")
	}, func(t *testing.T, c *client) {
		release = make(chan bool)
		defer close(release)
		p := c.h2Dial()
		p.ask(1, "GET /")
		p.wantAlive()
		p.conn.(interface{ CloseWrite() error }).CloseWrite()
		begun := time.Now()
		p.patient = time.Minute
		p.wantEnd(http2.ErrCodeNo)
		if took := time.Since(begun); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// RFC 9110, Section 10.1.1: a client that waits to be asked for its body is asked at
// once by a machine, also by one that has nothing to say yet.
func TestH2MachineAsksForTheBody(t *testing.T) {
	for name, begins := range map[string]func(raxx.Machine) raxx.Response{
		"with a head":            func(m raxx.Machine) raxx.Response { return raxx.Response{Status: 200, Body: m} },
		"with a head to be sent": raxx.Defer,
	} {
		t.Run(name, func(t *testing.T) {
			echo := reacts(func(event raxx.Event) []raxx.Part {
				if data, ok := event.(raxx.Data); ok && name == "with a head" {
					return []raxx.Part{data, raxx.Tail{}}
				} else if ok {
					return []raxx.Part{raxx.Response{Status: 200, Body: data}}
				}
				return nil
			})
			inFakeTime(t, ace.Config{}, func(raxx.Request) raxx.Response { return begins(echo) }, func(t *testing.T, c *client) {
				p := c.h2Dial()
				p.ask(1, "POST /", "expect: 100-continue")
				p.until("it is asked for", func() bool { return len(p.streams[1].informs) > 0 })
				p.data(1, true, "hello")
				p.want(1, "200", "hello")
				if got := fmt.Sprint(p.streams[1].informs); got != "[100]" {
					t.Errorf("the interim replies are %s", got)
				}
			})
		})
	}
}

// What comes while the content waits for a window takes nothing off what was sent.
func TestH2EndCountsWhatWaited(t *testing.T) {
	var ends chan raxx.Ending
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		req.Scope.OnEnd(func(e raxx.Ending) { ends <- e })
		return raxx.Text(200, "hello")
	}, func(t *testing.T, c *client) {
		ends = make(chan raxx.Ending, 1)
		p := c.h2Dial(narrow(0))
		p.ask(1, "POST /")
		p.until("the head", func() bool { return p.streams[1].status != "" })
		p.block.Reset()
		p.encoder.WriteField(hpack.HeaderField{Name: "x-trailer", Value: "1"})
		p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndStream: true, EndHeaders: true, BlockFragment: p.block.Bytes()})
		p.wantAlive()
		p.frames.WriteWindowUpdate(1, 100)
		p.want(1, "200", "hello")
		if got, want := <-ends, (raxx.Ending{Status: 200, Content: 5}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// What a drain has waited for, it waits to be told, too: here of an exchange whose
// connection ends while the trace is told of it.
func TestH2ShutdownWaitsForWhatIsTold(t *testing.T) {
	for _, e := range engines {
		if !e.http2 || !e.memory {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release, ended, done := make(chan bool), make(chan raxx.Ending, 1), make(chan error, 1)
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					req.Scope.OnEnd(func(ending raxx.Ending) { ended <- ending })
					return hello(req)
				}, ace.Config{Trace: ace.Trace{ExchangeEnded: func(ace.ExchangeEvent) { <-release }}})
				p := c.h2Dial()
				p.ask(1, "GET /")
				synctest.Wait()
				p.conn.Close()
				synctest.Wait()
				go func() { done <- c.server.Shutdown(t.Context()) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Errorf("Shutdown returned %v while the trace was being told", err)
				default:
				}
				close(release)
				synctest.Wait()
				select {
				case err := <-done:
					if err != nil || len(ended) != 1 {
						t.Errorf("Shutdown returned %v, and of %d ends the handler was told", err, len(ended))
					}
				default:
					t.Error("Shutdown does not return")
				}
			})
		})
	}
}

// What goes on when a connection is broken ends at once, though that lingers: a reply
// that the client has not taken, and a machine that has had its turn just then, so that
// it would have waited for the next.
func TestH2EndsThatDoNotWaitForATurn(t *testing.T) {
	const stepsOfATurn = 64
	var begun, blocks chan bool
	var told chan raxx.Event
	handler := func(req raxx.Request) raxx.Response {
		if req.Path == "/large" {
			req.Scope.OnEnd(func(e raxx.Ending) { told <- raxx.Closed{Reason: e.Reason} })
			return raxx.Text(200, text(large))
		}
		steps := 0
		return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			switch event.(type) {
			case raxx.Open:
				return parts(raxx.Subscribe{Topic: "t"}, raxx.Data("x"))
			case raxx.Info:
				if steps++; steps == 1 || steps == stepsOfATurn {
					begun <- true
					<-blocks
				}
			case raxx.Closed:
				told <- event
			}
			return nil
		})}
	}
	for _, path := range []string{"/large", "/machine"} {
		t.Run(path, func(t *testing.T) {
			inFakeTime(t, ace.Config{}, handler, func(t *testing.T, c *client) {
				begun, blocks, told = make(chan bool), make(chan bool), make(chan raxx.Event, 1)
				p := c.h2Dial(narrow(1000))
				p.ask(1, "GET "+path)
				p.until("some content", func() bool { return p.streams[1].body.Len() > 0 })
				synctest.Wait()
				if path == "/machine" {
					c.server.(*ace.Server).Publish("t", "first")
					<-begun
					for range stepsOfATurn - 1 {
						c.server.(*ace.Server).Publish("t", "more")
					}
					blocks <- true
					<-begun
				}
				since := time.Now()
				io.WriteString(p.conn, strings.Repeat("\x00", 9)) // DATA on stream 0
				synctest.Wait()
				close(blocks)
				if got, took := <-told, time.Since(since); got != raxx.Event(raxx.Closed{Reason: raxx.Violated}) || took > 0 {
					t.Errorf("it was told %#v after %v", got, took)
				}
			})
		})
	}
}

// A reply that says connection: close ends the connection in two steps, and the other
// streams go on: they are told of no drain.
func TestH2ConnectionClose(t *testing.T) {
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/close":
			return hello(req).With("connection", "close")
		case "/wait":
			return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
				switch event.(type) {
				case raxx.Open:
					return parts(raxx.After{Delay: time.Hour})
				case raxx.Timer:
					return parts(raxx.Data("bye"), raxx.Tail{})
				}
				return parts(raxx.Data("an event"))
			}))
		}
		return hello(req)
	}, func(t *testing.T, c *client) {
		p, deaf := c.h2Dial(), c.h2Dial()
		p.ask(1, "GET /wait")
		p.ask(3, "GET /close")
		p.want(3, "200", "hello")
		p.ask(5, "GET /") // before it can know
		p.want(5, "200", "hello")
		p.drain(time.Second)
		if len(p.goAways) != 2 || p.goAways[0].LastStreamID != 1<<31-1 || p.goAways[1] != (goAway{LastStreamID: 5}) {
			t.Errorf("got %v", p.goAways)
		}
		p.patient = 2 * time.Hour
		p.want(1, "200", "bye")
		p.wantEnd(http2.ErrCodeNo)
		// One that says nothing more is not waited for until it is idle.
		deaf.ask(1, "GET /close")
		begun := time.Now()
		time.Sleep(time.Second)
		deaf.wantEnd(http2.ErrCodeNo)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// The end of a reply that waits for its client is told when the connection is at its
// end, and not when it has lingered.
func TestH2EndOfWhatWaitedIsToldAtOnce(t *testing.T) {
	var told []time.Time
	config := ace.Config{Trace: ace.Trace{ExchangeEnded: func(ace.ExchangeEvent) { told = append(told, time.Now()) }}}
	long := func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", 100_000)) }
	inFakeTime(t, config, long, func(t *testing.T, c *client) {
		told = nil
		p := c.h2Dial(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
		p.lazy = true // and so does not open the window of the connection
		p.ask(1, "GET /")
		synctest.Wait()
		begun := time.Now()
		io.WriteString(p.conn, strings.Repeat("\x00", 9)) // DATA on stream 0
		for p.wantEnd(http2.ErrCodeProtocol); time.Since(begun) < 10*time.Second; time.Sleep(time.Second) {
			p.conn.Write([]byte("x")) // for which the server lingers
		}
		synctest.Wait()
		if len(told) != 1 || !told[0].Equal(begun) {
			t.Errorf("told %v, want %v", told, begun)
		}
	})
}

// A client that half closes gets all of a reply that its machine has ended.
func TestH2EndOfAMachineThatHalfClosedClientsTake(t *testing.T) {
	piece := strings.Repeat("x", 200_000)
	h := func(raxx.Request) raxx.Response {
		return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
			if _, opens := event.(raxx.Open); opens {
				return []raxx.Part{raxx.Data(piece), raxx.Data(piece), raxx.Tail{}}
			}
			return nil
		})}
	}
	inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "GET /")
		synctest.Wait()
		p.conn.(interface{ CloseWrite() error }).CloseWrite()
		synctest.Wait()
		p.want(1, "200", piece+piece)
	})
}

// The GOAWAY that says why comes behind the reply that was on its way, also to a client
// that has not read yet.
func TestH2GoAwayBehindWhatIsOnItsWay(t *testing.T) {
	for _, unread := range []int{100_000, 1 << 20, 24 << 20} {
		reply := strings.Repeat("x", unread)
		h := func(raxx.Request) raxx.Response { return raxx.Text(200, reply) }
		t.Run(fmt.Sprint(unread), func(t *testing.T) {
			inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
				p := c.h2Dial()
				p.ask(1, "GET /")
				synctest.Wait()
				io.WriteString(p.conn, strings.Repeat("\x00", 9)) // DATA on stream 0
				synctest.Wait()
				p.wantEnd(http2.ErrCodeProtocol)
			})
			onHTTP2(t, func(t *testing.T, e engine) {
				ended := make(chan struct{}, 1)
				hook := func(ace.ExchangeEvent) { ended <- struct{}{} }
				c := e.newClient(t, h, ace.Config{Trace: ace.Trace{ExchangeEnded: hook}})
				p := c.h2Dial()
				p.ask(1, "GET /")
				p.until("the head of the reply", func() bool { return p.streams[1].status != "" })
				io.WriteString(p.conn, strings.Repeat("\x00", 9))
				<-ended
				p.wantEnd(http2.ErrCodeProtocol)
			})
		})
	}
}

// It also comes to a client that takes what was on its way in more time than the server
// lingers for, but goes on taking it.
func TestH2GoAwayForASlowReader(t *testing.T) {
	h := func(raxx.Request) raxx.Response { return raxx.Text(200, strings.Repeat("x", 1<<20)) }
	inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "GET /")
		synctest.Wait()
		io.WriteString(p.conn, strings.Repeat("\x00", 9)) // DATA on stream 0
		var came bytes.Buffer
		for err := error(nil); err == nil; time.Sleep(time.Second / 2) {
			_, err = io.CopyN(&came, p.conn, 8<<10)
		}
		p.in.Reset(&came)
		p.wantEnd(http2.ErrCodeProtocol)
	})
}
