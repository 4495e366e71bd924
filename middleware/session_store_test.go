package middleware_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// sessionTestStore fails where it is told to, or lets another request in between.
type sessionTestStore struct {
	middleware.SessionMemory
	fail   error
	before func(method string)
}

func (s *sessionTestStore) about(method string) error {
	if s.before != nil {
		f := s.before
		s.before = nil
		f(method)
	}
	return s.fail
}

func (s *sessionTestStore) Load(ctx context.Context, id string) (string, bool, error) {
	if s.fail != nil {
		return "", false, s.fail
	}
	return s.SessionMemory.Load(ctx, id)
}

func (s *sessionTestStore) Create(ctx context.Context, id, data string, ttl time.Duration) error {
	if err := s.about("create"); err != nil {
		return err
	}
	return s.SessionMemory.Create(ctx, id, data, ttl)
}

func (s *sessionTestStore) Update(ctx context.Context, id, data string, ttl time.Duration) (bool, error) {
	if err := s.about("update"); err != nil {
		return false, err
	}
	return s.SessionMemory.Update(ctx, id, data, ttl)
}

func (s *sessionTestStore) Delete(ctx context.Context, id string) (bool, error) {
	if err := s.about("delete"); err != nil {
		return false, err
	}
	return s.SessionMemory.Delete(ctx, id)
}

func TestSessionStoreThatFails(t *testing.T) {
	store := &sessionTestStore{}
	b := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Store: store, Principal: sessionTestPrincipal})
	b.get(t, "/login?name=ada")
	stranger := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Store: store})
	store.fail = errors.New("down")
	for target, want := range map[string]int{"/": 503, "/count": 503, "/logout": 503} {
		resp := b.do(t, raxx.Get(target))
		if resp.Status != want || resp.Header.Has("set-cookie") || !errors.Is(resp.Cause.Err(), store.fail) {
			t.Errorf("%s: %+v", target, resp)
		}
	}
	for target, want := range map[string]int{"/": 200, "/login?name=eve": 500} {
		if resp := stranger.do(t, raxx.Get(target)); resp.Status != want || resp.Header.Has("set-cookie") {
			t.Errorf("%s, without a session: %+v", target, resp)
		}
	}
	store.fail = nil
	if got := b.get(t, "/"); got != "ada 0" {
		t.Errorf("when the store is back the session is %q", got)
	}
	for _, target := range []string{"/count", "/renew", "/logout"} {
		store.before = func(string) { store.fail = errors.New("down") }
		resp := b.do(t, raxx.Get(target))
		store.fail = nil
		if resp.Status != 500 || resp.Header.Has("set-cookie") {
			t.Errorf("%s while the store fails: %+v", target, resp)
		}
	}
	if got := b.get(t, "/"); got != "ada 0" {
		t.Errorf("after that the session is %q", got)
	}
}

// A request that ends after the user has logged out does not log in again
// (CVE-2025-46336), nor does it take away what another one has renewed.
func TestSessionRequestsAtTheSameTime(t *testing.T) {
	for slow, fast := range map[string]string{
		"/count": "/logout", "/renew": "/logout", "/login?name=eve": "/logout",
		"/count?": "/renew", "/renew?": "/renew", "/logout": "/renew",
	} {
		store := &sessionTestStore{}
		b := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Store: store, Principal: sessionTestPrincipal})
		b.get(t, "/login?name=ada")
		other := b.copy()
		store.before = func(string) { b.get(t, fast) }
		resp := other.do(t, raxx.Get(slow))
		if slow != "/logout" && resp.Header.Has("set-cookie") {
			t.Errorf("%s during %s sets %s", slow, fast, resp.Header.Get("set-cookie"))
		}
		want := "ada 0"
		if fast == "/logout" {
			want = " 0"
		}
		if got := b.get(t, "/"); got != want {
			t.Errorf("%s during %s: the session is %q, want %q", slow, fast, got, want)
		}
		if got := other.get(t, "/"); got != " 0" {
			t.Errorf("%s during %s: the old cookie is %q", slow, fast, got)
		}
	}
}

// What is stored can't be used as a cookie.
func TestSessionStoreHoldsNoTokens(t *testing.T) {
	seen := map[string]string{}
	store := &sessionTestStore{}
	recorder := sessionTestRecorder{store, seen}
	b := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Store: recorder})
	b.get(t, "/login?name=ada")
	token := b.jar["__Host-session"]
	for id, data := range seen {
		if strings.Contains(id+data, token) || len(id) != 43 {
			t.Errorf("the store holds the token: %q", id)
		}
		thief := b.copy()
		thief.jar["__Host-session"] = id
		if got := thief.get(t, "/"); got != " 0" {
			t.Errorf("with what the store holds the session is %q", got)
		}
	}
	if len(seen) != 1 {
		t.Errorf("the store holds %d sessions", len(seen))
	}
}

