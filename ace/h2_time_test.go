package ace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// What happens over HTTP/2 when time passes.

// narrow gives every stream a window of n octets.
func narrow(n uint32) http2.Setting {
	return http2.Setting{ID: http2.SettingInitialWindowSize, Val: n}
}

// wantAfter reads until the condition holds, and wants that to take so long.
func (p *h2Peer) wantAfter(d time.Duration, what string, holds func() bool) {
	p.Helper()
	begun := time.Now()
	p.patient = 2 * d
	p.until(what, holds)
	if took := time.Since(begun); took < d-d/100 || took > d+d/3 {
		p.Errorf("it took %v: %s, want %v", took, what, d)
	}
}

func TestH2StalledStreamIsCut(t *testing.T) {
	waiting := reacts(opening(raxx.Data("a")))
	for name, h := range map[string]raxx.Handler{
		"data":    body(raxx.Data(text(large))),
		"stream":  body(raxxtest.Chunks("a", text(100000), "b")),
		"machine": does(opening(raxx.Data(text(100000)), raxx.Data("b"), raxx.Tail{})),
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
				switch req.Path {
				case "/":
					return hello(req)
				case "/wait":
					return raxx.Reply(200, "text/plain", waiting)
				}
				return h(req)
			}, func(t *testing.T, c *client) {
				p := c.h2Dial(narrow(1000))
				p.ask(1, "GET /wait") // another exchange that goes on must not hide it
				p.ask(3, "GET /large")
				p.until("the first octets", func() bool { return p.streams[3].body.Len() == 1000 })
				p.wantAfter(30*time.Second, "the stream is cut", func() bool { return p.streams[3].gone })
				p.wantReset(3, http2.ErrCodeCancel)
				p.ask(5, "GET /")
				p.want(5, "200", "hello")
				if p.streams[1].done() {
					t.Error("the other exchange has ended, too")
				}
			})
		})
	}
}

// An exchange is over when the client has taken its reply, and not before; the
// context says so, too. One that will never be taken has an end as well.
func TestH2ReplyEndsWhenItIsTaken(t *testing.T) {
	type end struct {
		ending raxx.Ending
		at     time.Time
	}
	for name, test := range map[string]struct {
		does func(*h2Peer)
		want raxx.Reason
		took time.Duration // from the beginning
	}{
		"taken":        {func(p *h2Peer) { p.frames.WriteWindowUpdate(1, 1<<20) }, 0, 2 * time.Second},
		"reset":        {func(p *h2Peer) { p.cancel(1) }, raxx.ClientGone, 2 * time.Second},
		"disconnected": {func(p *h2Peer) { p.conn.Close() }, raxx.ClientGone, 2 * time.Second},
		"left there":   {func(*h2Peer) {}, raxx.TimedOut, 30 * time.Second},
	} {
		for kind, content := range map[string]raxx.Body{
			"data":        raxx.Data(text(large)),
			"a file":      raxx.NewFile(fstest.MapFS{"a": {Data: []byte(text(large))}}, "a"),
			"a stream":    raxx.NewStream(large, raxx.Chunks(raxx.Data(text(large)))),
			"two pieces":  reacts(opening(raxx.Data(text(large/2)), raxx.Data(text(large/2)), raxx.Tail{})),
			"and an end":  reacts(opening(raxx.Data(text(large)), raxx.Tail{})),
			"and trailer": reacts(opening(raxx.Data(text(large)), raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "y"}}})),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				var ends chan end
				var ctx context.Context
				inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
					ctx = req.Context()
					req.Scope.OnEnd(func(e raxx.Ending) { ends <- end{e, time.Now()} })
					return raxx.Reply(200, "text/plain", content)
				}, func(t *testing.T, c *client) {
					ends = make(chan end, 1)
					p := c.h2Dial(narrow(1000))
					begun := time.Now()
					p.ask(1, "GET /")
					p.until("the first octets", func() bool { return p.streams[1].body.Len() == 1000 })
					time.Sleep(2 * time.Second)
					synctest.Wait()
					if len(ends) > 0 || ctx.Err() != nil {
						t.Error("it is over, and has not been taken")
					}
					test.does(p)
					p.drain(time.Minute)
					got := <-ends
					if took := got.at.Sub(begun); got.ending.Reason != test.want || took < test.took || took > test.took*4/3 {
						t.Errorf("%v after %v, want %v after %v", got.ending, took, test.want, test.took)
					}
					if _, live := content.(raxx.Machine); !live && (got.ending.Content == large) != (test.want == 0) {
						t.Errorf("%d octets", got.ending.Content)
					}
					if s := p.streams[1]; test.want == 0 && (!s.ended || s.body.Len() != large) {
						t.Errorf("%d octets came, the end: %v", s.body.Len(), s.ended)
					}
					if ctx.Err() == nil {
						t.Error("the context goes on")
					}
				})
			})
		}
	}
}

