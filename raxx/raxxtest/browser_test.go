package raxxtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A login keeps who has logged in, in a cookie.
func login(req raxx.Request) raxx.Response {
	switch req.Method + " " + req.Path {
	case "GET /login":
		return raxx.HTML(200, "<form method=post>")
	case "POST /login":
		form, err := raxx.ReadForm(req, 0)
		if err != nil || req.Header.Get("sec-fetch-site") != "same-origin" {
			return raxx.Problem(403, "")
		}
		cookie := raxx.Cookie{Name: "__Host-user", Value: form.Get("name"), Secure: true, MaxAge: time.Hour}
		return raxx.SeeOther("home").WithCookie(cookie)
	case "POST /logout":
		return raxx.SeeOther("/home").WithoutCookie("__Host-user")
	}
	if name, ok := req.Cookie("__Host-user"); ok {
		return raxx.Text(200, "hello "+name)
	}
	return raxx.SeeOther("/login")
}

func TestBrowserKeepsASession(t *testing.T) {
	b := NewBrowser(login)
	visit := func(want, url string) func(raxx.Response, error) {
		return func(page raxx.Response, err error) {
			t.Helper()
			if got, _ := page.Body.(raxx.Data); err != nil || string(got) != want || b.URL() != url {
				t.Errorf("got %q at %s, %v; want %q at %s", got, b.URL(), err, want, url)
			}
		}
	}
	visit("<form method=post>", "https://localhost/login")(b.Visit("/home"))
	visit("hello ada", "https://localhost/home")(b.Submit("", raxx.Values{{Name: "name", Value: "ada"}}))
	visit("hello ada", "https://localhost/home")(b.Visit("/home"))
	if name, ok := b.Cookie("__Host-user"); name != "ada" || !ok || len(b.Cookies()) != 1 {
		t.Errorf("the cookie is %q, %v", name, ok)
	}
	if c := b.Cookies()[0]; c.Domain != "localhost" || c.Path != "/" || c.MaxAge != 0 || c.Expires.IsZero() {
		t.Errorf("the browser keeps %+v", c)
	}
	if value, ok := b.Cookie("user"); ok {
		t.Errorf("a cookie that nobody has set is %q", value)
	}
	b.server.Advance(time.Hour)
	if left := b.Cookies(); len(left) != 0 {
		t.Errorf("behind their time there are %v", left)
	}
	visit("<form method=post>", "https://localhost/login")(b.Visit("/home"))
	visit("hello bob", "https://localhost/home")(b.Submit("login", raxx.Values{{Name: "name", Value: "bob"}}))
	visit("<form method=post>", "https://localhost/login")(b.Submit("/logout", nil))
}

