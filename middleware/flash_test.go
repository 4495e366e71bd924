package middleware_test

import (
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

func ExampleAddFlash() {
	save := func(raxx.Request) raxx.Response {
		return middleware.AddFlash(raxx.SeeOther("/"), "success", "Saved.")
	}
	page := func(req raxx.Request) raxx.Response {
		return raxx.HTML(200, fmt.Sprint(middleware.Flashes(req)))
	}
	// In a test of a handler there is neither session nor cookie.
	fmt.Println(cmp.Equal(middleware.AddFlash(raxx.SeeOther("/"), "success", "Saved."), save(raxx.Get("/save"))))
	fmt.Println(page(middleware.WithFlashes(raxx.Get("/"), middleware.Flash{Kind: "success", Text: "Saved."})).Body)
	// Output:
	// true
	// [{success Saved.}]
}

// A site without sessions says once that something was done.
func ExampleFlashQuery() {
	site := func(req raxx.Request) raxx.Response {
		if req.Method == "POST" {
			return middleware.AddFlash(raxx.SeeOther("/notes"), "success", "Saved.")
		}
		return raxx.HTML(200, fmt.Sprint(middleware.Flashes(req)))
	}
	flash := middleware.FlashQuery{Secrets: [][]byte{[]byte("32 random bytes from your settings")}}
	b := raxxtest.NewBrowser(flash.Middleware()(site))
	page, _ := b.Submit("/notes", nil)
	fmt.Println(page.Body)
	page, _ = b.Visit("/notes")
	fmt.Println(page.Body)
	// Output:
	// [{success Saved.}]
	// []
}

// flashTestSite says "hello" and shows what was said.
func flashTestSite(req raxx.Request) raxx.Response {
	switch shown := fmt.Sprint(middleware.Flashes(req)); req.Path {
	case "/say":
		return middleware.AddFlash(raxx.SeeOther("/"), "info", "hello")
	case "/twice":
		return middleware.AddFlash(middleware.AddFlash(raxx.SeeOther("/page"), "a", "1"), "b", "2")
	case "/redirect":
		return raxx.SeeOther("/page").With("content-type", "text/html")
	case "/json":
		return raxx.JSON(200, shown)
	case "/error":
		return raxx.HTML(404, shown)
	case "/unchanged":
		return raxx.Response{Status: 304}.With("content-type", "text/html")
	default:
		return raxx.HTML(200, shown)
	}
}

func TestFlashesInASession(t *testing.T) {
	page := raxx.Get("/page")
	seen, empty := "[{info hello}]", "[]"
	tests := map[string]struct {
		between raxx.Request
		want    string // what the page then shows
	}{
		"nothing":                    {raxx.Get("/json"), seen},
		"a redirect":                 {raxx.Get("/redirect"), seen},
		"a page":                     {page, empty},
		"an error page":              {raxx.Get("/error"), empty},
		"a page that was answered":   {raxx.Post("/page", "text/plain", nil), empty},
		"HEAD":                       {raxx.Head("/page"), seen},
		"an unchanged page":          {raxx.Get("/unchanged"), seen},
		"a page loaded in advance":   {page.With("sec-purpose", "prefetch"), seen},
		"a page rendered in advance": {page.With("sec-purpose", "prerender"), seen},
		"a page shown in advance":    {page.With("sec-purpose", "prefetch;prerender"), seen},
		"one more redirect with it":  {raxx.Get("/say"), "[{info hello} {info hello}]"},
	}
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		for name, test := range tests {
			b := newTestBrowser(sessionTest.Middleware(c)(flashTestSite))
			b.do(t, raxx.Get("/say"))
			b.do(t, test.between)
			if got := b.get(t, "/page"); got != test.want {
				t.Errorf("behind %s the page shows %s, want %s", name, got, test.want)
			}
			if got := b.get(t, "/page"); got != empty {
				t.Errorf("behind %s the next page shows %s", name, got)
			}
			if len(b.jar) != 0 {
				t.Errorf("behind %s the browser keeps %v", name, b.jar)
			}
		}
	})
}

