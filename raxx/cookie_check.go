package raxx

import (
	"cmp"
	"fmt"
	"strings"
)

// A CookieError says why a cookie can't be sent, or a set-cookie field can't be
// read.
type CookieError struct {
	Name   string
	Reason string // which rule is broken, and by what
}

// Error names the cookie and the rule.
func (e *CookieError) Error() string { return fmt.Sprintf("raxx: cookie %q: %s", e.Name, e.Reason) }

// Check reports whether every browser will take the cookie as it is meant (RFC
// 6265bis, Sections 4.1 and 5.7). The error is a [*CookieError].
func (c Cookie) Check() error {
	if reason := cmp.Or(checkCookiePair(c.Name, c.Value), c.checkAttributes(), c.checkSecure()); reason != "" {
		return &CookieError{c.Name, reason}
	}
	return nil
}

// checkCookiePair returns what is wrong with a name and a value, or "".
func checkCookiePair(name, value string) string {
	if !IsToken(name) {
		return "the name is no token (RFC 6265bis, 4.1.1)"
	}
	if len(name)+len(value) > 4096 {
		return "name and value are longer than 4096 bytes (RFC 6265bis, 5.7)"
	}
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	for i := 0; i < len(value); i++ {
		if c := value[i]; c <= ' ' || c > '~' || strings.IndexByte(`",;\`, c) >= 0 {
			return fmt.Sprintf("the value holds %q (RFC 6265bis, 4.1.1)", c)
		}
	}
	return ""
}

// checkAttributes returns what is wrong with path, domain or date, or "".
func (c Cookie) checkAttributes() string {
	if len(c.Path) > 1024 || len(c.Domain) > 1024 {
		return "path or domain is longer than 1024 bytes (RFC 6265bis, 5.6)"
	}
	if c.path()[0] != '/' {
		return "the path does not begin with \"/\" (RFC 6265bis, 5.6.4)"
	}
	for i := 0; i < len(c.Path); i++ {
		if b := c.Path[i]; b < ' ' || b > '~' || b == ';' {
			return fmt.Sprintf("the path holds %q (RFC 6265bis, 4.1.1)", b)
		}
	}
	if strings.HasSuffix(c.Path, " ") {
		return "the path ends with a space, which browsers drop (RFC 6265bis, 5.6)"
	}
	if c.Domain != "" && !isDomain(c.Domain) {
		return "the domain is no host name (RFC 6265bis, 4.1.1)"
	}
	if year := c.expires().UTC().Year(); !c.Expires.IsZero() && (year < 1601 || year > 9999) {
		return "Expires is not between the years 1601 and 9999 (RFC 6265bis, 5.1.1)"
	}
	return ""
}

// checkSecure returns which rule of those that ask for Secure is broken, or "".
func (c Cookie) checkSecure() string {
	host := hasPrefixFold(c.Name, "__Host-")
	switch {
	case host && (c.path() != "/" || c.Domain != ""):
		return "__Host- asks for the path \"/\" and no domain (RFC 6265bis, 4.1.3.2)"
	case c.Secure:
		return ""
	case prefixAsksForSecure(c.Name):
		return "the prefix of its name asks for Secure (RFC 6265bis, 4.1.3)"
	case c.SameSite == SameSiteNone:
		return "SameSite=None asks for Secure (RFC 6265bis, 5.7)"
	case c.Partitioned:
		return "Partitioned asks for Secure"
	}
	return ""
}

func prefixAsksForSecure(name string) bool {
	return hasPrefixFold(name, "__Host-") || hasPrefixFold(name, "__Secure-")
}

// hasPrefixFold ignores letter case, as browsers do for the prefixes of cookie
// names (RFC 6265bis, Section 5.4).
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// isDomain reports whether s is a host name: labels of letters, digits and
// hyphens (RFC 1034, Section 3.5; RFC 1123, Section 2.1).
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}
