package middleware_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleHTTPS() {
	handler := middleware.HTTPS{}.Middleware()(stackTestHandler)
	fmt.Println(handler(raxx.Get("http://example.org/users?page=2")).Header)
	fmt.Println(handler(raxx.Get("https://example.org/")).Header.Get("strict-transport-security"))
	// Output:
	// [{location https://example.org/users?page=2}]
	// max-age=31536000
}

func TestHTTPSRedirects(t *testing.T) {
	for _, test := range []struct {
		name, method, url string
		c                 middleware.HTTPS
		want              raxx.Response
	}{
		{"the path and the query as they were sent", "GET", "http://example.org/a%2Fb//c?d=%20", middleware.HTTPS{},
			raxx.Redirect(308, "https://example.org/a%2Fb//c?d=%20")},
		{"a POST", "POST", "http://example.org/", middleware.HTTPS{}, raxx.Redirect(308, "https://example.org/")},
		{"without the port of HTTP", "GET", "http://example.org:8080/", middleware.HTTPS{}, raxx.Redirect(308, "https://example.org/")},
		{"to another port", "GET", "http://example.org:8080/", middleware.HTTPS{Port: 8443}, raxx.Redirect(308, "https://example.org:8443/")},
		{"to the port of HTTPS", "GET", "http://example.org/", middleware.HTTPS{Port: 443}, raxx.Redirect(308, "https://example.org/")},
		{"to the last port", "GET", "http://example.org/", middleware.HTTPS{Port: 65535}, raxx.Redirect(308, "https://example.org:65535/")},
		{"IPv6", "GET", "http://[2001:db8::1]:80/", middleware.HTTPS{}, raxx.Redirect(308, "https://[2001:db8::1]/")},
		{"to the one host (VaporSecurityHeaders #28)", "GET", "http://evil.example/", middleware.HTTPS{Host: "example.org"},
			raxx.Redirect(308, "https://example.org/")},
		{"to the one host and another port", "GET", "http://evil.example/", middleware.HTTPS{Host: "example.org", Port: 8443},
			raxx.Redirect(308, "https://example.org:8443/")},
		{"to the one host, with its port", "GET", "http://evil.example/", middleware.HTTPS{Host: "[2001:db8::1]:8443"},
			raxx.Redirect(308, "https://[2001:db8::1]:8443/")},
		{"a path that looks like a host", "GET", "http://example.org//evil.example", middleware.HTTPS{},
			raxx.Redirect(308, "https://example.org//evil.example")},
	} {
		t.Run(test.name, func(t *testing.T) {
			handler := test.c.Middleware()(func(raxx.Request) raxx.Response { panic("it came in the clear") })
			if diff := cmp.Diff(test.want, handler(raxx.New(test.method, test.url, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("the whole server", func(t *testing.T) {
		req := raxx.New("OPTIONS", "http://example.org/", nil)
		req.Path = "*"
		if diff := cmp.Diff(raxx.Redirect(308, "https://example.org/"), middleware.HTTPS{}.Middleware()(stackTestHandler)(req)); diff != "" {
			t.Error(diff)
		}
	})
	for _, host := range []string{"", "example.org@evil.example", "a b", "example.org:x"} {
		t.Run("no redirect to "+host, func(t *testing.T) {
			req := raxx.Get("/")
			req.Authority = host
			if resp := (middleware.HTTPS{}).Middleware()(stackTestHandler)(req); resp.Status != 400 || resp.Header.Has("location") {
				t.Errorf("got %v", resp)
			}
		})
	}
}

func TestHTTPSStrictTransportSecurity(t *testing.T) {
	const name = "strict-transport-security"
	const year = 365 * 24 * time.Hour
	for _, test := range []struct {
		name, url string
		c         middleware.HTTPS
		want      string
	}{
		{"a year", "https://example.org/", middleware.HTTPS{}, "max-age=31536000"},
		{"a day", "https://example.org/", middleware.HTTPS{MaxAge: 24 * time.Hour}, "max-age=86400"},
		{"not at all", "https://example.org/", middleware.HTTPS{MaxAge: -1}, ""},
		{"all of it", "https://example.org/", middleware.HTTPS{MaxAge: 2 * year, Subdomains: true, Preload: true},
			"max-age=63072000; includeSubDomains; preload"},
		{"all of it, for just a year", "https://example.org/", middleware.HTTPS{MaxAge: year, Subdomains: true, Preload: true},
			"max-age=31536000; includeSubDomains; preload"},
		{"not where there is no host (HTTP/1.0)", "https:///", middleware.HTTPS{}, ""},
		{"never over HTTP (RFC 6797, 7.2)", "http://example.org/", middleware.HTTPS{}, ""},
		{"not for this machine", "https://localhost:8443/", middleware.HTTPS{}, ""},
		{"not for names of this machine", "https://a.localhost/", middleware.HTTPS{}, ""},
		{"not for an IPv4 address (RFC 6797, 8.1.1)", "https://192.0.2.1/", middleware.HTTPS{}, ""},
		{"not for an IPv6 address", "https://[2001:db8::1]/", middleware.HTTPS{}, ""},
		{"for a host that ends with a digit", "https://web1/", middleware.HTTPS{}, "max-age=31536000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.c.Middleware()(stackTestHandler)(raxx.Get(test.url)).Header.Get(name); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("the handler's own stays", func(t *testing.T) {
		handler := middleware.HTTPS{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent().With(name, "max-age=0") })
		if got := handler(raxx.Get("https://example.org/")).Header.Get(name); got != "max-age=0" {
			t.Errorf("got %q", got)
		}
	})
}

func TestHTTPSThatCannotBeMeant(t *testing.T) {
	for name, c := range map[string]middleware.HTTPS{
		"preload without subdomains": {Preload: true},
		"preload for a day":          {Preload: true, Subdomains: true, MaxAge: 24 * time.Hour},
		"a port that is none":        {Port: 70000},
		"a negative port":            {Port: -1},
		"two ports":                  {Host: "example.org:8443", Port: 8444},
		"a host that is a URL":       {Host: "https://example.org"},
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
