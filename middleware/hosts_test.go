package middleware_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleHosts() {
	handler := middleware.Hosts{Allowed: []string{"example.org", "*.example.org"}}.Middleware()(stackTestHandler)
	for _, host := range []string{"example.org", "www.example.org:8443", "example.org.evil.example"} {
		fmt.Println(host, handler(raxx.Get("https://"+host+"/")).Status)
	}
	// Output:
	// example.org 200
	// www.example.org:8443 200
	// example.org.evil.example 421
}

// The hosts of tenants are in a database, of which a copy is kept in memory.
func ExampleHosts_allowHost() {
	tenants := map[string]string{"shop.example": "Shop", "wiki.example": "Wiki"}
	handler := middleware.Hosts{
		Allowed: []string{"example.org"},
		AllowHost: func(_ raxx.Request, host string) (bool, error) {
			_, known := tenants[host]
			return known, nil
		},
	}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, tenants[strings.ToLower(req.Host())])
	})
	for _, host := range []string{"shop.example:8443", "WIKI.example", "other.example"} {
		if resp := handler(raxx.Get("https://" + host + "/")); resp.Status == 200 {
			fmt.Println(host, resp.Body)
		} else {
			fmt.Println(host, resp.Status)
		}
	}
	// Output:
	// shop.example:8443 Shop
	// WIKI.example Wiki
	// other.example 421
}

func TestHosts(t *testing.T) {
	allowed := []string{"example.org", "*.Example.net", "secure.example.com:8443", "*.example.com:8443", "one.example.edu:8443", "[2001:db8::1]", "192.0.2.1", "kube.example.org"}
	for _, test := range []struct {
		name, host string
		want       int
	}{
		{"the host", "example.org", 200},
		{"any port", "example.org:8080", 200},
		{"upper case", "EXAMPLE.org", 200},
		{"a host below", "www.example.org", 421},
		{"a pattern", "www.example.net", 200},
		{"a pattern, two labels", "a.b.example.net", 200},
		{"a pattern, a port", "www.example.net:80", 200},
		{"a pattern does not cover its parent", "example.net", 421},
		{"the same end (suffix trick)", "evilexample.net", 421},
		{"the same begin", "example.org.evil.example", 421},
		{"an empty label (aspnetcore #66652)", "..example.net", 421},
		{"a leading dot", ".example.net", 421},
		{"a leading dot below", ".a.example.net", 421},
		{"an empty label in between", "a..b.example.net", 421},
		{"a trailing dot", "example.org.", 421},
		{"the port that was asked for", "secure.example.com:8443", 200},
		{"a pattern with the port that was asked for", "a.example.com:8443", 200},
		{"the port that was asked for, and no pattern", "one.example.edu:8443", 200},
		{"no port, and no pattern", "one.example.edu", 421},
		{"another port", "secure.example.com:80", 421},
		{"no port", "secure.example.com", 421},
		{"a user", "example.org@evil.example", 421},
		{"two hosts", "example.org,evil.example", 421},
		{"a port that is none", "example.org:80@evil.example", 421},
		{"an empty port", "example.org:", 421},
		{"a space", "example.org evil.example", 421},
		{"another host in Unicode, whose lower case is ours", "www.m\u0130ne.example.net", 421},
		{"another one, without a pattern", "\u212Aube.example.org", 421},
		{"NUL", "example.org\x00", 421},
		{"none (HTTP/1.0)", "", 421},
		{"an IPv6 address", "[2001:db8::1]:8080", 200},
		{"another IPv6 address", "[2001:db8::2]", 421},
		{"IPv6 without brackets", "2001:db8::1", 421},
		{"junk behind the brackets", "[2001:db8::1]evil.example", 421},
		{"an IPv4 address", "192.0.2.1:80", 200},
		{"this machine, which is not in the list", "localhost", 421},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Get("/")
			req.Authority = test.host
			called := false
			resp := middleware.Hosts{Allowed: allowed}.Middleware()(func(raxx.Request) raxx.Response {
				called = true
				return raxx.Text(200, "")
			})(req)
			if resp.Status != test.want || called != (test.want == 200) {
				t.Errorf("%q: status %d, want %d; called: %v", test.host, resp.Status, test.want, called)
			}
		})
	}
}

func TestHostsOfThisMachineByDefault(t *testing.T) {
	handler := middleware.Hosts{}.Middleware()(stackTestHandler)
	for host, want := range map[string]int{
		"localhost:8080": 200, "app.localhost": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200,
		"example.org": 421, "localhost.evil.example": 421, "notlocalhost": 421, "127.0.0.1.evil.example": 421,
	} {
		req := raxx.Get("/")
		req.Authority = host
		if got := handler(req).Status; got != want {
			t.Errorf("%s: status %d, want %d", host, got, want)
		}
	}
}

func TestHostsThatCannotBeMeant(t *testing.T) {
	for _, host := range []string{"*", "", "https://example.org", "example.org/", "*example.org", "a.*.example.org", "2001:db8::1", "*.", "example.org:http"} {
		t.Run(host, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			middleware.Hosts{Allowed: []string{host}}.Middleware()
		})
	}
}

