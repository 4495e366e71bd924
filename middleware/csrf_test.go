package middleware_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleCSRF() {
	handler := middleware.CSRF{}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.HTML(200, "<form>"+middleware.CSRFInput(req)+"</form>")
	})
	// The page brings the secret and the token.
	page := handler(raxx.Get("/"))
	cookie, _ := raxx.ParseSetCookie(page.Header.Get("set-cookie"))
	_, rest, _ := strings.Cut(string(page.Body.(raxx.Data)), `value="`)
	token, _, _ := strings.Cut(rest, `"`)

	form := raxx.Data(raxx.Values{{Name: "_csrf", Value: token}}.Encode())
	post := raxx.Post("/", "application/x-www-form-urlencoded", form)
	fmt.Println(handler(post.WithCookie(cookie.Name, cookie.Value)).Status)
	fmt.Println(handler(post).Status)
	// Output:
	// 200
	// 403
}

const csrfTestForm = "application/x-www-form-urlencoded"

// csrfTestSite shows its token as HTML, and what it was sent.
func csrfTestSite(req raxx.Request) raxx.Response {
	switch req.Path {
	case "/json":
		return raxx.JSON(200, "x")
	case "/public":
		return raxx.HTML(200, "x").With("cache-control", "public")
	case "/fresh":
		return raxx.HTML(200, "x").With("cache-control", "max-age=60")
	case "/echo":
		data, _ := raxx.ReadAll(req.Body, -1)
		return raxx.Text(200, string(data))
	}
	return raxx.HTML(200, middleware.CSRFToken(req))
}

// csrfTestBrowser returns a browser that has a secret and a token.
func csrfTestBrowser(t testing.TB, c middleware.CSRF) (*testBrowser, string) {
	b := newTestBrowser(c.Middleware()(csrfTestSite))
	return b, b.get(t, "/")
}

func csrfTestMultipart(parts ...raxx.FormPart) raxx.Request {
	contentType, body := raxx.MultipartBody(parts...)
	return raxx.Post("/", contentType, body)
}

