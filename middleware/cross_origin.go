package middleware

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// CrossOrigin refuses requests that a browser makes because another site told it
// to, and that may change something: cross-site request forgery. It asks the
// browser and needs no token, no cookie and no secret; for most sites it is all
// the protection that forms need. The zero CrossOrigin is ready to use.
//
// It stands behind what logs and in front of sessions, so that a refused request
// costs nothing. The rules are those of CrossOriginProtection in package
// net/http:
//
//   - GET, HEAD and OPTIONS are let through: they must not change anything. A GET
//     that asks for an upgrade does not count as one: browsers open a WebSocket
//     across origins with cookies and without a preflight.
//   - Sec-Fetch-Site decides, where there is one: "same-origin" and "none", which
//     is the user, are let through. "same-site" is not: other hosts of your domain
//     may belong to somebody else.
//   - Without it (browsers of before 2023, and plain HTTP), Origin decides: its
//     host and port have to be those that the request was sent to. Where this
//     server itself speaks HTTPS, an origin with http is another one. A page with
//     the referrer policy no-referrer has the origin "null", and is refused.
//   - Without either, the request comes from no browser, and is let through: it
//     fails open, because forgery needs a browser and the cookies in it.
//
// A field that comes twice, or an origin in a form that no browser writes, is
// refused: there it fails closed. Responses of the handler are not touched,
// whatever their body, and the body of the request is not read, so no content
// type makes a difference. The comparison trusts the authority of the request:
// check that in front, or be reached under your own names only.
type CrossOrigin struct {
	// Trusted are other origins that may do anything, such as
	// "https://app.example.org": scheme, host, and port unless it is that of the
	// scheme. What their pages may read is for [CORS] to say.
	Trusted []string
	// AllowOrigin, unless it is nil, decides on other origins that may do anything,
	// such as those of customers, which a database knows: it is that of [CORS], and
	// of websocket.Config. It is asked only about requests that would be refused
	// otherwise. Bound what it remembers of origins that it does not know: anybody
	// can send any. The origin is in the form that browsers write; compare all of
	// it, the scheme too. "null" and what is malformed is refused without a
	// question. The request is the whole one, with its body unread. It fails
	// closed: if it returns an error, the answer is that of a [*raxx.Error], or
	// else 503. Then, and after a panic, the handler is not called.
	AllowOrigin func(req raxx.Request, origin string) (bool, error)
	// Bypass are paths that other sites may call, such as that of a payment
	// provider which makes the browser POST: "/paid", or "/hooks/*" for all paths
	// below, with or without a method and a space in front. [MethodOverride] leaves
	// the method of their requests alone. Their handlers must not trust cookies. A
	// path with "." or ".." in it, with two slashes in a row, or with a slash or a
	// backslash that is escaped, is no match.
	Bypass []string
	// Denied answers refused requests. If nil, the answer is a problem of status
	// 403.
	Denied raxx.Handler
}

// Middleware returns the middleware. It panics if an origin or a pattern is not
// in its form.
func (c CrossOrigin) Middleware() raxx.Middleware {
	guard := newOriginGuard(c)
	denied := c.Denied
	if denied == nil {
		refusal := raxx.Problem(raxx.StatusForbidden, "the request was caused by another site")
		denied = func(raxx.Request) raxx.Response { return refusal }
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if guard.allows(&req) {
				return next(req)
			}
			switch allowed, err := guard.decide(req); {
			case err != nil:
				return undecided(err, "whether this origin is trusted can't be told at the moment")
			case !allowed:
				return denied(req)
			}
			return next(req)
		}
	}
}

type originGuard struct {
	trusted map[string]bool
	bypass  []bypassPattern
	ask     func(raxx.Request, string) (bool, error)
}

func newOriginGuard(c CrossOrigin) *originGuard {
	g := &originGuard{trusted: make(map[string]bool), ask: c.AllowOrigin}
	for _, origin := range c.Trusted {
		if _, ok := parseOrigin(origin); !ok {
			panic("middleware: CrossOrigin: " + origin + " is no origin: wanted scheme://host or scheme://host:port, in lower case")
		}
		g.trusted[origin] = true
	}
	for _, pattern := range c.Bypass {
		g.bypass = append(g.bypass, newBypassPattern(pattern))
	}
	return g
}

