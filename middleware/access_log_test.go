package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleAccessLog() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, "head", "total":
			return slog.Attr{} // what differs from run to run
		}
		return a
	}}))
	handler := middleware.AccessLog{Logger: logger}.Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello")
	})
	handler(raxx.Get("/tea?kind=green&token=abc").With("user-agent", "curl/8.5"))
	// Output:
	// level=INFO msg=request method=GET host=localhost path=/tea query="kind=green&token=REDACTED" status=200 out=5 agent=curl/8.5
}

// An accessLogTest collects lines.
type accessLogTest struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *accessLogTest) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// take returns the lines that have come, without their time and without what all
// of them have.
func (l *accessLogTest) take() (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		_, line, _ = strings.Cut(strings.TrimSpace(line), " ")
		lines = append(lines, strings.Replace(line, " msg=request method=GET host=localhost path=/", "", 1))
	}
	l.buf.Reset()
	return lines
}

func (l *accessLogTest) middleware(c middleware.AccessLog) raxx.Middleware {
	c.Logger = slog.New(slog.NewTextHandler(l, nil))
	return c.Middleware()
}

func accessLogWant(t *testing.T, l *accessLogTest, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, l.take()); diff != "" {
		t.Error(diff)
	}
}

func TestAccessLogOfCompleteReplies(t *testing.T) {
	errDisk := errors.New("disk full")
	from := func(address string) raxx.Request {
		req := raxx.Get("/")
		req.Peer.Address = address
		return req
	}
	for _, test := range []struct {
		name string
		req  raxx.Request
		resp raxx.Response
		want string
	}{
		{"Data", raxx.Get("/"), raxx.Text(200, "hello"), "level=INFO status=200 out=5 total=1s"},
		{"nothing", raxx.Get("/"), raxx.NoContent(), "level=INFO status=204 out=0 total=1s"},
		{"a file", raxx.Get("/"), raxx.Response{Status: 200, Body: raxx.File{Name: "a", Length: 700}}, "level=INFO status=200 out=700 total=1s"},
		{"a file to its end", raxx.Get("/"), raxx.Response{Status: 200, Body: raxx.File{Name: "a", Length: -1}}, "level=INFO status=200 total=1s"},
		{"304 with a body that is not sent", raxx.Get("/"), raxx.Text(304, "hello"), "level=INFO status=304 out=0 total=1s"},
		{"a client's fault", raxx.Get("/"), raxx.NoContent().WithStatus(404), "level=INFO status=404 out=0 total=1s"},
		{"what nobody has heard of", raxx.Get("/"), raxx.NoContent().WithStatus(501), "level=INFO status=501 out=0 total=1s"},
		{"an error", raxx.Get("/"), raxx.NoContent().WithStatus(500).WithCause(errDisk),
			`level=ERROR status=500 out=0 total=1s error="disk full"`},
		{"a body that was sent", raxx.Get("/").WithBody(raxx.Data("1234")), raxx.NoContent(), "level=INFO status=204 in=4 out=0 total=1s"},
		{"what the middleware in front has found out",
			middleware.ClientIP.Set(middleware.RequestIDKey.Set(raxx.Get("/"), "id-1"), netip.MustParseAddr("192.0.2.7")),
			raxx.NoContent(), "level=INFO status=204 out=0 total=1s id=id-1 client=192.0.2.7"},
		{"of whom only the connection is known", from("192.0.2.8:1024"), raxx.NoContent(), "level=INFO status=204 out=0 total=1s client=192.0.2.8:1024"},
		{"HEAD", raxx.Head("/"), raxx.Text(200, "hello"), "level=INFO msg=request method=HEAD host=localhost path=/ status=200 out=0 total=1s"},
		{"HEAD of a stream", raxx.Head("/"), raxx.Reply(200, "text/plain", raxxtest.Chunks("a")),
			"level=INFO msg=request method=HEAD host=localhost path=/ status=200 out=0 total=1s"},
		{"a line that the client would like to forge", raxx.Get("/").With("user-agent", `a" level=ERROR msg="x`), raxx.NoContent(),
			`level=INFO status=204 out=0 total=1s agent="a\" level=ERROR msg=\"x"`},
		{"a line feed in a value that the server did not check", raxx.Request{Method: "GET", Authority: "localhost", Path: "/",
			Header: raxx.Header{{Name: "user-agent", Value: "a\nlevel=ERROR"}}}, raxx.NoContent(),
			`level=INFO status=204 out=0 total=1s agent="a\nlevel=ERROR"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response {
					time.Sleep(time.Second) // of the bubble
					return test.resp
				})(test.req)
				accessLogWant(t, &l, test.want)
			})
		})
	}
}

func TestAccessLogBoundsItsLine(t *testing.T) {
	var l accessLogTest
	long := strings.Repeat("a", 32<<10)
	l.middleware(middleware.AccessLog{})(stackTestHandler)(raxx.New(long, "http://"+long+"/"+long+"?"+long, nil).With("user-agent", long))
	if line := l.take()[0]; len(line) > 6*512 {
		t.Errorf("a line of %d bytes", len(line))
	}
	l.middleware(middleware.AccessLog{})(func(req raxx.Request) raxx.Response {
		return raxx.Problem(400, "").WithCause(errors.New(req.Path + " is too long"))
	})(raxx.Get("/" + long))
	if line := l.take()[0]; len(line) > 3*512 {
		t.Errorf("with an error, a line of %d bytes", len(line))
	}
}

// A query of nothing but separators costs no more than its length: it took half a
// gigabyte of memory, and a tenth of a second.
func TestAccessLogOfAQueryOfManyPairs(t *testing.T) {
	handler := middleware.AccessLog{Logger: slog.New(slog.DiscardHandler)}.Middleware()(stackTestHandler)
	req := raxx.Get("/?" + strings.Repeat("&", 30<<10))
	if n := testing.AllocsPerRun(5, func() { handler(req) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}

func TestAccessLogCountsTheBodyThatIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		l.middleware(middleware.AccessLog{})(func(req raxx.Request) raxx.Response {
			data, _ := raxx.ReadAll(req.Body, 0)
			return raxx.Text(200, string(data))
		})(raxx.Get("/").WithBody(raxxtest.Chunks("abc", "de")))
		accessLogWant(t, &l, "level=INFO status=200 in=5 out=5 total=0s")
	})
}

func TestAccessLogOfABodyThatIsNotReadToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		l.middleware(middleware.AccessLog{})(func(req raxx.Request) raxx.Response {
			for range raxx.Chunks(req.Body) {
				break
			}
			return raxx.NoContent()
		})(raxx.Get("/").WithBody(raxxtest.Chunks("abc", "de")))
		accessLogWant(t, &l, "level=INFO status=204 in=3 out=0 total=0s")
	})
}

func TestAccessLogOfAStreamThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(func([]byte, error) bool) { panic("out of tea") }))
		})(raxx.Get("/"))
		func() {
			defer func() { recover() }()
			raxx.ReadAll(resp.Body, 0)
			t.Error("the panic is lost")
		}()
		accessLogWant(t, &l, "level=ERROR status=200 out=0 total=0s end=panic")
	})
}

func TestAccessLogOfStreams(t *testing.T) {
	slow := func(err error) raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			for range 2 {
				if !yield([]byte("abc"), nil) {
					return
				}
				time.Sleep(time.Second) // of the bubble
			}
			if err != nil {
				yield(nil, err)
			}
		}))
	}
	for _, test := range []struct {
		name string
		err  error
		take int // chunks
		want string
	}{
		{"to its end", nil, 9, "level=INFO status=200 out=6 head=0s total=2s"},
		{"that fails", errors.New("disk full"), 9, `level=ERROR status=200 out=6 head=0s total=2s end="the body ended early" error="disk full"`},
		{"whose client leaves", nil, 2, `level=INFO status=200 out=3 head=0s total=1s end="the client has gone away"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response { return slow(test.err) })(raxx.Get("/"))
				accessLogWant(t, &l)
				left := test.take
				for range raxx.Chunks(resp.Body) {
					if left--; left == 0 {
						break
					}
				}
				accessLogWant(t, &l, test.want)
			})
		})
	}
}

