package middleware_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A sessionTestAccount is what the sessions of these tests hold.
type sessionTestAccount struct {
	Name  string
	Count int
}

var sessionTest = middleware.NewSession[sessionTestAccount]("account")

func sessionTestSecret(c byte) []byte { return bytes.Repeat([]byte{c}, 32) }

func sessionTestPrincipal(a sessionTestAccount) string { return a.Name }

// sessionTestConfigs are the ways to keep a session.
func sessionTestConfigs() map[string]middleware.SessionConfig[sessionTestAccount] {
	return map[string]middleware.SessionConfig[sessionTestAccount]{
		"encrypted": {Secrets: [][]byte{sessionTestSecret('a')}, Principal: sessionTestPrincipal},
		"signed":    {Secrets: [][]byte{sessionTestSecret('a')}, Signed: true, Principal: sessionTestPrincipal},
		"stored":    {Store: &middleware.SessionMemory{}, Principal: sessionTestPrincipal},
	}
}

func sessionTestEach(t *testing.T, run func(t *testing.T, c middleware.SessionConfig[sessionTestAccount])) {
	for name, config := range sessionTestConfigs() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { run(t, config) })
		})
	}
}

// sessionTestSite is an application with a session: pure functions.
func sessionTestSite(req raxx.Request) raxx.Response {
	account := sessionTest.Get(req)
	name, _ := req.Values()
	switch req.Path {
	case "/login":
		return sessionTest.Set(raxx.SeeOther("/"), sessionTestAccount{Name: name.Get("name")})
	case "/count":
		account.Count++
		return sessionTest.Set(raxx.NoContent(), account)
	case "/renew":
		return sessionTest.Renew(raxx.NoContent(), account)
	case "/logout":
		return sessionTest.End(raxx.SeeOther("/"))
	case "/fail":
		return raxx.Try(func(raxx.Request) (raxx.Response, error) {
			return sessionTest.Set(raxx.NoContent(), sessionTestAccount{Name: "eve"}), errors.New("no")
		})(req)
	case "/id":
		return raxx.Text(200, sessionTest.ID(req))
	case "/asset":
		return raxx.Text(200, "asset").With("cache-control", "public, max-age=60")
	case "/large":
		return sessionTest.Set(raxx.NoContent(), sessionTestAccount{Name: strings.Repeat("x", 70000)})
	case "/larger":
		return sessionTest.Set(raxx.NoContent(), sessionTestAccount{Name: strings.Repeat("x", 3000)})
	case "/flash":
		return middleware.AddFlash(raxx.SeeOther("/"), "info", "hello")
	case "/page":
		return raxx.HTML(200, fmt.Sprint(middleware.Flashes(req)))
	}
	return raxx.Text(200, fmt.Sprint(account.Name, " ", account.Count))
}

func sessionTestBrowser(c middleware.SessionConfig[sessionTestAccount]) *testBrowser {
	return newTestBrowser(sessionTest.Middleware(c)(sessionTestSite))
}

func ExampleSession() {
	// The handlers are functions from value to value.
	visits := middleware.NewSession[int]("visits")
	count := func(req raxx.Request) raxx.Response {
		n := visits.Get(req) + 1
		return visits.Set(raxx.Text(200, fmt.Sprint("visit ", n)), n)
	}
	// So a test needs no middleware, no secret and no cookie.
	got := count(visits.With(raxx.Get("/"), 6))
	fmt.Println(cmp.Equal(visits.Set(raxx.Text(200, "visit 7"), 7), got))

	// The site has them.
	config := middleware.SessionConfig[int]{Secrets: [][]byte{[]byte("32 random bytes from your settings")}}
	site := visits.Middleware(config)(count)
	resp := site(raxx.Get("/"))
	cookie, _ := raxx.ParseSetCookie(resp.Header.Get("set-cookie"))
	fmt.Println(resp.Body, cookie.Name)
	fmt.Println(site(raxx.Get("/").WithCookie(cookie.Name, cookie.Value)).Body)
	// Output:
	// true
	// visit 1 __Host-session
	// visit 2
}

