package ace_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// relays is a machine that sends on what it has read, and says how that ended.
func relays(from raxx.Body) raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			return parts(raxx.Pull{Name: "it", From: from})
		case raxx.Pulled:
			if event.End {
				return parts(raxx.Data(fmt.Sprint("/", event.Cause)), raxx.Tail{})
			}
			return parts(event.Data)
		}
		return nil
	})
}

func pulled(chunks ...string) raxx.Body { return raxxtest.Chunks(chunks...) }

func TestContractPulls(t *testing.T) {
	for _, test := range []struct {
		name string
		resp func() raxx.Response
		want string
	}{
		{"chunks", func() raxx.Response { return raxx.Response{Status: 200, Body: relays(pulled("one, ", "two"))} }, "one, two/none"},
		{"data", func() raxx.Response { return raxx.Response{Status: 200, Body: relays(raxx.Data(text(100_000)))} }, text(100_000) + "/none"},
		{"much", func() raxx.Response {
			return raxx.Response{Status: 200, Body: relays(raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for range 100 {
					if !yield([]byte(text(20_000)), nil) {
						return
					}
				}
			}))}
		}, strings.Repeat(text(20_000), 100) + "/none"},
		{"a body that breaks off", func() raxx.Response {
			return raxx.Response{Status: 200, Body: relays(raxxtest.Broken(errBroken, "one"))}
		}, "one/on purpose"},
		{"an effect of the handler", func() raxx.Response {
			return raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part {
				if event, ok := event.(raxx.Pulled); ok && !event.End {
					return parts(event.Data, raxx.Tail{})
				}
				return nil
			})}.WithDo(raxx.Pull{From: raxx.Data("done")})
		}, "done"},
		{"a head that waits", func() raxx.Response {
			return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					return parts(raxx.Pull{From: raxx.Data("found")})
				case raxx.Pulled:
					return parts(raxx.Response{Status: 200, Body: event.Data})
				}
				return nil
			}))
		}, "found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				c := e.newClient(t, func(raxx.Request) raxx.Response { return test.resp() }, ace.Config{})
				got := c.ask(ask{method: "GET", target: "/"})
				if brief(got.body) != brief(test.want) || got.status != 200 || got.broken {
					t.Errorf("got %d, %s, broken %v; want %s", got.status, brief(got.body), got.broken, brief(test.want))
				}
			})
			for _, e := range direct {
				t.Run(e.name, func(t *testing.T) {
					x := raxxtest.NewServer(e.behindStack(func(raxx.Request) raxx.Response { return test.resp() })).Serve(raxx.Get("http://example.org/"))
					for n := 0; !x.Ended() && n < 200; n++ {
						x.Advance(0)
					}
					if got := string(x.Content()); brief(got) != brief(test.want) || x.Err() != nil {
						t.Errorf("got %s, %v; want %s", brief(got), x.Err(), brief(test.want))
					}
				})
			}
		})
	}
}

// A client that reads slowly slows the body; one that leaves ends it, also while
// that waits, if it heeds the context.
func TestContractPullsEnd(t *testing.T) {
	for name, from := range map[string]func(raxx.Request, chan<- error) raxx.Body{
		"a body that brings on": func(_ raxx.Request, gone chan<- error) raxx.Body {
			return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				for yield([]byte(text(20_000)), nil) {
				}
				gone <- nil
			})
		},
		"a body that waits": func(req raxx.Request, gone chan<- error) raxx.Body {
			return raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte("one"), nil)
				<-req.Context().Done()
				gone <- nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				gone := make(chan error, 1)
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					return raxx.Response{Status: 200, Body: relays(from(req, gone))}
				}, ace.Config{})
				resp, err := c.http.RoundTrip(c.request(t.Context(), ask{method: "GET", target: "/"}, new(answer)))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(resp.Body, make([]byte, 3)); err != nil {
					t.Error(err)
				}
				resp.Body.Close()
				c.http.CloseIdleConnections()
				within(t, gone, "the body ends")
			})
		})
	}
}