func TestAccessLogOfAStreamThatIsNotPulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		ctx, end := context.WithCancel(t.Context())
		resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxxtest.Chunks("a"))
		})(raxx.Get("/").WithContext(ctx))
		end()
		synctest.Wait()
		accessLogWant(t, &l, `level=INFO status=200 out=0 total=0s end="the reply was not sent"`)
		raxx.ReadAll(resp.Body, 0)
		accessLogWant(t, &l) // one line, whatever comes
	})
}

// A client that left is not an error, whatever the handler makes of it.
func TestAccessLogOfAClientThatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		ctx, leave := context.WithCancel(t.Context())
		// leaving answers with a stream that the client leaves when it has begun.
		leaving := func(m raxx.Middleware, ends func(ctx context.Context, yield func([]byte, error) bool)) {
			ctx, leave := context.WithCancel(t.Context())
			resp := l.middleware(middleware.AccessLog{})(m(func(req raxx.Request) raxx.Response {
				return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
					leave()
					ends(req.Context(), yield)
				}))
			}))(raxx.Get("/").WithContext(ctx))
			raxx.ReadAll(resp.Body, 0)
		}
		asIs := func(next raxx.Handler) raxx.Handler { return next }
		leaving(asIs, func(ctx context.Context, yield func([]byte, error) bool) { yield(nil, ctx.Err()) })
		accessLogWant(t, &l, `level=INFO status=200 out=0 total=0s end="the client has gone away" error="context canceled"`)
		leaving(asIs, func(_ context.Context, yield func([]byte, error) bool) {
			_ = yield([]byte("a"), nil) && yield(nil, errors.New("the database has hung up"))
		})
		accessLogWant(t, &l, `level=INFO status=200 out=1 total=0s end="the client has gone away" error="the database has hung up"`)
		// A panic is a mistake, even then.
		leaving(middleware.Recover{}.Middleware(), func(context.Context, func([]byte, error) bool) { panic("out of tea") })
		accessLogWant(t, &l, `level=ERROR status=200 out=0 total=0s end="the body ended early" error="panic: out of tea"`)
		leave()
		failing := raxx.Try(func(req raxx.Request) (raxx.Response, error) { return raxx.Response{}, req.Context().Err() })
		l.middleware(middleware.AccessLog{})(failing)(raxx.Get("/").WithContext(ctx))
		accessLogWant(t, &l, `level=INFO status=500 out=46 total=0s end="the client has gone away" error="context canceled"`)

		// The same error is one if the client is still there.
		l.middleware(middleware.AccessLog{})(raxx.Try(func(raxx.Request) (raxx.Response, error) {
			return raxx.Response{}, context.Canceled
		}))(raxx.Get("/"))
		accessLogWant(t, &l, `level=ERROR status=500 out=46 total=0s error="context canceled"`)
	})
}

