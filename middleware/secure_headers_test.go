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

func ExampleSecureHeaders() {
	policy := middleware.DefaultCSP().With("script-src", "'self'", middleware.Nonce)
	handler := middleware.SecureHeaders{CSP: policy}.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.HTML(200, `<script nonce="`+middleware.CSPNonce.Get(req)+`">alert("hello")</script>`)
	})
	resp := handler(raxx.Get("/"))
	_, nonce, _ := strings.Cut(resp.Header.Get("content-security-policy"), "'nonce-")
	nonce, _, _ = strings.Cut(nonce, "'")
	fmt.Println(len(nonce), strings.Contains(string(resp.Body.(raxx.Data)), nonce))
	// Output: 22 true
}

func ExampleCSP() {
	fmt.Println(middleware.DefaultCSP().
		With("script-src", "'self'", "'wasm-unsafe-eval'").
		Add("font-src", "https://fonts.example.org").
		Without("frame-ancestors"))
	// Output: default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; script-src 'self' 'wasm-unsafe-eval'; font-src 'self' https://fonts.example.org
}

func TestSecureHeaders(t *testing.T) {
	const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
	secure := raxx.Header{
		{Name: "x-content-type-options", Value: "nosniff"},
		{Name: "x-frame-options", Value: "SAMEORIGIN"},
		{Name: "referrer-policy", Value: "strict-origin-when-cross-origin"},
		{Name: "cross-origin-opener-policy", Value: "same-origin"},
		{Name: "cross-origin-resource-policy", Value: "same-origin"},
		{Name: "content-security-policy", Value: policy},
	}
	for _, test := range []struct {
		name string
		c    middleware.SecureHeaders
		resp raxx.Response
		want raxx.Header
	}{
		{"by default", middleware.SecureHeaders{}, raxx.NoContent(), secure},
		{"no policy", middleware.SecureHeaders{CSP: middleware.CSP{}}, raxx.NoContent(), secure[:5]},
		{"a policy to try out", middleware.SecureHeaders{ReportOnly: true}, raxx.NoContent(),
			append(secure[:5:5], raxx.Field{Name: "content-security-policy-report-only", Value: policy})},
		{"what the handler says stays", middleware.SecureHeaders{}, raxx.NoContent().With("x-frame-options", "DENY"),
			append(append(raxx.Header{{Name: "x-frame-options", Value: "DENY"}}, secure[0]), secure[2:]...)},
		{"fields of one's own", middleware.SecureHeaders{CSP: middleware.CSP{}, Fields: raxx.Header{
			{Name: "x-frame-options", Value: "DENY"}, {Name: "referrer-policy"}, {Name: "permissions-policy", Value: "camera=()"},
		}}, raxx.NoContent(), raxx.Header{secure[0], {Name: "x-frame-options", Value: "DENY"}, secure[3], secure[4],
			{Name: "permissions-policy", Value: "camera=()"}}},
		{"another policy among the fields", middleware.SecureHeaders{Fields: raxx.Header{{Name: "content-security-policy", Value: "default-src 'none'"}}},
			raxx.NoContent(), append(secure[:5:5], raxx.Field{Name: "content-security-policy", Value: "default-src 'none'"})},
		{"no policy by the fields", middleware.SecureHeaders{Fields: raxx.Header{{Name: "Content-Security-Policy"}}}, raxx.NoContent(), secure[:5]},
		{"no policy with a nonce by the fields", middleware.SecureHeaders{CSP: middleware.CSP{}.With("script-src", middleware.Nonce),
			Fields: raxx.Header{{Name: "content-security-policy"}}}, raxx.NoContent(), secure[:5]},
		{"not with 101", middleware.SecureHeaders{}, raxx.Response{Status: 101, Body: raxx.Machine{}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.c.Middleware()(func(raxx.Request) raxx.Response { return test.resp })(raxx.Get("/"))
			if diff := cmp.Diff(test.want, got.Header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecureHeadersNonce(t *testing.T) {
	nonces := map[string]bool{}
	status := 200
	handler := middleware.SecureHeaders{CSP: middleware.CSP{}.With("script-src", middleware.Nonce).With("style-src", middleware.Nonce)}.
		Middleware()(func(req raxx.Request) raxx.Response {
		nonces[middleware.CSPNonce.Get(req)] = true
		return raxx.Response{Status: status}
	})
	for range 100 {
		policy := handler(raxx.Get("/")).Header.Get("content-security-policy")
		_, nonce, _ := strings.Cut(policy, "script-src ")
		nonce, _, _ = strings.Cut(nonce, ";")
		if policy != "script-src "+nonce+"; style-src "+nonce || !nonces[strings.TrimSuffix(strings.TrimPrefix(nonce, "'nonce-"), "'")] {
			t.Fatalf("the policy is %q, and the nonces are %v", policy, nonces)
		}
	}
	if len(nonces) != 100 {
		t.Errorf("%d different nonces", len(nonces))
	}
	status = 101
	if resp := handler(raxx.Get("/")); resp.Header != nil {
		t.Errorf("101 has %v", resp.Header)
	}
	status = 304
	if resp := handler(raxx.Get("/")); resp.Header.Has("content-security-policy") || !resp.Header.Has("x-content-type-options") {
		t.Errorf("304 would put another nonce over the page that is cached: %v", resp)
	}
}

func TestSecureHeadersThatCannotBeMeant(t *testing.T) {
	defer func() {
		if err, ok := recover().(*middleware.CSPError); !ok || !strings.Contains(err.Error(), "img-src") {
			t.Errorf("it panicked with %v", err)
		}
	}()
	middleware.SecureHeaders{CSP: middleware.CSP{{Name: "img-src", Sources: []string{"self"}}}}.Middleware()
}

func TestSecureHeadersWithoutNonceMakesNone(t *testing.T) {
	middleware.SecureHeaders{}.Middleware()(func(req raxx.Request) raxx.Response {
		if nonce, ok := middleware.CSPNonce.Lookup(req); ok {
			t.Errorf("the nonce is %q", nonce)
		}
		return raxx.NoContent()
	})(raxx.Get("/"))
}

func TestSecureHeadersAreOnADeferredHead(t *testing.T) {
	later := raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { return 0, []raxx.Part{raxx.Text(200, "late")} })
	resp := middleware.SecureHeaders{}.Middleware()(func(raxx.Request) raxx.Response { return raxx.Defer(later) })(raxx.Get("/"))
	head, _ := raxxtest.Start(resp).Head()
	if !head.Header.Has("content-security-policy") {
		t.Errorf("got %v", head)
	}
}

func TestCSPIsAValue(t *testing.T) {
	p := middleware.DefaultCSP()
	before := p.String()
	p.With("default-src", "'none'")
	p.Add("default-src", "https://a.example")
	p.Without("default-src")
	if p.String() != before {
		t.Errorf("it has become %q", p)
	}
	if got := middleware.DefaultCSP().With("img-src", "*").With("default-src", "'none'").String(); !strings.HasPrefix(got, "default-src 'none'; img-src *; object-src") {
		t.Errorf("the sources are not in place of those that were there: %q", got)
	}
	if got := p.Add("object-src", "https://a.example").With("img-src", "'none'").Without("default-src").String(); !strings.Contains(got, "object-src https://a.example;") {
		t.Errorf("'none' has not made room: %q", got)
	}
}

// A directive begins with the sources that browsers would use in its place: a
// wider one would allow more than there was before, and what was added.
func TestCSPAddBeginsWithWhatBrowsersFallBackTo(t *testing.T) {
	for _, test := range []struct{ name, in, directive, want string }{
		{"default-src", "", "font-src", "default-src 'self'; font-src 'self' https://a.example"},
		{"script-src", "script-src", "script-src-elem", "default-src 'self'; script-src 'none'; script-src-elem https://a.example"},
		{"style-src", "style-src", "style-src-attr", "default-src 'self'; style-src 'none'; style-src-attr https://a.example"},
		{"script-src for workers", "script-src", "worker-src", "default-src 'self'; script-src 'none'; worker-src https://a.example"},
		{"child-src for workers", "child-src", "worker-src", "default-src 'self'; child-src 'none'; worker-src https://a.example"},
		{"child-src for frames", "child-src", "frame-src", "default-src 'self'; child-src 'none'; frame-src https://a.example"},
		{"script-src for attributes", "script-src", "script-src-attr", "default-src 'self'; script-src 'none'; script-src-attr https://a.example"},
		{"style-src for elements", "style-src", "style-src-elem", "default-src 'self'; style-src 'none'; style-src-elem https://a.example"},
		{"default-src for script elements", "", "script-src-elem", "default-src 'self'; script-src-elem 'self' https://a.example"},
		{"default-src for script attributes", "", "script-src-attr", "default-src 'self'; script-src-attr 'self' https://a.example"},
		{"default-src for style elements", "", "style-src-elem", "default-src 'self'; style-src-elem 'self' https://a.example"},
		{"default-src for style attributes", "", "style-src-attr", "default-src 'self'; style-src-attr 'self' https://a.example"},
		{"default-src for scripts", "", "script-src", "default-src 'self'; script-src 'self' https://a.example"},
		{"default-src for styles", "", "style-src", "default-src 'self'; style-src 'self' https://a.example"},
		{"default-src for images", "", "img-src", "default-src 'self'; img-src 'self' https://a.example"},
		{"default-src for connections", "", "connect-src", "default-src 'self'; connect-src 'self' https://a.example"},
		{"default-src for media", "", "media-src", "default-src 'self'; media-src 'self' https://a.example"},
		{"default-src for plug-ins", "", "object-src", "default-src 'self'; object-src 'self' https://a.example"},
		{"default-src for children", "", "child-src", "default-src 'self'; child-src 'self' https://a.example"},
		{"default-src for manifests", "", "manifest-src", "default-src 'self'; manifest-src 'self' https://a.example"},
		{"default-src for workers", "", "worker-src", "default-src 'self'; worker-src 'self' https://a.example"},
		{"default-src for frames", "", "frame-src", "default-src 'self'; frame-src 'self' https://a.example"},
		{"nothing", "", "form-action", "default-src 'self'; form-action https://a.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := middleware.CSP{}.With("default-src", "'self'")
			if test.in != "" {
				p = p.With(test.in, "'none'")
			}
			if got := p.Add(test.directive, "https://a.example").String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCSPThatCannotBeMeant(t *testing.T) {
	for _, test := range []struct{ name, directive, source string }{
		{"a second directive (secure_headers, CVE-2020-5217)", "script-src", "https://a.example; script-src *"},
		{"a second directive, without a space", "script-src", "https://a.example;script-src"},
		{"a second policy", "script-src", "https://a.example,script-src"},
		{"delete", "script-src", "https://a.example\x7f"},
		{"a letter that is no ASCII", "script-src", "https://ä.example"},
		{"a name with a brace", "script{src", "'self'"},
		{"a line feed (secure_headers, CVE-2020-5216)", "script-src", "https://a.example\nset-cookie: a=b"},
		{"two sources in one", "script-src", "'self' *"},
		{"a keyword without quotes", "script-src", "self"},
		{"no source without quotes", "script-src", "none"},
		{"the nonce without quotes", "script-src", "nonce"},
		{"inline without quotes", "script-src", "unsafe-inline"},
		{"eval without quotes", "script-src", "unsafe-eval"},
		{"strict without quotes", "script-src", "strict-dynamic"},
		{"a nonce that is always the same", "script-src", "'nonce-abc'"},
		{"one in upper case", "script-src", "'NONCE-abc'"},
		{"an empty source", "script-src", ""},
		{"a name that is none", "script src", "'self'"},
		{"a name in upper case", "Script-Src", "'self'"},
		{"no name", "", "'self'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if err, ok := recover().(*middleware.CSPError); !ok {
					t.Errorf("it panicked with %v", err)
				}
			}()
			middleware.DefaultCSP().With(test.directive, test.source)
		})
		t.Run(test.name+", by hand", func(t *testing.T) {
			if err := (middleware.CSP{{Name: test.directive, Sources: []string{test.source}}}).Check(); err == nil {
				t.Error("Check finds nothing")
			}
		})
	}
	for name, p := range map[string]middleware.CSP{
		"a directive twice":       {{Name: "img-src", Sources: []string{"*"}}, {Name: "img-src", Sources: []string{"*"}}},
		"none beside another one": {{Name: "img-src", Sources: []string{"'none'", "*"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := p.Check(); err == nil {
				t.Error("Check finds nothing")
			}
		})
	}
}

func BenchmarkSecureHeaders(b *testing.B) {
	handler := middleware.SecureHeaders{}.Middleware()(stackTestHandler)
	req := raxx.Get("/")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}
