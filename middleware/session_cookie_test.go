package middleware_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func TestSessionCookie(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		cookie := func(c middleware.SessionConfig[sessionTestAccount]) raxx.Cookie {
			resp := sessionTestBrowser(c).do(t, raxx.Get("/login?name=ada"))
			cookie, err := raxx.ParseSetCookie(resp.Header.Get("set-cookie"))
			if err != nil {
				t.Fatal(err)
			}
			cookie.Value = ""
			return cookie
		}
		want := raxx.Cookie{Name: "__Host-session", Path: "/", Secure: true, MaxAge: 24 * time.Hour}
		if diff := cmp.Diff(want, cookie(c)); diff != "" {
			t.Error(diff)
		}
		c.Insecure, c.Idle, c.SameSite = true, time.Hour, raxx.SameSiteStrict
		want = raxx.Cookie{Name: "session", Path: "/", MaxAge: time.Hour, SameSite: raxx.SameSiteStrict}
		if diff := cmp.Diff(want, cookie(c)); diff != "" {
			t.Error(diff)
		}
		c.Name, c.Transient, c.Insecure = "mine", true, false
		want = raxx.Cookie{Name: "mine", Path: "/", Secure: true, SameSite: raxx.SameSiteStrict}
		if diff := cmp.Diff(want, cookie(c)); diff != "" {
			t.Error(diff)
		}
	})
}

// The end tells the browser to drop the cookie with the attributes that it had.
func TestSessionEndReachesTheCookie(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		resp := b.do(t, raxx.Get("/logout"))
		want := "__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"
		if got := resp.Header.Get("set-cookie"); got != want {
			t.Errorf("got %s", got)
		}
		// Who has no session and no cookie is told nothing.
		if resp := sessionTestBrowser(c).do(t, raxx.Get("/logout")); resp.Header.Has("set-cookie") {
			t.Errorf("got %s", resp.Header.Get("set-cookie"))
		}
	})
}

func TestSessionCookiesThatAreNone(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		good := b.jar["__Host-session"]
		other := sessionTestBrowser(c)
		other.get(t, "/login?name=eve")
		tests := map[string]string{
			"changed":                     "__Host-session=" + good[:len(good)-2] + "00",
			"cut":                         "__Host-session=" + good[:len(good)-1],
			"longer":                      "__Host-session=" + good + "A",
			"empty":                       "__Host-session=",
			"a name that is chosen":       "__Host-session=admin", // CVE-2024-38513
			"another name":                "session=" + good,
			"twice":                       "__Host-session=" + good + "; __Host-session=" + good,
			"one that was tossed before":  "__Host-session=" + other.jar["__Host-session"] + "; __Host-session=" + good,
			"one that was tossed behind":  "__Host-session=" + good + "; __Host-session=" + other.jar["__Host-session"],
			"tossed before, and far":      "__Host-session=" + good + strings.Repeat("; a=", raxx.MaxCookies) + "; __Host-session=" + other.jar["__Host-session"],
			"the prefix in another case":  "__host-session=" + good,
			"no name (CVE-2023-23934)":    "=__Host-session=" + good,
			"a space that is none":        "\u00a0__Host-session=" + good,
			"within the quotes of others": `x="a; __Host-session="; y=` + good,
			"in quotes":                   `__Host-session="` + good + `"`,
		}
		for name, cookies := range tests {
			req := raxx.Get("/")
			req.Header = raxx.Header{{Name: "cookie", Value: cookies}}
			resp := b.handler(req)
			if resp.Body != raxx.Data(" 0") {
				t.Errorf("%s: the session is %q", name, resp.Body)
			}
			// Another server may know better, so the cookie is left.
			if resp.Header.Has("set-cookie") {
				t.Errorf("%s: sets %s", name, resp.Header.Get("set-cookie"))
			}
		}
		if got := b.get(t, "/"); got != "ada 0" {
			t.Errorf("the good one is %q", got)
		}
	})
}

