package ace_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// How tooMuch a client may keep an exchange waiting is the server's affair, or that of
// the response: see raxx.Patience.

// echoes answers with what comes, piece by piece.
func echoes(req raxx.Request) raxx.Response {
	return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for chunk, err := range raxx.Chunks(req.Body) {
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}))
}

// An echoMachine does the same.
func echoMachine(raxx.Request) raxx.Response {
	return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			return []raxx.Part{event}
		case raxx.Tail:
			return []raxx.Part{event}
		}
		return nil
	}))
}

// tooMuch is more than all that stands between a server and a client takes.
const tooMuch = 12 << 20

// sendsMuch answers with a long stream.
func sendsMuch(raxx.Request) raxx.Response {
	return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		piece := []byte(strings.Repeat("x", 64<<10))
		for range tooMuch / len(piece) {
			if !yield(piece, nil) {
				return
			}
		}
	}))
}

// sendsMuchAtOnce answers with content of a known length.
func sendsMuchAtOnce(raxx.Request) raxx.Response {
	return raxx.Text(200, strings.Repeat("x", tooMuch))
}

// machineSendsMuch answers with a machine that does so.
func machineSendsMuch(raxx.Request) raxx.Response {
	return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
		if _, ok := event.(raxx.Open); ok {
			return []raxx.Part{raxx.Data(strings.Repeat("x", tooMuch)), raxx.Tail{}}
		}
		return nil
	}))
}

// patientOf says the patience in the step at which it matters.
func patientOf(h raxx.Handler, p raxx.Patience) raxx.Handler {
	return func(req raxx.Request) raxx.Response { return h(req).WithDo(p) }
}

// inSteps says it by parts of a machine, and thinks better of it before.
func inSteps(p raxx.Patience) raxx.Handler {
	return func(raxx.Request) raxx.Response {
		return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Open:
				return []raxx.Part{raxx.Patience{Limit: time.Second}}
			case raxx.Data:
				return []raxx.Part{p, event}
			case raxx.Tail:
				return []raxx.Part{event}
			}
			return nil
		}))
	}
}

// saysNothingFor sends "a", says nothing for a while, and sends "b"; it reports
// whether both come back.
func (c *client) saysNothingFor(d time.Duration) bool {
	body, in := io.Pipe()
	defer in.Close()
	go io.WriteString(in, "a")
	resp := c.begin("POST", body)
	if resp == nil {
		return false
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(io.LimitReader(resp.Body, 1)); err != nil || string(b) != "a" {
		c.Fatalf("the first octet: %q, %v", b, err)
	}
	time.Sleep(d)
	go func() {
		io.WriteString(in, "b")
		in.Close()
	}()
	rest, err := io.ReadAll(resp.Body)
	return string(rest) == "b" && err == nil
}

// readsNothingFor reads the first octet, nothing for a while, and then the rest; it
// reports whether all came.
func (c *client) readsNothingFor(d time.Duration) bool {
	resp := c.begin("GET", nil)
	if resp == nil {
		return false
	}
	defer resp.Body.Close()
	io.ReadFull(resp.Body, make([]byte, 1))
	time.Sleep(d)
	n, err := io.Copy(io.Discard, resp.Body)
	return n == tooMuch-1 && err == nil
}

// begin sends a request, and returns the head of the reply.
func (c *client) begin(method string, body io.Reader) *http.Response {
	c.Helper()
	scheme := map[bool]string{false: "http", true: "https"}[c.engine.tls]
	req, err := http.NewRequestWithContext(context.Background(), method, scheme+"://example.org/", body)
	if err != nil {
		c.Fatal(err)
	}
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		c.Errorf("no reply: %v", err)
		return nil
	}
	return resp
}

