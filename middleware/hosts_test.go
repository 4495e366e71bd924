package middleware_test

import (
	"fmt"
	"testing"

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

func BenchmarkHosts(b *testing.B) {
	handler := middleware.Hosts{Allowed: []string{"example.org"}}.Middleware()(stackTestHandler)
	req := raxx.Get("https://example.org/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
