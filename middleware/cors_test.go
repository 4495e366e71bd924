package middleware_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleCORS() {
	cors := middleware.CORS{Origins: []string{"https://app.example.org"}, Credentials: true}
	handler := cors.Middleware()(func(raxx.Request) raxx.Response { return raxx.Text(200, "data") })

	for _, f := range handler(raxx.Get("/").With("origin", "https://app.example.org")).Header {
		fmt.Println(f.Name+":", f.Value)
	}
	// Output:
	// content-type: text/plain; charset=utf-8
	// access-control-allow-origin: https://app.example.org
	// access-control-allow-credentials: true
	// vary: origin
}

// An API that an app of another origin writes to is told of it twice: what its
// pages may read, and that they may change something.
func ExampleCORS_default() {
	const app = "https://app.example.org"
	stack := raxx.Stack(
		middleware.Default{
			Hosts:       []string{"api.example.org"},
			CrossOrigin: middleware.CrossOrigin{Trusted: []string{app}},
			Logger:      slog.New(slog.DiscardHandler),
		}.Middleware(),
		middleware.CORS{Origins: []string{app}, Methods: []string{"PUT"}, Headers: []string{"content-type"}}.Middleware(),
	)
	handler := stack(func(raxx.Request) raxx.Response { return raxx.NoContent() })
	put := raxx.Put("https://api.example.org/", "application/json", raxx.Data("{}")).With("sec-fetch-site", "cross-site")

	allowed := handler(put.With("origin", app))
	fmt.Println(allowed.Status, allowed.Header.Get("access-control-allow-origin"))
	fmt.Println(handler(put.With("origin", "https://evil.example")).Status)
	// Output:
	// 204 https://app.example.org
	// 403
}

func corsTestHandler(c middleware.CORS) raxx.Handler {
	return c.Middleware()(func(raxx.Request) raxx.Response { return raxx.Text(200, "data") })
}

// corsTestAllowed returns the origin that may read the response.
func corsTestAllowed(c middleware.CORS, origin string) string {
	return corsTestHandler(c)(raxx.Get("/").With("origin", origin)).Header.Get("access-control-allow-origin")
}