func TestSessionOfABrowser(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b, other := sessionTestBrowser(c), sessionTestBrowser(c)
		var got []string
		for _, target := range []string{"/", "/login?name=ada", "/", "/count", "/count", "/", "/logout", "/"} {
			got = append(got, b.get(t, target))
		}
		want := []string{" 0", "", "ada 0", "", "", "ada 2", "", " 0"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got := other.get(t, "/"); got != " 0" {
			t.Errorf("another browser sees %q", got)
		}
		if len(b.jar) != 0 {
			t.Errorf("the browser kept %v after the end", b.jar)
		}
	})
}

// A session begins with an identifier that the server has made (CVE-2024-38513).
func TestSessionIdentifiersAreNotTakenFromTheBrowser(t *testing.T) {
	store := &middleware.SessionMemory{}
	b := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Store: store})
	chosen := strings.Repeat("A", 43)
	b.jar["__Host-session"] = chosen
	b.get(t, "/login?name=ada")
	if b.jar["__Host-session"] == chosen || len(b.jar["__Host-session"]) != 43 {
		t.Errorf("the cookie is %q", b.jar["__Host-session"])
	}
}

// What is planted before the login is worth nothing after it.
func TestSessionFixation(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		tests := map[string]struct {
			principal func(sessionTestAccount) string
			target    string
			renewed   bool
		}{
			"another user":                        {sessionTestPrincipal, "/login?name=ada", true},
			"the same user":                       {sessionTestPrincipal, "/count", false},
			"a renewal that was asked for":        {sessionTestPrincipal, "/renew", true},
			"nobody said who it is":               {nil, "/count", true},
			"nobody said who it is, and no write": {nil, "/", false},
		}
		for name, test := range tests {
			c := c
			c.Principal = test.principal
			victim := sessionTestBrowser(c)
			victim.get(t, "/count") // a session of nobody
			attacker := victim.copy()
			before := victim.get(t, "/id")
			victim.get(t, test.target)
			if renewed := victim.get(t, "/id") != before; renewed != test.renewed {
				t.Errorf("%s: renewed %v", name, renewed)
			}
			if got := attacker.get(t, "/"); test.renewed && strings.Contains(got, "ada") {
				t.Errorf("%s: the attacker sees %q", name, got)
			}
			if gone := attacker.get(t, "/") == " 0"; c.Store != nil && gone != test.renewed {
				t.Errorf("%s: the old session is gone: %v", name, gone)
			}
		}
	})
}

func TestSessionIdentifiers(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		var got []string
		for _, target := range []string{"/", "/flash", "/count", "/login?name=ada", "/count", "/logout"} {
			b.get(t, target)
			got = append(got, b.get(t, "/id"))
		}
		if got[0] != "" || got[1] != "" || got[5] != "" {
			t.Errorf("without a value there is an identifier: %q", got)
		}
		if got[2] == "" || got[3] == got[2] || got[4] != got[3] {
			t.Errorf("identifiers are %q", got)
		}
		if strings.Contains(b.jar["__Host-session"], got[4]) && !c.Signed {
			t.Error("the cookie shows the identifier")
		}
	})
}

func TestSessionExpiry(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		c.Idle, c.Lifetime = 8*time.Hour, 20*time.Hour
		b := sessionTestBrowser(c)
		// visit waits, and returns what the session is and how long its cookie
		// lasts; zero if none is sent.
		visit := func(wait time.Duration) string {
			time.Sleep(wait)
			resp := b.do(t, raxx.Get("/"))
			cookie, _ := raxx.ParseSetCookie(resp.Header.Get("set-cookie"))
			return fmt.Sprint(resp.Body, " ", cookie.MaxAge)
		}
		b.get(t, "/login?name=ada")
		got := []string{
			visit(0),
			visit(59 * time.Minute), // not yet an eighth
			visit(time.Minute),      // 1 h
			visit(7*time.Hour + 59*time.Minute),
			visit(8*time.Hour - time.Second), // 16:59
			visit(2 * time.Hour),             // 18:59
			visit(time.Hour),                 // 19:59
			visit(2 * time.Minute),
		}
		want := []string{
			"ada 0 0s", "ada 0 0s", "ada 0 8h0m0s", "ada 0 8h0m0s",
			"ada 0 3h1m1s", "ada 0 1h1m1s", "ada 0 1m1s", " 0 0s",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		// A stolen copy, too, is good only for as long.
		b.get(t, "/login?name=ada")
		thief := b.copy()
		time.Sleep(8 * time.Hour)
		if got := thief.get(t, "/"); got != " 0" {
			t.Errorf("after its time the session is %q", got)
		}
	})
}

