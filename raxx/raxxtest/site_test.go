package raxxtest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// A goodSite answers as every site should.
func goodSite(req raxx.Request) raxx.Response {
	switch {
	case req.Path == "/events":
		return raxx.Reply(200, "text/event-stream", saying(parts{raxx.Data(":\n\n")}))
	case req.Path == "/private" && !req.Header.Has("authorization"):
		return raxx.Text(401, "").With("www-authenticate", "Basic")
	case req.Path != "/" && req.Path != "/users/7" && req.Path != "/private":
		return raxx.Problem(404, "")
	}
	switch req.Method {
	case "GET", "HEAD":
		return raxx.Conditional(req, raxx.Text(200, "hello").With("etag", `"1"`))
	case "POST":
		return raxx.Redirect(201, "/users/8")
	}
	return raxx.Problem(405, "").With("allow", "GET, HEAD, POST")
}

func siteRequests() []raxx.Request {
	return append(Requests([]Route{
		{"GET", "/"}, {"POST", "/users/:id"}, {"GET", "/users/:id"}, {"GET", "/events"}, {"GET", "/private"}, {"GET", "/files/*path"},
	}, map[string]string{"id": "7", "path": "a/b"}), raxx.Get("/private").With("authorization", "x"))
}

func TestSiteIsContentWithGoodOnes(t *testing.T) {
	Site(t, goodSite, siteRequests()...)
	Site(t, goodSite)
}

// What may change something is not asked, unless it is among the requests.
func TestSiteChangesNothingByItself(t *testing.T) {
	Site(t, func(req raxx.Request) raxx.Response {
		if req.Method == "DELETE" {
			t.Errorf("it asks for DELETE %s", req.Path)
		}
		if req.Path == "/" && req.Method != "GET" && req.Method != "HEAD" {
			return raxx.Problem(405, "").With("allow", "DELETE, GET, HEAD")
		}
		return goodSite(req)
	}, raxx.Get("/"))
}

// What every request needs, such as a host and a password, comes from the first one;
// and a server may say that it does not know a method.
func TestSiteAsksAsTheFirstRequestDoes(t *testing.T) {
	Site(t, func(req raxx.Request) raxx.Response {
		switch {
		case req.Scheme != "https" || req.Authority != "a.example" || req.Header.Get("authorization") != "x":
			return raxx.Problem(500, "")
		case req.Method == "OPTIONS" || req.Method == "BREW":
			return raxx.Problem(501, "")
		}
		return goodSite(req)
	}, raxx.Get("https://a.example/").With("authorization", "x"))
}

// A redirect to a login somewhere else holds a state that is another one each time:
// HEAD can't name the same. Another location for HEAD is a fault otherwise.
func TestSiteWithAStateInALocation(t *testing.T) {
	asked := 0
	leads := func(to func(method string) string) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Path == "/" && (req.Method == "GET" || req.Method == "HEAD") {
				return raxx.SeeOther(to(req.Method))
			}
			return goodSite(req)
		}
	}
	Site(t, leads(func(string) string {
		asked++
		return "https://id.example/?state=" + strconv.Itoa(asked)
	}), raxx.Get("/"))

	got := siteFaults(leads(func(method string) string { return "/" + method }), []raxx.Request{raxx.Get("/")})
	diff(t, []string{`GET /: location is "/GET", and "/HEAD" for HEAD`}, got)
}

