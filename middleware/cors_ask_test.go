package middleware_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// The origins of customers are in a database, of which a copy is kept in memory.
func ExampleCORS_allowOrigin() {
	customers := map[string]string{"https://shop.example": "shop.api.example.org"}
	allow := func(req raxx.Request, origin string) (bool, error) {
		host, known := customers[origin]
		return known && host == req.Host(), nil
	}
	handler := raxx.Stack(
		middleware.CORS{AllowOrigin: allow}.Middleware(),
		middleware.CrossOrigin{AllowOrigin: allow}.Middleware(),
	)(func(raxx.Request) raxx.Response { return raxx.Text(200, "data") })

	for _, origin := range []string{"https://shop.example", "https://evil.example"} {
		resp := handler(raxx.Post("https://shop.api.example.org/", "text/plain", nil).With("origin", origin))
		fmt.Printf("%d %q %s\n", resp.Status, resp.Header.Get("access-control-allow-origin"), resp.Header.Get("vary"))
	}
	// Output:
	// 200 "https://shop.example" origin
	// 403 "" origin
}

var errOriginTest = errors.New("the database is down")

// originTestAsk answers by the name of the origin, and notes what it was asked.
func originTestAsk(asked *[]string) func(raxx.Request, string) (bool, error) {
	return func(_ raxx.Request, origin string) (bool, error) {
		*asked = append(*asked, origin)
		switch origin {
		case "https://down.org":
			return true, errOriginTest
		case "https://blocked.org":
			return false, fmt.Errorf("asked: %w", &raxx.Error{Status: 451, Header: raxx.Header{{Name: "access-control-allow-origin", Value: "*"}}})
		case "https://bug.org":
			panic("a bug")
		}
		return origin == "https://a.org", nil
	}
}

// originTestNever are what no function is asked about: what is not one origin in the
// form in which browsers write it.
var originTestNever = map[string][]string{
	"no origin":              nil,
	"an empty origin":        {""},
	"null":                   {"null"},
	"NULL":                   {"NULL"},
	"a star":                 {"*"},
	"two origins":            {"https://a.org", "https://a.org"},
	"two in one field":       {"https://a.org https://a.org"},
	"a path":                 {"https://a.org/"},
	"a user":                 {"https://x@a.org"},
	"the port of its scheme": {"https://a.org:443"},
	"a port too long":        {"https://a.org:123456"},
	"a port from nought":     {"https://a.org:080"},
	"no port":                {"https://a.org:"},
	"no host":                {"https://"},
	"no scheme":              {"a.org"},
	"an empty scheme":        {"://a.org"},
	"a scheme of digits":     {"1s://a.org"},
	"an empty label":         {"https://a..org"},
	"an empty first label":   {"https://.a.org"},
	"a bracket":              {"https://[::1"},
	"no address":             {"https://[]"},
	"another script":         {"https://ä.org"},
	"a backslash":            {`https://a.org\x`},
}

func TestCORSAsks(t *testing.T) {
	plain := raxx.Text(200, "data").With("vary", "origin")
	shared := func(origin string) raxx.Response {
		return raxx.Text(200, "data").With("access-control-allow-origin", origin).
			With("access-control-allow-credentials", "true").With("vary", "origin")
	}
	down := raxx.Problem(503, "whether this origin is allowed can't be told at the moment (CORS)").WithCause(errOriginTest).With("vary", "origin")
	tests := map[string]struct {
		origin string
		asked  []string
		want   raxx.Response
	}{
		"one that is listed":  {"https://listed.org", nil, shared("https://listed.org")},
		"one below a domain":  {"https://x.listed.org", nil, shared("https://x.listed.org")},
		"one that is allowed": {"https://a.org", []string{"https://a.org"}, shared("https://a.org")},
		"another":             {"https://b.org", []string{"https://b.org"}, plain},
		"another scheme":      {"http://a.org", []string{"http://a.org"}, plain},
		"an app":              {"app+x.1://a_b", []string{"app+x.1://a_b"}, plain},
		"an address":          {"http://[::1]:8080", []string{"http://[::1]:8080"}, plain},
		"nobody can tell":     {"https://down.org", []string{"https://down.org"}, down},
		"an error with a status": {"https://blocked.org", []string{"https://blocked.org"},
			raxx.Problem(451, "").WithCause(errors.New("asked: 451 Unavailable For Legal Reasons")).With("vary", "origin")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			called := false
			handler := middleware.CORS{
				Origins: []string{"https://listed.org", "https://*.listed.org"}, AllowOrigin: originTestAsk(&asked), Credentials: true,
			}.Middleware()(func(raxx.Request) raxx.Response {
				called = true
				return raxx.Text(200, "data")
			})
			got := handler(raxx.Get("/").With("origin", test.origin))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.asked, asked); diff != "" {
				t.Error(diff)
			}
			if called != (test.want.Status == 200) {
				t.Errorf("the handler was called: %v", called)
			}
		})
	}
	for name, values := range originTestNever {
		t.Run("never: "+name, func(t *testing.T) {
			var asked []string
			req := raxx.Get("/")
			for _, value := range values {
				req = req.Add("origin", value)
			}
			if diff := cmp.Diff(plain, corsTestHandler(middleware.CORS{AllowOrigin: originTestAsk(&asked)})(req)); diff != "" || asked != nil {
				t.Error(diff, asked)
			}
		})
	}
}