func TestSessionSecretsAreRotated(t *testing.T) {
	for _, signed := range []bool{false, true} {
		config := func(secrets ...byte) (c middleware.SessionConfig[sessionTestAccount]) {
			for _, s := range secrets {
				c.Secrets = append(c.Secrets, sessionTestSecret(s))
			}
			c.Signed = signed
			return c
		}
		b := sessionTestBrowser(config('a'))
		b.get(t, "/login?name=ada")
		old := b.copy()
		for _, step := range []middleware.SessionConfig[sessionTestAccount]{config('a', 'b'), config('b', 'a')} {
			b.handler = sessionTest.Middleware(step)(sessionTestSite)
			if got := b.get(t, "/"); !strings.HasPrefix(got, "ada") {
				t.Errorf("during the rotation the session is %q", got)
			}
			b.get(t, "/count")
		}
		b.handler = sessionTest.Middleware(config('b'))(sessionTestSite)
		old.handler = b.handler
		if got := b.get(t, "/"); got != "ada 2" {
			t.Errorf("after the rotation the session is %q", got)
		}
		if got := old.get(t, "/"); got != " 0" {
			t.Errorf("what the old secret made is %q", got)
		}
	}
}

// A value is good for the cookie, the version and the way that it was made for.
func TestSessionConfusion(t *testing.T) {
	base := middleware.SessionConfig[sessionTestAccount]{Secrets: [][]byte{sessionTestSecret('a')}}
	b := sessionTestBrowser(base)
	b.get(t, "/login?name=ada")
	version, signed, name := base, base, base
	version.Version, signed.Signed, name.Name = 1, true, "__Host-other"
	for label, config := range map[string]middleware.SessionConfig[sessionTestAccount]{"version": version, "signed": signed, "name": name} {
		other := sessionTestBrowser(config)
		other.jar["__Host-session"], other.jar["__Host-other"] = b.jar["__Host-session"], b.jar["__Host-session"]
		if got := other.get(t, "/"); got != " 0" {
			t.Errorf("another %s: the session is %q", label, got)
		}
	}
	// A value that can't be read as the type is none, and may be overwritten.
	numbers := middleware.NewSession[int]("number")
	handler := numbers.Middleware(middleware.SessionConfig[int]{Secrets: base.Secrets})(func(req raxx.Request) raxx.Response {
		n, ok := numbers.Lookup(req)
		if m, same := numbers.From(req.Context()); m != n || same != ok {
			t.Errorf("its context has %d, %v, want %d, %v", m, same, n, ok)
		}
		return numbers.Set(raxx.Text(200, fmt.Sprint(n, ok)), 7)
	})
	c := newTestBrowser(handler)
	c.jar = b.copy().jar
	if got := c.get(t, "/") + c.get(t, "/"); got != "0 false7 true" {
		t.Errorf("got %q", got)
	}
}

// A shared cache keeps what says how long it is fresh, and the cookie with it.
func TestSessionCookiesAreNotSharedByCaches(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		for said, want := range map[string]string{
			"max-age=60":                     "max-age=60, private",
			"must-revalidate, Max-Age=60":    "must-revalidate, Max-Age=60, private",
			"s-maxage=60":                    "private",
			"no-cache":                       "no-cache, private",
			"no-store":                       "no-store",
			"Private, max-age=60":            "Private, max-age=60",
			`private="x-a, x-b", max-age=60`: `private="x-a, x-b", max-age=60, private`, // only these fields are (RFC 9111, 5.2.2.7)
			"":                               "private",
		} {
			handler := sessionTest.Middleware(c)(func(raxx.Request) raxx.Response {
				resp := sessionTest.Set(raxx.Text(200, "x"), sessionTestAccount{})
				if said != "" {
					resp = resp.With("cache-control", said)
				}
				return resp
			})
			if got := handler(raxx.Get("/")).Header.Get("cache-control"); got != want {
				t.Errorf("%q has become %q, want %q", said, got, want)
			}
		}
	})
}

// Whatever a client sends as cookies, it is either no session or the one that was
// made with the secret: there is only one.
func FuzzSessionCookie(f *testing.F) {
	b := sessionTestBrowser(middleware.SessionConfig[sessionTestAccount]{Secrets: [][]byte{sessionTestSecret('a')}})
	b.get(f, "/login?name=ada")
	good := "__Host-session=" + b.jar["__Host-session"]
	for _, seed := range []string{good, good + "; " + good, "a=b; " + good, good[:60], "=" + good, ";;;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cookies string) {
		req := raxx.Get("/")
		req.Header = raxx.Header{{Name: "cookie", Value: cookies}}
		if got := b.handler(req).Body; got != raxx.Data(" 0") && got != raxx.Data("ada 0") {
			t.Errorf("%q is a session: %q", cookies, got)
		}
	})
}
