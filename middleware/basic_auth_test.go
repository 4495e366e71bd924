package middleware_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

func ExampleBasicAuth() {
	auth := middleware.BasicAuth{Realm: "staging", Users: map[string]string{"ada": "engine"}}
	handler := auth.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello, "+middleware.BasicUser.Get(req))
	})

	fmt.Println(handler(raxx.Get("/")).Header.Get("www-authenticate"))
	fmt.Println(handler(raxx.Get("/").With("authorization", "Basic YWRhOmVuZ2luZQ==")).Body)
	// Output:
	// Basic realm="staging", charset="UTF-8"
	// Hello, ada
}

// basicTestHandler answers with the name of the user.
func basicTestHandler(req raxx.Request) raxx.Response {
	return raxx.Text(200, middleware.BasicUser.Get(req))
}

func TestBasicAuth(t *testing.T) {
	handler := middleware.BasicAuth{Users: map[string]string{"ada": "en:gine", "grüße": "pässword"}}.Middleware()(basicTestHandler)
	encode := base64.StdEncoding.EncodeToString
	basic := func(s string) []string { return []string{"Basic " + encode([]byte(s))} }
	tests := map[string]struct {
		authorization []string
		user          string // of a request that is let in
	}{
		"the password":                       {basic("ada:en:gine"), "ada"},
		"names and passwords in UTF-8":       {basic("grüße:pässword"), "grüße"},
		"the scheme in any case":             {[]string{"bASIC " + encode([]byte("ada:en:gine"))}, "ada"},
		"several spaces behind the scheme":   {[]string{"Basic   " + encode([]byte("ada:en:gine"))}, "ada"},
		"nothing":                            {nil, ""},
		"another password":                   {basic("ada:en:gin"), ""},
		"a longer password":                  {basic("ada:en:gine2"), ""},
		"the password of another":            {basic("ada:pässword"), ""},
		"an unknown user":                    {basic("eve:en:gine"), ""},
		"no user and no password":            {basic(":"), ""},
		"no user":                            {basic(":en:gine"), ""},
		"an unknown user with no password":   {basic("eve:"), ""},
		"no password":                        {basic("ada:"), ""},
		"no colon":                           {basic("ada"), ""},
		"another scheme":                     {[]string{"Bearer " + encode([]byte("ada:en:gine"))}, ""},
		"a scheme that begins like it":       {[]string{"Basics " + encode([]byte("ada:en:gine"))}, ""},
		"no space behind the scheme":         {[]string{"Basic" + encode([]byte("ada:en:gine"))}, ""},
		"the scheme only":                    {[]string{"Basic"}, ""},
		"no base64":                          {[]string{"Basic ada:en:gine"}, ""},
		"base64 without its padding":         {[]string{"Basic " + base64.RawStdEncoding.EncodeToString([]byte("ada:en:gine"))}, ""},
		"base64 with more behind it":         {[]string{basic("ada:en:gine")[0] + ", Basic eDp5"}, ""},
		"a control character":                {basic("ada:en:gine\x00"), ""},
		"two fields, the first one right":    {append(basic("ada:en:gine"), basic("eve:x")...), ""},
		"two fields, the second one right":   {append(basic("eve:x"), basic("ada:en:gine")...), ""},
		"two fields, one of another scheme":  {append(basic("ada:en:gine"), "Bearer x"), ""},
		"a proxy's password is not for this": {nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req := raxx.Get("/").With("proxy-authorization", basic("ada:en:gine")[0])
			for _, value := range test.authorization {
				req = req.Add("authorization", value)
			}
			want := raxx.Text(200, test.user)
			if test.user == "" {
				want = raxx.Problem(401, "").With("www-authenticate", `Basic realm="Restricted", charset="UTF-8"`)
			}
			if diff := cmp.Diff(want, handler(req)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBasicAuthAsksVerify(t *testing.T) {
	handler := middleware.BasicAuth{
		Realm: `a "quoted" \realm`,
		Verify: func(req raxx.Request, user, password string) (bool, error) {
			return req.Path == "/"+user && password == "p", nil
		},
	}.Middleware()(basicTestHandler)
	authorization := "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:p"))
	if got := handler(raxx.Get("/ada").With("authorization", authorization)); got.Status != 200 {
		t.Errorf("status %d", got.Status)
	}
	got := handler(raxx.Get("/eve").With("authorization", authorization))
	want := `Basic realm="a \"quoted\" \\realm", charset="UTF-8"`
	if got.Status != 401 || got.Header.Get("www-authenticate") != want {
		t.Errorf("status %d, %s", got.Status, got.Header.Get("www-authenticate"))
	}
}

// What nobody can tell is no wrong password: a browser would forget it.
func TestBasicAuthThatCannotTell(t *testing.T) {
	down := errors.New("the database is down")
	const challenge = `Basic realm="Restricted", charset="UTF-8"`
	for name, test := range map[string]struct {
		ok   bool
		err  error
		want raxx.Response
	}{
		"it is right":                {true, nil, raxx.Text(200, "ada")},
		"it is wrong":                {false, nil, raxx.Problem(401, "").With("www-authenticate", challenge)},
		"nobody to ask":              {false, down, raxx.Problem(503, "the password can't be checked at the moment").WithCause(down)},
		"an error although it is ok": {true, down, raxx.Problem(503, "the password can't be checked at the moment").WithCause(down)},
		"an error with a status": {false, fmt.Errorf("asked: %w", &raxx.Error{Status: 429, Header: raxx.Header{{Name: "retry-after", Value: "60"}}}),
			raxx.Problem(429, "").Add("retry-after", "60").WithCause(errors.New("asked: 429 Too Many Requests"))},
		"an error that is 401": {false, &raxx.Error{Status: 401, Detail: "the password is too old"},
			raxx.Problem(401, "the password is too old").With("www-authenticate", challenge).
				WithCause(errors.New("401 Unauthorized: the password is too old"))},
		"an error that is 401, and asks for something else": {false, &raxx.Error{Status: 401, Header: raxx.Header{{Name: "www-authenticate", Value: "Other"}}},
			raxx.Problem(401, "").With("www-authenticate", "Other").WithCause(errors.New("401 Unauthorized"))},
	} {
		t.Run(name, func(t *testing.T) {
			handler := middleware.BasicAuth{Verify: func(raxx.Request, string, string) (bool, error) { return test.ok, test.err }}.
				Middleware()(basicTestHandler)
			got := handler(raxx.Get("/").With("authorization", "Basic YWRhOmVuZ2luZQ=="))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is malformed is nobody's, and Verify is not asked.
func TestBasicAuthThatIsMalformed(t *testing.T) {
	handler := middleware.BasicAuth{Verify: func(raxx.Request, string, string) (bool, error) { return true, nil }}.Middleware()(basicTestHandler)
	for credentials, want := range map[string]int{
		"ada:p": 200, "ada:p q": 200, ":": 200, "ada": 401, "ada:p\x1f": 401, "ada:p\x7f": 401, "a\x00da:p": 401,
	} {
		req := raxx.Get("/").With("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
		if got := handler(req).Status; got != want {
			t.Errorf("%q: status %d, want %d", credentials, got, want)
		}
	}
}

func TestBasicAuthThatCannotBeMeant(t *testing.T) {
	yes := func(raxx.Request, string, string) (bool, error) { return true, nil }
	tests := map[string]middleware.BasicAuth{
		"nobody to ask":        {},
		"two to ask":           {Users: map[string]string{"a": "b"}, Verify: yes},
		"an empty password":    {Users: map[string]string{"ada": ""}},
		"an empty name":        {Users: map[string]string{"": "p"}},
		"a colon in a name":    {Users: map[string]string{"a:b": "p"}},
		"a break in a name":    {Users: map[string]string{"a\nda": "p"}},
		"a line break":         {Users: map[string]string{"ada": "p\n"}},
		"a realm with a break": {Verify: yes, Realm: "a\r\nb"},
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

func BenchmarkBasicAuth(b *testing.B) {
	handler := middleware.BasicAuth{Users: map[string]string{"ada": "engine"}}.Middleware()(basicTestHandler)
	req := raxx.Get("/").With("authorization", "Basic YWRhOmVuZ2luZQ==")
	b.ReportAllocs()
	for b.Loop() {
		handler(req)
	}
}

func TestBasicAuthLaws(t *testing.T) {
	raxxtest.Laws(t, middleware.BasicAuth{Users: map[string]string{"ada": "engine"}}.Middleware(),
		raxxtest.Prepare(func(req raxx.Request) raxx.Request { return req.With("authorization", "Basic YWRhOmVuZ2luZQ==") }))
}

// Whatever the field holds, only the one pair is let in.
func FuzzBasicAuth(f *testing.F) {
	handler := middleware.BasicAuth{Users: map[string]string{"ada": "engine"}}.Middleware()(basicTestHandler)
	for _, seed := range []string{"Basic YWRhOmVuZ2luZQ==", "basic  YWRhOmVuZ2luZQ==", "Basic YWRhOg==", "Basic", "Basic =", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authorization string) {
		req := raxx.Get("/")
		req.Header = raxx.Header{{Name: "authorization", Value: authorization}}
		_, encoded, _ := strings.Cut(authorization, " ")
		decoded, _ := base64.StdEncoding.DecodeString(strings.TrimLeft(encoded, " "))
		if resp := handler(req); resp.Status != 401 && (resp.Body != raxx.Data("ada") || string(decoded) != "ada:engine") {
			t.Errorf("%q was let in: %v", authorization, resp.Body)
		}
	})
}
