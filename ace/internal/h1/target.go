package h1

import (
	"strings"

	"github.com/raxx-go/raxx/ace/internal/uri"
	"github.com/raxx-go/raxx/raxx"
)

// target reads the request target in its four forms (RFC 9112, Section 3.2) and
// sets the authority, path and query of req.
func (c *Conn) target(target string, m *message, req *raxx.Request) error {
	if err := c.checkHost(m); err != nil {
		return err
	}
	req.Authority = uri.Lower(m.host)
	if err := checkEscapes(target); err != nil {
		return err
	}
	switch {
	case req.Method == "CONNECT":
		return authorityForm(target, req)
	case target[0] == '/':
		originForm(target, req)
		return nil
	case target == "*" && req.Method == "OPTIONS":
		req.Path, req.Query = "*", ""
		return nil
	}
	return absoluteForm(target, req)
}

// checkHost refuses a request without the one Host field that RFC 9112, Section
// 3.2 demands of HTTP/1.1, and whatever is no authority in it.
func (c *Conn) checkHost(m *message) error {
	switch {
	case m.hosts == 0 && c.version10:
		return nil
	case m.hosts != 1:
		return malformed("3.2", "not exactly one Host field")
	}
	if !uri.ValidAuthority(m.host) {
		return malformed("3.2", "a Host field that is no host (RFC 3986, 3.2.2)")
	}
	return nil
}

func originForm(target string, req *raxx.Request) {
	req.Path, req.Query, _ = strings.Cut(target, "?")
}

// absoluteForm reads scheme "://" authority path ["?" query]. Its authority
// takes the place of Host (RFC 9112, Section 3.2.2).
func absoluteForm(target string, req *raxx.Request) error {
	scheme, rest, ok := strings.Cut(target, "://")
	if !ok || !equalFold(scheme, "http") && !equalFold(scheme, "https") {
		return malformed("3.2", "a request target in none of the four forms")
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if !uri.ValidAuthority(rest[:end]) {
		return malformed("3.2.2", "an absolute target without a valid authority")
	}
	req.Authority = uri.Lower(rest[:end])
	originForm(rest[end:], req)
	if req.Path == "" {
		// RFC 9110, Section 4.2.3; and Section 9.3.7: OPTIONS of a target
		// without a path asks about the server.
		req.Path = "/"
		if req.Method == "OPTIONS" && req.Query == "" && end == len(rest) {
			req.Path = "*"
		}
	}
	return nil
}

// authorityForm reads host ":" port, which only CONNECT has (RFC 9112, Section
// 3.2.3).
func authorityForm(target string, req *raxx.Request) error {
	host, port := uri.CutPort(target)
	if host == "" || port == "" || !uri.ValidAuthority(target) {
		return malformed("3.2.3", "a CONNECT whose target is not host and port")
	}
	req.Authority, req.Path, req.Query = uri.Lower(target), "", ""
	return nil
}

// checkEscapes refuses a malformed percent escape.
func checkEscapes(target string) error {
	if !uri.ValidEscapes(target) {
		return malformed("3.2", "a malformed percent escape in the request target (RFC 3986, 2.1)")
	}
	return nil
}