func TestSessionRenewalBeginsItsLifetimeAnew(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		c.Idle, c.Lifetime = 10*time.Hour, 10*time.Hour
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		time.Sleep(9 * time.Hour)
		b.get(t, "/renew")
		time.Sleep(9 * time.Hour)
		if got := b.get(t, "/"); got != "ada 0" {
			t.Errorf("got %q", got)
		}
	})
}

// A message that waits stays there for the next page, whatever is written beside it.
func TestSessionKeepsFlashesThatWait(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		for _, target := range []string{"/flash", "/count", "/login?name=ada", "/renew"} {
			b.get(t, target)
		}
		if got := b.get(t, "/page") + b.get(t, "/"); got != "[{info hello}]ada 0" {
			t.Errorf("got %s", got)
		}
	})
}

func TestSessionIsNotWrittenByWhatFails(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		b.get(t, "/fail")
		if got := b.get(t, "/"); got != "ada 0" {
			t.Errorf("the session is %q", got)
		}
	})
}

func TestSessionThatIsTooLarge(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		resp := b.do(t, raxx.Get("/large"))
		var size *middleware.SessionSizeError
		if resp.Status != 500 || !errors.As(resp.Cause.Err(), &size) || resp.Header.Has("set-cookie") {
			t.Errorf("status %d, cause %v", resp.Status, resp.Cause)
		}
		if got := b.get(t, "/"); got != "ada 0" {
			t.Errorf("then the session is %q", got)
		}
		want := 204
		if c.Store == nil {
			want = 500
		}
		if resp := b.do(t, raxx.Get("/larger")); resp.Status != want {
			t.Errorf("3,000 bytes: status %d, want %d", resp.Status, want)
		}
	})
}

func TestSessionsAndCaches(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		fields := func(target string) string {
			h := b.do(t, raxx.Get(target)).Header
			return fmt.Sprintf("%s|%s|%v", h.Get("vary"), h.Get("cache-control"), h.Has("set-cookie"))
		}
		got := []string{fields("/"), fields("/asset"), fields("/login?name=ada"), fields("/"), fields("/asset")}
		time.Sleep(12 * time.Hour)
		got = append(got, fields("/asset"), fields("/"))
		want := []string{
			"cookie||false", "|public, max-age=60|false", "cookie|private|true", "cookie|private|false", "|public, max-age=60|false",
			"|public, max-age=60|false", "cookie|private|true", // CVE-2023-30861
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		public := sessionTest.Middleware(c)(func(raxx.Request) raxx.Response {
			return sessionTest.Set(raxx.Text(200, "x").With("cache-control", "Public, max-age=60"), sessionTestAccount{})
		})
		if got := public(raxx.Get("/")).Header.Get("cache-control"); got != "private" {
			t.Errorf("with a new session cache-control is %q", got)
		}
	})
}

// A deferred response changes the session when its head comes.
func TestSessionOfADeferredResponse(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		late := func(done bool, event raxx.Event) (bool, []raxx.Part) {
			if _, ok := event.(raxx.Info); !ok {
				return done, nil
			}
			head := sessionTest.Set(raxx.Response{Status: 200}, sessionTestAccount{Name: "grace"})
			return true, []raxx.Part{head, raxx.Data("x"), raxx.Tail{}}
		}
		handler := sessionTest.Middleware(c)(func(raxx.Request) raxx.Response {
			return middleware.AddFlash(sessionTest.Set(raxx.Defer(raxx.NewMachine(false, late)), sessionTestAccount{Name: "ada"}), "info", "hello")
		})
		resp := handler(raxx.Get("/"))
		if resp.Status != 0 || len(resp.Do) != 0 || resp.Header != nil {
			t.Fatalf("before the head: %+v", resp)
		}
		machine, parts := resp.Body.(raxx.Machine).Step(raxx.Open{})
		if len(parts) != 0 {
			t.Fatalf("before the head: %v", parts)
		}
		_, parts = machine.Step(raxx.Info{})
		head := parts[0].(raxx.Response)
		cookie, err := raxx.ParseSetCookie(head.Header.Get("set-cookie"))
		if err != nil || len(head.Do) != 0 {
			t.Fatal(err, head)
		}
		b := sessionTestBrowser(c)
		b.jar[cookie.Name] = cookie.Value
		if got := b.get(t, "/") + b.get(t, "/page"); got != "grace 0[{info hello}]" {
			t.Errorf("the session is %q", got)
		}
	})
}