func TestRedirects(t *testing.T) {
	echo := func(req raxx.Request) raxx.Response {
		if status, err := raxx.ValueAs[int](mustValues(req), "status"); err == nil {
			return raxx.Redirect(status, "../b?x=1#frag")
		}
		data, _ := raxx.ReadAll(req.Body, 0)
		return raxx.Text(200, req.Method+" "+req.URL()+" "+string(data)+" "+req.Header.Get("content-type"))
	}
	for _, tt := range []struct{ method, status, want string }{
		{"GET", "301", "GET https://localhost/b?x=1  "},
		{"HEAD", "303", ""},
		{"POST", "301", "GET https://localhost/b?x=1  "},
		{"POST", "302", "GET https://localhost/b?x=1  "},
		{"PUT", "302", "PUT https://localhost/b?x=1 body text/plain"},
		{"PUT", "303", "GET https://localhost/b?x=1  "},
		{"POST", "307", "POST https://localhost/b?x=1 body text/plain"},
		{"POST", "308", "POST https://localhost/b?x=1 body text/plain"},
	} {
		t.Run(tt.method+" "+tt.status, func(t *testing.T) {
			req := raxx.New(tt.method, "https://localhost/a/c?status="+tt.status, nil)
			if !raxx.IsSafe(tt.method) {
				req = req.WithBody(raxx.Data("body")).With("content-type", "text/plain")
			}
			page, err := NewBrowser(echo).Do(req)
			if got, _ := page.Body.(raxx.Data); err != nil || strings.TrimSuffix(string(got), " ") != strings.TrimSuffix(tt.want, " ") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func mustValues(req raxx.Request) raxx.Values {
	values, _ := req.Values()
	return values
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	for _, tt := range []struct{ location, reason string }{
		{"/again", "one too many"},
		{"ftp://localhost/", "leads nowhere"},
		{"mailto:ada@example.org", "leads nowhere"},
		{"http://[", "leads nowhere"},
	} {
		b := NewBrowser(func(raxx.Request) raxx.Response {
			return raxx.Response{Status: 302, Header: raxx.Header{{Name: "location", Value: tt.location}}}
		})
		resp, err := b.Visit("/")
		var redirect *RedirectError
		if !errors.As(err, &redirect) || !strings.Contains(err.Error(), tt.reason) || resp.Status != 302 {
			t.Errorf("%s: got %d, %v", tt.location, resp.Status, err)
		}
	}
	b := NewBrowser(func(raxx.Request) raxx.Response { return raxx.Redirect(307, "/b") })
	if _, err := b.Do(raxx.New("POST", "https://localhost/", Chunks("a"))); err == nil || !strings.Contains(err.Error(), "has been sent already") {
		t.Errorf("a stream was sent twice: %v", err)
	}
	if _, err := b.Visit("/%"); err == nil || !strings.Contains(err.Error(), "can't be followed from https://localhost/%") {
		t.Errorf("from what can't be read: %v", err)
	}
	for name, resp := range map[string]raxx.Response{
		"a location that is no redirect": {Status: 201, Header: raxx.Header{{Name: "location", Value: "/again"}}},
		"a redirect without a location":  {Status: 302},
	} {
		called := 0
		got, err := NewBrowser(func(raxx.Request) raxx.Response { called++; return resp }).Visit("/")
		if err != nil || called != 1 {
			t.Errorf("%s: %d requests, %v", name, called, err)
		}
		diff(t, resp, got)
	}
}

func TestManyRedirects(t *testing.T) {
	for n, follows := range map[int]bool{MaxRedirects: true, MaxRedirects + 1: false} {
		left := n
		_, err := NewBrowser(func(raxx.Request) raxx.Response {
			if left == 0 {
				return raxx.NoContent()
			}
			left--
			return raxx.Redirect(302, "http://localhost/again")
		}).Visit("/")
		if (err == nil) != follows {
			t.Errorf("%d redirects: %v", n, err)
		}
	}
}

// A reply that breaks off is the end, wherever it would lead.
func TestBrowserHandsOnErrors(t *testing.T) {
	called := 0
	_, err := NewBrowser(func(raxx.Request) raxx.Response {
		called++
		return raxx.Redirect(302, "/again").WithBody(Broken(errLaw, "a"))
	}).Visit("/")
	if !errors.Is(err, errLaw) || called != 1 {
		t.Errorf("%d requests, %v", called, err)
	}
}

// A handler may be asked for what package url does not read.
func TestBrowserVisitsMalformedPaths(t *testing.T) {
	b := NewBrowser(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.URL()) })
	for _, tt := range []struct{ page, target, want string }{
		{"", "/%zz", "https://localhost/%zz"},
		{"", "%zz", "https://localhost/%zz"},
		{"https://localhost/a/b", "c%", "https://localhost/a/c%"},
		{"https://localhost/a/b?x=/y", "c%", "https://localhost/a/c%"},
		{"https://localhost/a/b", "https://other.example/%", "https://other.example/%"},
		{"https://localhost/%zz", "/c", "https://localhost/c"},
	} {
		b.page = tt.page
		resp, err := b.Visit(tt.target)
		if resp.Body != raxx.Body(raxx.Data(tt.want)) || err != nil {
			t.Errorf("%s from %q is %v, %v; want %s", tt.target, tt.page, resp.Body, err, tt.want)
		}
	}
}

func TestBrowserSaysWhereItComesFrom(t *testing.T) {
	var got raxx.Request
	b := NewBrowser(func(req raxx.Request) raxx.Response { got = req; return raxx.NoContent() })
	b.Header = raxx.Header{{Name: "accept-language", Value: "de"}, {Name: "x-a", Value: "1"}, {Name: "x-a", Value: "2"}}
	want := func(fields ...string) {
		t.Helper()
		for i := 0; i < len(fields); i += 2 {
			if v := got.Header.Get(fields[i]); v != fields[i+1] {
				t.Errorf("%s is %q, want %q", fields[i], v, fields[i+1])
			}
		}
	}
	b.Visit("/a")
	want("sec-fetch-site", "none", "referer", "", "origin", "", "accept-language", "de")
	if !strings.HasPrefix(got.Header.Get("accept"), "text/html,") || got.Header.Has("cookie") {
		t.Errorf("the header is %v", got.Header)
	}
	if all := slices.Collect(got.Header.Values("x-a")); !slices.Equal(all, []string{"1", "2"}) {
		t.Errorf("of a field that the browser has twice %v is sent", all)
	}
	b.Do(raxx.Get("https://localhost/a").With("x-a", "3"))
	if all := slices.Collect(got.Header.Values("x-a")); !slices.Equal(all, []string{"3"}) {
		t.Errorf("beside the request's own field %v is sent", all)
	}
	b.Submit("b", nil)
	want("sec-fetch-site", "same-origin", "referer", "https://localhost/a", "origin", "https://localhost")
	b.Visit("https://other.example/")
	want("sec-fetch-site", "cross-site")
	b.Do(raxx.Get("https://other.example/x").With("sec-fetch-mode", "cors").With("accept", "a/b"))
	want("accept", "a/b", "sec-fetch-site", "same-origin")
	if b.URL() != "https://other.example/" {
		t.Errorf("a request by a script leads to %s", b.URL())
	}
}

// Behind a redirect the page that was shown is still where the browser comes from.
func TestRedirectsKeepWhereTheyComeFrom(t *testing.T) {
	var got raxx.Request
	b := NewBrowser(func(req raxx.Request) raxx.Response {
		got = req
		if to, ok := mustValues(req).Lookup("to"); ok {
			return raxx.Redirect(307, to)
		}
		return raxx.NoContent()
	})
	for _, tt := range []struct{ from, to, site, referer string }{
		{"", "https://localhost/?to=/b", "none", ""},
		{"https://localhost/a", "https://localhost/?to=/b", "same-origin", "https://localhost/a"},
		{"https://localhost/a", "https://localhost/?to=https://other.example/", "cross-site", "https://localhost/a"},
		{"https://localhost/a", "https://other.example/?to=https://localhost/b", "cross-site", "https://localhost/a"},
	} {
		b.page = tt.from
		if _, err := b.Visit(tt.to); err != nil {
			t.Fatal(err)
		}
		if site, referer := got.Header.Get("sec-fetch-site"), got.Header.Get("referer"); site != tt.site || referer != tt.referer {
			t.Errorf("from %q to %s: got %q from %q, want %q from %q", tt.from, tt.to, site, referer, tt.site, tt.referer)
		}
		if b.URL() != got.URL() {
			t.Errorf("the page is %s, want %s", b.URL(), got.URL())
		}
	}
	b.page = "https://localhost/a"
	b.Do(raxx.Get("https://localhost/?to=/b").With("sec-fetch-mode", "cors"))
	if b.URL() != "https://localhost/a" {
		t.Errorf("a request by a script leads to %s", b.URL())
	}
}
