package middleware

import (
	"log/slog"

	"github.com/raxx-go/raxx/raxx"
)

// A Default is the stack that a new site wants, in its right order; each part can
// be set. It is for production unless Development is set: it answers only for hosts
// that Hosts names or AllowHost allows, only over HTTPS, and says nothing of what
// went wrong.
//
//	app := middleware.Default{
//		Development: *development,
//		Hosts:       []string{"example.org"},
//		IsReady:     func() bool { return ctx.Err() == nil },
//	}.Middleware()(router.Handle)
//
// What depends on the application is not in it: limits of time, of bodies, of the
// number and the rate of requests ([Timeout], [BodyLimit], [Concurrency], package
// ratelimit), what the paths of the site look like ([TrailingSlash],
// [MethodOverride]), who its users are ([Session]). Nor is what brings a library
// along (package compress) or reads whole replies ([ETag]). Those stand behind it,
// around routes or around the router. A 304 that is made there gets no
// cache-control by those rules of Cache that have a Type: see [CacheControl].
type Default struct {
	// Development is for a server on one's own machine: errors are shown as they
	// are (see [Recover]), and there is no redirect to HTTPS.
	Development bool
	// Hosts are the hosts that the site answers for: see [Hosts]. If empty, and
	// there is no AllowHost, only the names by which this machine knows itself.
	Hosts []string
	// AllowHost decides on other hosts: see [Hosts].
	AllowHost func(req raxx.Request, host string) (bool, error)
	// Logger gets the access log, and panics with their stack. If nil,
	// [slog.Default].
	Logger *slog.Logger
	// Proxies says which proxies stand in front of the server. If one speaks
	// TLS, set its Scheme, too, or there is a loop of redirects.
	Proxies ClientAddress
	// HTTPS says how HTTPS is enforced, except in Development.
	HTTPS HTTPS
	// Headers are what makes browsers safer.
	Headers SecureHeaders
	// CrossOrigin refuses what other sites make a browser ask for.
	CrossOrigin CrossOrigin
	// Cache says what caches may keep: of what belongs to one user nothing, except
	// by a rule that is [CacheRule.Personal].
	Cache CacheControl
	// IsReady reports whether more requests should be sent here: see [Health].
	IsReady func() bool
}

// Middleware returns the stack as one. It panics if a part can't be meant.
func (d Default) Middleware() raxx.Middleware { return raxx.Stack(d.Stack()...) }

// Stack returns the parts, the outermost first, for those who want to put
// something between them.
func (d Default) Stack() []raxx.Middleware {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	stack := []raxx.Middleware{
		Health{IsReady: d.IsReady}.Middleware(),
		RequestID{Trusted: d.Proxies.Trusted, TrustUnix: d.Proxies.TrustUnix}.Middleware(),
		d.Proxies.Middleware(),
		AccessLog{Logger: d.Logger}.Middleware(),
		d.Headers.Middleware(),
		ErrorPages,
		Hosts{Allowed: d.Hosts, AllowHost: d.AllowHost}.Middleware(),
	}
	if !d.Development {
		stack = append(stack, d.HTTPS.Middleware())
	}
	return append(stack,
		Recover{Development: d.Development, Report: d.report}.Middleware(),
		d.Cache.Middleware(),
		d.CrossOrigin.Middleware(),
	)
}

// report writes a panic with its stack.
func (d Default) report(req raxx.Request, p *PanicError) {
	d.Logger.Error(p.Error(), "id", RequestIDKey.Get(req), "stack", p.Trace())
}
