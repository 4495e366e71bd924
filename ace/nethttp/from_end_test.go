package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// Whoever stops to read, or never begins, ends the context and the writes.
func TestFromHTTPClientThatGoes(t *testing.T) {
	endless := func(ended chan<- error) raxx.Handler {
		return from(func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					<-r.Context().Done()
					ended <- err
					return
				}
			}
		})
	}
	t.Run("in the middle of a stream", func(t *testing.T) {
		ended := make(chan error, 1)
		for range raxx.Chunks(endless(ended)(get).Body) {
			break
		}
		if err := <-ended; err == nil {
			t.Error("Write returned no error")
		}
	})
	t.Run("when the exchange has ended", func(t *testing.T) {
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		resp := endless(ended)(get.WithContext(ctx))
		gone := errors.New("gone")
		cancel(gone)
		if err := <-ended; err != gone {
			t.Errorf("Write returned %v", err)
		}
		runtime.KeepAlive(resp)
	})
	// A client that has closed the direction in which it sends counts as gone, and
	// may read on all the same.
	t.Run("but reads on", func(t *testing.T) {
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		resp := endless(ended)(get.WithContext(ctx))
		gone := errors.New("gone")
		cancel(gone)
		<-ended
		if data, err := raxx.ReadAll(resp.Body, -1); err != gone {
			t.Errorf("the reply seems to be whole: %d bytes, and %v", len(data), err)
		}
	})
	t.Run("when the response was dropped", func(t *testing.T) {
		ended := make(chan error, 1)
		endless(ended)(get)
		for range 1000 {
			runtime.GC()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("Write returned no error")
				}
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
		t.Error("the handler goes on")
	})
}

// The context ends when the handler has returned, and not before.
func TestFromHTTPContextEnds(t *testing.T) {
	var kept context.Context
	gone := make(chan bool, 1)
	from(func(w http.ResponseWriter, r *http.Request) {
		kept = r.Context()
		context.AfterFunc(kept, func() { gone <- true })
		if kept.Err() != nil {
			t.Errorf("it has ended with %v", kept.Err())
		}
		if deadline, ok := kept.Deadline(); ok {
			t.Errorf("it ends at %v", deadline)
		}
	})(get)
	<-gone
	if kept.Err() != context.Canceled {
		t.Errorf("it ended with %v", kept.Err())
	}
	// Also for who asks for the first time then.
	from(func(_ http.ResponseWriter, r *http.Request) { kept = r.Context() })(get)
	<-kept.Done()
	if kept.Err() != context.Canceled {
		t.Errorf("asked late, it ended with %v", kept.Err())
	}
}

func TestFromHTTPPanics(t *testing.T) {
	cause := errors.New("on purpose")
	catch := func(f func()) (v any) {
		defer func() { v = recover() }()
		f()
		return nil
	}
	check := func(v any) {
		t.Helper()
		p, ok := v.(*nethttp.PanicError)
		if !ok || !errors.Is(p, cause) || !strings.Contains(string(p.Stack), "TestFromHTTPPanics") {
			t.Errorf("it panics with %#v", v)
		}
	}
	check(catch(func() { from(func(http.ResponseWriter, *http.Request) { panic(cause) })(get) }))
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
		panic(cause)
	})(get)
	got := ""
	check(catch(func() {
		for chunk := range raxx.Chunks(resp.Body) {
			got += string(chunk)
		}
	}))
	if got != "ab" {
		t.Errorf("got %q before the panic", got)
	}
}

// A handler that breaks off breaks its reply off, however far it has come.
func TestFromHTTPAborts(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"at once":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"behind the head": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); panic(http.ErrAbortHandler) },
		"behind content":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a"); panic(http.ErrAbortHandler) },
		"behind a flush": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"with a 204":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); panic(http.ErrAbortHandler) },
		"behind 103":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); panic(http.ErrAbortHandler) },
		"with its goroutine": func(http.ResponseWriter, *http.Request) { runtime.Goexit() },
		"and promised length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := raxxtest.NewServer(from(h))
			x := s.Serve(get)
			for range 3 {
				s.Advance(0)
			}
			if _, err := x.Response(); err == nil {
				t.Errorf("the reply is whole: %v", x.Parts())
			}
		})
	}
}

// A handler that has sent an interim response learns that its client has gone.
func TestFromHTTPInformsAClientThatGoes(t *testing.T) {
	ended := make(chan bool, 1)
	x := raxxtest.NewServer(from(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103)
		<-r.Context().Done()
		ended <- true
	})).Serve(get)
	x.Send(raxx.Closed{Reason: raxx.ClientGone})
	<-ended
}

// Whoever writes when the handler has returned is too late, and changes nothing.
func TestFromHTTPLateWrites(t *testing.T) {
	var late http.ResponseWriter
	resp := from(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		late = w
	})(get)
	if n, err := io.WriteString(late, "b"); n != 0 || err == nil {
		t.Errorf("Write returned %d, %v", n, err)
	}
	if err := http.NewResponseController(late).Flush(); err == nil {
		t.Error("Flush returned no error")
	}
	late.WriteHeader(500)
	if resp.Body != raxx.Body(raxx.Data("a")) {
		t.Errorf("got %v", resp.Body)
	}
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

// A handler whose reply nobody takes is told so at the end of the exchange, however
// long somebody keeps the response.
func TestReplyThatNobodyTakesEndsWithTheExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		h := nethttp.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			ended = true
		}))
		server := &ender{Context: t.Context()}
		req := raxx.Get("/")
		req.Scope = raxx.NewScope(server, 1)
		resp := h(req)
		synctest.Wait()
		if ended {
			t.Error("it has ended before")
		}
		for _, f := range server.tell {
			f(raxx.Ending{Status: 304})
		}
		synctest.Wait()
		if !ended {
			t.Error("it goes on")
		}
		runtime.KeepAlive(resp)
	})
}

// What a handler makes of a client that has left says so: a log takes it for no error.
func TestFromHTTPOfAClientThatLeftSaysSo(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"aborts at once": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"aborts behind content": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "a")
			panic(http.ErrAbortHandler)
		},
		"aborts a stream": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"answers with 502": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
		"answers with 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, leave := context.WithCancel(t.Context())
				waits := func(w http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					h(w, r)
				}
				time.AfterFunc(time.Second, leave)
				resp := nethttp.FromHTTP(http.HandlerFunc(waits))(raxx.Get("/").WithContext(ctx))
				_, err := raxx.ReadAll(resp.Body, 0)
				if err = errors.Join(resp.Cause.Err(), err); !errors.Is(err, context.Canceled) {
					t.Errorf("got %d, %v", resp.Status, err)
				}

				// The same of a client that is still there says nothing of the kind.
				resp = nethttp.FromHTTP(h)(raxx.Get("/"))
				if _, err := raxx.ReadAll(resp.Body, 0); errors.Is(errors.Join(resp.Cause.Err(), err), context.Canceled) {
					t.Errorf("of a client that is there: got %d, %v, %v", resp.Status, err, resp.Cause)
				}
			})
		})
	}
}