// Nor is it an excuse that there was never anything to write.
func TestH2StreamWithoutAWindowIsCut(t *testing.T) {
	late := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		<-time.After(time.Second)
		yield([]byte("a"), nil)
	})
	inFakeTime(t, ace.Config{}, body(late), func(t *testing.T, c *client) {
		p := c.h2Dial(narrow(0))
		p.ask(1, "GET /")
		p.until("the head", func() bool { return p.streams[1].status != "" })
		p.wantAfter(31*time.Second, "the stream is cut", func() bool { return p.streams[1].gone })
		p.wantReset(1, http2.ErrCodeCancel)
	})
}

// A handler may take its time, before its reply and within it: that is no fault of the
// client.
func TestH2HandlersMayTakeTheirTime(t *testing.T) {
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		if req.Path == "/before" {
			time.Sleep(10 * time.Minute)
			return hello(req)
		}
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			_ = yield([]byte("hel"), nil)
			time.Sleep(10 * time.Minute)
			yield([]byte("lo"), nil)
		}))
	}, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.patient = time.Hour
		p.ask(1, "GET /before")
		p.ask(3, "GET /within")
		p.ask(5, "POST /before")
		p.data(5, false, "a")
		p.want(1, "200", "hello")
		p.want(3, "200", "hello")
		p.want(5, "200", "hello")
	})
}

// The window of the connection is no excuse either; one that is opened by a few
// octets now and then is none, too.
func TestH2StalledConnectionIsCut(t *testing.T) {
	for name, trickle := range map[string]uint32{"never opened": 0, "opened by an octet": 1} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, ace.Config{}, body(raxx.Data(text(large))), func(t *testing.T, c *client) {
				p := c.h2Dial(narrow(1 << 30))
				p.lazy = true
				for i := range 10 {
					p.ask(uint32(2*i+1), "GET /")
				}
				begun := time.Now()
				gone := func() (n int) {
					for _, s := range p.streams {
						if s.gone {
							n++
						}
					}
					return n
				}
				want := 10
				if trickle > 0 {
					want = 7 // those that are left get an octet often enough
				}
				for gone() < want {
					p.drain(10 * time.Second)
					if trickle > 0 {
						p.frames.WriteWindowUpdate(0, trickle)
					}
					if time.Since(begun) > 80*time.Second {
						t.Fatalf("only %d streams were cut", gone())
					}
				}
			})
		})
	}
}

// On a slow line a stream may wait long for its turn: that is not its client's
// fault.
func TestH2SlowLineIsNotCut(t *testing.T) {
	inFakeTime(t, ace.Config{}, body(raxx.Data(text(100000))), func(t *testing.T, c *client) {
		p := c.h2Dial(narrow(1 << 30))
		p.lazy = true
		for i := range 50 {
			p.ask(uint32(2*i+1), "GET /", "priority: u=3")
		}
		for range 400 {
			p.drain(500 * time.Millisecond)
			p.frames.WriteWindowUpdate(0, 16384)
		}
		for i := range 50 {
			p.want(uint32(2*i+1), "200", text(100000))
		}
	})
}

// A client that fetches nothing of what it asks for is cut off, and makes the
// server hold little until then.
func TestH2ClientThatReadsNothingIsCut(t *testing.T) {
	var closed chan ace.ConnectionEvent
	config := ace.Config{MaxStreams: 1000, Trace: ace.Trace{ConnectionClosed: func(e ace.ConnectionEvent) { closed <- e }}}
	inFakeTime(t, config, body(raxx.Data(text(50000))), func(t *testing.T, c *client) {
		closed = make(chan ace.ConnectionEvent, 1)
		p := c.h2Dial()
		begun := time.Now()
		go func() {
			for id := uint32(1); ; id += 2 {
				p.block.Reset()
				if err := p.frames.WriteHeaders(http2.HeadersFrameParam{
					StreamID: id, EndHeaders: true, EndStream: true, BlockFragment: p.fields("HEAD /"),
				}); err != nil {
					return
				}
				if id%100 == 1 {
					time.Sleep(10 * time.Millisecond)
				}
			}
		}()
		e := <-closed
		if took := time.Since(begun); !errors.Is(e.Err, ace.ErrTimeout) || took < 30*time.Second || took > 40*time.Second {
			t.Errorf("it was closed after %v, with %v", took, e.Err)
		}
		// What fits into the network, and as much as the server keeps.
		if e.Requests > 20000 {
			t.Errorf("%d requests were answered to a client that reads nothing", e.Requests)
		}
		p.conn.Close()
	})
}