func TestCSRF(t *testing.T) {
	b, token := csrfTestBrowser(t, middleware.CSRF{})
	_, foreign := csrfTestBrowser(t, middleware.CSRF{})
	form := func(values ...string) raxx.Request {
		var v raxx.Values
		for i := 0; i < len(values); i += 2 {
			v = v.Add(values[i], values[i+1])
		}
		return raxx.Post("/", csrfTestForm, raxx.Data(v.Encode()))
	}
	post := raxx.Post("/", "text/plain", raxx.Data("x"))
	typeless := raxx.New("POST", "/", raxx.Data("_csrf="+token))
	flipped := []byte(token)
	flipped[0] ^= 1
	tests := map[string]struct {
		req  raxx.Request
		want int
	}{
		"GET":                                {raxx.Get("/"), 200},
		"HEAD":                               {raxx.Head("/"), 200},
		"OPTIONS":                            {raxx.New("OPTIONS", "/", nil), 200},
		"TRACE":                              {raxx.New("TRACE", "/", nil), 403},
		"QUERY":                              {raxx.New("QUERY", "/", nil), 403},
		"an unknown method":                  {raxx.New("FROB", "/", nil), 403},
		"methods are case-sensitive":         {raxx.New("get", "/", nil), 403},
		"a form with the token":              {form("_csrf", token), 200},
		"the token behind other values":      {form("a", "b", "_csrf", token), 200},
		"the content type with parameters":   {form("_csrf", token).With("content-type", csrfTestForm+"; charset=utf-8"), 200},
		"the content type in capitals":       {form("_csrf", token).With("content-type", "Application/X-WWW-Form-Urlencoded"), 200},
		"a form without it":                  {form("a", "b"), 403},
		"an empty form":                      {form(), 403},
		"an empty token":                     {form("_csrf", ""), 403},
		"a token that was changed":           {form("_csrf", string(flipped)), 403},
		"a token that was cut":               {form("_csrf", token[:len(token)-1]), 403},
		"a token with more":                  {form("_csrf", token+"AA"), 403},
		"nothing but zeros":                  {form("_csrf", strings.Repeat("A", len(token))), 403}, // CVE-2023-45128: any value
		"the secret itself":                  {form("_csrf", b.jar["__Host-csrf"]), 403},            // CVE-2023-45141: the cookie twice
		"a token of another browser":         {form("_csrf", foreign), 403},
		"another name":                       {form("csrf", token), 403},
		"the name in capitals":               {form("_CSRF", token), 403},
		"the first of two counts":            {form("_csrf", "x", "_csrf", token), 403},
		"a malformed form":                   {raxx.Post("/", csrfTestForm, raxx.Data("_csrf="+token+"&a=%")), 403},
		"the header field":                   {post.With("x-csrf-token", token), 200},
		"the header field and no body":       {raxx.Delete("/").With("x-csrf-token", token), 200},
		"the header field twice":             {post.Add("x-csrf-token", token).Add("x-csrf-token", token), 403},
		"two header fields beside the form":  {form("_csrf", token).Add("x-csrf-token", token).Add("x-csrf-token", token), 403},
		"the header field against the form":  {form("_csrf", token).With("x-csrf-token", foreign), 403},
		"an empty header field":              {form("_csrf", token).With("x-csrf-token", ""), 200},
		"the header field of another":        {post.With("x-csrf-token", foreign), 403},
		"DELETE without it":                  {raxx.Delete("/"), 403},
		"PUT without it":                     {raxx.Put("/", "text/plain", raxx.Data("x")), 403},
		"plain text without it":              {post, 403},
		"plain text that looks like a form":  {raxx.Post("/", "text/plain", raxx.Data("_csrf="+token)), 403},
		"no content type":                    {typeless, 403}, // GHSA-2234-fmw7-43wr
		"two content types":                  {form("_csrf", token).Add("content-type", csrfTestForm), 403},
		"JSON":                               {raxx.Post("/", "application/json", raxx.Data(`{"_csrf":"`+token+`"}`)), 403},
		"no content type and no body":        {raxx.New("POST", "/", nil), 403},
		"a token in the query":               {raxx.Post("/?_csrf="+token, csrfTestForm, raxx.Data("a=b")), 403},
		"a method override":                  {form("_method", "GET"), 403},
		"a method override by header":        {form().With("x-http-method-override", "GET"), 403},
		"same-origin by the browser's word":  {form().With("sec-fetch-site", "same-origin"), 403},
		"a referrer of the site":             {form().With("referer", "http://localhost/"), 403},
		"multipart":                          {csrfTestMultipart(raxx.FormPart{Name: "a", Body: raxx.Data("b")}, raxx.FormPart{Name: "_csrf", Body: raxx.Data(token)}), 200},
		"multipart without it":               {csrfTestMultipart(raxx.FormPart{Name: "a", Body: raxx.Data("b")}), 403},
		"multipart without a boundary":       {raxx.Post("/", "multipart/form-data", raxx.Data("_csrf="+token)), 403},
		"multipart, the type in other case":  {csrfTestMultipart(raxx.FormPart{Name: "a", Body: raxx.Data("b")}).With("content-type", "Multipart/Form-Data"), 403},
		"multipart, a large token":           {csrfTestMultipart(raxx.FormPart{Name: "_csrf", Body: raxx.Data(strings.Repeat("x", 1<<20))}), 403},
		"multipart, not whole":               {raxx.Post("/", "multipart/form-data; boundary=x", raxx.Data("--x\r\ncontent-disposition: form-data; name=_csrf\r\n\r\n"+token)), 403},
		"a form that is larger than allowed": {raxx.Post("/", csrfTestForm, raxx.NewStream(9<<20, nil)), 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := b.handler(b.with(test.req)).Status; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if got := b.handler(test.req).Status; test.want == 200 && !raxx.IsSafe(test.req.Method) && got != 403 {
				t.Errorf("without the cookie: got %d", got)
			}
		})
	}
}

