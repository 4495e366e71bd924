package middleware

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// CORS lets pages of other origins read responses (the CORS protocol of the Fetch
// Standard of the WHATWG). It takes away protection that browsers give by default.
// So it fails closed: only what is listed, or what AllowOrigin allows, is allowed.
// It keeps nobody from sending requests: see [CrossOrigin] for that. Where both are
// there, as behind [Default], an origin whose pages are to change something is
// named in both: in Origins here, and in CrossOrigin.Trusted, or by the AllowOrigin
// of each.
//
// It stands behind what logs and limits, in front of authentication (a preflight
// brings no credentials) and of caches, and in front of the router, which would
// answer a preflight by itself. For a part of a site put it around a
// router.MountRouter: that of a group sees what its routes take, and no preflight.
// Preflights are answered here; every other request reaches the handler, unless
// AllowOrigin could not decide. The head of the response gets its fields by
// [raxx.OnHead], whatever the body; access-control fields that the handler has set
// are replaced or, where the origin is not allowed, taken out.
type CORS struct {
	// Origins are those whose pages may read:
	//
	//	https://app.example.org     one; a port unless it is that of the scheme
	//	https://*.example.org       all below a domain, not the domain itself
	//	*                           all; only alone and without Credentials
	//	null                        files, and frames in a sandbox, of anybody;
	//	                            only without Credentials
	Origins []string
	// AllowOrigin, unless it is nil, decides on the origins that are not in
	// Origins, such as those of customers, which a database knows. It is asked for
	// each request and each preflight that has one, before the handler, so let it
	// look in memory; and as anybody can send any origin, bound what it remembers
	// of those that it does not know. The origin is in the form that browsers
	// write, as in Origins: compare all of it, the scheme too. It is never asked
	// about "null" and about a malformed origin. Beware: true for all origins
	// would, with Credentials, let every site act as the user.
	//
	// So that caches can tell one answer from another, req has only what caches go
	// by: method, scheme, authority, path and query; and its Params, and its Scope
	// for a context. It has no fields, no body, no peer. Each response varies on
	// the origin. The method of a preflight is OPTIONS.
	//
	// It fails closed: if it returns an error, the answer is that of a
	// [*raxx.Error], or else 503, without permission. Then, and after a panic, the
	// handler is not called.
	AllowOrigin func(req raxx.Request, origin string) (bool, error)
	// Methods are those that pages may use besides GET, HEAD and POST, which need
	// no permission. "*" stands for all; it does not go with Credentials.
	Methods []string
	// Headers are the fields that requests may have, beyond those that browsers let
	// every page set. Every page may set content-type to that of a form or of plain
	// text; if pages send JSON, list content-type here. "*" stands for all except
	// authorization; it does not go with Credentials.
	Headers []string
	// Expose are the fields of responses that pages may read, beyond
	// cache-control, content-language, content-length, content-type, expires,
	// last-modified and pragma.
	Expose []string
	// Credentials lets requests carry cookies and passwords: pages of these origins
	// then act as the user, and read what only the user may. List only origins that
	// you trust like your own, and none with http: their pages can be changed on
	// the way to the browser.
	Credentials bool
	// MaxAge is how long a browser may remember the answer to a preflight, in whole
	// seconds. If zero, 10 minutes; if negative, not at all. Browsers have limits
	// of their own.
	MaxAge time.Duration
	// PrivateNetwork lets pages of public sites reach this server where it is in
	// a private network (the draft Private Network Access of the WICG).
	PrivateNetwork bool
}

// Middleware returns the middleware. It panics if the configuration would allow
// more than it says, or no origin at all, and if an entry is malformed.
func (c CORS) Middleware() raxx.Middleware {
	policy := newCorsPolicy(c)
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			origin, one := singleValue(req.Header, "origin")
			allowed, err := policy.allows(&req, origin, one)
			// Fetch Standard, "CORS-preflight request": the method and these two
			// fields together make one.
			if method, ok := req.Header.Lookup("access-control-request-method"); ok && req.Method == raxx.MethodOptions && origin != "" {
				return policy.preflight(req, origin, method, allowed, err)
			}
			if err != nil {
				return policy.share(corsUndecided(err), origin, false)
			}
			return raxx.OnHead(next(req), func(resp raxx.Response) raxx.Response {
				return policy.share(resp, origin, allowed)
			})
		}
	}
}

// A corsPolicy is a CORS with its fields written out.
type corsPolicy struct {
	origins        corsOrigins
	ask            func(raxx.Request, string) (bool, error)
	methods        []string
	headers        []string // in lower case
	anyHeader      bool
	credentials    bool
	privateNetwork bool

	allowMethods, allowHeaders, expose, maxAge string // values of fields, "" for none
}

func newCorsPolicy(c CORS) *corsPolicy {
	p := &corsPolicy{
		origins:        newCorsOrigins(c.Origins, c.Credentials, c.AllowOrigin != nil),
		ask:            c.AllowOrigin,
		methods:        corsTokens("Methods", c.Methods, c.Credentials),
		credentials:    c.Credentials,
		privateNetwork: c.PrivateNetwork,
		expose:         strings.Join(corsTokens("Expose", c.Expose, c.Credentials), ", "),
		maxAge:         corsMaxAge(c.MaxAge),
	}
	for _, name := range corsTokens("Headers", c.Headers, c.Credentials) {
		p.headers = append(p.headers, strings.ToLower(name))
	}
	p.anyHeader = slices.Contains(p.headers, "*")
	p.allowMethods, p.allowHeaders = strings.Join(p.methods, ", "), strings.Join(p.headers, ", ")
	return p
}