func TestCORSOrigins(t *testing.T) {
	tests := map[string]struct {
		origins []string
		origin  string
		allowed bool
	}{
		"one that is listed":                 {[]string{"https://a.org", "https://b.org"}, "https://b.org", true},
		"one that is not":                    {[]string{"https://a.org"}, "https://b.org", false},
		"another scheme":                     {[]string{"https://a.org"}, "http://a.org", false},
		"another port":                       {[]string{"https://a.org"}, "https://a.org:8443", false},
		"a port that is listed":              {[]string{"https://a.org:8443"}, "https://a.org:8443", true},
		"one that begins like it":            {[]string{"https://a.org"}, "https://a.org.evil.org", false},
		"one that ends like it":              {[]string{"https://a.org"}, "https://evil-a.org", false},
		"one with a user":                    {[]string{"https://a.org"}, "https://a.org@evil.org", false},
		"a list of origins":                  {[]string{"https://a.org"}, "https://a.org https://evil.org", false},
		"capitals":                           {[]string{"https://a.org"}, "https://A.org", false},
		"null that is not listed":            {[]string{"https://a.org"}, "null", false},
		"null that is listed":                {[]string{"null"}, "null", true},
		"null in capitals":                   {[]string{"null"}, "NULL", false},
		"below a domain":                     {[]string{"https://*.a.org"}, "https://x.a.org", true},
		"far below a domain":                 {[]string{"https://*.a.org"}, "https://y.x.a.org", true},
		"the domain itself":                  {[]string{"https://*.a.org"}, "https://a.org", false}, // gofiber/fiber#3690
		"nothing before the domain":          {[]string{"https://*.a.org"}, "https://.a.org", false},
		"a domain that ends like it":         {[]string{"https://*.a.org"}, "https://evila.org", false},
		"a dot that is another character":    {[]string{"https://*.a.org"}, "https://x.aborg", false},
		"the domain as a part":               {[]string{"https://*.a.org"}, "https://x.a.org.evil.org", false},
		"the domain as a user":               {[]string{"https://*.a.org"}, "https://evil.org@x.a.org", false},
		"the domain behind a slash":          {[]string{"https://*.a.org"}, "https://evil.org/x.a.org", false},
		"the domain behind a backslash":      {[]string{"https://*.a.org"}, "https://evil.org\\x.a.org", false},
		"the domain behind a hash":           {[]string{"https://*.a.org"}, "https://evil.org#.a.org", false},
		"the domain behind a port":           {[]string{"https://*.a.org"}, "https://evil.org:1.a.org", false},
		"below a domain by http":             {[]string{"https://*.a.org"}, "http://x.a.org", false},
		"below a domain, a port":             {[]string{"https://*.a.org"}, "https://x.a.org:8443", false},
		"below a domain with a port":         {[]string{"https://*.a.org:8443"}, "https://x.a.org:8443", true},
		"below localhost":                    {[]string{"http://*.localhost:3000"}, "http://shop.localhost:3000", true},
		"below a domain, null":               {[]string{"https://*.a.org"}, "null", false},
		"a longer top-level domain":          {[]string{"https://example.com"}, "https://example.community", false}, // CVE-2019-25211
		"any below localhost for one":        {[]string{"http://localhost"}, "http://localhost.example.com", false}, // CVE-2019-25211
		"a scheme that begins like it":       {[]string{"https://*.a.org"}, "httpsx://x.a.org", false},
		"a percent sign before the domain":   {[]string{"https://*.a.org"}, "https://evil.org%2f.a.org", false},
		"an underscore before the domain":    {[]string{"https://*.a.org"}, "https://x_y.a.org", true},
		"a parenthesis before the domain":    {[]string{"https://*.a.org"}, "https://evil.org(.a.org", false},
		"a brace that some browsers let by":  {[]string{"https://*.a.org"}, "https://evil.org{.a.org", false},
		"an exclamation mark before it":      {[]string{"https://*.a.org"}, "https://evil.org!.a.org", false},
		"a backtick that Safari once let by": {[]string{"https://*.a.org"}, "https://evil.org`.a.org", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := ""
			if test.allowed {
				want = test.origin
			}
			if got := corsTestAllowed(middleware.CORS{Origins: test.origins}, test.origin); got != want {
				t.Errorf("allows %q, want %q", got, want)
			}
		})
	}
}