type sessionTestRecorder struct {
	*sessionTestStore
	seen map[string]string
}

func (r sessionTestRecorder) Create(ctx context.Context, id, data string, ttl time.Duration) error {
	r.seen[id] = data
	return r.sessionTestStore.Create(ctx, id, data, ttl)
}

func TestSessionMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store := t.Context(), &middleware.SessionMemory{}
		load := func(id string) string {
			data, ok, err := store.Load(ctx, id)
			if err != nil || !ok && data != "" {
				t.Error(data, ok, err)
			}
			return data
		}
		created := store.Create(ctx, "a", "1", time.Hour)
		updated, _ := store.Update(ctx, "a", "2", 2*time.Hour)
		missed, _ := store.Update(ctx, "b", "3", time.Hour)
		if created != nil || !updated || missed || load("a") != "2" || load("b") != "" {
			t.Error(created, updated, missed, load("a"), load("b"))
		}
		time.Sleep(2*time.Hour - time.Nanosecond)
		if load("a") != "2" {
			t.Error("it was forgotten too early")
		}
		time.Sleep(time.Nanosecond)
		late, _ := store.Update(ctx, "a", "3", time.Hour)
		gone, _ := store.Delete(ctx, "a")
		if load("a") != "" || late || gone {
			t.Error("it is kept for too long", late, gone)
		}
		store.Create(ctx, "a", "4", time.Hour)
		first, _ := store.Delete(ctx, "a")
		second, _ := store.Delete(ctx, "a")
		if !first || second || load("a") != "" {
			t.Error(first, second)
		}
	})
}

// The memory is bounded, and who is there is not driven out by who comes.
func TestSessionMemoryIsBounded(t *testing.T) {
	ctx := t.Context()
	store := &middleware.SessionMemory{Bytes: 100 << 10}
	store.Create(ctx, "user", "x", time.Hour)
	for i := range 10000 {
		store.Create(ctx, strings.Repeat("i", i), "x", time.Hour)
		if _, ok, _ := store.Load(ctx, "user"); !ok {
			t.Fatalf("the user was driven out by session %d", i)
		}
		if i%100 == 0 {
			store.Delete(ctx, strings.Repeat("i", i))
		}
	}
	kept := 0
	for i := range 10000 {
		if _, ok, _ := store.Load(ctx, strings.Repeat("i", i)); ok {
			kept += i
		}
	}
	if kept > 100<<10 || kept < 50<<10 {
		t.Errorf("it keeps %d bytes", kept)
	}
	// One that is too large by itself drives out all, and is the only one.
	store.Create(ctx, "large", strings.Repeat("x", 200<<10), time.Hour)
	if _, ok, _ := store.Load(ctx, "user"); ok {
		t.Error("it keeps more than it may")
	}
}

func TestSessionMemoryIsForManyGoroutines(t *testing.T) {
	store := &middleware.SessionMemory{Bytes: 2000}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := string(rune('a' + i%3))
			for range 200 {
				store.Create(t.Context(), id, "x", time.Hour)
				store.Update(t.Context(), id, "y", time.Hour)
				if data, ok, _ := store.Load(t.Context(), id); ok && data != "x" && data != "y" {
					t.Errorf("loaded %q", data)
				}
				store.Delete(t.Context(), id)
			}
		})
	}
	wg.Wait()
	var left []string
	for _, id := range []string{"a", "b", "c"} {
		if _, ok, _ := store.Load(t.Context(), id); ok {
			left = append(left, id)
		}
	}
	if diff := cmp.Diff([]string(nil), left); diff != "" {
		t.Error(diff)
	}
}

// A session whose time is over while its reply is still to come has no time left
// for which a store, or a browser, could keep it.
func TestSessionThatIsOverBeforeTheHead(t *testing.T) {
	late := func(int, raxx.Event) (int, []raxx.Part) {
		return 0, []raxx.Part{sessionTest.Set(raxx.NoContent(), sessionTestAccount{Name: "ada", Count: 9})}
	}
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		c.Idle, c.Lifetime = time.Hour, time.Hour
		for name, wait := range map[string]time.Duration{"just": time.Hour, "long": 2 * time.Hour} {
			b := newTestBrowser(sessionTest.Middleware(c)(func(req raxx.Request) raxx.Response {
				if req.Path == "/late" {
					return raxx.Defer(raxx.NewMachine(0, late))
				}
				return sessionTestSite(req)
			}))
			b.get(t, "/login?name=ada")
			machine := b.do(t, raxx.Get("/late")).Body.(raxx.Machine)
			time.Sleep(wait) // of the bubble
			_, parts := machine.Step(raxx.Open{})
			head := parts[0].(raxx.Response)
			if head.Header.Has("set-cookie") || head.Status != 204 {
				t.Errorf("%s over: status %d, set-cookie %q", name, head.Status, head.Header.Get("set-cookie"))
			}
		}
	})
}