// What has no length, or another one each time, can't be compared; nor what 304
// leaves out.
func TestSiteComparesLengthsOnlyWhereItCan(t *testing.T) {
	visitors := 0
	for name, page := range map[string]raxx.Handler{
		"none for HEAD": func(req raxx.Request) raxx.Response {
			if req.Method == "HEAD" {
				return raxx.Text(200, "")
			}
			return raxx.Text(200, "hello")
		},
		"a counter": func(raxx.Request) raxx.Response {
			visitors++
			return raxx.Text(200, strings.Repeat("I", visitors))
		},
		"304": func(req raxx.Request) raxx.Response {
			if req.Method == "HEAD" {
				return raxx.Response{Status: 304}.With("content-length", "5")
			}
			return raxx.Response{Status: 304}
		},
		"a stream": func(req raxx.Request) raxx.Response {
			if req.Method == "HEAD" {
				return raxx.Reply(200, "text/plain", nil).With("content-length", "5")
			}
			return raxx.Reply(200, "text/plain", Chunks("he", "llo"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			Site(t, func(req raxx.Request) raxx.Response {
				if req.Path == "/" && raxx.IsSafe(req.Method) && req.Method != "OPTIONS" {
					return page(req)
				}
				return goodSite(req)
			}, raxx.Get("/"))
		})
	}
}

// A page with the token of a form is another one each time, and so is its etag. One
// whose etag alone is another one each time is never found again.
func TestSiteKnowsPagesThatChangeEachTime(t *testing.T) {
	visitors := 0
	page := func(content func() string) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Path != "/" || req.Method != "GET" && req.Method != "HEAD" {
				return goodSite(req)
			}
			visitors++
			data := raxx.Data(strconv.Itoa(visitors))
			return raxx.Conditional(req, raxx.Text(200, content()).With("etag", raxx.StrongETag(data).String()))
		}
	}
	Site(t, page(func() string { return strconv.Itoa(visitors) }), raxx.Get("/"))

	faults := strings.Join(siteFaults(page(func() string { return "hello" }), []raxx.Request{raxx.Get("/")}), "\n")
	for _, want := range []string{"GET /: etag is ", "gets 200, not 304"} {
		if !strings.Contains(faults, want) {
			t.Errorf("no %q in:\n%s", want, faults)
		}
	}
}