func TestCORSForEverybody(t *testing.T) {
	everybody := middleware.CORS{Origins: []string{"*"}}
	want := raxx.Text(200, "data").With("access-control-allow-origin", "*")
	for _, req := range []raxx.Request{raxx.Get("/"), raxx.Get("/").With("origin", "https://evil.org"), raxx.Get("/").With("origin", "null")} {
		// The origin is never reflected, which would go with cookies.
		if diff := cmp.Diff(want, corsTestHandler(everybody)(req)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCORSResponses(t *testing.T) {
	cors := middleware.CORS{Origins: []string{"https://a.org"}, Expose: []string{"ETag", "Link"}, Credentials: true}
	plain := raxx.Text(200, "data").With("vary", "origin")
	shared := raxx.Text(200, "data").
		With("access-control-allow-origin", "https://a.org").
		With("access-control-allow-credentials", "true").
		With("access-control-expose-headers", "ETag, Link").
		With("vary", "origin")
	own := raxx.Get("/").With("origin", "https://a.org")
	tests := map[string]struct {
		req  raxx.Request
		want raxx.Response
	}{
		"no origin":                       {raxx.Get("/"), plain},
		"another origin":                  {raxx.Get("/").With("origin", "https://b.org"), plain},
		"two origins":                     {own.Add("origin", "https://a.org"), plain},
		"an allowed origin":               {own, shared},
		"POST":                            {raxx.Post("/", "text/plain", nil).With("origin", "https://a.org"), shared},
		"OPTIONS that is no preflight":    {raxx.New("OPTIONS", "/", nil).With("origin", "https://a.org"), shared},
		"a preflight without an origin":   {raxx.New("OPTIONS", "/", nil).With("access-control-request-method", "PUT"), plain},
		"a preflight's fields with a GET": {own.With("access-control-request-method", "PUT"), shared},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, corsTestHandler(cors)(test.req)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A handler's own fields would open what the policy closes, or make two of one.
func TestCORSFieldsOfTheHandler(t *testing.T) {
	cors := middleware.CORS{Origins: []string{"https://a.org"}}
	handler := cors.Middleware()(func(raxx.Request) raxx.Response {
		return raxx.Text(200, "data").With("access-control-allow-origin", "*").With("access-control-allow-credentials", "true").
			With("access-control-allow-methods", "*").With("access-control-max-age", "86400").With("vary", "Accept, Origin")
	})
	plain := raxx.Text(200, "data").With("vary", "Accept, Origin")
	if diff := cmp.Diff(plain, handler(raxx.Get("/").With("origin", "https://b.org"))); diff != "" {
		t.Error(diff)
	}
	want := plain.With("access-control-allow-origin", "https://a.org")
	if diff := cmp.Diff(want, handler(raxx.Get("/").With("origin", "https://a.org"))); diff != "" {
		t.Error(diff)
	}
}

func TestCORSPreflight(t *testing.T) {
	const vary = "origin, access-control-request-method, access-control-request-headers, access-control-request-private-network"
	cors := middleware.CORS{
		Origins: []string{"https://a.org"}, Methods: []string{"PUT", "DELETE"}, Headers: []string{"Content-Type", "X-Token"},
		Credentials: true, MaxAge: time.Hour,
	}
	private, open := cors, middleware.CORS{Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*"}, MaxAge: -time.Hour}
	private.PrivateNetwork = true
	brief := middleware.CORS{Origins: []string{"https://a.org"}}
	briefly := raxx.NoContent().With("access-control-allow-origin", "https://a.org").With("access-control-max-age", "600")
	openAuth := open
	openAuth.Headers = []string{"*", "Authorization"}
	allowed := raxx.NoContent().
		With("access-control-allow-origin", "https://a.org").
		With("access-control-allow-credentials", "true").
		With("access-control-allow-methods", "PUT, DELETE").
		With("access-control-allow-headers", "content-type, x-token").
		With("access-control-max-age", "3600")
	openly := raxx.NoContent().
		With("access-control-allow-origin", "*").
		With("access-control-allow-methods", "*").
		With("access-control-allow-headers", "*").
		With("access-control-max-age", "0")
	denied := func(what string) raxx.Response { return raxx.Problem(403, what+" is not allowed (CORS)") }
	preflight := func(origin, method, headers string) raxx.Request {
		req := raxx.New("OPTIONS", "/", nil).With("origin", origin).With("access-control-request-method", method)
		if headers != "" {
			req = req.With("access-control-request-headers", headers)
		}
		return req
	}
	asked := preflight("https://a.org", "PUT", "").With("access-control-request-private-network", "true")
	tests := map[string]struct {
		cors middleware.CORS
		req  raxx.Request
		want raxx.Response
	}{
		"a method":                      {cors, preflight("https://a.org", "PUT", ""), allowed},
		"a method without permission":   {cors, preflight("https://a.org", "POST", ""), allowed},
		"fields":                        {cors, preflight("https://a.org", "PUT", "content-type,x-token"), allowed},
		"fields with spaces, in case":   {cors, preflight("https://a.org", "PUT", "Content-Type , X-TOKEN"), allowed},
		"a field twice":                 {cors, preflight("https://a.org", "PUT", "x-token,x-token"), allowed},
		"nothing but commas":            {cors, preflight("https://a.org", "PUT", strings.Repeat(",", 10000)), allowed},
		"another origin":                {cors, preflight("https://b.org", "PUT", ""), denied("this origin")},
		"the origin null":               {cors, preflight("null", "PUT", ""), denied("this origin")},
		"another method":                {cors, preflight("https://a.org", "PATCH", ""), denied("this method")},
		"methods that need none":        {cors, preflight("https://a.org", "GET", ""), allowed},
		"HEAD, too":                     {cors, preflight("https://a.org", "HEAD", ""), allowed},
		"by default for ten minutes":    {brief, preflight("https://a.org", "GET", ""), briefly},
		"a method in another case":      {cors, preflight("https://a.org", "put", ""), denied("this method")},
		"another field":                 {cors, preflight("https://a.org", "PUT", "x-other"), denied("a field of the request")},
		"another field among many":      {cors, preflight("https://a.org", "PUT", "x-token,x-other"), denied("a field of the request")},
		"a field that begins alike":     {cors, preflight("https://a.org", "PUT", "x-token-2"), denied("a field of the request")},
		"a private network":             {private, asked, allowed.With("access-control-allow-private-network", "true")},
		"a private network, not asked":  {private, preflight("https://a.org", "PUT", ""), allowed},
		"a private network, closed":     {cors, asked, allowed},
		"everything open":               {open, preflight("https://b.org", "FROB", "x-any"), openly},
		"open but for authorization":    {open, preflight("https://b.org", "GET", "Authorization"), denied("a field of the request")},
		"open, authorization is listed": {openAuth, preflight("https://b.org", "GET", "authorization"), openly.With("access-control-allow-headers", "*, authorization")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			handler := test.cors.Middleware()(func(raxx.Request) raxx.Response { panic("a preflight reached the handler") })
			if diff := cmp.Diff(test.want.With("vary", vary), handler(test.req)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCORSThatCannotBeMeant(t *testing.T) {
	tests := map[string]middleware.CORS{
		"nobody":                     {},
		"everybody with cookies":     {Origins: []string{"*"}, Credentials: true}, // CVE-2018-20744, CVE-2024-25124
		"everybody and a function":   {Origins: []string{"*"}, AllowOrigin: func(raxx.Request, string) (bool, error) { return false, nil }},
		"any method with a function": {Methods: []string{"*"}, Credentials: true, AllowOrigin: func(raxx.Request, string) (bool, error) { return false, nil }},
		"null with cookies":          {Origins: []string{"null"}, Credentials: true},
		"everybody and one more":     {Origins: []string{"*", "https://a.org"}},
		"any method with cookies":    {Origins: []string{"https://a.org"}, Methods: []string{"*"}, Credentials: true},
		"any field with cookies":     {Origins: []string{"https://a.org"}, Headers: []string{"*"}, Credentials: true},
		"all exposed with cookies":   {Origins: []string{"https://a.org"}, Expose: []string{"*"}, Credentials: true},
		"a host":                     {Origins: []string{"a.org"}},
		"a path":                     {Origins: []string{"https://a.org/"}},
		"a star as path":             {Origins: []string{"https://a.org/*"}}, // CVE-2019-25211
		"a star without a dot":       {Origins: []string{"https://*a.org"}},
		"a star at the end":          {Origins: []string{"https://a.*"}},
		"a star in a label":          {Origins: []string{"https://x*.a.org"}},
		"two stars":                  {Origins: []string{"https://*.*.org"}},
		"a star as scheme":           {Origins: []string{"*://a.org"}},
		"a star as host":             {Origins: []string{"https://*"}},
		"a star for a whole country": {Origins: []string{"https://*.org"}},
		"capitals":                   {Origins: []string{"https://A.org"}},
		"a port too many":            {Origins: []string{"https://a.org:443"}},
		"nothing":                    {Origins: []string{""}},
		"a method that is none":      {Origins: []string{"https://a.org"}, Methods: []string{"PUT, DELETE"}},
		"a field that is none":       {Origins: []string{"https://a.org"}, Headers: []string{"x-token\r\n"}},
		"an empty field":             {Origins: []string{"https://a.org"}, Headers: []string{""}},
		"a letter of another script": {Origins: []string{"https://a.org"}, Methods: []string{"\u0161"}}, // whose last octet is "a"
		"an umlaut":                  {Origins: []string{"https://a.org"}, Expose: []string{"größe"}},
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

func BenchmarkCORS(b *testing.B) {
	handler := corsTestHandler(middleware.CORS{Origins: []string{"https://*.a.org"}})
	req := raxx.Get("/").With("origin", "https://x.a.org")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}

func TestCORSLaws(t *testing.T) {
	cors := middleware.CORS{Origins: []string{"https://a.org"}, Expose: []string{"etag"}, Credentials: true}
	raxxtest.Laws(t, cors.Middleware())
	raxxtest.Laws(t, cors.Middleware(), raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		return req.With("origin", "https://a.org")
	}))
}