// An ender is a server that tells of the end of its exchange.
type ender struct {
	context.Context
	tell []func(raxx.Ending)
}

func (e *ender) ExchangeContext(uint64) context.Context { return e }

func (e *ender) OnExchangeEnd(_ uint64, f func(raxx.Ending)) bool {
	e.tell = append(e.tell, f)
	return true
}

// What takes a while to be sent is written when the server says how that went.
func TestAccessLogOfWhatIsSentLater(t *testing.T) {
	long := raxx.Text(200, strings.Repeat("x", 1<<20))
	file := raxx.Response{Status: 200, Body: raxx.File{Name: "a", Length: -1}}
	errReset, errOpen := errors.New("reset"), errors.New("no such file")
	for _, test := range []struct {
		name   string
		resp   raxx.Response
		ending raxx.Ending
		want   string
	}{
		{"a long reply", long, raxx.Ending{Status: 200, Content: 1 << 20}, "level=INFO status=200 out=1048576 head=0s total=3s"},
		{"a file", file, raxx.Ending{Status: 200, Content: 700}, "level=INFO status=200 out=700 head=0s total=3s"},
		{"a file that is not there", file, raxx.Ending{Status: 500, Content: 21, Cause: raxx.NewCause(errOpen)},
			`level=ERROR status=500 out=21 head=0s total=3s error="no such file"`},
		{"a client that leaves", long, raxx.Ending{Status: 200, Reason: raxx.ClientGone, Cause: raxx.NewCause(errReset)},
			`level=INFO status=200 head=0s total=3s end="the client has gone away" error=reset`},
		{"a client that does not read", long, raxx.Ending{Status: 200, Reason: raxx.TimedOut},
			`level=INFO status=200 head=0s total=3s end="the client took too long"`},
		{"a file that breaks off", file, raxx.Ending{Status: 200, Reason: raxx.Unsendable},
			`level=ERROR status=200 head=0s total=3s end="the reply can't be sent"`},
		{"a fault, whose client has not left", long.WithStatus(500).WithCause(context.Canceled), raxx.Ending{Status: 500, Content: 1 << 20},
			`level=ERROR status=500 out=1048576 head=0s total=3s error="context canceled"`},
		{"a stream that nobody pulls", raxx.Response{Status: 200, Body: raxxtest.Chunks("a")}, raxx.Ending{},
			`level=INFO status=200 out=0 head=0s total=3s end="the reply was not sent"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				ctx, end := context.WithCancel(t.Context())
				server := &ender{Context: ctx}
				req := raxx.Get("/")
				req.Scope = raxx.NewScope(server, 1)
				l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response { return test.resp })(req)
				time.Sleep(3 * time.Second) // of the bubble: the server sends
				accessLogWant(t, &l)
				end() // for everybody, and not only for a client that left
				for _, f := range server.tell {
					f(test.ending)
				}
				accessLogWant(t, &l, test.want)
			})
		})
	}
}

// A stream that is not taken to its end, or whose context has ended, does not know
// whether it is for its client or for the server. The server does.
func TestAccessLogOfAStreamThatIsCut(t *testing.T) {
	broken := raxxtest.Broken(errors.New("the database has hung up"), "a")
	for _, test := range []struct {
		name   string
		taken  bool // the chunk
		reason raxx.Reason
		want   string
	}{
		{"the client leaves", true, raxx.ClientGone, `out=1 total=0s end="the client has gone away" error="the database has hung up"`},
		{"the server is closed", true, raxx.ServerClosed, `out=1 total=0s end="the server is closed" error="the database has hung up"`},
		{"a server that knows no better", true, raxx.Aborted, `out=1 total=0s end="the client has gone away" error="the database has hung up"`},
		{"the client leaves, and it is not pulled on", false, raxx.ClientGone, `out=0 total=0s end="the client has gone away"`},
		{"the client does not read", false, raxx.TimedOut, `out=0 total=0s end="the client took too long"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				ctx, end := context.WithCancel(t.Context())
				defer end()
				server := &ender{Context: ctx}
				req := raxx.Get("/")
				req.Scope = raxx.NewScope(server, 1)
				resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response {
					return raxx.Reply(200, "text/plain", broken)
				})(req)
				for _, err := range resp.Body.(raxx.Stream).Chunks() {
					if end(); !test.taken || err != nil {
						break
					}
				}
				accessLogWant(t, &l)
				for _, f := range server.tell {
					f(raxx.Ending{Status: 200, Reason: test.reason})
				}
				accessLogWant(t, &l, "level=INFO status=200 "+test.want)
			})
		})
	}
}