// bypassKey marks a request that reaches its handler by its method and path only,
// whoever has caused it.
var bypassKey = raxx.NewKey[bool]("cross-origin bypass")

// allows reports whether the request may reach its handler, whoever else is asked.
func (g *originGuard) allows(req *raxx.Request) bool {
	switch {
	case isReading(req.Method) && !req.Header.Has("upgrade"):
	case g.sameOrigin(*req), g.trusts(*req):
	case g.bypasses(*req):
		req.Scope = bypassKey.In(req.Scope, true)
	default:
		return false
	}
	return true
}

// isReading reports whether the method is one that links and pages use to read:
// those for which nothing is asked. [raxx.IsSafe] knows more of them.
func isReading(method string) bool {
	return method == raxx.MethodGet || method == raxx.MethodHead || method == raxx.MethodOptions
}

// sameOrigin reports whether the site itself, the user, or no browser made the
// request.
func (g *originGuard) sameOrigin(req raxx.Request) bool {
	site, one := singleValue(req.Header, "sec-fetch-site")
	switch {
	case !one:
		return false
	case site != "":
		return site == "same-origin" || site == "none"
	}
	text, one := singleValue(req.Header, "origin")
	if text == "" && one {
		return true
	}
	origin, ok := parseOrigin(text)
	// Behind a proxy that speaks HTTPS for us we see http, and the origin is
	// rightly https; only the other way round it is another site.
	downgraded := req.Scheme == "https" && origin.scheme != "https"
	return one && ok && !downgraded && origin.authority == withoutDefaultPort(origin.scheme, req.Authority)
}

func withoutDefaultPort(scheme, authority string) string {
	if host, port := splitOriginPort(authority); isDefaultPort(scheme, port) {
		return host
	}
	return authority
}

func (g *originGuard) trusts(req raxx.Request) bool {
	origin, one := singleValue(req.Header, "origin")
	return one && g.trusted[origin]
}

// decide asks the application for the origin of a request, if it can be asked.
func (g *originGuard) decide(req raxx.Request) (bool, error) {
	if g.ask == nil {
		return false, nil
	}
	origin, one := singleValue(req.Header, "origin")
	if _, ok := parseOrigin(origin); !ok || !one {
		return false, nil
	}
	return g.ask(req, origin)
}

func (g *originGuard) bypasses(req raxx.Request) bool {
	return slices.ContainsFunc(g.bypass, func(p bypassPattern) bool { return p.matches(req) })
}

// A bypassPattern matches a path, or all paths below one.
type bypassPattern struct {
	method string // "" for any
	path   string // with a slash at its end if below
	below  bool
}

func newBypassPattern(s string) bypassPattern {
	p := bypassPattern{path: s}
	if method, path, ok := strings.Cut(s, " "); ok {
		if !raxx.IsToken(method) || method != strings.ToUpper(method) {
			panic(fmt.Sprintf("middleware: CrossOrigin: %q in the pattern %q is no method: they are written in capitals", method, s))
		}
		p.method, p.path = method, path
	}
	p.path, p.below = strings.CutSuffix(p.path, "*")
	if !strings.HasPrefix(p.path, "/") || p.below && !strings.HasSuffix(p.path, "/") || strings.ContainsAny(p.path, "* ?#") {
		panic("middleware: CrossOrigin: " + s + ` is no pattern: wanted "/path" or "/path/*", with a method in front or without`)
	}
	if p.below && p.path == "/" {
		panic("middleware: CrossOrigin: " + s + " lets everything through: leave the middleware out")
	}
	return p
}

func (p bypassPattern) matches(req raxx.Request) bool {
	if p.method != "" && p.method != req.Method {
		return false
	}
	if !p.below {
		return req.Path == p.path
	}
	return len(req.Path) > len(p.path) && strings.HasPrefix(req.Path, p.path) && isPlainPath(req)
}

// isPlainPath reports whether no two parsers of the path could take it for a
// different one.
func isPlainPath(req raxx.Request) bool {
	segments, err := req.Segments()
	for i, s := range segments {
		if s == "" && i < len(segments)-1 || s == "." || s == ".." || strings.ContainsAny(s, "/\\\x00") {
			return false
		}
	}
	return err == nil
}
