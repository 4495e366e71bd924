package raxx

import (
	"errors"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxCookies is the number of cookies of a request that are looked at; what
// comes behind them is ignored. Browsers keep fewer for a site.
const MaxCookies = 500

// Cookie returns the value of the first cookie called name, as it was sent, and
// reports whether there is one. Whoever can set cookies for the domain (another
// host of it, a network without TLS) can set this one: give it a name with
// "__Host-".
func (r Request) Cookie(name string) (string, bool) {
	for n, v := range cookies(r.Header) {
		if n == name {
			return v, true
		}
	}
	return "", false
}

// Cookies returns the cookies of the request in the order in which they were
// sent. A pair without a "=", or whose name is no token, is skipped.
func (r Request) Cookies() []Pair {
	var pairs []Pair
	for name, value := range cookies(r.Header) {
		pairs = append(pairs, Pair{name, value})
	}
	return pairs
}

// cookies yields names and values, over all cookie fields: HTTP/2 may send one
// for each cookie (RFC 9113, Section 8.2.3).
func cookies(h Header) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		n := 0
		for field := range h.Values("cookie") {
			for pair := range strings.SplitSeq(field, ";") {
				if n++; n > MaxCookies {
					return
				}
				name, value, ok := strings.Cut(trimOWS(pair), "=")
				if ok && IsToken(name) && !yield(name, value) {
					return
				}
			}
		}
	}
}

// WithCookie returns the request with a cookie, in place of one of the same
// name, as a browser would send it. It is for tests and clients, and panics
// with a [*CookieError] if name or value can't be those of a cookie.
func (r Request) WithCookie(name, value string) Request {
	if reason := checkCookiePair(name, value); reason != "" {
		panic(&CookieError{name, reason})
	}
	var b strings.Builder
	for i, p := range Values(r.Cookies()).With(name, value) {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Name + "=" + p.Value)
	}
	return r.With("cookie", b.String())
}

// ParseSetCookie reads the value of a set-cookie field, for clients and tests. As a
// browser does, it skips attributes that it does not know or that are malformed
// (RFC 6265bis, Section 5.6). Where there is no path, Path is "", and where there
// is no SameSite, it is [SameSiteUnset]. The error is a [*CookieError] if it does
// not begin with a token and "=".
func ParseSetCookie(s string) (Cookie, error) {
	pair, attributes, _ := strings.Cut(s, ";")
	name, value, ok := strings.Cut(pair, "=")
	c := Cookie{Name: trimOWS(name), Value: trimOWS(value), Scriptable: true, SameSite: SameSiteUnset}
	if !ok || !IsToken(c.Name) {
		return Cookie{}, &CookieError{c.Name, "there is no token and \"=\" at the begin (RFC 6265bis, 4.1.1)"}
	}
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		c.setAttribute(strings.ToLower(trimOWS(name)), trimOWS(value))
	}
	return c, nil
}

// setAttribute stores what one attribute says.
func (c *Cookie) setAttribute(name, value string) {
	switch name {
	case "path":
		c.Path = ""
		if strings.HasPrefix(value, "/") {
			c.Path = value
		}
	case "domain":
		c.Domain = strings.ToLower(strings.TrimPrefix(value, "."))
	case "max-age":
		c.setMaxAge(value)
	case "expires":
		if t, ok := parseCookieDate(value); ok {
			c.Expires = t
		}
	case "secure":
		c.Secure = true
	case "httponly":
		c.Scriptable = false
	case "partitioned":
		c.Partitioned = true
	case "samesite":
		c.SameSite = parseSameSite(value)
	}
}

// setMaxAge stores a number of seconds (RFC 6265bis, Section 5.6.2). Of one that
// is too large for an int64, the largest is as good.
func (c *Cookie) setMaxAge(value string) {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange) || value[0] == '+':
	case n <= 0:
		c.MaxAge = -time.Second
	default:
		c.MaxAge = time.Duration(min(n, math.MaxInt64/int64(time.Second))) * time.Second
	}
}

func parseSameSite(value string) SameSite {
	for s := SameSiteLax; s < SameSiteUnset; s++ {
		if strings.EqualFold(value, s.String()) {
			return s
		}
	}
	return SameSiteUnset
}