// corsTokens returns the tokens, or panics. "*" is one; with credentials it
// would be taken for a method or a field of that name (Fetch Standard, "HTTP
// extensions").
func corsTokens(field string, tokens []string, credentials bool) []string {
	for _, token := range tokens {
		if !raxx.IsToken(token) {
			panic(fmt.Sprintf("middleware: CORS: %q in %s is no token", token, field))
		}
		if token == "*" && credentials {
			panic("middleware: CORS: * in " + field + " does not go with Credentials: list what is allowed")
		}
	}
	return tokens
}

func corsMaxAge(d time.Duration) string {
	switch {
	case d < 0:
		return "0"
	case d == 0:
		d = 10 * time.Minute
	}
	return strconv.FormatInt(int64(d/time.Second), 10)
}

// allows reports whether pages of the origin may read, or an error if the
// application can't tell. one reports whether there is one origin at the most.
func (p *corsPolicy) allows(req *raxx.Request, origin string, one bool) (bool, error) {
	switch {
	case !one:
		return false, nil
	case p.origins.allow(origin):
		return true, nil
	case p.ask == nil:
		return false, nil
	}
	if _, ok := parseOrigin(origin); !ok {
		return false, nil
	}
	// What a cache does not go by is kept from it: a response that depends on more
	// would be kept for requests that it is not meant for.
	return p.ask(raxx.Request{
		Method: req.Method, Scheme: req.Scheme, Authority: req.Authority, Path: req.Path, Query: req.Query,
		Params: req.Params, Scope: req.Scope,
	}, origin)
}

func corsUndecided(err error) raxx.Response {
	return undecided(err, "whether this origin is allowed can't be told at the moment (CORS)")
}

// preflight answers what a browser asks before it sends a request.
func (p *corsPolicy) preflight(req raxx.Request, origin, method string, allowed bool, err error) raxx.Response {
	resp := raxx.NoContent()
	switch {
	case err != nil:
		resp = p.share(corsUndecided(err), origin, false)
	case !allowed:
		resp = raxx.Problem(raxx.StatusForbidden, "this origin is not allowed (CORS)")
	case !p.allowsMethod(method):
		resp = raxx.Problem(raxx.StatusForbidden, "this method is not allowed (CORS)")
	case !p.allowsHeaders(req.Header):
		resp = raxx.Problem(raxx.StatusForbidden, "a field of the request is not allowed (CORS)")
	default:
		resp.Header = p.permission(req, origin)
	}
	return varyOn(resp, "origin", "access-control-request-method", "access-control-request-headers", "access-control-request-private-network")
}

// permission returns the fields of a preflight's answer.
func (p *corsPolicy) permission(req raxx.Request, origin string) raxx.Header {
	h := p.appendShared(make(raxx.Header, 0, 7), origin)
	for _, f := range []raxx.Field{
		{Name: "access-control-allow-methods", Value: p.allowMethods},
		{Name: "access-control-allow-headers", Value: p.allowHeaders},
		{Name: "access-control-max-age", Value: p.maxAge},
	} {
		if f.Value != "" {
			h = append(h, f)
		}
	}
	if p.privateNetwork && req.Header.Get("access-control-request-private-network") == "true" {
		h = append(h, raxx.Field{Name: "access-control-allow-private-network", Value: "true"})
	}
	return h
}

// appendShared appends the fields that both kinds of answers have.
func (p *corsPolicy) appendShared(h raxx.Header, origin string) raxx.Header {
	if p.origins.any {
		origin = "*"
	}
	h = append(h, raxx.Field{Name: "access-control-allow-origin", Value: origin})
	if p.credentials {
		h = append(h, raxx.Field{Name: "access-control-allow-credentials", Value: "true"})
	}
	return h
}

func (p *corsPolicy) allowsMethod(method string) bool {
	switch method {
	case raxx.MethodGet, raxx.MethodHead, raxx.MethodPost:
		return true
	}
	return slices.Contains(p.methods, method) || slices.Contains(p.methods, "*")
}

// allowsHeaders reports whether a request may have all of the fields that the
// browser asks for. It stops at the first one that is not allowed.
func (p *corsPolicy) allowsHeaders(h raxx.Header) bool {
	for name := range h.Elements("access-control-request-headers") {
		listed := slices.ContainsFunc(p.headers, func(allowed string) bool { return strings.EqualFold(allowed, name) })
		if !listed && (!p.anyHeader || strings.EqualFold(name, "authorization")) {
			return false
		}
	}
	return true
}

// share returns the response with the fields that let the origin read it, or
// without them.
func (p *corsPolicy) share(resp raxx.Response, origin string, allowed bool) raxx.Response {
	kept := make(raxx.Header, 0, len(resp.Header)+4)
	for _, f := range resp.Header {
		if !strings.HasPrefix(f.Name, "access-control-") {
			kept = append(kept, f)
		}
	}
	if allowed || p.origins.any {
		kept = p.appendShared(kept, origin)
		if p.expose != "" {
			kept = append(kept, raxx.Field{Name: "access-control-expose-headers", Value: p.expose})
		}
	}
	if !p.origins.any && !variesOn(kept, "origin") {
		// Also where no origin was sent: else a cache would give that response
		// to a page that needs the field.
		kept = append(kept, raxx.Field{Name: "vary", Value: "origin"})
	}
	resp.Header = kept
	return resp
}
