package main

import (
	"context"
	"log/slog"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

// The eight middlewares of the work "stack" are, from the outside in: request
// id, access log, six fields for browsers, hosts, recovery of panics, cache
// control, cross-origin requests, limit of the body. Each framework has its own,
// or functions in its manner where it has none.

// raxxStack returns the eight of package middleware.
func raxxStack() raxx.Middleware {
	return raxx.Stack(
		middleware.RequestID{}.Middleware(),
		middleware.AccessLog{Logger: slog.New(discard{})}.Middleware(),
		middleware.SecureHeaders{}.Middleware(),
		middleware.Hosts{}.Middleware(),
		middleware.Recover{}.Middleware(),
		middleware.CacheControl{Default: stackCache}.Middleware(),
		middleware.CrossOrigin{}.Middleware(),
		middleware.BodyLimit(stackBodyLimit),
	)
}

// What the stacks of the others say, as that one does.
const (
	stackCache     = "no-cache"
	stackBodyLimit = 8 << 20
)

// stackFields are the fields for browsers, in the spelling of net/http.
var stackFields = [][2]string{
	{"Content-Security-Policy", middleware.DefaultCSP().String()},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "SAMEORIGIN"},
	{"Referrer-Policy", "strict-origin-when-cross-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
}

// stackHosts are those that are answered for.
var stackHosts = map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}

// A discard is a handler of logs that wants every record and does nothing with
// it: so all that a middleware does for a record is measured, and not how it is
// written.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return true }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }
