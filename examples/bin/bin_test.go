package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("got differs from want (-want +got):\n%s", d)
	}
}

func TestTell(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  raxx.Request
		want told
	}{
		{"a query", raxx.Get("/anything/a%2Fb?b=2&a=1&b=3"), told{
			Method: "GET", URL: "http://localhost/anything/a%2Fb?b=2&a=1&b=3",
			Query: [][2]string{{"b", "2"}, {"a", "1"}, {"b", "3"}},
		}},
		{"a form", raxx.PostForm("/anything", raxx.Values{{Name: "x", Value: "1 2"}}), told{
			Method: "POST", URL: "http://localhost/anything",
			Header: [][2]string{{"content-type", "application/x-www-form-urlencoded"}},
			Form:   [][2]string{{"x", "1 2"}}, Text: "x=1+2",
		}},
		{"bytes, and a method of one's own", raxx.New("BREW", "/anything", raxx.Data("\xff\x00")).Add("a", "1").Add("a", "2"), told{
			Method: "BREW", URL: "http://localhost/anything",
			Header: [][2]string{{"a", "1"}, {"a", "2"}}, Bytes: []byte{0xff, 0},
		}},
		{"cookies", raxx.Get("/cookies").WithCookie("a", "1"), told{
			Method: "GET", URL: "http://localhost/cookies",
			Header: [][2]string{{"cookie", "a=1"}}, Cookies: [][2]string{{"a", "1"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, raxx.JSON(200, tt.want), routes().Handle(tt.req))
		})
	}
}

func TestAnswers(t *testing.T) {
	page := func(want string) raxx.Response { return raxx.Redirect(302, want) }
	ranged := raxx.Get("/bytes/20").With("range", "bytes=15-16")
	partial := routes().Handle(ranged)
	diff(t, raxx.Body(raxx.Data("f0")), partial.Body)
	diff(t, "bytes 15-16/20", partial.Header.Get("content-range"))
	unchanged := raxx.Get("/bytes/20").With("if-none-match", partial.Header.Get("etag"))
	diff(t, 304, routes().Handle(unchanged).Status)

	for _, tt := range []struct {
		target string
		want   raxx.Response
	}{
		{"/status/418", raxx.Response{Status: 418}},
		{"/redirect/2", page("/redirect/1")},
		{"/redirect/1", page("/anything")},
		{"/cookies/set?a=1", raxx.SeeOther("/cookies").WithCookie(raxx.Cookie{Name: "a", Value: "1"})},
	} {
		diff(t, tt.want, routes().Handle(raxx.Get(tt.target)))
	}
	for target, status := range map[string]int{
		"/status/99": 400, "/status/teapot": 404, "/redirect/21": 400, "/delay/11": 400, "/stream/0": 400, "/bytes/1048577": 400,
		"/cookies/set?a=%00": 400, "/cookies/set?a" + strings.Repeat("&a", 50): 400, "/cookies/set?%": 400, "/anything?%": 400, "/nothing": 404,
	} {
		if got := routes().Handle(raxx.Get(target)).Status; got != status {
			t.Errorf("%s: got %d, want %d", target, got, status)
		}
	}
}

// Ten seconds pass when they are told to, and a drain does not wait for them.
func TestDelay(t *testing.T) {
	want, err := raxx.Collect(tell(raxx.Get("/delay/10").WithParams(raxx.Param{Name: "seconds", Value: "10"})))
	if err != nil {
		t.Fatal(err)
	}
	server := raxxtest.NewServer(routes().Handle)
	x := server.Serve(raxx.Get("/delay/10"))
	if parts := x.Advance(10*time.Second - 1); x.Ended() {
		t.Errorf("got %v too early", parts)
	}
	x.Advance(1)
	got, err := x.Response()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, want, got)

	x = server.Serve(raxx.Get("/delay/10"))
	server.Drain()
	if !x.Ended() {
		t.Error("it holds up the drain")
	}
}

func TestStream(t *testing.T) {
	got := raxxtest.Run(routes().Handle(raxx.Get("/stream/2")))
	diff(t, []raxx.Part{raxx.Reply(200, "text/plain", nil), raxx.Data("line 1\n"), raxx.Data("line 2\n"), raxx.Tail{}}, got)
}

func TestPassword(t *testing.T) {
	req := raxx.Get("/login/ada/s3cret")
	diff(t, 401, routes().Handle(req).Status)
	diff(t, 200, routes().Handle(req.With("authorization", "Basic YWRhOnMzY3JldA==")).Status)
}

// Cookies and redirects are followed as a browser does.
func TestBrowser(t *testing.T) {
	b := raxxtest.NewBrowser(app())
	if _, err := b.Visit("/cookies/set?a=1&b=2"); err != nil || b.URL() != "https://localhost/cookies" {
		t.Fatal(b.URL(), err)
	}
	if value, ok := b.Cookie("b"); !ok || value != "2" {
		t.Errorf("got %q, %v", value, ok)
	}
	if _, err := b.Visit("/redirect/5"); err != nil || b.URL() != "https://localhost/anything" {
		t.Error(b.URL(), err)
	}
}

func TestSite(t *testing.T) {
	var all []raxxtest.Route
	for _, r := range routes().Routes() {
		if r.Pattern != "/status/:code" { // what a client asks for there need not be right
			all = append(all, raxxtest.Route{Method: r.Method, Pattern: r.Pattern})
		}
	}
	raxxtest.Site(t, raxxtest.Lint(t)(app()), raxxtest.Requests(all, nil)...)
}