// A head that has begun has to come to its end.
func TestH2PartialFrames(t *testing.T) {
	for name, send := range map[string]func(p *h2Peer){
		"a part of a frame": func(p *h2Peer) { io.WriteString(p.conn, "\x00\x00\x08\x06\x00\x00\x00\x00\x00pin") },
		"a block without its end": func(p *h2Peer) {
			p.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
		},
		"a block, and another try": func(p *h2Peer) { io.WriteString(p.conn, "\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82\x00") },
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
				p := c.h2Dial()
				p.streams[1] = &h2Stream{}
				send(p)
				p.wantAfter(10*time.Second, "the end", func() bool { return len(p.goAways) > 0 })
				p.drain(10 * time.Second)
				if p.end == nil {
					t.Error("the connection is still open")
				}
			})
		})
	}
	t.Run("a part of the preface", func(t *testing.T) {
		inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
			conn, err := c.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, http2.ClientPreface[:20])
			begun := time.Now()
			io.ReadAll(conn)
			if took := time.Since(begun); took < 10*time.Second || took > 13*time.Second {
				t.Errorf("it was closed after %v", took)
			}
		})
	})
}

// A body that stands still: a handler that reads it learns of it, and a client
// whose machine waits for it is told.
func TestH2UploadThatStandsStill(t *testing.T) {
	t.Run("a handler", func(t *testing.T) {
		inFakeTime(t, ace.Config{}, complete, func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.data(1, false, "a")
			p.wantAfter(30*time.Second, "the reply", func() bool { return p.streams[1].status != "" })
			if p.until("the end", p.streams[1].done); p.streams[1].status != "408" {
				t.Errorf("got %s", p.streams[1].status)
			}
		})
	})
	t.Run("a handler whose client takes what is sent", func(t *testing.T) {
		inFakeTime(t, ace.Config{}, talksWhileItReads(5), func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.data(1, false, "a")
			p.patient = time.Minute
			p.until("the fifth piece", func() bool { return p.streams[1].body.Len() == 5 || p.streams[1].done() })
			p.wantAfter(30*time.Second, "the end", p.streams[1].done)
			if got := p.streams[1].body.String(); got != ".....a 408" {
				t.Errorf("got %q", got)
			}
		})
	})
	t.Run("a machine", func(t *testing.T) {
		var seen record
		h := deferred(&seen, func(event raxx.Event) []raxx.Part { return nil })
		inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.data(1, false, "a")
			p.wantAfter(30*time.Second, "the reply", func() bool { return p.streams[1].status != "" || p.streams[1].gone })
			if p.until("the end", p.streams[1].done); p.streams[1].status != "408" {
				t.Errorf("got %q, reset %v", p.streams[1].status, p.streams[1].reset)
			}
			wantSeen(t, &seen, "Open", "Data a", "Closed the client took too long")
		})
	})
	t.Run("a machine that hears of other things meanwhile", func(t *testing.T) {
		var seen record
		h := deferred(&seen, func(event raxx.Event) []raxx.Part { return parts(raxx.After{Delay: 8 * time.Second}) })
		inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.data(1, false, "a")
			p.wantAfter(30*time.Second, "the reply", func() bool { return p.streams[1].status != "" || p.streams[1].gone })
			if p.until("the end", p.streams[1].done); p.streams[1].status != "408" {
				t.Errorf("got %q, reset %v", p.streams[1].status, p.streams[1].reset)
			}
			wantSeen(t, &seen, "Open", "Data a", "Timer ", "Timer ", "Timer ", "Closed the client took too long")
		})
	})
	t.Run("a machine whose client goes on", func(t *testing.T) {
		inFakeTime(t, ace.Config{}, deferred(new(record), nil), func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			for range 3 {
				p.drain(20 * time.Second)
				p.data(1, false, "a")
			}
			if p.streams[1].done() {
				t.Errorf("got %q, reset %v", p.streams[1].status, p.streams[1].reset)
			}
			p.wantAfter(30*time.Second, "the reply", func() bool { return p.streams[1].status != "" })
		})
	})
	t.Run("a machine whose client takes what is sent", func(t *testing.T) {
		h := does(func(event raxx.Event) []raxx.Part { return parts(raxx.Data("a"), raxx.After{Delay: 20 * time.Second}) })
		inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.patient = time.Minute
			p.until("the fifth piece", func() bool { return p.streams[1].body.Len() == 5 || p.streams[1].done() })
			if p.streams[1].done() {
				t.Errorf("got %q, reset %v", p.streams[1].status, p.streams[1].reset)
			}
		})
	})
	t.Run("a machine that has begun its reply", func(t *testing.T) {
		inFakeTime(t, ace.Config{}, does(func(event raxx.Event) []raxx.Part { return nil }), func(t *testing.T, c *client) {
			p := c.h2Dial()
			p.ask(1, "POST /")
			p.wantAfter(30*time.Second, "the end", p.streams[1].done)
			p.wantReset(1, http2.ErrCodeCancel)
		})
	})
}

