package middleware_test

import (
	"io"
	"log/slog"
	"net/netip"
	"testing"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// What is meant for everybody keeps the laws that everybody relies on.
func TestLawsOfTheStack(t *testing.T) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	overHTTPS := raxxtest.Prepare(func(req raxx.Request) raxx.Request {
		req.Scheme = "https"
		req.Authority = "example.org"
		return req
	})
	proxy := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for _, test := range []struct {
		name    string
		mw      raxx.Middleware
		options []raxxtest.LawOption
	}{
		{"Recover", middleware.Recover{}.Middleware(), nil},
		{"Recover in development", middleware.Recover{Development: true}.Middleware(), nil},
		{"ErrorPages", middleware.ErrorPages, nil},
		{"RequestID", middleware.RequestID{}.Middleware(), nil},
		{"AccessLog", middleware.AccessLog{Logger: quiet}.Middleware(), nil},
		{"ClientAddress", middleware.ClientAddress{}.Middleware(), nil},
		{"ClientAddress behind a proxy", middleware.ClientAddress{Trusted: proxy, From: middleware.Forwarded, Scheme: true}.Middleware(), nil},
		{"Hosts", middleware.Hosts{}.Middleware(), nil},
		{"Hosts that are asked for", middleware.Hosts{AllowHost: func(raxx.Request, string) (bool, error) { return true, nil }}.Middleware(), nil},
		{"HTTPS", middleware.HTTPS{}.Middleware(), []raxxtest.LawOption{overHTTPS}},
		{"SecureHeaders", middleware.SecureHeaders{}.Middleware(), nil},
		{"SecureHeaders with a nonce", middleware.SecureHeaders{CSP: middleware.DefaultCSP().Add("script-src", middleware.Nonce)}.Middleware(), nil},
		{"MethodOverride", middleware.MethodOverride{}.Middleware(), nil},
		{"TrailingSlash", middleware.TrailingSlash{}.Middleware(), nil},
		{"Health", middleware.Health{}.Middleware(), nil},
		{"Timeout", middleware.Timeout{}.Middleware(), nil},
		{"BodyLimit", middleware.BodyLimit(0), nil},
		{"Concurrency", middleware.Concurrency{}.Middleware(), nil},
		{"Default", middleware.Default{Logger: quiet, Hosts: []string{"example.org"}}.Middleware(), []raxxtest.LawOption{overHTTPS}},
		{"Default in development", middleware.Default{Logger: quiet, Development: true}.Middleware(), nil},
	} {
		t.Run(test.name, func(t *testing.T) { raxxtest.Laws(t, test.mw, test.options...) })
	}
}