// A second cookie of the name was planted by somebody (without "__Host-").
func TestCSRFCookieThatWasTossed(t *testing.T) {
	b, token := csrfTestBrowser(t, middleware.CSRF{Insecure: true})
	own := "csrf=" + b.jar["csrf"]
	for cookies, want := range map[string]int{own: 200, own + "; csrf=x": 403, own + "; " + own: 403} {
		req := raxx.Delete("/").With("x-csrf-token", token).With("cookie", cookies)
		if got := b.handler(req).Status; got != want {
			t.Errorf("%s: status %d, want %d", cookies, got, want)
		}
	}
}

// Each page has another text, and each of them is good.
func TestCSRFTokensAreMasked(t *testing.T) {
	b, first := csrfTestBrowser(t, middleware.CSRF{})
	second := b.get(t, "/")
	if first == second || len(first) != 86 {
		t.Errorf("the tokens are %s and %s", first, second)
	}
	for _, token := range []string{first, second} {
		if got := b.do(t, raxx.Post("/", "text/plain", nil).With("x-csrf-token", token)).Status; got != 200 {
			t.Errorf("status %d", got)
		}
	}
}

func TestCSRFCookie(t *testing.T) {
	config := middleware.CSRF{}
	page := func(c middleware.CSRF, req raxx.Request) (raxx.Response, raxx.Cookie) {
		resp := c.Middleware()(csrfTestSite)(req)
		cookie, _ := raxx.ParseSetCookie(resp.Header.Get("set-cookie"))
		cookie.Value = ""
		return resp.Without("set-cookie").WithBody(nil), cookie
	}
	html := raxx.HTML(200, "").With("cache-control", "private").With("vary", "cookie")
	tests := map[string]struct {
		config middleware.CSRF
		req    raxx.Request
		resp   raxx.Response
		cookie raxx.Cookie
	}{
		"a page":               {config, raxx.Get("/"), html, raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}},
		"what is no page":      {config, raxx.Get("/json"), raxx.Reply(200, "application/json", nil), raxx.Cookie{}},
		"a page for everybody": {config, raxx.Get("/public"), raxx.HTML(200, "").With("cache-control", "public"), raxx.Cookie{}},
		"a page with a lifetime": {config, raxx.Get("/fresh"), raxx.HTML(200, "").With("cache-control", "max-age=60, private").With("vary", "cookie"),
			raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}},
		"the same page again": {config, raxx.Get("/fresh").WithCookie("__Host-csrf", strings.Repeat("A", 43)),
			raxx.HTML(200, "").With("cache-control", "max-age=60").With("vary", "cookie"), raxx.Cookie{}},
		"without TLS":                {middleware.CSRF{Insecure: true}, raxx.Get("/"), html, raxx.Cookie{Name: "csrf", Path: "/"}},
		"another name":               {middleware.CSRF{Name: "x"}, raxx.Get("/"), html, raxx.Cookie{Name: "x", Path: "/", Secure: true}},
		"a page by the user":         {config, raxx.Get("/").With("sec-fetch-site", "none"), html, raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}}, // labstack/echo#2874
		"a secret that is none":      {config, raxx.Get("/").WithCookie("__Host-csrf", "x"), html, raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}},
		"a secret that is too short": {config, raxx.Get("/").WithCookie("__Host-csrf", "AAAA"), html, raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}},
		"a secret that is too long":  {config, raxx.Get("/").WithCookie("__Host-csrf", strings.Repeat("A", 44)), html, raxx.Cookie{Name: "__Host-csrf", Path: "/", Secure: true}},
		"a secret that is known":     {config, raxx.Get("/").WithCookie("__Host-csrf", strings.Repeat("A", 43)), html, raxx.Cookie{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			resp, cookie := page(test.config, test.req)
			if diff := cmp.Diff(test.resp, resp) + cmp.Diff(test.cookie, cookie); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A cookie and a token that were fetched together and planted together are of no
// use where somebody is logged in, and a token from before the login is none.
func TestCSRFIsBoundToTheSession(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		stack := raxx.Stack(sessionTest.Middleware(c), middleware.CSRF{Session: sessionTest.ID}.Middleware())
		handler := stack(func(req raxx.Request) raxx.Response {
			if req.Method == "POST" {
				return sessionTestSite(req)
			}
			return raxx.HTML(200, middleware.CSRFToken(req))
		})
		post := func(b *testBrowser, target, token string) int {
			return b.do(t, raxx.Post(target, "text/plain", nil).With("x-csrf-token", token)).Status
		}
		victim, attacker := newTestBrowser(handler), newTestBrowser(handler)
		planted := attacker.get(t, "/")
		before := victim.get(t, "/")
		if got := post(victim, "/login?name=ada", before); got != 303 {
			t.Fatalf("login: %d", got)
		}
		after := victim.get(t, "/")
		if got := post(victim, "/count", before); got != 403 {
			t.Errorf("the token from before the login: %d", got)
		}
		if got := post(victim, "/count", after); got != 204 {
			t.Errorf("the token from after the login: %d", got)
		}
		if got := post(victim, "/count", after); got != 204 {
			t.Errorf("the same token once more: %d", got)
		}
		victim.jar["__Host-csrf"] = attacker.jar["__Host-csrf"]
		if got := post(victim, "/count", planted); got != 403 {
			t.Errorf("a cookie and a token that were planted: %d", got)
		}
	})
}

