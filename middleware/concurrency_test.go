package middleware_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleConcurrency() {
	limit := middleware.Concurrency{Limit: 1, Queue: -1}.Middleware()
	var handler raxx.Handler
	handler = limit(func(req raxx.Request) raxx.Response {
		if req.Path == "/second" {
			return raxx.Text(200, "second")
		}
		second := handler(raxx.Get("/second")) // while the first one is there
		return raxx.Text(200, fmt.Sprint(second.Status, " ", second.Header.Get("retry-after")))
	})
	fmt.Println(handler(raxx.Get("/first")).Body)
	// Output: 503 1
}

// concurrencyTest counts the handlers that run at once.
type concurrencyTest struct{ now, most, answered, shed atomic.Int64 }

func (c *concurrencyTest) handle(req raxx.Request) raxx.Response {
	now := c.now.Add(1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	defer c.now.Add(-1)
	return timeoutTestSleep(req)
}

func (c *concurrencyTest) ask(handler raxx.Handler, n int, req raxx.Request) *sync.WaitGroup {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if handler(req).Status == 200 {
				c.answered.Add(1)
			} else {
				c.shed.Add(1)
			}
		})
	}
	return &all
}

func TestConcurrency(t *testing.T) {
	for _, test := range []struct {
		name                 string
		c                    middleware.Concurrency
		path                 string // how long a handler takes
		answered, shed, most int64
		took                 time.Duration
	}{
		{"enough places", middleware.Concurrency{Limit: 100}, "/1s", 100, 0, 100, time.Second},
		{"the rest waits", middleware.Concurrency{Limit: 50, Wait: 2 * time.Second}, "/1s", 100, 0, 50, 2 * time.Second},
		{"the queue is full", middleware.Concurrency{Limit: 10, Queue: 20, Wait: time.Minute}, "/1s", 30, 70, 10, 3 * time.Second},
		{"nobody waits", middleware.Concurrency{Limit: 10, Queue: -1}, "/1s", 10, 90, 10, time.Second},
		{"they have waited for too long", middleware.Concurrency{Limit: 10, Queue: 90, Wait: 2500 * time.Millisecond}, "/1s", 30, 70, 10, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var count concurrencyTest
				begun := time.Now()
				count.ask(test.c.Middleware()(count.handle), 100, raxx.Get(test.path)).Wait()
				got := [3]int64{count.answered.Load(), count.shed.Load(), count.most.Load()}
				if want := [3]int64{test.answered, test.shed, test.most}; got != want || time.Since(begun) != test.took {
					t.Errorf("answered, shed, at once: %v after %v, want %v after %v", got, time.Since(begun), want, test.took)
				}
			})
		})
	}
}

// The places are given back, whatever becomes of the reply.
func TestConcurrencyGivesPlacesBack(t *testing.T) {
	machine := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil })
	stream := func() raxx.Response {
		return raxx.Reply(200, "text/plain", raxx.NewStream(-1, func(yield func([]byte, error) bool) {
			_ = yield([]byte("a"), nil) && yield([]byte("b"), nil)
		}))
	}
	for _, test := range []struct {
		name   string
		method string
		answer func() raxx.Response
		use    func(resp raxx.Response, end func())
		held   bool // until use
	}{
		{"Data", "GET", func() raxx.Response { return raxx.Text(200, "a") }, nil, false},
		{"a machine, which only waits", "GET", func() raxx.Response { return raxx.Reply(200, "text/plain", machine) }, nil, false},
		{"a panic", "GET", func() raxx.Response { panic("out of tea") }, nil, false},
		{"a stream", "GET", stream, func(resp raxx.Response, _ func()) { raxx.ReadAll(resp.Body, 0) }, true},
		{"a stream whose client leaves", "GET", stream, func(resp raxx.Response, _ func()) {
			for range raxx.Chunks(resp.Body) {
				break
			}
		}, true},
		{"a stream that nobody pulls", "GET", stream, func(_ raxx.Response, end func()) { end() }, true},
		{"a stream in reply to HEAD", "HEAD", stream, nil, false},
		{"a stream with 304", "GET", func() raxx.Response { return stream().WithStatus(304) }, nil, false},
		{"a stream whose consumer panics", "GET", stream, func(resp raxx.Response, _ func()) {
			defer func() { recover() }()
			for range raxx.Chunks(resp.Body) {
				panic("mine")
			}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { concurrencyHolds(t, test.method, test.answer, test.use, test.held) })
		})
	}
}