// A machine takes the body over from another goroutine: at once if that waits for
// more, and without what it still looks at.
func TestH2MachineTakesTheBodyOver(t *testing.T) {
	for name, looks := range map[string]bool{"from one that waits": false, "from one that looks": true} {
		t.Run(name, func(t *testing.T) {
			var seen record
			var chunks, release chan string
			h := func(req raxx.Request) raxx.Response {
				begun := make(chan bool)
				go func() {
					for chunk, err := range req.Body.(raxx.Stream).Chunks() {
						if err != nil {
							chunks <- err.Error()
							return
						}
						if close(begun); looks {
							<-release
						}
						chunks <- string(chunk)
					}
				}()
				<-begun
				<-time.After(time.Second) // by now it waits
				return machineOf(&seen, nil)(req)
			}
			inFakeTime(t, ace.Config{}, h, func(t *testing.T, c *client) {
				seen.take()
				chunks, release = make(chan string, 2), make(chan string)
				p := c.h2Dial()
				p.ask(1, "POST /")
				p.data(1, false, "a")
				p.wantAfter(time.Second, "the head", func() bool { return p.streams[1].status != "" })
				p.data(1, true, "b")
				wantSeen(t, &seen, "Open", "Data b", "Tail")
				close(release)
				for _, want := range []string{"a", ace.ErrExchangeOver.Error()} {
					if got := <-chunks; got != want {
						t.Errorf("got %q, want %q", got, want)
					}
				}
			})
		})
	}
}

// The rest of a request that was answered is waited for a short while.
func TestH2RestOfARequestThatWasAnswered(t *testing.T) {
	inFakeTime(t, ace.Config{}, hello, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "POST /")
		p.until("the reply", p.streams[1].done)
		p.data(1, false, "a")
		p.wantAlive()
		p.wantAfter(2*time.Second, "RST_STREAM", func() bool { return p.streams[1].gone })
		p.wantReset(1, http2.ErrCodeNo)
		p.ask(3, "POST /")
		p.until("the reply", p.streams[3].done)
		p.data(3, true, "a")
		p.drain(10 * time.Second)
		if p.streams[3].gone {
			t.Error("a request that was whole in time was reset")
		}
		p.wantAfter(60*time.Second-10*time.Second, "GOAWAY", func() bool { return len(p.goAways) > 0 })
	})
}

// A body can be read by one goroutine while another one sends.
func TestH2BothWaysAtOnce(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			total := make(chan int)
			go func() {
				n := 0
				for chunk, err := range raxx.Chunks(req.Body) {
					if err != nil {
						break
					}
					n += len(chunk)
				}
				total <- n
			}()
			return raxx.Response{Status: 200, Body: raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for range 100 {
					yield([]byte(text(20000)), nil)
				}
				yield(fmt.Append(nil, <-total), nil)
			})}
		}, ace.Config{})
		for range 5 {
			got := c.ask(ask{method: "POST", target: "/", body: text(3 * large)})
			if want := strings.Repeat(text(20000), 100) + fmt.Sprint(3*large); got.body != want || got.broken {
				t.Errorf("got %d %s", got.status, brief(got.body))
			}
		}
	})
}

// Whoever still reads when the exchange is over, or begins to, is told.
func TestH2BodyOutlivesItsExchange(t *testing.T) {
	var late record
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		go func() {
			for range 2 {
				_, err := raxx.ReadAll(req.Body, 0)
				late.add(fmt.Sprint(errors.Is(err, ace.ErrExchangeOver)))
			}
		}()
		time.Sleep(time.Second)
		if req.Path == "/long" {
			return raxx.Text(200, text(100_000))
		}
		return hello(req)
	}, func(t *testing.T, c *client) {
		p := c.h2Dial()
		p.ask(1, "POST /")
		p.data(1, false, "a")
		p.until("the reply", p.streams[1].done)
		wantSeen(t, &late, "true", "true")

		// A reply that waits for its client reads nothing either, and is sent to one
		// that ends its direction.
		p = c.h2Dial(narrow(0))
		p.ask(1, "POST /long")
		p.data(1, false, "a")
		p.until("the head", func() bool { return p.streams[1].status != "" })
		p.data(1, true, "b")
		p.ask(3, "POST /long")
		p.data(3, false, "a")
		p.until("the head", func() bool { return p.streams[3].status != "" })
		synctest.Wait()
		wantSeen(t, &late, "true", "true", "true", "true")
		p.frames.WriteSettings(narrow(1 << 20))
		p.frames.WriteWindowUpdate(0, 1<<20)
		p.conn.(interface{ CloseWrite() error }).CloseWrite()
		p.want(1, "200", text(100_000))
		p.want(3, "200", text(100_000))
	})
}