func TestContractPatience(t *testing.T) {
	own := raxx.Patience{} // the server's own
	minutes, seconds := raxx.Patience{Limit: 2 * time.Minute}, raxx.Patience{Limit: 2 * time.Second}
	never, later := raxx.Patience{Limit: -1}, raxx.Patience{Limit: 1<<63 - 1}
	type span struct {
		patience raxx.Patience
		quiet    time.Duration
		holds    bool
	}
	spans := []span{
		{own, 28 * time.Second, true}, {own, 33 * time.Second, false},
		{minutes, 115 * time.Second, true}, {minutes, 125 * time.Second, false},
		{seconds, time.Second, true}, {seconds, 5 * time.Second, false},
		{never, 150 * time.Second, true}, {later, 150 * time.Second, true},
	}
	for _, e := range []engine{
		{name: "HTTP 1.1 in memory", memory: true},
		{name: "HTTP 1.1 over TLS in memory", tls: true, memory: true},
		{name: "HTTP 2 in memory", http2: true, memory: true},
		{name: "HTTP 2 over TLS in memory", http2: true, tls: true, memory: true},
		{name: "HTTP 1.1, behind middleware of net http", memory: true, under: middlewareOfNetHTTP},
		{name: "HTTP 2, behind a writer of net http", http2: true, memory: true, under: writerOfNetHTTP},
		{name: "HTTP 1.1 of net http", memory: true, under: serverOfNetHTTP},
		{name: "HTTP 2 of net http", http2: true, memory: true, under: serverOfNetHTTP},
		{name: "HTTP 1.1, behind the stack", memory: true, stack: true},
		{name: "HTTP 2, behind the stack", http2: true, memory: true, stack: true},
	} {
		t.Run(e.name, func(t *testing.T) {
			for name, h := range map[string]raxx.Handler{
				"a handler that echoes": echoes, "a machine that echoes": echoMachine, "a machine that says it in steps": nil,
				"a stream": sendsMuch, "content": sendsMuchAtOnce, "a machine that sends": machineSendsMuch,
			} {
				t.Run(name, func(t *testing.T) {
					for _, s := range spans {
						echo := strings.Contains(name, "echoes") || h == nil
						serve := patientOf(h, s.patience)
						if h == nil {
							serve = inSteps(s.patience)
						}
						if e.under == serverOfNetHTTP && !s.holds && (echo || name == "content") {
							continue // that is the http.Server's affair
						}
						synctest.Test(t, func(t *testing.T) {
							c := e.newClient(t, serve, ace.Config{})
							ask := c.readsNothingFor
							if echo {
								ask = c.saysNothingFor
							}
							if ask(s.quiet) != s.holds {
								t.Errorf("patience %v, silent for %v: want it to hold: %t", s.patience.Limit, s.quiet, s.holds)
							}
						})
					}
				})
			}
		})
	}
}

// It is that of one exchange: the next on its connection has the server's.
func TestContractPatienceEndsWithItsExchange(t *testing.T) {
	for _, e := range []engine{
		{name: "HTTP 1.1 in memory", memory: true},
		{name: "HTTP 1.1 over TLS in memory", tls: true, memory: true},
		{name: "HTTP 2 in memory", http2: true, memory: true},
		{name: "HTTP 1.1 of net http", memory: true, under: serverOfNetHTTP},
	} {
		for name, first := range map[string]raxx.Handler{"a handler": hello, "a machine": echoMachine} {
			t.Run(e.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					answers := []raxx.Handler{patientOf(first, raxx.Patience{Limit: time.Second}), echoes, sendsMuch}
					c := e.newClient(t, func(req raxx.Request) raxx.Response {
						h := answers[0]
						answers = answers[1:]
						return h(req)
					}, ace.Config{})
					c.ask(ask{method: "POST", target: "/", body: "a"})
					if !c.saysNothingFor(28 * time.Second) {
						t.Error("a client that says nothing has less time")
					}
					if !c.readsNothingFor(28 * time.Second) {
						t.Error("a client that reads nothing has less time")
					}
				})
			})
		}
	}
}

// A machine may say it while the client is being waited for already.
func TestContractPatienceThatIsSaidLate(t *testing.T) {
	for _, e := range []engine{
		{name: "HTTP 1.1 in memory", memory: true},
		{name: "HTTP 1.1 over TLS in memory", tls: true, memory: true},
		{name: "HTTP 2 in memory", http2: true, memory: true},
	} {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := e.newClient(t, func(raxx.Request) raxx.Response {
					return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
						switch event := event.(type) {
						case raxx.Data:
							return []raxx.Part{event, raxx.After{Delay: 5 * time.Second}}
						case raxx.Timer:
							return []raxx.Part{raxx.Patience{Limit: 2 * time.Minute}}
						case raxx.Tail:
							return []raxx.Part{event}
						}
						return nil
					}))
				}, ace.Config{})
				if !c.saysNothingFor(100 * time.Second) {
					t.Error("its client has less time")
				}
			})
		})
	}
}

// It stands beside the whole reply that a machine sends, too, in all ways.
func TestContractPatienceBesideAWholeReply(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(raxx.Request) raxx.Response {
			return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				if _, ok := event.(raxx.Open); ok {
					return []raxx.Part{raxx.Text(200, "whole").WithDo(raxx.Patience{Limit: time.Minute})}
				}
				return nil
			}))
		}, ace.Config{})
		if got := c.ask(ask{method: "GET", target: "/"}); got.status != 200 || got.body != "whole" {
			t.Errorf("got %d %q", got.status, got.body)
		}
	})
}
