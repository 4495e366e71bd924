package raxxtest

import (
	"slices"
	"strings"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A jar keeps cookies as a browser does (RFC 6265bis, Section 5).
type jar struct{ entries []entry }

// An entry is a cookie with what the browser has added to it. Its Path and
// Domain are never empty, its Expires is zero if it lasts as long as the browser.
type entry struct {
	raxx.Cookie
	hostOnly bool // it goes to Domain itself, and to no host below
}

// keep keeps the cookie that the response to req has set, unless it may not set
// it (Section 5.7).
func (j *jar) keep(req raxx.Request, setCookie string, now time.Time) {
	c, err := raxx.ParseSetCookie(setCookie)
	if err != nil {
		return
	}
	e := entry{Cookie: c, hostOnly: c.Domain == ""}
	if e.hostOnly {
		e.Domain = req.Host()
	}
	if e.Path == "" {
		e.Path = defaultPath(req.Path)
	}
	switch {
	case c.MaxAge > 0:
		e.Expires = now.Add(c.MaxAge)
	case c.MaxAge < 0:
		e.Expires = now
	}
	e.MaxAge = 0
	if !domainMatches(req.Host(), e.Domain) || e.Secure && !isTrusted(req) || !prefixHolds(e, c.Path) || !sameSiteHolds(c, req) {
		return
	}
	if !isTrusted(req) && slices.ContainsFunc(j.entries, e.overlays) {
		return
	}
	j.entries = slices.DeleteFunc(j.entries, func(old entry) bool {
		return old.Name == e.Name && old.Domain == e.Domain && old.hostOnly == e.hostOnly && old.Path == e.Path
	})
	j.entries = append(j.entries, e)
	j.expire(now)
}

// expire drops what is over.
func (j *jar) expire(now time.Time) {
	j.entries = slices.DeleteFunc(j.entries, func(e entry) bool { return !e.Expires.IsZero() && !e.Expires.After(now) })
}

// sent returns the cookies that go with a request, those with the longest path
// first (Section 5.8.3).
func (j *jar) sent(req raxx.Request, now time.Time) (all []entry) {
	j.expire(now)
	for _, e := range j.entries {
		if e.hostOnly && e.Domain != req.Host() || !domainMatches(req.Host(), e.Domain) {
			continue
		}
		if pathMatches(req.Path, e.Path) && (!e.Secure || isTrusted(req)) && sameSiteAllows(e.SameSite, req) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return len(b.Path) - len(a.Path) })
	return all
}

// isTrusted reports whether secure cookies go with a request: browsers take the
// machine that they run on for secure.
func isTrusted(req raxx.Request) bool { return req.Scheme == "https" || req.Host() == "localhost" }

// overlays reports whether e would come in the place of a secure cookie, or before it,
// which without TLS nobody may do (Section 5.7).
func (e entry) overlays(old entry) bool {
	return old.Secure && old.Name == e.Name && pathMatches(e.Path, old.Path) &&
		(domainMatches(old.Domain, e.Domain) || domainMatches(e.Domain, old.Domain))
}

// prefixHolds reports whether a cookie is what its name says (Section 4.1.3).
// path is what the response said.
func prefixHolds(e entry, path string) bool {
	name := strings.ToLower(e.Name)
	switch {
	case strings.HasPrefix(name, "__host-"):
		return e.Secure && e.hostOnly && path == "/"
	case strings.HasPrefix(name, "__secure-"):
		return e.Secure
	}
	return true
}

// sameSiteHolds reports whether a response may set a cookie by what that says of
// other sites (Section 5.7): one that goes with all their requests has to be Secure,
// and of the others none comes with what such a site's page loads.
func sameSiteHolds(c raxx.Cookie, req raxx.Request) bool {
	if c.SameSite == raxx.SameSiteNone {
		return c.Secure
	}
	return !isCrossSite(req) || navigates(req)
}

// sameSiteAllows reports whether a cookie goes with a request that another site
// may have caused. Browsers take no attribute for Lax.
func sameSiteAllows(s raxx.SameSite, req raxx.Request) bool {
	if !isCrossSite(req) || s == raxx.SameSiteNone {
		return true
	}
	return s != raxx.SameSiteStrict && raxx.IsSafe(req.Method) && navigates(req)
}

func isCrossSite(req raxx.Request) bool { return req.Header.Get("sec-fetch-site") == "cross-site" }

func navigates(req raxx.Request) bool { return req.Header.Get("sec-fetch-mode") == "navigate" }

// domainMatches is Section 5.1.3.
func domainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && strings.Trim(host, "0123456789.") != ""
}

// pathMatches is Section 5.1.4.
func pathMatches(path, of string) bool {
	return path == of || strings.HasPrefix(path, of) && (strings.HasSuffix(of, "/") || path[len(of)] == '/')
}

func defaultPath(path string) string {
	if last := strings.LastIndexByte(path, '/'); last > 0 {
		return path[:last]
	}
	return "/"
}