// What waits for the next page is no session: the form on it works.
func TestCSRFBehindAFlash(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		stack := raxx.Stack(sessionTest.Middleware(c), middleware.CSRF{Session: sessionTest.ID}.Middleware())
		b := newTestBrowser(stack(func(req raxx.Request) raxx.Response {
			if req.Method == "POST" {
				return middleware.AddFlash(raxx.SeeOther("/"), "danger", "wrong password")
			}
			return raxx.HTML(200, middleware.CSRFToken(req))
		}))
		for range 3 {
			token := b.get(t, "/")
			if got := b.do(t, raxx.Post("/", "text/plain", nil).With("x-csrf-token", token)).Status; got != 303 {
				t.Errorf("status %d", got)
			}
		}
	})
}

// The handler finds the body as it was sent, and only a form is read.
func TestCSRFAndTheBody(t *testing.T) {
	b, token := csrfTestBrowser(t, middleware.CSRF{})
	form := "a=1&_csrf=" + token + "&b=2"
	stream := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for i := range len(form) {
			if !yield([]byte{form[i]}, nil) {
				return
			}
		}
	})
	resp := b.do(t, raxx.Post("/echo", csrfTestForm, stream))
	if diff := cmp.Diff(raxx.Text(200, form), resp); diff != "" {
		t.Error(diff)
	}
	untouched := raxx.NewStream(-1, func(func([]byte, error) bool) { t.Error("the body was read") })
	for _, req := range []raxx.Request{
		raxx.Post("/", "application/octet-stream", untouched),
		raxx.Post("/", csrfTestForm, untouched).With("x-csrf-token", token),
		raxx.Post("/", csrfTestForm, untouched).With("x-csrf-token", "wrong"),
	} {
		b.do(t, req)
	}
	stranger := newTestBrowser(b.handler)
	if got := stranger.do(t, raxx.Post("/", csrfTestForm, untouched)).Status; got != 403 {
		t.Errorf("status %d", got)
	}
}

// A form may be as long as BodyLimit says, whatever it is made of.
func TestCSRFAndALongFile(t *testing.T) {
	b, token := csrfTestBrowser(t, middleware.CSRF{BodyLimit: 40 << 20})
	file := raxx.FormPart{Name: "file", Filename: "a", Body: raxx.Data(strings.Repeat("x", 33<<20))}
	if got := b.do(t, csrfTestMultipart(file, raxx.FormPart{Name: "_csrf", Body: raxx.Data(token)})).Status; got != 200 {
		t.Errorf("status %d", got)
	}
}