func TestCORSAsksAtPreflights(t *testing.T) {
	const vary = "origin, access-control-request-method, access-control-request-headers, access-control-request-private-network"
	var asked []string
	handler := middleware.CORS{AllowOrigin: originTestAsk(&asked), Methods: []string{"PUT"}, MaxAge: -1}.
		Middleware()(func(raxx.Request) raxx.Response { panic("a preflight reached the handler") })
	for origin, want := range map[string]raxx.Response{
		"https://a.org": raxx.NoContent().With("access-control-allow-origin", "https://a.org").
			With("access-control-allow-methods", "PUT").With("access-control-max-age", "0"),
		"https://b.org":    raxx.Problem(403, "this origin is not allowed (CORS)"),
		"null":             raxx.Problem(403, "this origin is not allowed (CORS)"),
		"https://down.org": raxx.Problem(503, "whether this origin is allowed can't be told at the moment (CORS)").WithCause(errOriginTest),
		"https://blocked.org": raxx.Problem(451, "").
			WithCause(errors.New("asked: 451 Unavailable For Legal Reasons")),
	} {
		got := handler(raxx.New("OPTIONS", "/", nil).With("origin", origin).With("access-control-request-method", "PUT"))
		if value := strings.Join(vals(got.Header, "vary"), ", "); value != vary {
			t.Errorf("%s: vary: %s", origin, value)
		}
		got.Header = got.Header.Without("vary")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(origin, diff)
		}
	}
}

func vals(h raxx.Header, name string) (values []string) {
	for v := range h.Values(name) {
		values = append(values, v)
	}
	return values
}

// A cache keeps a response for all who ask for this URL from this origin (rs/cors#157).
func TestCORSAsksByWhatCachesKnow(t *testing.T) {
	tenant := raxx.NewKey[string]("tenant")
	var got raxx.Request
	handler := corsTestHandler(middleware.CORS{AllowOrigin: func(req raxx.Request, _ string) (bool, error) {
		got = req
		return true, nil
	}})
	req := tenant.Set(raxx.Post("https://api.example.org:8443/a%2Fb?c=d", "text/plain", raxx.Data("x")), "shop").
		With("origin", "https://a.org").With("cookie", "a=b").With("authorization", "Bearer x")
	req.Peer = raxx.Peer{Address: "192.0.2.7:1", Protocol: "HTTP/1.1"}
	handler(req)
	want := raxx.Request{Method: "POST", Scheme: "https", Authority: "api.example.org:8443", Path: "/a%2Fb", Query: "c=d", Scope: req.Scope}
	if diff := cmp.Diff(want, got); diff != "" || tenant.Get(got) != "shop" {
		t.Error(diff, tenant.Get(got))
	}
}

// A panic is one of a handler: it goes up, and nothing goes down.
func TestCORSAsksAndPanics(t *testing.T) {
	var asked []string
	handler := raxx.Stack(
		middleware.Recover{}.Middleware(),
		middleware.CORS{AllowOrigin: originTestAsk(&asked)}.Middleware(),
	)(func(raxx.Request) raxx.Response { t.Error("the handler was called"); return raxx.NoContent() })
	got := handler(raxx.Get("/").With("origin", "https://bug.org"))
	if got.Status != 500 || got.Header.Has("access-control-allow-origin") {
		t.Errorf("status %d, %v", got.Status, got.Header)
	}
}