// What goes out at once is written at once.
func TestAccessLogOfWhatIsSentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, resp := range []raxx.Response{raxx.Text(200, strings.Repeat("x", 8<<10)), raxx.NoContent()} {
			var l accessLogTest
			req := raxx.Get("/")
			req.Scope = raxx.NewScope(&ender{Context: t.Context()}, 1)
			l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response { return resp })(req)
			if lines := l.take(); len(lines) != 1 {
				t.Errorf("%d: %q", resp.Status, lines)
			}
		}
	})
}

func TestAccessLogOfAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		func() {
			defer func() { recover() }()
			l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response { panic("out of tea") })(raxx.Get("/"))
			t.Error("the panic is lost")
		}()
		accessLogWant(t, &l, "level=ERROR status=0 out=0 total=0s end=panic")
	})
}

func TestAccessLogSkips(t *testing.T) {
	var l accessLogTest
	l.middleware(middleware.AccessLog{Skip: func(req raxx.Request) bool { return req.Path == "/" }})(stackTestHandler)(raxx.Get("/"))
	accessLogWant(t, &l)
}

func TestAccessLogOfMachines(t *testing.T) {
	type parts = []raxx.Part
	// says answers to an Info with what it was given for it.
	says := func(steps map[string]parts) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			if info, ok := event.(raxx.Info); ok {
				return n, steps[info.Message]
			}
			if _, ok := event.(raxx.Closed); ok {
				return n, parts{raxx.Publish{Topic: "left", Message: "1"}}
			}
			return n, parts{raxx.Subscribe{Topic: "t"}}
		})
	}
	m := says(map[string]parts{
		"head":   {raxx.Inform{Status: 103}, raxx.Response{Status: 201}},
		"data":   {raxx.Data("abc")},
		"end":    {raxx.Data("d"), raxx.Tail{}},
		"whole":  {raxx.Text(404, "hello")},
		"stream": {raxx.Reply(200, "text/plain", raxxtest.Chunks("ab", "cd"))},
		"abort":  {raxx.Abort{Cause: raxx.NewCause(errors.New("disk full"))}},
		"204":    {raxx.NoContent(), raxx.Tail{}},
	})
	now := raxx.Reply(200, "text/plain", m)
	for _, test := range []struct {
		name   string
		method string
		resp   raxx.Response
		says   string // a second before each
		want   string
	}{
		{"that ends", "GET", now, "data end", "level=INFO status=200 out=4 head=0s total=2s"},
		{"with a deferred head", "GET", raxx.Defer(m), "head data end", "level=INFO status=201 out=4 head=1s total=3s"},
		{"that sends all at once", "GET", raxx.Defer(m), "whole", "level=INFO status=404 out=5 total=1s"},
		{"that ends in a stream", "GET", raxx.Defer(m), "stream", "level=INFO status=200 out=4 total=1s"},
		{"without content", "GET", raxx.Defer(m), "204", "level=INFO status=204 out=0 total=1s"},
		{"that is broken off", "GET", now, "data abort", `level=ERROR status=200 out=3 head=0s total=2s end="the reply was broken off" error="disk full"`},
		{"whose client leaves", "GET", now, "data !" + raxx.ClientGone.String(), `level=INFO status=200 out=3 head=0s total=2s end="the client has gone away"`},
		{"that the server's end ends", "GET", now, "!" + raxx.ServerClosed.String(), `level=INFO status=200 out=0 head=0s total=1s end="the server is closed"`},
		{"whose mailbox overflows", "GET", now, "!" + raxx.Overflowed.String(), `level=WARN status=200 out=0 head=0s total=1s end="the mailbox is full"`},
		{"that can't be sent", "GET", now, "!" + raxx.Unsendable.String(), `level=ERROR status=200 out=0 head=0s total=1s end="the reply can't be sent"`},
		{"that the server has broken off", "GET", now, "!" + raxx.Aborted.String(), `level=ERROR status=200 out=0 head=0s total=1s end="the reply was broken off"`},
		{"in reply to HEAD", "HEAD", now, "", "level=INFO msg=request method=HEAD host=localhost path=/ status=200 out=0 total=0s"},
		{"that takes a body", "GET", now, "<12345 end", "level=INFO status=200 in=5 out=1 head=0s total=2s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l accessLogTest
				resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response { return test.resp })(raxx.New(test.method, "/", nil))
				machine, _ := resp.Body.(raxx.Machine).Step(raxx.Open{})
				for words := test.says; words != ""; {
					var word string
					if word = words; word[0] != '!' {
						word, words, _ = strings.Cut(words, " ")
					} else {
						words = ""
					}
					time.Sleep(time.Second) // of the bubble
					var out []raxx.Part
					machine, out = machine.Step(accessLogEvent(word))
					accessLogPull(out)
				}
				accessLogWant(t, &l, test.want)
				machine.Step(raxx.Closed{Reason: raxx.ClientGone})
				accessLogWant(t, &l) // once
			})
		})
	}
}

func TestAccessLogOfAMachineThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l accessLogTest
		resp := l.middleware(middleware.AccessLog{})(func(raxx.Request) raxx.Response {
			return raxx.Reply(200, "text/plain", raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
				if _, ok := event.(raxx.Info); ok {
					panic("out of tea")
				}
				return n, []raxx.Part{raxx.Data("abc")}
			}))
		})(raxx.Get("/"))
		machine, _ := resp.Body.(raxx.Machine).Step(raxx.Open{})
		func() {
			defer func() { recover() }()
			machine.Step(raxx.Info{})
			t.Error("the panic is lost")
		}()
		machine.Step(raxx.Closed{Reason: raxx.Unsendable})
		accessLogWant(t, &l, "level=ERROR status=200 out=3 total=0s end=panic")
	})
}

func accessLogEvent(word string) raxx.Event {
	if data, ok := strings.CutPrefix(word, "<"); ok {
		return raxx.Data(data)
	}
	for r := raxx.ClientGone; r <= raxx.Aborted; r++ {
		if word == "!"+r.String() {
			return raxx.Closed{Reason: r}
		}
	}
	return raxx.Info{Topic: "t", Message: word}
}

// accessLogPull reads the streams among the parts, as a server would.
func accessLogPull(parts []raxx.Part) {
	for _, part := range parts {
		if resp, ok := part.(raxx.Response); ok {
			raxx.ReadAll(resp.Body, 0)
		}
	}
}

