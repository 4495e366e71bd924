package main

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

var (
	tea  = book{1, "Tea", 30, "ada"}
	milk = book{2, "Milk", 20, "grace"}
)

const (
	asAda   = "Bearer s3cret"
	asGrace = "Bearer pa55word"
)

var secrets = tokens("ada=s3cret,grace=pa55word,nobody=")

// send is a request of JSON.
func send(method, path, body string) raxx.Request {
	return raxx.New(method, path, raxx.Data(body)).With("content-type", "application/json")
}

// The routes are a function, and so is their test.
func TestRoutes(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  raxx.Request
		as   string
		want raxx.Response
	}{
		{"all", raxx.Get("/v1/books"), "", raxx.JSON(200, []book{tea, milk})},
		{"a page of them", raxx.Get("/v1/books?after=1&limit=5"), "", raxx.JSON(200, []book{milk})},
		{"none", raxx.Get("/v1/books?after=2"), "", raxx.JSON(200, []book{})},
		{"behind all numbers", raxx.Get(fmt.Sprint("/v1/books?after=", math.MaxInt)), "", raxx.JSON(200, []book{})},
		{"a page that is none", raxx.Get("/v1/books?limit=all"), "",
			raxx.Problem(400, fmt.Sprintf(`the value "limit" should be an integer of %d bits`, strconv.IntSize))},
		{"one", raxx.Get("/v1/books/1"), "", raxx.JSON(200, tea)},
		{"one that is not there", raxx.Get("/v1/books/9"), "", raxx.Problem(404, "there is no such book")},
		{"who I am", raxx.Get("/v1/me"), asAda, raxx.JSON(200, user{"ada"})},
		{"a new one", send("POST", "/v1/books", `{"title":"Sugar","pages":9}`), asAda,
			raxx.JSON(201, book{3, "Sugar", 9, "ada"}).With("location", "/v1/books/3")},
		{"a new one that is wrong", send("POST", "/v1/books", `{"title":" ","pages":0}`), asAda, raxx.Invalid{
			{Pointer: "#/title", Detail: "must not be empty"},
			{Pointer: "#/pages", Detail: "must be at least 1"},
		}.Response()},
		{"a field that nobody knows", send("POST", "/v1/books", `{"titel":"Sugar"}`), asAda,
			raxx.Problem(400, `the field "titel" is not known`)},
		{"another title", send("PUT", "/v1/books/1", `{"title":"Green tea","pages":31}`), asAda,
			raxx.JSON(200, book{1, "Green tea", 31, "ada"})},
		{"that of another user", send("PUT", "/v1/books/1", `{"title":"Mine","pages":1}`), asGrace,
			raxx.Problem(403, "this book was added by somebody else")},
		{"away with it", raxx.Delete("/v1/books/2"), asGrace, raxx.NoContent()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.as != "" {
				tt.req = tt.req.With("authorization", tt.as)
			}
			got := routes(newShelf(tea, milk), secrets).Handle(tt.req)
			if diff := cmp.Diff(tt.want, got.WithCause(nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	for _, as := range []string{"", "Bearer guess", "Basic s3cret"} {
		for _, req := range []raxx.Request{raxx.Get("/v1/me"), send("POST", "/v1/books", "{}"), raxx.Delete("/v1/books/1")} {
			if as != "" {
				req = req.With("authorization", as)
			}
			if got := routes(newShelf(tea), secrets).Handle(req); got.Status != 401 {
				t.Errorf("%s %s with %q: status %d", req.Method, req.Path, as, got.Status)
			}
		}
	}
}

func newTestAPI() raxx.Handler {
	return newAPI(settings{
		host: "api.example", origins: []string{"https://app.example"}, tokens: secrets, logger: slog.New(slog.DiscardHandler),
	})
}

// A page of another origin asks whether it may, and then does.
func TestPagesOfAnotherOrigin(t *testing.T) {
	for origin, want := range map[string]int{"https://app.example": 201, "https://evil.example": 403} {
		api := newTestAPI()
		ask := raxx.New("OPTIONS", "https://api.example/v1/books", nil).With("origin", origin).
			With("access-control-request-method", "POST").With("access-control-request-headers", "authorization,content-type")
		allowed := api(ask).Header.Get("access-control-allow-origin") == origin
		post := send("POST", "https://api.example/v1/books", `{"title":"Sugar","pages":9}`).
			With("origin", origin).With("sec-fetch-site", "cross-site").With("authorization", asAda)
		resp := api(post)
		if resp.Status != want || allowed != (want == 201) || allowed != (resp.Header.Get("access-control-allow-origin") == origin) {
			t.Errorf("%s: asked %v, then %d %v", origin, allowed, resp.Status, resp.Header)
		}
	}
}

func TestRateLimit(t *testing.T) {
	api := newTestAPI()
	for n := range 120 {
		if resp := api(raxx.Get("https://api.example/v1/books")); resp.Status != 200 {
			t.Fatalf("request %d: status %d", n+1, resp.Status)
		}
	}
	if resp := api(raxx.Get("https://api.example/v1/books")); resp.Status != 429 {
		t.Errorf("one more: status %d", resp.Status)
	}
}

// What has to be true of every page.
func TestSite(t *testing.T) {
	raxxtest.Site(t, newTestAPI(), raxx.Get("https://api.example/v1/books"), raxx.Get("https://api.example/v1/me"))
}

// Who names a certificate means to speak HTTPS: it is not left out in silence.
func TestCertificateWithoutHost(t *testing.T) {
	err := run("nowhere", settings{}, ace.CertFile{Cert: "cert.pem", Key: "key.pem"})
	if err == nil || !strings.Contains(err.Error(), "-host") {
		t.Errorf("got %v, want an error that names -host", err)
	}
}
