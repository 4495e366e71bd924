package middleware_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleCrossOrigin() {
	handler := middleware.CrossOrigin{}.Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Text(200, "transferred")
	})
	own := raxx.Post("/transfer", "text/plain", nil).With("sec-fetch-site", "same-origin")
	forged := raxx.Post("/transfer", "text/plain", nil).With("sec-fetch-site", "cross-site")
	fmt.Println(handler(own).Status, handler(forged).Status)
	// Output: 200 403
}

func crossOriginTestStatus(c middleware.CrossOrigin, req raxx.Request) int {
	handler := c.Middleware()(func(raxx.Request) raxx.Response { return raxx.Text(200, "done") })
	return handler(req).Status
}

func TestCrossOrigin(t *testing.T) {
	fields := func(pairs ...string) (h raxx.Header) {
		for i := 0; i < len(pairs); i += 2 {
			h = h.Add(pairs[i], pairs[i+1])
		}
		return h
	}
	const site, origin = "sec-fetch-site", "origin"
	tests := map[string]struct {
		method, target string
		header         raxx.Header
		want           int
	}{
		"the site itself":                 {"POST", "https://a.org/", fields(site, "same-origin"), 200},
		"the user":                        {"POST", "https://a.org/", fields(site, "none"), 200},
		"another site":                    {"POST", "https://a.org/", fields(site, "cross-site"), 403},
		"another host of the domain":      {"POST", "https://a.org/", fields(site, "same-site"), 403},
		"a value that may come one day":   {"POST", "https://a.org/", fields(site, "new"), 403},
		"its value in another case":       {"POST", "https://a.org/", fields(site, "Same-Origin"), 403},
		"sec-fetch-site before origin":    {"POST", "https://a.org/", fields(site, "cross-site", origin, "https://a.org"), 403},
		"sec-fetch-site despite origin":   {"POST", "https://a.org/", fields(site, "same-origin", origin, "https://b.org"), 200},
		"sec-fetch-site twice":            {"POST", "https://a.org/", fields(site, "same-origin", site, "cross-site"), 403},
		"no browser":                      {"POST", "https://a.org/", nil, 200},
		"an old browser, same origin":     {"POST", "https://a.org/", fields(origin, "https://a.org"), 200},
		"an old browser, with a port":     {"POST", "https://a.org:8443/", fields(origin, "https://a.org:8443"), 200},
		"the port that goes without":      {"POST", "https://a.org:443/", fields(origin, "https://a.org"), 200},
		"an old browser, other origin":    {"POST", "https://a.org/", fields(origin, "https://b.org"), 403},
		"an old browser, other port":      {"POST", "https://a.org/", fields(origin, "https://a.org:8443"), 403},
		"behind a proxy that speaks TLS":  {"POST", "http://a.org/", fields(origin, "https://a.org"), 200},
		"from http to https":              {"POST", "https://a.org/", fields(origin, "http://a.org"), 403},
		"the origin null":                 {"POST", "https://a.org/", fields(origin, "null"), 403},
		"an empty authority":              {"POST", "https:///", fields(origin, "null"), 403},
		"two origins":                     {"POST", "https://a.org/", fields(origin, "https://a.org", origin, "https://b.org"), 403},
		"two origins, one of them empty":  {"POST", "https://a.org/", fields(origin, "", origin, "https://b.org"), 403},
		"a user in the origin":            {"POST", "https://a.org/", fields(origin, "https://evil@a.org"), 403}, // golang/go#78563
		"a path in the origin":            {"POST", "https://a.org/", fields(origin, "https://a.org/"), 403},
		"an origin as prefix":             {"POST", "https://a.org/", fields(origin, "https://a.org.evil.org"), 403},
		"an origin as suffix":             {"POST", "https://a.org/", fields(origin, "https://evil-a.org"), 403},
		"an origin in capitals":           {"POST", "https://a.org/", fields(origin, "https://A.ORG"), 403},
		"a host that is a scheme":         {"POST", "https://a.org/", fields(origin, "a.org"), 403},
		"GET from another site":           {"GET", "https://a.org/", fields(site, "cross-site"), 200},
		"HEAD from another site":          {"HEAD", "https://a.org/", fields(site, "cross-site"), 200},
		"OPTIONS from another site":       {"OPTIONS", "https://a.org/", fields(site, "cross-site"), 200},
		"DELETE from another site":        {"DELETE", "https://a.org/", fields(site, "cross-site"), 403},
		"an unknown method":               {"FROB", "https://a.org/", fields(site, "cross-site"), 403},
		"methods are case-sensitive":      {"get", "https://a.org/", fields(site, "cross-site"), 403},
		"QUERY from another site":         {"QUERY", "https://a.org/", fields(site, "cross-site"), 403},
		"a WebSocket from another site":   {"GET", "https://a.org/", fields("upgrade", "websocket", origin, "https://b.org"), 403},
		"a WebSocket of the site":         {"GET", "https://a.org/", fields("upgrade", "websocket", origin, "https://a.org"), 200},
		"a WebSocket by fetch metadata":   {"GET", "https://a.org/", fields("upgrade", "websocket", site, "cross-site"), 403},
		"a WebSocket of no browser":       {"GET", "https://a.org/", fields("upgrade", "websocket"), 200},
		"a form's content type":           {"POST", "https://a.org/", fields(site, "cross-site", "content-type", "text/plain"), 403},
		"JSON, or what says so":           {"POST", "https://a.org/", fields(site, "cross-site", "content-type", "application/json"), 403},
		"no content type":                 {"POST", "https://a.org/", fields(origin, "https://b.org"), 403},
		"a method override":               {"POST", "https://a.org/", fields(site, "cross-site", "x-http-method-override", "GET"), 403},
		"a referrer of the site":          {"POST", "https://a.org/", fields(site, "cross-site", "referer", "https://a.org/"), 403},
		"an IPv6 address":                 {"POST", "http://[::1]:8080/", fields(origin, "http://[::1]:8080"), 200},
		"an IPv6 address, another port":   {"POST", "http://[::1]:8080/", fields(origin, "http://[::1]"), 403},
		"a trusted origin":                {"POST", "https://a.org/", fields(site, "cross-site", origin, "https://t.org"), 200},
		"a trusted origin, old browser":   {"POST", "https://a.org/", fields(origin, "https://t.org"), 200},
		"a trusted host by http":          {"POST", "https://a.org/", fields(origin, "http://t.org"), 403}, // CVE-2025-47909
		"a trusted host, other port":      {"POST", "https://a.org/", fields(origin, "https://t.org:444"), 403},
		"a trusted origin beside another": {"POST", "https://a.org/", fields(site, "cross-site", origin, "https://t.org", origin, "https://b.org"), 403},
		"a bypassed path":                 {"POST", "https://a.org/paid", fields(site, "cross-site"), 200},
		"a bypassed path with a query":    {"POST", "https://a.org/paid?x=1", fields(site, "cross-site"), 200},
		"a path behind a bypassed one":    {"POST", "https://a.org/paid/x", fields(site, "cross-site"), 403},
		"a slash behind a bypassed one":   {"POST", "https://a.org/paid/", fields(site, "cross-site"), 403}, // CVE-2025-47910
		"below a bypassed path":           {"POST", "https://a.org/hooks/git/push", fields(site, "cross-site"), 200},
		"the bypassed path itself":        {"POST", "https://a.org/hooks", fields(site, "cross-site"), 403}, // CVE-2025-47910
		"the bypassed path and a slash":   {"POST", "https://a.org/hooks/", fields(site, "cross-site"), 403},
		"the bypassed path and two":       {"POST", "https://a.org/hooks//", fields(site, "cross-site"), 403}, // the path itself, behind TrailingSlash
		"two slashes below it":            {"POST", "https://a.org/hooks/a//b", fields(site, "cross-site"), 403},
		"a slash at the end below it":     {"POST", "https://a.org/hooks/git/", fields(site, "cross-site"), 200},
		"beside a bypassed path":          {"POST", "https://a.org/admin/users", fields(site, "cross-site"), 403},
		"a dot below a bypassed path":     {"POST", "https://a.org/hooks/./git", fields(site, "cross-site"), 403},
		"out of a bypassed path":          {"POST", "https://a.org/hooks/../admin", fields(site, "cross-site"), 403},
		"out of it, escaped":              {"POST", "https://a.org/hooks/%2e%2E/admin", fields(site, "cross-site"), 403},
		"out of it, all escaped":          {"POST", "https://a.org/hooks/..%2fadmin", fields(site, "cross-site"), 403},
		"out of it by a backslash":        {"POST", "https://a.org/hooks/..%5cadmin", fields(site, "cross-site"), 403},
		"a malformed escape":              {"POST", "https://a.org/hooks/%2", fields(site, "cross-site"), 403},
		"a bypassed path in capitals":     {"POST", "https://a.org/PAID", fields(site, "cross-site"), 403},
		"two slashes before it":           {"POST", "https://a.org//paid", fields(site, "cross-site"), 403},
		"a method that is bypassed":       {"PUT", "https://a.org/put/x", fields(site, "cross-site"), 200},
		"a method that is not":            {"POST", "https://a.org/put/x", fields(site, "cross-site"), 403},
	}
	config := middleware.CrossOrigin{Trusted: []string{"https://t.org"}, Bypass: []string{"/paid", "/hooks/*", "PUT /put/*"}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req := raxx.New(test.method, test.target, nil)
			req.Header = test.header
			if got := crossOriginTestStatus(config, req); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

// The rules are those of net/http, for whatever a browser sends: but that we know by
// which scheme a request came, and refuse what a page of http sends to https.
func TestCrossOriginIsLikeNetHTTP(t *testing.T) {
	const friend = "https://friend.example"
	theirs := http.NewCrossOriginProtection()
	if err := theirs.AddTrustedOrigin(friend); err != nil {
		t.Fatal(err)
	}
	theirs.AddInsecureBypassPattern("/hook")
	ours := middleware.CrossOrigin{Trusted: []string{friend}, Bypass: []string{"/hook"}}.Middleware()(
		func(raxx.Request) raxx.Response { return raxx.NoContent() })
	allowed := 0
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "get"} {
		for _, site := range []string{"", "same-origin", "none", "same-site", "cross-site", "Same-Origin", "new"} {
			for _, origin := range []string{"", "null", "https://example.org", "http://example.org", "https://example.org:8443",
				"https://a.example.org", "https://evil.example", "https://example.org.evil.example", friend, "http://friend.example"} {
				for _, target := range []string{"https://example.org/", "https://example.org:8443/", "http://example.org/", "https://example.org/hook", "https://example.org/hook/"} {
					req := raxx.New(method, target, nil)
					if site != "" {
						req = req.With("sec-fetch-site", site)
					}
					if origin != "" {
						req = req.With("origin", origin)
					}
					r := httptest.NewRequest(method, target, nil)
					r.Header.Set("Sec-Fetch-Site", site)
					r.Header.Set("Origin", origin)
					want := theirs.Check(r) == nil
					if method != "GET" && method != "HEAD" && method != "OPTIONS" && site == "" && req.Path != "/hook" &&
						origin == "http://example.org" && req.Scheme == "https" {
						want = false
					}
					if got := ours(req).Status == 204; got != want {
						t.Errorf("%s %s, sec-fetch-site %q, origin %q: allowed %v, by net/http %v", method, target, site, origin, got, want)
					} else if got {
						allowed++
					}
				}
			}
		}
	}
	if allowed < 1000 {
		t.Errorf("only %d requests are allowed", allowed)
	}
}

func TestCrossOriginDenied(t *testing.T) {
	req := raxx.Post("/", "text/plain", raxx.Data("x")).With("sec-fetch-site", "cross-site")
	handler := middleware.CrossOrigin{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	if diff := cmp.Diff(raxx.Problem(403, "the request was caused by another site"), handler(req)); diff != "" {
		t.Error(diff)
	}
	config := middleware.CrossOrigin{Denied: func(req raxx.Request) raxx.Response { return raxx.Text(418, req.Path) }}
	if got := crossOriginTestStatus(config, req); got != 418 {
		t.Errorf("status %d", got)
	}
}

func TestCrossOriginThatCannotBeMeant(t *testing.T) {
	tests := map[string]middleware.CrossOrigin{
		"a host":                 {Trusted: []string{"a.org"}},
		"a path":                 {Trusted: []string{"https://a.org/"}},
		"capitals":               {Trusted: []string{"https://A.org"}},
		"a port too many":        {Trusted: []string{"https://a.org:443"}},
		"a wildcard":             {Trusted: []string{"https://*.a.org"}},
		"null":                   {Trusted: []string{"null"}},
		"no slash":               {Bypass: []string{"hooks"}},
		"everything":             {Bypass: []string{"/*"}},
		"everything by a method": {Bypass: []string{"POST /*"}},
		"a star in a segment":    {Bypass: []string{"/hooks*"}},
		"a star in the middle":   {Bypass: []string{"/*/x"}},
		"a query":                {Bypass: []string{"/x?y"}},
		"nothing":                {Bypass: []string{""}},
		"a method in lower case": {Bypass: []string{"post /paid"}},
		"a method that is none":  {Bypass: []string{"POST, /paid"}},
		"a space in front":       {Bypass: []string{" /paid"}},
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			config.Middleware()
		})
	}
}

func BenchmarkCrossOrigin(b *testing.B) {
	handler := middleware.CrossOrigin{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	req := raxx.Post("/", "text/plain", nil).With("sec-fetch-site", "same-origin")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}

func TestCrossOriginLaws(t *testing.T) { raxxtest.Laws(t, middleware.CrossOrigin{}.Middleware()) }