// A name that is escaped may be a secret in disguise; what was malformed stays so.
func TestSecretsOfAQuery(t *testing.T) {
	var out strings.Builder
	log := middleware.AccessLog{Logger: slog.New(slog.NewTextHandler(&out, nil))}
	log.Middleware()(stackTestHandler)(raxx.Get("/?page=2&tok%65n=s3cret&token=s3cret&p%61ge=3&token=&%=x&page"))
	want := `query="page=2&tok%65n=REDACTED&token=REDACTED&p%61ge=REDACTED&token=&%=REDACTED&page"`
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s", out.String(), want)
	}
}

func BenchmarkAccessLog(b *testing.B) {
	for name, h := range map[string]slog.Handler{"text": slog.NewTextHandler(&accessLogNowhere{}, nil), "no handler": accessLogNothing{}} {
		b.Run(name, func(b *testing.B) {
			handler := middleware.AccessLog{Logger: slog.New(h)}.Middleware()(stackTestHandler)
			req := raxx.Get("/users/7").With("user-agent", "curl/8.5")
			b.ReportAllocs()
			for b.Loop() {
				handler(req)
			}
		})
	}
}

type accessLogNowhere struct{}

func (*accessLogNowhere) Write(p []byte) (int, error) { return len(p), nil }

// accessLogNothing handles nothing, so that what is left is the middleware's.
type accessLogNothing struct{}

func (accessLogNothing) Enabled(context.Context, slog.Level) bool  { return true }
func (accessLogNothing) Handle(context.Context, slog.Record) error { return nil }
func (n accessLogNothing) WithAttrs([]slog.Attr) slog.Handler      { return n }
func (n accessLogNothing) WithGroup(string) slog.Handler           { return n }
