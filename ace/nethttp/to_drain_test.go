package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// A fakeBroker takes messages and hands them to whoever subscribes.
type fakeBroker struct {
	mu   sync.Mutex
	subs map[string][]func(string)
	sent []string
}

func (b *fakeBroker) Publish(topic, message string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, topic+": "+message)
	for _, deliver := range b.subs[topic] {
		deliver(message)
	}
	switch message {
	case "lost":
		return io.ErrClosedPipe
	case "panic":
		panic("out of tea")
	}
	return nil
}

func (b *fakeBroker) Subscribe(topic string, deliver func(string)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[topic] = append(b.subs[topic], deliver)
	return func() {}, nil
}

// listening answers with a machine that says what is published, and tells of each
// event but the last.
func listening(told chan<- bool) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return raxx.NoContent().WithDo(raxx.Publish{Topic: "news", Message: req.Query})
		}
		return raxx.Reply(200, "text/plain", reacts(func(event raxx.Event) []raxx.Part {
			switch event := event.(type) {
			case raxx.Open:
				told <- true
			case raxx.Info:
				told <- true
				return []raxx.Part{raxx.Data(event.Message + "\n")}
			case raxx.Drain:
				return []raxx.Part{raxx.Data("bye\n"), raxx.Tail{}}
			}
			return nil
		})).WithDo(raxx.Subscribe{Topic: "news"})
	}
}

// Handlers of two servers that share a broker share their topics.
func TestToHTTPBroker(t *testing.T) {
	broker := &fakeBroker{subs: map[string][]func(string){}}
	var failed []string
	config := nethttp.Config{Broker: broker, BrokerFailed: func(topic string, err error) { failed = append(failed, fmt.Sprint(topic, err)) }}
	told := make(chan bool)
	one, two := nethttp.ToHTTP(listening(told), config), nethttp.ToHTTP(listening(told), config)
	got := make(chan string, 1)
	go func() { got <- ask(one, httptest.NewRequest("GET", "/", nil)).Body.String() }()
	<-told
	ask(two, httptest.NewRequest("POST", "/?1", nil))
	ask(two, httptest.NewRequest("POST", "/?lost", nil))
	two.Publish("news", "2")
	two.Publish("news", "panic")
	for range 4 {
		<-told
	}
	one.Drain()
	if got := <-got; got != "1\nlost\n2\npanic\nbye\n" {
		t.Errorf("the machine was told %q", got)
	}
	if diff := cmp.Diff([]string{"news: 1", "news: lost", "news: 2", "news: panic"}, broker.sent); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"newsio: read/write on closed pipe", "newsace: the handler panicked: out of tea"}, failed); diff != "" {
		t.Error(diff)
	}
}

// What is told of a broker that fails may panic: that is no reason for a request, or for
// whoever publishes, to fail.
func TestToHTTPBrokerFailedThatPanics(t *testing.T) {
	config := nethttp.Config{
		Broker:       &fakeBroker{subs: map[string][]func(string){}},
		BrokerFailed: func(string, error) { panic("on purpose") },
	}
	h := nethttp.ToHTTP(listening(nil), config)
	h.Publish("news", "lost")
	if got := ask(h, httptest.NewRequest("POST", "/?lost", nil)); got.Code != 204 {
		t.Errorf("got %d", got.Code)
	}
}

// A handler that is shut down ends its machines, those that come later, too, and
// cuts them when its time is over.
func TestToHTTPShutdown(t *testing.T) {
	told := make(chan bool, 3)
	h := to(listening(told))
	got := make(chan string, 1)
	go func() { got <- ask(h, httptest.NewRequest("GET", "/", nil)).Body.String() }()
	<-told
	if err := h.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown returned %v", err)
	}
	if got := <-got; got != "bye\n" {
		t.Errorf("got %q", got)
	}
	if got := ask(h, httptest.NewRequest("GET", "/", nil)).Body.String(); got != "bye\n" {
		t.Errorf("a machine that came later said %q", got)
	}

	reasons := make(chan raxx.Event, 5)
	deaf := to(answers(raxx.Response{Status: 200, Body: reacts(func(event raxx.Event) []raxx.Part { reasons <- event; return nil })}))
	cut := make(chan any, 1)
	go func() {
		defer func() { cut <- recover() }()
		ask(deaf, httptest.NewRequest("GET", "/", nil))
	}()
	<-reasons
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("late")
	cancel(late)
	if err := deaf.Shutdown(ctx); err != late {
		t.Errorf("Shutdown returned %v", err)
	}
	if v := <-cut; v != http.ErrAbortHandler {
		t.Errorf("the reply ended with %v", v)
	}
	event := <-reasons
	if _, drains := event.(raxx.Drain); drains { // it may be in time
		event = <-reasons
	}
	if event != raxx.Event(raxx.Closed{Reason: raxx.ServerClosed}) {
		t.Errorf("the machine was told %#v", event)
	}
}

// Where nothing goes on, nothing is cut, also if http.Server.Shutdown has used up the
// time.
func TestToHTTPShutdownOfWhatIsIdle(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // either could be seen first
		h := nethttp.ToHTTP(func(raxx.Request) raxx.Response { return raxx.NoContent() }, nethttp.Config{})
		if err := h.Shutdown(over); err != nil {
			t.Fatal(err)
		}
	}
}

// Shutdown waits for what has come since it was called before.
func TestToHTTPShutdownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := to(answers(raxx.Response{Status: 200, Body: reacts(func(raxx.Event) []raxx.Part { return nil })}))
		if err := h.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			defer func() { recover() }()
			ask(h, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		}()
		synctest.Wait()
		over := make(chan error, 2)
		for range 2 {
			go func() { over <- h.Shutdown(t.Context()) }()
		}
		synctest.Wait()
		if len(over) > 0 {
			t.Error("Shutdown returned while a machine answers")
		}
		leave()
		synctest.Wait()
		if len(over) != 2 {
			t.Error("Shutdown did not return")
		}
	})
}

// Shutdown waits also for who is told of the end of an exchange: net/http does not
// wait for handlers whose stream the client has reset.
func TestToHTTPShutdownWaitsForEndings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		h := to(func(req raxx.Request) raxx.Response {
			req.Scope.OnEnd(func(raxx.Ending) { <-release })
			return raxx.Text(200, "hello")
		})
		go ask(h, httptest.NewRequest("GET", "/", nil))
		synctest.Wait()
		over := make(chan error, 1)
		go func() { over <- h.Shutdown(t.Context()) }()
		synctest.Wait()
		if len(over) > 0 {
			t.Error("Shutdown returned while the end is told")
		}
		close(release)
		synctest.Wait()
		if len(over) != 1 {
			t.Error("Shutdown did not return")
		}
	})
}
