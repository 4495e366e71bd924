package middleware

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An HTTPS redirects requests that came over plain HTTP to HTTPS, with 308, so that
// method and body stay; and tells browsers, in replies over HTTPS, not to use plain
// HTTP from then on (HSTS, RFC 6797). It belongs behind [ClientAddress] (behind a
// proxy that speaks TLS, take the scheme from it, or there is a loop of redirects)
// and behind [Hosts]: without that, an attacker who can make somebody send a forged
// host field decides where the redirect leads. It does not belong behind a mount,
// where the location would be what is left of the path.
//
// It fails closed: nothing that came in the clear reaches the handler, and a
// request whose host is malformed gets 400, unless Host says where to. What a client has sent by then has
// been sent in the clear all the same; that is what HSTS is for. The field is set
// by [raxx.OnHead], on every kind of reply, if the handler has not set it, but
// not for a host that is an IP address or localhost: browsers would ignore it
// there, or make development on other ports impossible.
type HTTPS struct {
	// MaxAge is how long browsers are to remember. If zero, a year. If negative,
	// the field is not sent. Until that time is over, they use nothing but HTTPS,
	// so the site has to go on serving it: begin with a short time.
	MaxAge time.Duration
	// Subdomains includes all hosts below this one.
	Subdomains bool
	// Preload asks to be put into the lists that browsers are shipped with. That
	// wants Subdomains and a year at least.
	Preload bool
	// Port is the port of HTTPS. If zero, 443.
	Port int
	// Host is the host to redirect to; a port may stand here or in Port. If empty,
	// it is the host of the request.
	Host string
}

// Middleware returns the middleware. It panics if the configuration can't be
// meant.
func (c HTTPS) Middleware() raxx.Middleware {
	const year = 365 * 24 * time.Hour
	if c.MaxAge == 0 {
		c.MaxAge = year
	}
	switch {
	case c.Preload && (!c.Subdomains || c.MaxAge < year):
		panic("middleware: HTTPS with Preload wants Subdomains and a MaxAge of a year at least")
	case c.Port < 0 || c.Port > 65535:
		panic(fmt.Sprintf("middleware: HTTPS on port %d", c.Port))
	case c.Host != "" && !isAuthority(c.Host):
		panic(fmt.Sprintf("middleware: HTTPS redirects to %q, which is no host", c.Host))
	case c.Port != 0 && raxx.Request{Authority: c.Host}.Host() != c.Host:
		panic(fmt.Sprintf("middleware: HTTPS redirects to %q and to port %d: name one port", c.Host, c.Port))
	}
	policy := c.policy()
	strict := func(resp raxx.Response) raxx.Response {
		return resp.Default("strict-transport-security", policy)
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if req.Scheme != "https" {
				return c.redirect(&req)
			}
			resp := next(req)
			if policy == "" || !hasDomain(&req) {
				return resp
			}
			return raxx.OnHead(resp, strict)
		}
	}
}

// policy returns the value of strict-transport-security (RFC 6797, Section 6.1).
func (c *HTTPS) policy() string {
	if c.MaxAge < 0 {
		return ""
	}
	policy := "max-age=" + strconv.FormatInt(int64(c.MaxAge/time.Second), 10)
	if c.Subdomains {
		policy += "; includeSubDomains"
	}
	if c.Preload {
		policy += "; preload"
	}
	return policy
}

func (c *HTTPS) redirect(req *raxx.Request) raxx.Response {
	host := c.Host
	if host == "" {
		if !isAuthority(req.Authority) {
			return raxx.Problem(raxx.StatusBadRequest, "the host is missing or malformed")
		}
		host = req.Host()
	}
	if c.Port != 0 && c.Port != 443 {
		host += ":" + strconv.Itoa(c.Port)
	}
	target := req.Target()
	if !strings.HasPrefix(target, "/") {
		target = "/" // OPTIONS of the whole server
	}
	return raxx.Redirect(raxx.StatusPermanentRedirect, "https://"+host+target)
}

// hasDomain reports whether the host is a domain, of other machines than this.
func hasDomain(req *raxx.Request) bool {
	host := req.Host()
	if host == "" || host[0] == '[' || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	if last := host[len(host)-1]; last < '0' || last > '9' {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err != nil
}
