package middleware_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

const methodOverrideForm = "application/x-www-form-urlencoded"

func ExampleMethodOverride() {
	handler := middleware.MethodOverride{}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, req.Method+" instead of "+middleware.OriginalMethod.Get(req))
	})
	fmt.Println(handler(raxx.Post("/notes/7", methodOverrideForm, raxx.Data("_method=delete"))).Body)
	// Output: DELETE instead of POST
}

func TestMethodOverride(t *testing.T) {
	post := func(body string) raxx.Request { return raxx.Post("/", methodOverrideForm, raxx.Data(body)) }
	get := raxx.Get("/?_method=DELETE").With("x-http-method-override", "DELETE")
	for _, test := range []struct {
		name string
		req  raxx.Request
		want string
	}{
		{"a form", post("a=1&_method=PUT"), "PUT"},
		{"a form in lower case", post("_method=patch"), "PATCH"},
		{"an escaped value", post("_method=%44ELETE"), "DELETE"},
		{"the field", raxx.Post("/", "application/json", raxx.Data("{}")).With("x-http-method-override", "delete"), "DELETE"},
		{"the field without a body", raxx.New("POST", "/", nil).With("x-http-method-override", "PUT"), "PUT"},
		{"the field goes before the form", post("_method=PUT").With("x-http-method-override", "DELETE"), "DELETE"},
		{"nothing", post("a=1"), "POST"},
		{"GET never (osTicket #6945)", get, "GET"},
		{"the query never", raxx.Post("/?_method=DELETE", methodOverrideForm, raxx.Data("a=1")), "POST"},
		{"by GET, which guards let pass", post("_method=GET"), "POST"},
		{"by HEAD", post("_method=HEAD"), "POST"},
		{"by OPTIONS, in the field", post("").With("x-http-method-override", "OPTIONS"), "POST"},
		{"by TRACE", post("_method=TRACE"), "POST"},
		{"by CONNECT", post("_method=CONNECT"), "POST"},
		{"by an unknown method", post("_method=BREW"), "POST"},
		{"by what is no method", post("_method=PUT%20/admin"), "POST"},
		{"by nothing", post("_method="), "POST"},
		{"by two that differ", post("_method=PUT&_method=DELETE"), "POST"},
		{"by two that agree", post("_method=PUT&_method=put"), "PUT"},
		{"by two fields that differ", post("").Add("x-http-method-override", "PUT").Add("x-http-method-override", "DELETE"), "POST"},
		{"a list in the field", post("").With("x-http-method-override", "PUT, DELETE"), "POST"},
		{"a body that is no form", raxx.Post("/", "text/plain", raxx.Data("_method=DELETE")), "POST"},
		{"a form that is malformed", post("_method=DELETE&a=%"), "POST"},
		{"another method than POST", raxx.Put("/", methodOverrideForm, raxx.Data("_method=DELETE")), "PUT"},
		{"a form that is too long", post("_method=DELETE&a=" + string(make([]byte, 64<<10))), "POST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var seen raxx.Request
			middleware.MethodOverride{}.Middleware()(func(req raxx.Request) raxx.Response {
				seen = req
				return raxx.NoContent()
			})(test.req)
			if seen.Method != test.want {
				t.Errorf("the method is %s, want %s", seen.Method, test.want)
			}
			original, changed := middleware.OriginalMethod.Lookup(seen)
			if changed != (seen.Method != test.req.Method) || changed && original != test.req.Method {
				t.Errorf("the original method is %q", original)
			}
			if seen.Body != test.req.Body {
				t.Errorf("the body is %v", seen.Body)
			}
		})
	}
}

func TestMethodOverrideLimit(t *testing.T) {
	form := raxx.Post("/", methodOverrideForm, raxx.Data("_method=DELETE"))
	for limit, want := range map[int64]string{14: "DELETE", 13: "POST", -1: "POST"} {
		middleware.MethodOverride{Limit: limit}.Middleware()(func(req raxx.Request) raxx.Response {
			if req.Method != want {
				t.Errorf("with a limit of %d the method is %s, want %s", limit, req.Method, want)
			}
			return raxx.NoContent()
		})(form)
	}
}

func TestMethodOverrideReadsAFormThatStreams(t *testing.T) {
	var seen raxx.Request
	handler := middleware.MethodOverride{}.Middleware()(func(req raxx.Request) raxx.Response {
		seen = req
		return raxx.NoContent()
	})
	form := raxxtest.Chunks("_method=", "DELETE")
	form.Length = 14
	handler(raxx.Post("/", methodOverrideForm, form))
	if seen.Method != "DELETE" || seen.Body != raxx.Data("_method=DELETE") {
		t.Errorf("got %s with %v", seen.Method, seen.Body)
	}

	form = raxxtest.Chunks("_method=DELETE")
	form.Length = -1
	handler(raxx.Post("/", methodOverrideForm, form))
	if body, ok := seen.Body.(raxx.Stream); seen.Method != "POST" || !ok || body.Length != -1 {
		t.Errorf("a form of unknown length: got %s with %v", seen.Method, seen.Body)
	}

	broken := raxxtest.Broken(errors.New("gone"), "_method=")
	broken.Length = 14
	if resp := handler(raxx.Post("/", methodOverrideForm, broken)); resp.Status != 400 {
		t.Errorf("a form that breaks off: got %v", resp)
	}
}

func TestMethodOverrideThatCannotBeMeant(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "CONNECT", "POST", "delete", "", "A B"} {
		t.Run(method, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it did not panic")
				}
			}()
			middleware.MethodOverride{Allowed: []string{method}}.Middleware()
		})
	}
}

// What another site may send is one method at a path, and not all of them.
func TestMethodOverrideBehindABypass(t *testing.T) {
	h := raxx.Stack(
		middleware.CrossOrigin{Bypass: []string{"POST /paid/*", "/hooks/*"}, Trusted: []string{"https://app.example"}}.Middleware(),
		middleware.MethodOverride{}.Middleware(),
	)(func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Method) })
	form := func(path string) raxx.Request {
		return raxx.PostForm(path, raxx.Values{{Name: "_method", Value: "DELETE"}})
	}
	for _, test := range []struct {
		name string
		req  raxx.Request
		want string
	}{
		{"another site", form("/paid/7").With("sec-fetch-site", "cross-site"), "POST"},
		{"another site, by its origin", form("/hooks/7").With("origin", "https://evil.example"), "POST"},
		{"another site, by a field", raxx.Post("/hooks/7", "", nil).With("sec-fetch-site", "same-site").With("x-http-method-override", "PUT"), "POST"},
		{"the site itself", form("/paid/7").With("sec-fetch-site", "same-origin"), "DELETE"},
		{"a site that is trusted", form("/paid/7").With("sec-fetch-site", "cross-site").With("origin", "https://app.example"), "DELETE"},
		{"no browser", form("/hooks/7"), "DELETE"},
	} {
		if got := h(test.req).Body; got != raxx.Data(test.want) {
			t.Errorf("%s: the handler sees %v, want %s", test.name, got, test.want)
		}
	}
}

func BenchmarkMethodOverride(b *testing.B) {
	handler := middleware.MethodOverride{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
