package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/middleware/ratelimit"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func hello(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }

func Example() {
	limit := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 2, Per: time.Minute}}
	handler := limit.Middleware()(hello)
	for range 3 {
		resp := handler(raxx.Get("/"))
		fmt.Println(resp.Status, resp.Header.Get("ratelimit-policy"))
	}
	// Output:
	// 200 "default";q=2;w=60
	// 200 "default";q=2;w=60
	// 429 "default";q=2;w=60
}

func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 3, Per: 30 * time.Second}}.Middleware()(hello)
		for _, step := range []struct {
			after  time.Duration
			status int
			fields string // ratelimit, retry-after
		}{
			{0, 200, `"default";r=2;t=10 `},
			{0, 200, `"default";r=1;t=20 `},
			{0, 200, `"default";r=0;t=30 `},
			{0, 429, `"default";r=0;t=30 10`},
			{9 * time.Second, 429, `"default";r=0;t=21 1`},
			{time.Second, 200, `"default";r=0;t=30 `},
			{time.Hour, 200, `"default";r=2;t=10 `},
		} {
			time.Sleep(step.after) // of the bubble
			resp := handler(raxx.Get("/"))
			fields := resp.Header.Get("ratelimit") + " " + resp.Header.Get("retry-after")
			if resp.Status != step.status || fields != step.fields || resp.Header.Get("ratelimit-policy") != `"default";q=3;w=30` {
				t.Errorf("got %d with %s (%v), want %d with %s", resp.Status, fields, resp.Header, step.status, step.fields)
			}
		}
	})
}

// Twice the quota does not fit through at the edge of a window.
func TestLimitHasNoEdge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 10, Per: time.Minute}}.Middleware()(hello)
		through := 0
		for range 60 {
			for range 10 {
				if handler(raxx.Get("/")).Status == 200 {
					through++
				}
			}
			time.Sleep(time.Second) // of the bubble
		}
		if through > 20 {
			t.Errorf("%d in a minute", through)
		}
	})
}

// A full bucket, and what comes back within the time of the policy; then what comes
// back alone.
func TestLimitBehindARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := ratelimit.NewMemory(ratelimit.Policy{Requests: 6, Per: time.Minute}, 0)
		for _, want := range []int{12, 6, 6} {
			allowed := 0
			for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Second) {
				for range 10 {
					if d, _ := m.Take(t.Context(), "a"); d.Allowed {
						allowed++
					}
				}
			}
			if allowed < want-1 || allowed > want {
				t.Errorf("%d requests within a minute, want %d", allowed, want)
			}
		}
	})
}

func TestLimitOfEachKey(t *testing.T) {
	handler := ratelimit.Limit{
		Policy: ratelimit.Policy{Requests: 1, Per: time.Hour},
		Key:    func(req raxx.Request) string { return req.Header.Get("x-key") },
	}.Middleware()(hello)
	long := strings.Repeat("k", 10_000)
	for _, step := range []struct {
		key  string
		want int
	}{{"a", 200}, {"b", 200}, {"a", 429}, {"", 200}, {"", 429}, {long + "1", 200}, {long + "2", 200}, {long + "1", 429}} {
		if got := handler(raxx.Get("/").With("x-key", step.key)).Status; got != step.want {
			t.Errorf("%.10s: status %d, want %d", step.key, got, step.want)
		}
	}
}