func TestSiteFindsFaults(t *testing.T) {
	change := func(f func(raxx.Request, raxx.Response) raxx.Response) raxx.Handler {
		return changing(f)(goodSite)
	}
	without := func(name string) raxx.Handler {
		return change(func(_ raxx.Request, resp raxx.Response) raxx.Response { return resp.Without(name) })
	}
	when := func(chosen func(raxx.Request, raxx.Response) bool, f func(raxx.Response) raxx.Response) raxx.Handler {
		return change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if chosen(req, resp) {
				return f(resp)
			}
			return resp
		})
	}
	isHead := func(req raxx.Request, _ raxx.Response) bool { return req.Method == "HEAD" }
	is304 := func(_ raxx.Request, resp raxx.Response) bool { return resp.Status == 304 }
	for _, tt := range []struct {
		fault string
		h     raxx.Handler
	}{
		{"GET /%00: the status is 500", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if req.Path == "/%00" {
				return resp.WithStatus(500)
			}
			return resp
		})},
		{"GET /: the status is 501", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if req.Method == "GET" || req.Method == "HEAD" {
				return raxx.Problem(501, "")
			}
			return resp
		})},
		{"BREW /: it panics: no such method", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if req.Method == "BREW" {
				panic("no such method")
			}
			return resp
		})},
		{"can't be sent", change(func(_ raxx.Request, resp raxx.Response) raxx.Response {
			resp.Header = append(resp.Header, raxx.Field{Name: "a b"})
			return resp
		})},
		{"GET /: raxxtest: status 204 with a body", change(func(_ raxx.Request, resp raxx.Response) raxx.Response {
			resp.Status = 204
			return resp
		})},
		{`GET /: for if-none-match "1", raxxtest: status 304 with a body`, when(is304, func(resp raxx.Response) raxx.Response {
			resp.Body = raxx.Data("hello")
			return resp
		})},
		{"GET /: for HEAD, raxxtest: a field of the header can't be sent", when(isHead, func(resp raxx.Response) raxx.Response {
			resp.Header = append(slices.Clone(resp.Header), raxx.Field{Name: "a b"})
			return resp
		})},
		{"GET /private: the status is 401, and there is no field www-authenticate", without("www-authenticate")},
		{"BREW /: the status is 405, and there is no field allow", without("allow")},
		{"POST /users/7: the status is 201, and there is no field location", without("location")},
		{"the content has no content-type", without("content-type")},
		{"the content has no content-type", change(func(_ raxx.Request, resp raxx.Response) raxx.Response {
			return resp.With("content-type", "")
		})},
		{"allow names GET, which is answered with 405", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			return raxx.Problem(405, "").With("allow", "GET")
		})},
		{"GET /: the status is 200, and 405 for HEAD", when(isHead, func(resp raxx.Response) raxx.Response {
			return raxx.Problem(405, "").With("allow", "GET")
		})},
		{"GET /: for HEAD, it panics: no HEAD", when(isHead, func(resp raxx.Response) raxx.Response {
			panic("no HEAD")
		})},
		{`GET /: for if-none-match "1", the status is 500`, change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if req.Header.Has("if-none-match") {
				return raxx.Text(500, "")
			}
			return resp
		})},
		{`etag is "\"1\"", and "" for HEAD`, when(isHead, func(resp raxx.Response) raxx.Response {
			return resp.Without("etag")
		})},
		{"GET /: content-length is 5, and 0 for HEAD", when(isHead, func(resp raxx.Response) raxx.Response {
			resp.Body = raxx.Data("")
			return resp
		})},
		{"GET /: content-length is 5, and 7 for HEAD", when(isHead, func(resp raxx.Response) raxx.Response {
			return resp.WithBody(nil).With("content-length", "7")
		})},
		{"GET /events: content-length is 100, and 7 for HEAD", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			switch {
			case req.Path != "/events":
			case req.Method == "HEAD":
				return resp.WithBody(nil).With("content-length", "7")
			default:
				return resp.With("content-length", "100")
			}
			return resp
		})},
		{`who knows its etag "1" gets 200, not 304`, when(is304, func(resp raxx.Response) raxx.Response {
			return raxx.Text(200, "hello").With("etag", `"1"`)
		})},
		{`the etag is "1", and "" with 304`, when(is304, func(resp raxx.Response) raxx.Response {
			return resp.Without("etag")
		})},
		{"304 to who knows another etag", change(func(req raxx.Request, resp raxx.Response) raxx.Response {
			if req.Header.Has("if-none-match") {
				return raxx.Response{Status: 304, Header: raxx.Header{{Name: "etag", Value: `"1"`}}}
			}
			return resp
		})},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			faults := strings.Join(siteFaults(tt.h, siteRequests()), "\n")
			if !strings.Contains(faults, tt.fault) {
				t.Errorf("not found in:\n%s", faults)
			}
		})
	}
}

func TestSiteFailsTheTest(t *testing.T) {
	var r recorder
	Site(&r, func(raxx.Request) raxx.Response { return raxx.Problem(500, "") }, raxx.Get("/"))
	if len(r.failures) == 0 || r.failures[0] != "GET /: the status is 500" {
		t.Errorf("got %q", r.failures)
	}
}

// A stack in front of the site may answer all requests by itself; then nothing of
// the site was looked at.
func TestSiteThatIsNotReached(t *testing.T) {
	onlyHTTPS := func(req raxx.Request) raxx.Response {
		if req.Scheme == "https" {
			return goodSite(req)
		}
		req.Scheme = "https"
		return raxx.Redirect(308, req.URL())
	}
	onlyOneHost := func(req raxx.Request) raxx.Response {
		if req.Host() == "example.org" {
			return goodSite(req)
		}
		return raxx.Problem(421, "")
	}
	for _, h := range []raxx.Handler{onlyHTTPS, onlyOneHost} {
		if faults := siteFaults(h, siteRequests()); len(faults) != 1 || !strings.Contains(faults[0], "no request reaches the site") {
			t.Errorf("got %q", faults)
		}
		if faults := siteFaults(h, append(siteRequests(), raxx.Get("https://example.org/"))); len(faults) != 0 {
			t.Errorf("with one request that reaches it: %q", faults)
		}
		if faults := siteFaults(h, nil); len(faults) != 0 {
			t.Errorf("without requests: %q", faults)
		}
	}
}