func TestSessionFailureInADeferredResponse(t *testing.T) {
	handler := sessionTest.Middleware(sessionTestConfigs()["encrypted"])(func(raxx.Request) raxx.Response {
		return raxx.Defer(raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
			head := sessionTest.Set(raxx.Response{Status: 200}, sessionTestAccount{Name: strings.Repeat("x", 9000)})
			return n, []raxx.Part{head, raxx.Data("x"), raxx.Tail{}}
		}))
	})
	_, parts := handler(raxx.Get("/")).Body.(raxx.Machine).Step(raxx.Open{})
	want := []raxx.Part{raxx.Response{Status: 500}.WithCause(&middleware.SessionSizeError{Size: 12117, Limit: 4082}), raxx.Data("x"), raxx.Tail{}}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
}

// Who was told that it is saved would believe it.
func TestSessionFailureTakesThePlaceOfTheReply(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		saved := sessionTest.Set(raxx.Text(200, "saved"), sessionTestAccount{Name: strings.Repeat("x", 70000)})
		later := raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, []raxx.Part{saved} })
		for name, resp := range map[string]raxx.Response{"at once": saved, "later": raxx.Defer(later)} {
			handler := sessionTest.Middleware(c)(func(raxx.Request) raxx.Response { return resp })
			parts := raxxtest.Run(handler(raxx.Get("/")))
			head, _ := parts[0].(raxx.Response)
			if diff := cmp.Diff([]raxx.Part{raxx.Problem(500, "").WithCause(head.Cause.Err())}, parts); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

func TestSessionLaws(t *testing.T) {
	for name, config := range sessionTestConfigs() {
		t.Run(name, func(t *testing.T) {
			b := sessionTestBrowser(config)
			b.get(t, "/login?name=ada")
			raxxtest.Laws(t, sessionTest.Middleware(config))
			raxxtest.Laws(t, sessionTest.Middleware(config), raxxtest.Prepare(b.with))
		})
	}
}

func BenchmarkSession(b *testing.B) {
	for name, config := range sessionTestConfigs() {
		b.Run(name, func(b *testing.B) {
			browser := sessionTestBrowser(config)
			browser.get(b, "/login?name=ada")
			for label, req := range map[string]raxx.Request{"none": raxx.Get("/asset"), "one": browser.with(raxx.Get("/asset"))} {
				b.Run(label, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						browser.handler(req)
					}
				})
			}
		})
	}
}

// A handler may change the value that it was given in place: what is behind its
// pointers and in its maps is the handler's own.
func TestSessionWhoseValueIsChangedInPlace(t *testing.T) {
	type account struct {
		Name   string
		Basket map[string]int
	}
	session := middleware.NewSession[*account]("account")
	configs := map[string]middleware.SessionConfig[*account]{
		"any change": {Secrets: [][]byte{sessionTestSecret('a')}},
		"the principal": {Store: &middleware.SessionMemory{}, Principal: func(a *account) string {
			if a == nil {
				return ""
			}
			return a.Name
		}},
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			b := newTestBrowser(session.Middleware(config)(func(req raxx.Request) raxx.Response {
				a := session.Get(req)
				if a == nil {
					a = &account{Basket: map[string]int{}}
				}
				switch req.Path {
				case "/id":
					return raxx.Text(200, session.ID(req))
				case "/add":
					a.Basket["tea"]++
					return session.Set(raxx.NoContent(), a)
				case "/login":
					a.Name = "ada"
					return session.Set(raxx.NoContent(), a)
				}
				return raxx.Text(200, fmt.Sprint(a.Name, a.Basket["tea"]))
			}))
			b.get(t, "/add")
			b.get(t, "/add")
			before := b.get(t, "/id")
			attacker := b.copy()
			b.get(t, "/login")
			if got := b.get(t, "/"); got != "ada2" {
				t.Errorf("the session is %q", got)
			}
			if b.get(t, "/id") == before {
				t.Error("another user has the same identifier")
			}
			if got := attacker.get(t, "/"); strings.Contains(got, "ada") {
				t.Errorf("who planted the session sees %q", got)
			}
		})
	}
}
