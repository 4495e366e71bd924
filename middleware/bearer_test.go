package middleware_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// A bearerTestAccount is what the tokens of these tests stand for.
type bearerTestAccount struct{ Name string }

var bearerTestKey = raxx.NewKey[bearerTestAccount]("account")

// Who brings no token is nobody in particular, and who brings a bad one is refused.
func ExampleBearer_optional() {
	auth := middleware.Bearer[bearerTestAccount]{Key: bearerTestKey, Verify: func(_ raxx.Request, token string) (bearerTestAccount, bool, error) {
		return bearerTestAccount{"Ada"}, token == "s3cret", nil
	}}.Middleware()
	optional := func(next raxx.Handler) raxx.Handler {
		known := auth(next)
		return func(req raxx.Request) raxx.Response {
			if !req.Header.Has("authorization") {
				return next(req)
			}
			return known(req)
		}
	}
	handler := optional(func(req raxx.Request) raxx.Response {
		account, known := bearerTestKey.Lookup(req)
		return raxx.Text(200, fmt.Sprintf("%q %v", account.Name, known))
	})
	fmt.Println(handler(raxx.Get("/")).Body)
	fmt.Println(handler(raxx.Get("/").With("authorization", "Bearer s3cret")).Body)
	fmt.Println(handler(raxx.Get("/").With("authorization", "Bearer other")).Status)
	// Output:
	// "" false
	// "Ada" true
	// 401
}

func ExampleBearer() {
	auth := middleware.Bearer[bearerTestAccount]{
		Key: bearerTestKey,
		Verify: func(_ raxx.Request, token string) (bearerTestAccount, bool, error) {
			return bearerTestAccount{"Ada"}, token == "s3cret", nil
		},
	}
	handler := auth.Middleware()(func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello, "+bearerTestKey.Get(req).Name)
	})
	fmt.Println(handler(raxx.Get("/").With("authorization", "Bearer s3cret")).Body)
	fmt.Println(handler(raxx.Get("/").With("authorization", "Bearer other")).Header.Get("www-authenticate"))
	// Output:
	// Hello, Ada
	// Bearer realm="Restricted", error="invalid_token"
}

func TestBearer(t *testing.T) {
	handler := middleware.Bearer[bearerTestAccount]{
		Realm: "api",
		Key:   bearerTestKey,
		Verify: func(req raxx.Request, token string) (bearerTestAccount, bool, error) {
			switch token {
			case "good":
				return bearerTestAccount{"Ada"}, true, nil
			case "scope":
				return bearerTestAccount{}, false, fmt.Errorf("may not: %w", &raxx.Error{Status: 403})
			case "expired":
				return bearerTestAccount{}, true, &raxx.Error{Status: 401, Detail: "the token is too old", Err: errors.New("an hour ago")}
			case "later":
				return bearerTestAccount{}, false, &raxx.Error{Status: 503, Detail: "later"}
			case "down":
				return bearerTestAccount{"Eve"}, true, errors.New("no connection")
			}
			return bearerTestAccount{"Eve"}, false, nil
		},
	}.Middleware()(func(req raxx.Request) raxx.Response { return raxx.Text(200, bearerTestKey.Get(req).Name) })

	refusal := func(status int, parameter string) raxx.Response {
		return raxx.Problem(status, "").With("www-authenticate", `Bearer realm="api"`+parameter)
	}
	tests := map[string]struct {
		authorization []string
		want          raxx.Response
	}{
		"a good token":                   {[]string{"Bearer good"}, raxx.Text(200, "Ada")},
		"the scheme in any case":         {[]string{"bearer good"}, raxx.Text(200, "Ada")},
		"nothing":                        {nil, refusal(401, "")},
		"another scheme":                 {[]string{"Basic good"}, refusal(401, "")},
		"an unknown token":               {[]string{"Bearer bad"}, refusal(401, `, error="invalid_token"`)},
		"no token":                       {[]string{"Bearer"}, refusal(400, `, error="invalid_request"`)},
		"only padding":                   {[]string{"Bearer =="}, refusal(400, `, error="invalid_request"`)},
		"two tokens":                     {[]string{"Bearer good bad"}, refusal(400, `, error="invalid_request"`)},
		"a list":                         {[]string{"Bearer good, Bearer bad"}, refusal(400, `, error="invalid_request"`)},
		"two fields":                     {[]string{"Bearer good", "Bearer good"}, refusal(400, `, error="invalid_request"`)},
		"two fields of different scheme": {[]string{"Basic x", "Bearer good"}, refusal(400, `, error="invalid_request"`)},
		"a token for something else":     {[]string{"Bearer scope"}, refusal(403, `, error="insufficient_scope"`)},
		"an expired token": {[]string{"Bearer expired"},
			raxx.Problem(401, "the token is too old").With("www-authenticate", `Bearer realm="api", error="invalid_token"`)},
		"nobody to ask":           {[]string{"Bearer down"}, raxx.Problem(503, "the token can't be checked at the moment")},
		"nobody to ask, in words": {[]string{"Bearer later"}, raxx.Problem(503, "later")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req := raxx.Get("/?access_token=good")
			for _, value := range test.authorization {
				req = req.Add("authorization", value)
			}
			if diff := cmp.Diff(test.want, handler(req).WithCause(nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for token, want := range map[string]string{
		"bad": "none", "down": "no connection", "expired": "401 Unauthorized: the token is too old: an hour ago", "scope": "may not: 403 Forbidden",
	} {
		if got := handler(raxx.Get("/").With("authorization", "Bearer "+token)).Cause.String(); got != want {
			t.Errorf("%s: the cause is %q", token, got)
		}
	}
}

// RFC 6750, Section 2.1.
func TestBearerTokens(t *testing.T) {
	handler := middleware.Bearer[bearerTestAccount]{
		Key: bearerTestKey,
		Verify: func(_ raxx.Request, token string) (bearerTestAccount, bool, error) {
			return bearerTestAccount{token}, true, nil
		},
	}.Middleware()(func(req raxx.Request) raxx.Response { return raxx.Text(200, bearerTestKey.Get(req).Name) })
	for _, token := range []string{"azAZ09-._~+/", "a=", "a==", "0"} {
		if got := handler(raxx.Get("/").With("authorization", "Bearer "+token)); got.Status != 200 || got.Body != raxx.Data(token) {
			t.Errorf("%s: got %d, %v", token, got.Status, got.Body)
		}
	}
	for _, token := range []string{"a=b", "=a", "a:b", "a,b", "a;b", "a\"b", "a@b", "a[b", "a`b", "a{b", "a}b", "ä"} {
		if got := handler(raxx.Get("/").With("authorization", "Bearer "+token)).Status; got != 400 {
			t.Errorf("%s: status %d", token, got)
		}
	}
}

func TestBearerThatCannotBeMeant(t *testing.T) {
	verify := func(raxx.Request, string) (bearerTestAccount, bool, error) { return bearerTestAccount{}, true, nil }
	tests := map[string]middleware.Bearer[bearerTestAccount]{
		"no verify": {Key: bearerTestKey},
		"no key":    {Verify: verify},
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

func TestBearerLaws(t *testing.T) {
	bearer := middleware.Bearer[bearerTestAccount]{
		Key: bearerTestKey,
		Verify: func(_ raxx.Request, token string) (bearerTestAccount, bool, error) {
			return bearerTestAccount{token}, true, nil
		},
	}
	raxxtest.Laws(t, bearer.Middleware(), raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		return req.With("authorization", "Bearer x")
	}))
}
