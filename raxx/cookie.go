package raxx

import (
	"strconv"
	"strings"
	"time"
)

// A Cookie is what a response asks a browser to keep (RFC 6265bis, Section
// 4.1). With only a name and a value it is sent with every request to this host
// until the browser is closed, scripts can't read it (HttpOnly), and other
// sites can't send it along with a POST (SameSite=Lax). Turn these off by
// Scriptable and SameSite. Set Secure wherever the site is served by https.
type Cookie struct {
	// Name is a token. One that begins with "__Secure-" asks for Secure, one
	// with "__Host-" for Secure, the path "/" and no domain.
	Name string
	// Value is visible ASCII without commas, semicolons, backslashes and double
	// quotes, except a pair of quotes around all of it. Encode what may hold
	// anything else, such as a name that a user chose: base64.RawURLEncoding and
	// url.QueryEscape give such a value, [EscapeSegment] does not.
	Value string
	// Path is the part of the site that gets the cookie. If empty, "/".
	Path string
	// Domain, such as "example.org", makes the cookie go to that host and to all
	// hosts below it. If empty, it goes to this host only.
	Domain string
	// MaxAge is how long to keep the cookie, in whole seconds, rounded up. If
	// zero, Expires decides; if negative, the browser is to drop the cookie.
	MaxAge time.Duration
	// Expires is when to drop the cookie. If Expires and MaxAge are both zero, that
	// is when the browser is closed.
	Expires time.Time
	// Secure keeps the cookie from being sent without TLS.
	Secure bool
	// Scriptable leaves out HttpOnly: scripts, also injected ones, can read it.
	Scriptable bool
	// Partitioned gives the cookie to this site only while it is embedded in
	// the same other site. It asks for Secure.
	Partitioned bool
	// SameSite says which requests from other sites carry the cookie.
	SameSite SameSite
}

// SameSite says which of the requests that another site causes carry a cookie (RFC
// 6265bis, Section 5.6.7).
type SameSite int

const (
	SameSiteLax    SameSite = iota // those that follow a link, and no others
	SameSiteStrict                 // none
	SameSiteNone                   // all; asks for Secure
	SameSiteUnset                  // the attribute is not sent: the browser decides
)

// String returns the value of the attribute, or "" for SameSiteUnset.
func (s SameSite) String() string {
	switch s {
	case SameSiteLax:
		return "Lax"
	case SameSiteStrict:
		return "Strict"
	case SameSiteNone:
		return "None"
	}
	return ""
}

// String returns the cookie as it stands in a set-cookie field. It does not
// check: see [Cookie.Check].
func (c Cookie) String() string {
	var b strings.Builder
	b.WriteString(c.Name + "=" + c.Value)
	add := func(set bool, attribute, value string) {
		if set {
			b.WriteString("; " + attribute + value)
		}
	}
	add(true, "Path=", c.path())
	add(c.Domain != "", "Domain=", c.Domain)
	add(c.MaxAge > 0, "Max-Age=", strconv.FormatInt(seconds(c.MaxAge), 10))
	expires := c.expires()
	add(!expires.IsZero(), "Expires=", FormatDate(expires))
	add(c.Secure, "Secure", "")
	add(!c.Scriptable, "HttpOnly", "")
	add(c.SameSite.String() != "", "SameSite=", c.SameSite.String())
	add(c.Partitioned, "Partitioned", "")
	return b.String()
}

func (c Cookie) path() string {
	if c.Path == "" {
		return "/"
	}
	return c.Path
}

// expires returns the date to send, or zero for none.
func (c Cookie) expires() time.Time {
	if c.MaxAge < 0 {
		// RFC 6265bis, Section 4.1.1: a Max-Age does not begin with a zero, so
		// a date that is over says "now".
		return time.Unix(0, 0)
	}
	return c.Expires
}

// seconds rounds up, so that no lifetime becomes none.
func seconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second > 0 {
		s++
	}
	return s
}

// WithCookie returns the response with the cookie, in place of one that was set
// before under the same name. It panics with a [*CookieError] if [Cookie.Check]
// refuses the cookie: check one that is made of what a user sent.
func (r Response) WithCookie(c Cookie) Response {
	if err := c.Check(); err != nil {
		panic(err)
	}
	var kept Header
	for _, f := range r.Header {
		if name, _, _ := strings.Cut(f.Value, "="); !equalName(f.Name, "set-cookie") || name != c.Name {
			kept = append(kept, f)
		}
	}
	r.Header = kept.Add("set-cookie", c.String())
	return r
}

// WithoutCookie returns the response with fields that tell the browser to drop
// these cookies. They reach cookies with the path "/" and no domain that are not
// Partitioned; for others use [Response.WithCookie] with the same path and domain,
// Partitioned where it was, and a negative MaxAge.
func (r Response) WithoutCookie(names ...string) Response {
	for _, name := range names {
		r = r.WithCookie(Cookie{Name: name, MaxAge: -1, Secure: prefixAsksForSecure(name)})
	}
	return r
}