// Around all, and once more around some: both have to like the token of a page that
// brings the secret.
func TestCSRFTwice(t *testing.T) {
	twice := raxx.Stack(middleware.CSRF{}.Middleware(), middleware.CSRF{}.Middleware())
	b := newTestBrowser(twice(csrfTestSite))
	token := b.get(t, "/")
	for range 2 {
		if got := b.do(t, raxx.Post("/", csrfTestForm, raxx.Data("_csrf="+token))).Status; got != 200 {
			t.Errorf("status %d", got)
		}
		token = b.get(t, "/")
	}
	if got := b.do(t, raxx.Post("/", csrfTestForm, raxx.Data("_csrf=x"))).Status; got != 403 {
		t.Errorf("status %d without the token", got)
	}
	if got := newTestBrowser(b.handler).do(t, raxx.Post("/", csrfTestForm, raxx.Data("_csrf="+token))).Status; got != 403 {
		t.Errorf("status %d without the secret", got)
	}
}

func TestCSRFNames(t *testing.T) {
	config := middleware.CSRF{
		Field: "token", Header: "X-Token", BodyLimit: 200,
		Denied: func(raxx.Request) raxx.Response { return raxx.Text(418, "denied") },
	}
	b, token := csrfTestBrowser(t, config)
	for want, req := range map[int]raxx.Request{
		200: raxx.Post("/", csrfTestForm, raxx.Data("token="+token)),
		204: raxx.New("DELETE", "/", nil).With("x-token", token),
		418: raxx.Post("/", csrfTestForm, raxx.Data("_csrf="+token)),
		413: raxx.Post("/", csrfTestForm, raxx.Data("token="+token+strings.Repeat("x", 200))),
	} {
		if got := b.do(t, req).Status; got != want && (want != 204 || got != 200) {
			t.Errorf("status %d, want %d", got, want)
		}
	}
}

func TestCSRFInput(t *testing.T) {
	if got := middleware.CSRFInput(raxx.Get("/")) + middleware.CSRFToken(raxx.Get("/")); got != "" {
		t.Errorf("without the middleware: %s", got)
	}
	req := middleware.WithCSRFToken(raxx.Get("/"), "t0ken")
	if got := middleware.CSRFInput(req); got != `<input type="hidden" name="_csrf" value="t0ken">` {
		t.Errorf("got %s", got)
	}
	if got := middleware.CSRFToken(req); got != "t0ken" {
		t.Errorf("got %s", got)
	}
}

func TestCSRFThatCannotBeMeant(t *testing.T) {
	for name, config := range map[string]middleware.CSRF{
		"__Host- without Secure": {Name: "__Host-x", Insecure: true},
		"a cookie's name":        {Name: "a b"},
		"a field's name":         {Field: `"><script>`},
		"a header field's name":  {Header: "x csrf"},
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

func TestCSRFLaws(t *testing.T) {
	b, token := csrfTestBrowser(t, middleware.CSRF{})
	raxxtest.Laws(t, middleware.CSRF{}.Middleware(), raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		return b.with(req).With("x-csrf-token", token)
	}))
	raxxtest.Laws(t, middleware.CSRF{}.Middleware())
}

// Whatever a form holds, without a token it is refused.
func FuzzCSRFForm(f *testing.F) {
	b, token := csrfTestBrowser(f, middleware.CSRF{})
	for _, seed := range [][2]string{
		{csrfTestForm, "_csrf=x"}, {csrfTestForm, "a=b&_csrf=%41"}, {"multipart/form-data; boundary=x", "--x\r\ncontent-disposition: form-data; name=_csrf\r\n\r\nx\r\n--x--"},
		{"text/plain", "_csrf="}, {"", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		req := raxx.New("POST", "/", raxx.Data(body))
		req.Header = raxx.Header{{Name: "content-type", Value: contentType}}
		if got := b.handler(b.with(req)).Status; got == 200 && !strings.Contains(body, token[:10]) {
			t.Errorf("%q %q was let in", contentType, body)
		}
	})
}

func BenchmarkCSRF(b *testing.B) {
	browser, token := csrfTestBrowser(b, middleware.CSRF{})
	for name, req := range map[string]raxx.Request{
		"get": browser.with(raxx.Get("/json")), "page": browser.with(raxx.Get("/")),
		"post": browser.with(raxx.Delete("/json")).With("x-csrf-token", token),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				browser.handler(req)
			}
		})
	}
}