func TestCrossOriginAsks(t *testing.T) {
	const site, origin = "sec-fetch-site", "origin"
	down := raxx.Problem(503, "whether this origin is trusted can't be told at the moment").WithCause(errOriginTest)
	denied := raxx.Problem(403, "the request was caused by another site")
	ok := raxx.Text(200, "done")
	post := raxx.Post("https://example.org/", "text/plain", raxx.Data("x"))
	tests := map[string]struct {
		req   raxx.Request
		asked []string
		want  raxx.Response
	}{
		"one that is allowed":          {post.With(origin, "https://a.org").With(site, "cross-site"), []string{"https://a.org"}, ok},
		"the same, in an old browser":  {post.With(origin, "https://a.org"), []string{"https://a.org"}, ok},
		"a WebSocket":                  {raxx.Get("https://example.org/").With("upgrade", "websocket").With(origin, "https://a.org"), []string{"https://a.org"}, ok},
		"another":                      {post.With(origin, "https://b.org"), []string{"https://b.org"}, denied},
		"by http":                      {post.With(origin, "http://a.org"), []string{"http://a.org"}, denied},
		"the site's own name by http":  {post.With(origin, "http://example.org"), []string{"http://example.org"}, denied},
		"nobody can tell":              {post.With(origin, "https://down.org"), []string{"https://down.org"}, down},
		"an error with a status":       {post.With(origin, "https://blocked.org"), []string{"https://blocked.org"}, raxx.Problem(451, "").Add("access-control-allow-origin", "*").WithCause(errors.New("asked: 451 Unavailable For Legal Reasons"))},
		"one that is listed":           {post.With(origin, "https://listed.org"), nil, ok},
		"the site itself":              {post.With(origin, "https://example.org"), nil, ok},
		"no browser":                   {post, nil, ok},
		"what only reads":              {raxx.Get("https://example.org/").With(origin, "https://b.org").With(site, "cross-site"), nil, ok},
		"a bypassed path":              {raxx.Post("https://example.org/paid", "text/plain", nil).With(origin, "https://b.org"), nil, ok},
		"another site without a name":  {post.With(site, "cross-site"), nil, denied},
		"another site with two names":  {post.With(origin, "https://a.org").Add(origin, "https://a.org"), nil, denied},
		"another site, the name null":  {post.With(origin, "null").With(site, "cross-site"), nil, denied},
		"a name that no browser gives": {post.With(origin, "https://A.org"), nil, denied},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var asked []string
			called := false
			got := middleware.CrossOrigin{
				Trusted: []string{"https://listed.org"}, Bypass: []string{"/paid"}, AllowOrigin: originTestAsk(&asked),
			}.Middleware()(func(raxx.Request) raxx.Response { called = true; return ok })(test.req)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.asked, asked); diff != "" || called != (test.want.Status == 200) {
				t.Errorf("called: %v; asked: %s", called, diff)
			}
		})
	}
	for name, values := range originTestNever {
		if len(values) == 0 || values[0] == "" {
			continue // from no browser
		}
		t.Run("never: "+name, func(t *testing.T) {
			var asked []string
			req := post
			for _, value := range values {
				req = req.Add(origin, value)
			}
			req.Authority = "other.org"
			if got := crossOriginTestStatus(middleware.CrossOrigin{AllowOrigin: originTestAsk(&asked)}, req); got != 403 || asked != nil {
				t.Error(got, asked)
			}
		})
	}
}

// No cache keeps what CrossOrigin lets through, so there the function sees all.
func TestCrossOriginAsksWithTheWholeRequest(t *testing.T) {
	req := raxx.Post("https://example.org/x", "text/plain", raxx.Data("x")).With("origin", "https://a.org").With("cookie", "a=b")
	var got raxx.Request
	crossOriginTestStatus(middleware.CrossOrigin{AllowOrigin: func(req raxx.Request, _ string) (bool, error) {
		got = req
		return false, nil
	}}, req)
	if diff := cmp.Diff(req, got); diff != "" {
		t.Error(diff)
	}
}

func TestCORSAllowOriginLaws(t *testing.T) {
	allow := func(raxx.Request, string) (bool, error) { return true, nil }
	fromElsewhere := raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("origin", "https://a.org") })
	raxxtest.Laws(t, middleware.CORS{AllowOrigin: allow, Credentials: true}.Middleware(), fromElsewhere)
	raxxtest.Laws(t, middleware.CrossOrigin{AllowOrigin: allow}.Middleware(), fromElsewhere)
}

// Whatever a client sends, a response of CORS varies on the origin, and gives leave
// to none but the one that was asked about.
func FuzzCORSAllowOrigin(f *testing.F) {
	for name := range originTestNever {
		for _, value := range originTestNever[name] {
			f.Add(value, "GET")
		}
	}
	f.Add("https://a.org", "OPTIONS")
	f.Fuzz(func(t *testing.T, origin, method string) {
		asked := ""
		handler := corsTestHandler(middleware.CORS{AllowOrigin: func(_ raxx.Request, origin string) (bool, error) {
			asked = origin
			return true, nil
		}})
		req := raxx.Request{Method: method, Header: raxx.Header{{Name: "access-control-request-method", Value: "GET"}, {Name: "origin", Value: origin}}}
		resp := handler(req)
		leave := resp.Header.Get("access-control-allow-origin")
		if leave != asked || asked != "" && asked != origin || leave == "null" || leave == "*" {
			t.Errorf("origin %q, asked for %q: leave for %q", origin, asked, leave)
		}
		if varies := strings.Join(vals(resp.Header, "vary"), ", "); varies != "origin" && !strings.HasPrefix(varies, "origin, ") {
			t.Errorf("vary: %q", varies)
		}
	})
}