func TestFlashesBesideAValue(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := newTestBrowser(sessionTest.Middleware(c)(func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/login":
				return middleware.AddFlash(sessionTest.Set(raxx.SeeOther("/"), sessionTestAccount{Name: "ada"}), "info", "welcome")
			case "/logout":
				return middleware.AddFlash(sessionTest.End(raxx.SeeOther("/")), "info", "bye")
			}
			return raxx.HTML(200, fmt.Sprint(sessionTest.Get(req).Name, middleware.Flashes(req)))
		}))
		var got []string
		for _, target := range []string{"/login", "/", "/", "/login", "/logout", "/", "/"} {
			got = append(got, b.get(t, target))
		}
		want := []string{"", "ada[{info welcome}]", "ada[]", "", "", "[{info bye}]", "[]"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFlashesAreBounded(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		n := 0
		b := newTestBrowser(sessionTest.Middleware(c)(func(req raxx.Request) raxx.Response {
			if req.Path == "/page" {
				return raxx.HTML(200, fmt.Sprint(middleware.Flashes(req)))
			}
			n++
			return middleware.AddFlash(raxx.SeeOther("/"), "info", fmt.Sprint(n))
		}))
		for range 100 {
			if resp := b.do(t, raxx.Get("/")); resp.Status != 303 {
				t.Fatal(resp)
			}
		}
		got := b.get(t, "/page")
		if strings.Count(got, "info") != 8 || !strings.HasSuffix(got, "{info 100}]") {
			t.Error(got)
		}
	})
}

var flashTestQuery = middleware.FlashQuery{Secrets: [][]byte{sessionTestSecret('f')}}

func flashTestQuerySite(c middleware.FlashQuery) raxx.Handler {
	return c.Middleware()(func(req raxx.Request) raxx.Response {
		if req.Path == "/go" {
			values, _ := req.Values()
			return middleware.AddFlash(raxx.SeeOther(values.Get("to")), "info", "hello & <more>")
		}
		return raxx.HTML(200, req.Query+fmt.Sprint(middleware.Flashes(req)))
	})
}

// flashTestFollow returns where the site sends a browser.
func flashTestFollow(h raxx.Handler, to string) string {
	return h(raxx.Get("https://a.org/go").WithQuery(raxx.Values{{Name: "to", Value: to}})).Header.Get("location")
}

func TestFlashesInAQuery(t *testing.T) {
	site := flashTestQuerySite(flashTestQuery)
	shown := "[{info hello & <more>}]"
	tests := map[string]struct {
		to   string
		want string // what the page shows; "" if no message is sent
	}{
		"a path":                    {"/page", shown},
		"a path with a query":       {"/page?a=b&c=d", "a=b&c=d" + shown},
		"a path with a fragment":    {"/page?a=b#c", "a=b" + shown},
		"an escaped path":           {"/caf%C3%A9", shown},
		"the root":                  {"/", shown},
		"this site":                 {"https://a.org/page", shown},
		"another site":              {"https://b.org/page", ""},
		"a site that begins alike":  {"https://a.org.evil.org/page", ""},
		"a site with a user":        {"https://a.org@evil.org/page", ""},
		"another site, no scheme":   {"//b.org/page", ""},
		"a relative path":           {"page", ""},
		"only a query":              {"?a", ""},
		"another scheme":            {"mailto:a@a.org", ""},
		"another site in the query": {"/page?to=https://b.org/", "to=https://b.org/" + shown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			location := flashTestFollow(site, test.to)
			if test.want == "" {
				if strings.Contains(location, "flash=") {
					t.Errorf("the message went to %s", location)
				}
				return
			}
			path, _, _ := strings.Cut(strings.TrimPrefix(location, "https://a.org"), "#")
			got := site(raxx.Get("https://a.org" + path))
			want := raxx.HTML(200, test.want).With("cache-control", "private")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(test.to, "#") != strings.HasSuffix(location, "#c") {
				t.Errorf("the fragment is in %s", location)
			}
		})
	}
}