func TestHostsAsks(t *testing.T) {
	down := errors.New("the database is down")
	const unasked = "-"
	for _, test := range []struct {
		name, host, asked string
		want              int
	}{
		{"one that is allowed", "a.org", "a.org", 200},
		{"a port", "a.org:8443", "a.org", 200},
		{"upper case", "A.ORG", "a.org", 200},
		{"another", "b.org", "b.org", 421},
		{"a low line", "a_b.org", "a_b.org", 421},
		{"an IPv4 address", "192.0.2.1:80", "192.0.2.1", 421},
		{"an IPv6 address", "[2001:DB8::1]:80", "[2001:db8::1]", 421},
		{"this machine", "localhost", "localhost", 421},
		{"nobody can tell", "down.org", "down.org", 503},
		{"an error with a status", "blocked.org", "blocked.org", 451},
		{"one that is listed", "listed.org", unasked, 200},
		{"one of a pattern", "a.listed.org:80", unasked, 200},
		{"none", "", unasked, 421},
		{"a port only", ":80", unasked, 421},
		{"a dot", ".", unasked, 421},
		{"a trailing dot", "a.org.", unasked, 421},
		{"a trailing dot and a port", "a.org.:80", unasked, 421},
		{"a leading dot", ".a.org", unasked, 421},
		{"an empty label", "a..org", unasked, 421},
		{"an empty port", "a.org:", unasked, 421},
		{"a port that is none", "a.org:80@b.org", unasked, 421},
		{"a user", "x@a.org", unasked, 421},
		{"two hosts", "a.org,b.org", unasked, 421},
		{"a slash", "a.org/", unasked, 421},
		{"a zone", "[fe80::1%25eth0]", unasked, 421},
		{"half an address", "[::1", unasked, 421},
		{"another script", "\u0430.org", unasked, 421},
		{"another script, whose lower case is a letter", "\u212a.org", unasked, 421},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := raxx.Post("/x", "text/plain", raxx.Data("x")).With("cookie", "a=b")
			req.Authority = test.host
			asked, called := unasked, false
			resp := middleware.Hosts{Allowed: []string{"listed.org", "*.listed.org"}, AllowHost: func(whole raxx.Request, host string) (bool, error) {
				if diff := cmp.Diff(req, whole); diff != "" {
					t.Error(diff)
				}
				asked = host
				switch host {
				case "down.org":
					return true, down
				case "blocked.org":
					return true, fmt.Errorf("asked: %w", &raxx.Error{Status: 451})
				}
				return host == "a.org", nil
			}}.Middleware()(func(raxx.Request) raxx.Response {
				called = true
				return raxx.Text(200, "")
			})(req)
			if resp.Status != test.want || asked != test.asked || called != (test.want == 200) {
				t.Errorf("%q: status %d, want %d; asked for %q, called: %v", test.host, resp.Status, test.want, asked, called)
			}
			if test.want == 503 && !resp.Cause.Equal(raxx.NewCause(down)) {
				t.Errorf("the cause is %v", resp.Cause)
			}
		})
	}
}

func TestDefaultAsksForHosts(t *testing.T) {
	handler := middleware.Default{Logger: stackTestQuiet, AllowHost: func(_ raxx.Request, host string) (bool, error) {
		return host == "a.org", nil
	}}.Middleware()(stackTestHandler)
	for host, want := range map[string]int{"a.org": 200, "b.org": 421, "localhost": 421} {
		if got := handler(raxx.Get("https://" + host + "/")).Status; got != want {
			t.Errorf("%s: status %d, want %d", host, got, want)
		}
	}
}

// Whatever a client sends, the function sees a host in one form.
func FuzzHostsAllowHost(f *testing.F) {
	for _, seed := range []string{"a.org", "A.org:80", "[::1]:8080", "a.org.", "a..org", "", "[", "a.org:65536", "x@a.org"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authority string) {
		handler := middleware.Hosts{AllowHost: func(_ raxx.Request, host string) (bool, error) {
			u, err := url.Parse("http://" + authority + "/")
			if err != nil || u.User != nil || !strings.EqualFold(strings.Trim(host, "[]"), u.Hostname()) || host != strings.ToLower(host) {
				t.Errorf("asked for %q of %q: %v", host, authority, err)
			}
			if strings.HasSuffix(host, ".") || strings.HasPrefix(host, ".") || strings.Contains(host, "..") || host == "" {
				t.Errorf("asked for %q", host)
			}
			return true, nil
		}}.Middleware()(stackTestHandler)
		handler(raxx.Request{Method: "GET", Scheme: "https", Authority: authority, Path: "/"})
	})
}

func BenchmarkHosts(b *testing.B) {
	handler := middleware.Hosts{Allowed: []string{"example.org"}}.Middleware()(stackTestHandler)
	req := raxx.Get("https://example.org/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
