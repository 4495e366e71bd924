package ace_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A WebSocket whose application fails is closed with 1011 (RFC 6455, Section 7.4.1),
// and its connection or stream ends as it does after every Close: nothing is reset, so
// that nothing of it is lost on its way. The fault is told.
func TestContractWebSocketThatFails(t *testing.T) {
	errTea := errors.New("out of tea")
	recovers := middleware.Recover{}.Middleware()
	for _, test := range []struct {
		name  string
		react func() []raxx.Part
		via   raxx.Middleware
	}{
		{"a panic", func() []raxx.Part { panic(errTea) }, raxx.Stack()},
		{"a panic that is recovered", func() []raxx.Part { panic(errTea) }, recovers},
		{"an Abort", func() []raxx.Part { return []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errTea)}} }, raxx.Stack()},
		{"an Abort behind a middleware", func() []raxx.Part { return []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errTea)}} }, recovers},
		{"a part that can't be sent", func() []raxx.Part { return []raxx.Part{raxx.Tail{Trailer: raxx.Header{{Name: "a", Value: "1"}}}} }, raxx.Stack()},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				e.needsUpgrade(t)
				endings := make(chan raxx.Ending, 1)
				c := e.newClient(t, test.via(func(req raxx.Request) raxx.Response {
					req.Scope.OnEnd(func(e raxx.Ending) { endings <- e })
					return websocket.Upgrade(req, websocket.Config{}, reacts(func(event raxx.Event) []raxx.Part {
						if _, ok := event.(websocket.Text); ok {
							return test.react()
						}
						return nil
					}))
				}), ace.Config{})
				_, tunnel := c.upgrade("/")
				defer tunnel.Close()
				request := websocket.Handshake("/")
				ws, err := websocket.NewClient(request, talk(request))
				if err != nil {
					t.Fatal(err)
				}
				ws, frame := ws.Send(websocket.Text("tea?"))
				fmt.Fprint(tunnel, frame)
				said, err := io.ReadAll(tunnel)
				if err != nil {
					t.Errorf("the connection ends with %v", err)
				}
				_, events, _ := ws.Receive(raxx.Data(said))
				if diff := cmp.Diff([]raxx.Event{websocket.Closed{Code: websocket.InternalError}}, events); diff != "" {
					t.Errorf("unexpected messages (-want +got):\n%s", diff)
				}
				tunnel.Close()
				if got := within(t, endings, "the end is told"); got.Cause.Err() == nil {
					t.Errorf("the end is %+v", got)
				}
			})
		})
	}
}

// A wordy is the state of a machine that has last words.
type wordy struct{}

func (wordy) LastWords() raxx.Data { return `{"error":"out of tea"}` }

// What a machine says last is content, with which the reply is whole: unless it has to
// be a 500 since there was no head, or can't be whole since more was promised.
func TestContractLastWords(t *testing.T) {
	panics := func(parts ...raxx.Part) raxx.Machine {
		return raxx.NewMachine(wordy{}, func(w wordy, event raxx.Event) (wordy, []raxx.Part) {
			if _, ok := event.(raxx.Open); ok {
				return w, append(parts, raxx.After{})
			}
			panic("out of tea")
		})
	}
	for _, test := range []struct {
		name string
		resp raxx.Response
		want string // status and content; "broken": it breaks off
	}{
		{"behind the head", raxx.Reply(200, "application/json", panics(raxx.Data("[1]\n"))), "200 [1]\n" + string(wordy{}.LastWords())},
		{"behind a deferred head", raxx.Defer(panics(raxx.Response{Status: 200}, raxx.Data("[1]\n"))), "200 [1]\n" + string(wordy{}.LastWords())},
		{"before the head", raxx.Defer(panics()), "500"},
		{"behind a promise", raxx.Reply(200, "text/plain", panics(raxx.Data("12"))).With("content-length", "100"), "broken"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, e engine) {
				endings := make(chan raxx.Ending, 1)
				c := e.newClient(t, func(req raxx.Request) raxx.Response {
					req.Scope.OnEnd(func(e raxx.Ending) { endings <- e })
					return test.resp
				}, ace.Config{})
				got := "broken"
				if resp, err := c.http.RoundTrip(c.request(t.Context(), ask{target: "/"}, new(answer))); err == nil {
					content, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					switch {
					case resp.StatusCode == 500:
						got = "500"
					case err == nil:
						got = fmt.Sprint(resp.StatusCode, " ", string(content))
					}
				}
				want := test.want
				if e.under == writerOfNetHTTP && want != "500" {
					want = "broken" // the writer has the content, and nothing may follow
				}
				if got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				if end := within(t, endings, "the end is told"); end.Cause.Err() == nil {
					t.Errorf("the end is %+v", end)
				}
			})
		})
	}
}