// concurrencyHolds checks that a reply holds its place until it is used, or not
// at all.
func concurrencyHolds(t *testing.T, method string, answer func() raxx.Response, use func(raxx.Response, func()), held bool) {
	ctx, end := context.WithCancel(t.Context())
	handler := middleware.Concurrency{Limit: 1, Queue: -1}.Middleware()(func(req raxx.Request) raxx.Response {
		if req.Path == "/free" {
			return raxx.NoContent()
		}
		return answer()
	})
	free := func() bool {
		synctest.Wait()
		return handler(raxx.Get("/free")).Status == 204
	}
	var resp raxx.Response
	func() {
		defer func() { recover() }()
		resp = handler(raxx.New(method, "/", nil).WithContext(ctx))
	}()
	if free() == held {
		t.Errorf("held: %v, want %v", !held, held)
	}
	if use != nil {
		use(resp, end)
	}
	if !free() {
		t.Error("the place was not given back")
	}
	end()
}

func TestConcurrencyLetsThoseGoWhoseClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var count concurrencyTest
		handler := middleware.Concurrency{Limit: 1, Queue: 1, Wait: 2 * time.Hour}.Middleware()(count.handle)
		first := count.ask(handler, 1, raxx.Get("/1h"))
		synctest.Wait()
		ctx, leave := context.WithCancel(t.Context())
		second := count.ask(handler, 1, raxx.Get("/1s").WithContext(ctx))
		synctest.Wait()
		leave()
		second.Wait()
		third := count.ask(handler, 1, raxx.Get("/1s")) // there is room in the queue again
		first.Wait()
		third.Wait()
		if count.answered.Load() != 2 || count.shed.Load() != 1 {
			t.Errorf("answered %d, shed %d", count.answered.Load(), count.shed.Load())
		}
	})
}

// Those that were shed leave no trace in the queue.
func TestConcurrencyShedsAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var count concurrencyTest
		handler := middleware.Concurrency{Limit: 1, Queue: 1}.Middleware()(count.handle)
		for range 3 { // of three one is answered, one waits and is answered, one is shed
			count.ask(handler, 3, raxx.Get("/500ms")).Wait()
		}
		if count.answered.Load() != 6 || count.shed.Load() != 3 {
			t.Errorf("answered %d, shed %d", count.answered.Load(), count.shed.Load())
		}
		// By default nobody waits for more than a second.
		count.ask(handler, 2, raxx.Get("/1500ms")).Wait()
		if count.answered.Load() != 7 || count.shed.Load() != 4 {
			t.Errorf("answered %d, shed %d", count.answered.Load(), count.shed.Load())
		}
	})
}

func TestConcurrencyThatCannotBeMeant(t *testing.T) {
	for name, c := range map[string]middleware.Concurrency{
		"a negative limit": {Limit: -1}, "a negative wait": {Wait: -1}, "a negative time to come again": {RetryAfter: -1},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			c.Middleware()
		})
	}
}

func TestConcurrencyIsSharedByWhatItIsAround(t *testing.T) {
	limit := middleware.Concurrency{Limit: 1, Queue: -1}.Middleware()
	hold := limit(func(raxx.Request) raxx.Response { return raxx.Reply(200, "text/plain", raxxtest.Chunks("a")) })
	hold(raxx.Get("/"))
	if resp := limit(stackTestHandler)(raxx.Get("/")); resp.Status != 503 {
		t.Errorf("got %v", resp)
	}
}

func TestConcurrencySaysWhenToComeAgain(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", 1500 * time.Millisecond: "2", time.Minute: "60"} {
		limit := middleware.Concurrency{Limit: 1, Queue: -1, RetryAfter: after}.Middleware()
		var got string
		limit(func(raxx.Request) raxx.Response {
			got = limit(stackTestHandler)(raxx.Get("/")).Header.Get("retry-after")
			return raxx.NoContent()
		})(raxx.Get("/"))
		if got != want {
			// Each call of the middleware shares the places, so the inner one is shed.
			t.Errorf("%v: retry-after %q, want %q", after, got, want)
		}
	}
}

func BenchmarkConcurrency(b *testing.B) {
	handler := middleware.Concurrency{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