// A body that panics is the fault of its exchange, and of no other.
func TestContractPullThatPanics(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		endings := make(chan raxx.Ending, 2)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/whole" {
				return raxx.Text(200, "whole")
			}
			req.Scope.OnEnd(func(e raxx.Ending) { endings <- e })
			return raxx.Response{Status: 200, Body: relays(raxx.NewStream(-1, func(yield func([]byte, error) bool) {
				yield([]byte("one"), nil)
				panic("out of tea")
			}))}
		}, ace.Config{})
		got := c.ask(ask{method: "GET", target: "/"})
		if !got.broken {
			t.Errorf("the reply looks whole: %+v", got)
		}
		if end := within(t, endings, "the end is told"); end.Reason == 0 || end.Cause.Err() == nil || errors.Is(end.Cause.Err(), errBroken) {
			t.Errorf("it ended with %+v", end)
		}
		if got := c.ask(ask{method: "GET", target: "/whole"}); got.body != "whole" {
			t.Errorf("the next request got %+v", got)
		}
	})
}

// forwards is a machine that hands what the client says to somebody slow, piece by
// piece, and tells at the end what that has taken.
func forwards(t testing.TB) raxx.Machine {
	taken, taking := new(strings.Builder), false
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			if taking {
				t.Error("the client is read from while somebody takes what it has said")
			}
			taking = true
			return parts(raxx.Pull{Name: "take", Hold: true, From: raxx.NewStream(0, func(func([]byte, error) bool) {
				runtime.Gosched() // for others to do what they should not
				taken.WriteString(string(event))
			})})
		case raxx.Pulled:
			taking = false
		case raxx.Tail:
			if taking {
				t.Error("the end comes while somebody takes what was before it")
			}
			return parts(raxx.Data(brief(taken.String())), event)
		}
		return nil
	})
}

// A machine that holds its client is told of nothing that this says until it lets
// go, and of all of it then.
func TestContractPullsThatHold(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: forwards(t)} }, ace.Config{})
		for _, unknown := range []bool{false, true} {
			got := c.ask(ask{method: "POST", target: "/", body: text(500_000), unknown: unknown})
			if want := brief(text(500_000)); got.body != want || got.broken {
				t.Errorf("got %+v, want %s", got, want)
			}
		}
	})
	for _, e := range direct {
		t.Run(e.name, func(t *testing.T) {
			h := func(raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: forwards(t)} }
			req := raxx.Post("http://example.org/", "a/b", raxxtest.Chunks("one, ", "two"))
			if got := string(raxxtest.NewServer(e.behindStack(h)).Serve(req).Content()); got != "one, two" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// While a machine holds its client, what was pulled reaches it, and a client that
// breaks off ends it.
func TestContractClientBreaksOffWhileItIsHeld(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		e.needsUpgrade(t)
		release, ended := make(chan bool), make(chan raxx.Event, 2)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 101, Body: reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Data:
					return parts(
						raxx.Pull{Name: "hold", Hold: true, From: raxx.NewStream(0, func(func([]byte, error) bool) { <-release })},
						raxx.Pull{Name: "say", From: raxx.Data("meanwhile")})
				case raxx.Pulled:
					return parts(event.Data)
				case raxx.Tail, raxx.Closed:
					ended <- event
				}
				return nil
			})}.With("upgrade", req.Header.Get("upgrade"))
		}, ace.Config{})
		_, tunnel := c.upgrade("/")
		io.WriteString(tunnel, "hello")
		heard := make([]byte, len("meanwhile"))
		if _, err := io.ReadFull(tunnel, heard); string(heard) != "meanwhile" || err != nil {
			t.Errorf("heard %q, %v", heard, err)
		}
		tunnel.Close()
		c.http.CloseIdleConnections()
		close(release)
		within(t, ended, "the machine is told")
	})
}
