package middleware_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func ExampleErrorPage() {
	for _, accept := range []string{"*/*", "text/html,*/*;q=0.8", "text/plain"} {
		resp := middleware.ErrorPage(raxx.Get("/").With("accept", accept), 404, "no such page")
		fmt.Println(resp.Header.Get("content-type"))
	}
	// Output:
	// application/problem+json
	// text/html; charset=utf-8
	// text/plain; charset=utf-8
}

func ExampleErrorPages() {
	handler := middleware.ErrorPages(func(raxx.Request) raxx.Response { return raxx.Problem(404, "no such page") })
	person := handler(raxx.Get("/").With("accept", "text/html"))
	program := handler(raxx.Get("/").With("accept", "application/json"))
	fmt.Println(person.Header.Get("content-type"))
	fmt.Println(program.Body)
	// Output:
	// text/html; charset=utf-8
	// {"title":"Not Found","status":404,"detail":"no such page"}
}

func TestErrorPage(t *testing.T) {
	for _, test := range []struct{ accept, want string }{
		{"", "application/problem+json"},
		{"*/*", "application/problem+json"},
		{"application/json", "application/problem+json"},
		{"application/problem+json, text/html;q=0.9", "application/problem+json"},
		{"text/html", "text/html; charset=utf-8"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html; charset=utf-8"},
		{"text/plain, text/html;q=0.5", "text/plain; charset=utf-8"},
		{"image/png", "application/problem+json"},
		{"text/html;q=0", "application/problem+json"},
	} {
		t.Run(test.accept, func(t *testing.T) {
			req := raxx.Get("/")
			if test.accept != "" {
				req = req.With("accept", test.accept)
			}
			resp := middleware.ErrorPage(req, 503, "come back later")
			if got := resp.Header.Get("content-type"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if resp.Status != 503 || resp.Header.Get("vary") != "accept" || resp.Header.Get("cache-control") != "no-store" {
				t.Errorf("got %v", resp)
			}
			if !strings.Contains(string(resp.Body.(raxx.Data)), "come back later") {
				t.Errorf("the detail is not in %s", resp.Body)
			}
		})
	}
}

// As for a raxx.Error without a status, in each form.
func TestErrorPageWithoutAStatus(t *testing.T) {
	for _, accept := range []string{"*/*", "text/html", "text/plain"} {
		req := raxx.Get("/").With("accept", accept)
		if diff := cmp.Diff(middleware.ErrorPage(req, 500, "a"), middleware.ErrorPage(req, 0, "a")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestErrorPageNamesTheRequest(t *testing.T) {
	for _, accept := range []string{"text/html", "text/plain"} {
		req := middleware.RequestIDKey.Set(raxx.Get("/").With("accept", accept), "id-4711")
		if body := string(middleware.ErrorPage(req, 500, "").Body.(raxx.Data)); !strings.Contains(body, "id-4711") {
			t.Errorf("%s: got %s", accept, body)
		}
	}
}

// A fault of which nothing is said still tells a person whose fault it is.
func TestErrorPageOfAFault(t *testing.T) {
	for _, test := range []struct {
		accept string
		status int
		detail string
		want   bool
	}{
		{"text/html", 500, "", true},
		{"text/plain", 502, "", true},
		{"text/html", 503, "come back later", false},
		{"text/html", 404, "", false},
		{"application/json", 500, "", false},
	} {
		body := string(middleware.ErrorPage(raxx.Get("/").With("accept", test.accept), test.status, test.detail).Body.(raxx.Data))
		if strings.Contains(body, "on our side") != test.want {
			t.Errorf("%+v: got %s", test, body)
		}
	}
}

func TestErrorPageEscapes(t *testing.T) {
	const evil = `<script>alert("1")</script>`
	body := string(middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 400, evil).Body.(raxx.Data))
	if strings.Contains(body, "<script") {
		t.Error(body)
	}
}

// The page allows its own style by its hash, and no other.
func TestErrorPagePolicyFitsItsStyle(t *testing.T) {
	resp := middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 500, "")
	_, style, _ := strings.Cut(string(resp.Body.(raxx.Data)), "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if policy := resp.Header.Get("content-security-policy"); !strings.Contains(policy, "style-src "+want) {
		t.Errorf("the policy is %s, and the hash %s", policy, want)
	}
}

func TestErrorPages(t *testing.T) {
	problem := raxx.Problem(404, "no such page")
	page := middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 404, "no such page")
	stream := raxx.Reply(404, "application/problem+json", raxx.NewStream(-1, nil))
	for _, test := range []struct {
		name, accept string
		resp, want   raxx.Response
	}{
		{"a person", "text/html", problem, page},
		{"a program, for which a cache must not keep it from people", "*/*", problem, problem.With("vary", "accept")},
		{"a problem that varies already", "*/*", problem.With("vary", "Accept, origin"), problem.With("vary", "Accept, origin")},
		{"a problem of success", "text/html", problem.WithStatus(200), problem.WithStatus(200)},
		{"a page of the application's own", "text/html", raxx.HTML(404, "mine"), raxx.HTML(404, "mine")},
		{"a stream", "text/html", stream, stream},
		{"what is no JSON", "text/html", problem.WithBody(raxx.Data("{")), problem.WithBody(raxx.Data("{"))},
		{"fields stay, but for the length", "text/html",
			problem.With("allow", "GET").With("content-length", "58").With("vary", "origin").With("cache-control", "max-age=60"),
			raxx.Response{Status: 404, Header: raxx.Header{
				page.Header[0], {Name: "allow", Value: "GET"}, {Name: "vary", Value: "origin"}, {Name: "cache-control", Value: "max-age=60"},
				{Name: "vary", Value: "accept"}, page.Header[1],
			}, Body: page.Body}},
		{"a title of its own", "text/html", raxx.ProblemDetails{Title: "No tea", Status: 503}.Response(),
			middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 503, "").WithBody(raxx.Data(
				strings.ReplaceAll(string(middleware.ErrorPage(raxx.Get("/").With("accept", "text/html"), 503, "").Body.(raxx.Data)), "Service Unavailable", "No tea")))},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := middleware.ErrorPages(func(raxx.Request) raxx.Response { return test.resp })(raxx.Get("/").With("accept", test.accept))
			sortByName := func(h raxx.Header) map[string][]string {
				m := map[string][]string{}
				for _, f := range h {
					m[f.Name] = append(m[f.Name], f.Value)
				}
				return m
			}
			if diff := cmp.Diff(sortByName(test.want.Header), sortByName(got.Header)); diff != "" {
				t.Error(diff)
			}
			got.Header, test.want.Header = nil, nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