// Who is sent back to a page that shows a message finds the address of that page in
// his referer, with the message in it.
func TestFlashesInAQueryAreNotSentBack(t *testing.T) {
	site := flashTestQuery.Middleware()(func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/save":
			return middleware.AddFlash(raxx.Back(req, "/"), "info", "saved")
		case "/back":
			return raxx.Back(req, "/")
		}
		return raxx.HTML(200, req.Query+fmt.Sprint(middleware.Flashes(req)))
	})
	follow := func(path, referer string) string {
		return site(raxx.New("POST", "https://a.org"+path, nil).With("referer", "https://a.org"+referer)).Header.Get("location")
	}
	page := "/page?a=b"
	for _, step := range []struct{ path, want string }{
		{"/save", "a=b[{info saved}]"}, {"/save", "a=b[{info saved}]"}, {"/back", "a=b[]"}, {"/back", "a=b[]"},
	} {
		page = follow(step.path, page)
		if got := site(raxx.Get("https://a.org" + page)).Body; got != raxx.Data(step.want) {
			t.Errorf("after %s, %s shows %q, want %q", step.path, page, got, step.want)
		}
	}
	if got := follow("/back", "/page?flash=x"); got != "/page" {
		t.Errorf("back to %s", got)
	}
}

// Browsers take a backslash for a slash (URL Standard, Section 4.4).
func TestFlashesInAQueryLeaveNoSiteByABackslash(t *testing.T) {
	resp := flashTestQuery.Middleware()(func(raxx.Request) raxx.Response {
		return middleware.AddFlash(raxx.SeeOther("/").With("location", `/\b.org/page`), "info", "hello")
	})(raxx.Get("https://a.org/"))
	if location := resp.Header.Get("location"); location != `/\b.org/page` {
		t.Errorf("the message went to %s", location)
	}
}

func TestFlashesInAQueryThatAreNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := flashTestQuerySite(flashTestQuery)
		location := flashTestFollow(site, "/page")
		other := flashTestQuerySite(middleware.FlashQuery{Secrets: [][]byte{sessionTestSecret('x')}})
		rotated := flashTestQuerySite(middleware.FlashQuery{Secrets: [][]byte{sessionTestSecret('x'), sessionTestSecret('f')}})
		shown := raxx.Data("[{info hello & <more>}]")
		tests := map[string]struct {
			site   raxx.Handler
			target string
			want   raxx.Data
		}{
			"itself":              {site, location, shown},
			"an older secret":     {rotated, location, shown},
			"an unknown secret":   {other, location, "[]"},
			"another path":        {site, strings.Replace(location, "/page", "/admin", 1), "[]"},
			"changed":             {site, location[:len(location)-1], "[]"},
			"made by hand":        {site, "/page?flash=Your+account+is+closed", "[]"},
			"empty":               {site, "/page?flash=", "[]"},
			"a name that ends so": {site, "/page?xflash=1", "xflash=1[]"},
			"behind eight others": {site, "/page?" + strings.Repeat("flash=x&", 8) + strings.TrimPrefix(location, "/page?"), shown},
			"before seven others": {site, location + strings.Repeat("&flash=x", 7), shown},
			"before eight others": {site, location + strings.Repeat("&flash=x", 8), "[]"}, // which are not looked at
			"between others":      {site, strings.Replace(location, "?", "?a=b&", 1) + "&c=d", "a=b&c=d" + shown},
		}
		for name, test := range tests {
			if got := test.site(raxx.Get(test.target)).Body; got != test.want {
				t.Errorf("%s: the page shows %q, want %q", name, got, test.want)
			}
		}
		time.Sleep(time.Minute)
		if got := site(raxx.Get(location)).Body; got != shown {
			t.Errorf("after a minute it shows %q", got)
		}
		time.Sleep(time.Second)
		if got := site(raxx.Get(location)).Body; got != raxx.Data("[]") {
			t.Errorf("after more than a minute it shows %q", got)
		}
	})
}

func TestFlashesInAQueryForLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := flashTestQuerySite(middleware.FlashQuery{Secrets: flashTestQuery.Secrets, Name: "said", MaxAge: time.Hour})
		location := flashTestFollow(site, "/page")
		for _, shown := range []raxx.Data{"[{info hello & <more>}]", "[]"} {
			time.Sleep(31 * time.Minute)
			if got := site(raxx.Get(location)).Body; got != shown || !strings.Contains(location, "?said=") {
				t.Errorf("%s shows %q, want %q", location, got, shown)
			}
		}
	})
}

// The location of what was created leads no browser to a page.
func TestFlashesInAQueryAreForRedirects(t *testing.T) {
	for status, want := range map[int]bool{201: false, 299: false, 300: true, 303: true, 399: true, 400: false} {
		resp := flashTestQuery.Middleware()(func(raxx.Request) raxx.Response {
			return middleware.AddFlash(raxx.Response{Status: status}.With("location", "/page"), "info", "hello")
		})(raxx.Get("https://a.org/"))
		if sent := strings.Contains(resp.Header.Get("location"), "flash="); sent != want {
			t.Errorf("%d: the location is %s", status, resp.Header.Get("location"))
		}
	}
}

// Of two that carry messages the inner one does.
func TestFlashesAreTakenByTheInnerOne(t *testing.T) {
	config := middleware.SessionConfig[sessionTestAccount]{Secrets: [][]byte{sessionTestSecret('a')}}
	b := newTestBrowser(sessionTest.Middleware(config)(flashTestQuerySite(flashTestQuery)))
	resp := b.do(t, raxx.Get("/go?to=/page"))
	if len(b.jar) != 0 || !strings.Contains(resp.Header.Get("location"), "flash=") {
		t.Errorf("%v %s", b.jar, resp.Header.Get("location"))
	}
}

func TestFlashQueryThatCannotBeMeant(t *testing.T) {
	for name, config := range map[string]middleware.FlashQuery{
		"no secret":      {},
		"a short secret": {Secrets: [][]byte{[]byte("x")}},
		"a name":         {Secrets: flashTestQuery.Secrets, Name: "a&b"},
		"a negative age": {Secrets: flashTestQuery.Secrets, MaxAge: -1},
	} {
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

func TestFlashQueryLaws(t *testing.T) {
	raxxtest.Laws(t, flashTestQuery.Middleware())
	location := flashTestFollow(flashTestQuerySite(flashTestQuery), "/")
	_, query, _ := strings.Cut(location, "?")
	raxxtest.Laws(t, flashTestQuery.Middleware(), raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		if req.Query == "" {
			req.Query = query
		}
		return req
	}))
}

// Whatever stands in a query, only what was signed is shown, and the rest of the
// query is left.
func FuzzFlashQuery(f *testing.F) {
	site := flashTestQuerySite(flashTestQuery)
	_, query, _ := strings.Cut(flashTestFollow(site, "/page"), "?")
	for _, seed := range []string{query, query + "&a=b", "flash=", "flash=s1.AAAA", "&&flash=&", "a=flash=b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		req := raxx.Get("/page")
		req.Query = query
		body := string(site(req).Body.(raxx.Data))
		rest, shown, _ := strings.Cut(body, "[")
		if left := strings.Count(query, "&") - strings.Count(rest, "&"); left < 0 || strings.HasPrefix(rest, "flash=") {
			t.Errorf("%q became %q", query, rest)
		}
		if !strings.Contains(query, "s1.") && strings.Contains(shown, "{") && !strings.Contains(query, "{") {
			t.Errorf("%q shows %q", query, shown)
		}
	})
}