func TestTwoLimitsAreTwoMembers(t *testing.T) {
	a := ratelimit.Limit{Name: "a", Policy: ratelimit.Policy{Requests: 5, Per: time.Minute}}.Middleware()
	b := ratelimit.Limit{Name: "b", Policy: ratelimit.Policy{Requests: 9, Per: time.Hour}}.Middleware()
	var got []string
	for member := range raxx.Stack(a, b)(hello)(raxx.Get("/")).Header.Elements("ratelimit-policy") {
		got = append(got, member)
	}
	if diff := cmp.Diff([]string{`"b";q=9;w=3600`, `"a";q=5;w=60`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimitQuietly(t *testing.T) {
	handler := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1, Per: time.Hour}, Quiet: true}.Middleware()(hello)
	if diff := cmp.Diff(hello(raxx.Request{}), handler(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
	if resp := handler(raxx.Get("/")); resp.Header.Has("ratelimit") || resp.Header.Get("retry-after") != "3600" {
		t.Errorf("got %v", resp)
	}
}

// A brokenStore does not know.
type brokenStore struct{}

var errBroken = errors.New("no connection")

func (brokenStore) Policy() ratelimit.Policy {
	return ratelimit.Policy{Requests: 1, Per: time.Second}
}

func (brokenStore) Take(context.Context, string) (ratelimit.Decision, error) {
	return ratelimit.Decision{Allowed: true}, errBroken
}

func TestLimitWhoseStoreDoesNotAnswer(t *testing.T) {
	closed := ratelimit.Limit{Store: brokenStore{}}.Middleware()(hello)
	want := raxx.Problem(503, "").With("retry-after", "1").WithCause(errBroken)
	if diff := cmp.Diff(want, closed(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
	open := ratelimit.Limit{Store: brokenStore{}, FailOpen: true}.Middleware()(hello)
	if diff := cmp.Diff(hello(raxx.Request{}), open(raxx.Get("/"))); diff != "" {
		t.Error(diff)
	}
	answered := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1, Per: time.Hour}, FailOpen: true}.Middleware()(hello)
	answered(raxx.Get("/"))
	if got := answered(raxx.Get("/")).Status; got != 429 {
		t.Errorf("a store that answers: status %d, want 429", got)
	}
}

// A remoteStore is asked over a network, for as long as the client waits.
type remoteStore struct{ brokenStore }

func (remoteStore) Take(ctx context.Context, _ string) (ratelimit.Decision, error) {
	return ratelimit.Decision{}, ctx.Err()
}

// Who asks and goes away at once can't make the store fail, and so the limit open.
func TestLimitDoesNotFailOpenForWhoHasLeft(t *testing.T) {
	reached := 0
	handler := ratelimit.Limit{Store: remoteStore{}, FailOpen: true}.Middleware()(func(raxx.Request) raxx.Response {
		reached++
		return raxx.NoContent()
	})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if resp := handler(raxx.Get("/").WithContext(ctx)); reached != 0 || resp.Status != 503 {
		t.Errorf("the handler was called %d times; status %d", reached, resp.Status)
	}
}

func TestByAddress(t *testing.T) {
	for _, test := range []struct{ name, peer, client, want string }{
		{"the connection", "192.0.2.7:51334", "", "192.0.2.7"},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:51334", "", "192.0.2.7"},
		{"the client behind a proxy", "10.0.0.1:80", "192.0.2.7", "192.0.2.7"},
		{"a network of IPv6, whose addresses are all one client's", "[2001:db8:1:2:3:4:5:6]:80", "", "2001:db8:1:2::"},
		{"a zone", "[fe80::1%eth0]:80", "", "fe80::"},
		{"a unix socket", "@", "", "unknown"},
		{"a client that is not known", "10.0.0.1:80", "none", "unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Get("/")
			req.Peer.Address = test.peer
			if test.client != "" {
				ip, _ := netip.ParseAddr(test.client)
				req = middleware.ClientIP.Set(req, ip)
			}
			if got := ratelimit.ByAddress(req); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestZeroLimit(t *testing.T) {
	resp := ratelimit.Limit{}.Middleware()(hello)(raxx.Get("/"))
	if got := resp.Header.Get("ratelimit-policy"); got != `"default";q=300;w=60` {
		t.Errorf("the policy is %s", got)
	}
	resp = ratelimit.Limit{Name: "azAZ09-_"}.Middleware()(hello)(raxx.Get("/"))
	if got := resp.Header.Get("ratelimit"); got != `"azAZ09-_";r=299;t=1` {
		t.Errorf("got %s", got)
	}
}

func TestLimitThatCannotBeMeant(t *testing.T) {
	for name, l := range map[string]ratelimit.Limit{
		"a name that would end the field": {Name: `a";q=1`},
		"a name of two words":             {Name: "a b"},
		"a negative number":               {Policy: ratelimit.Policy{Requests: -1}},
		"a negative time":                 {Policy: ratelimit.Policy{Per: -1}},
		"two policies":                    {Policy: ratelimit.Policy{Requests: 1}, Store: brokenStore{}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			l.Middleware()
		})
	}
}

func TestLaws(t *testing.T) {
	raxxtest.Laws(t, ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1 << 20}}.Middleware())
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := ratelimit.NewMemory(ratelimit.Policy{Requests: 1, Per: time.Hour}, 100)
		take := func(key string) bool {
			d, _ := m.Take(t.Context(), key)
			return d.Allowed
		}
		if !take("mine") || take("mine") {
			t.Fatal("the quota is 1")
		}
		for i := range 10_000 {
			take(fmt.Sprint("other ", i))
			if i%50 == 0 && take("mine") {
				t.Fatalf("a key that is in use was forgotten after %d others", i)
			}
		}
		if n := m.Keys(); n != 100 {
			t.Errorf("%d keys are kept", n)
		}
		if !take("other 1") || take("other 9999") {
			t.Error("it is not the oldest that was forgotten")
		}
	})
}

// A client may choose its key, a name of a user say, as long as a header may be.
func TestMemoryKeepsNoLongKeys(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	m := ratelimit.NewMemory(ratelimit.Policy{}, 0)
	before := heap()
	for i := range 1000 {
		m.Take(t.Context(), fmt.Sprint(strings.Repeat("k", 32<<10), i))
	}
	if after := heap(); m.Keys() != 1000 || after > before+8<<20 {
		t.Errorf("%d keys take %d bytes", m.Keys(), after-before)
	}
}

func TestMemoryOfManyGoroutines(t *testing.T) {
	m := ratelimit.NewMemory(ratelimit.Policy{Requests: 500, Per: time.Hour}, 10)
	var all sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 10 {
		all.Go(func() {
			for range 100 {
				if d, _ := m.Take(t.Context(), "key"); d.Allowed {
					mu.Lock()
					allowed++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if allowed != 500 {
		t.Errorf("%d of 1000 were allowed", allowed)
	}
}

func BenchmarkLimit(b *testing.B) {
	handler := ratelimit.Limit{Policy: ratelimit.Policy{Requests: 1 << 30, Per: time.Second}}.Middleware()(hello)
	req := raxx.Get("/")
	req.Peer.Address = "192.0.2.7:51334"
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
