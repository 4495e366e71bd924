package raxx

import (
	"strings"
	"unicode"
)

// Redirect returns a response that sends the client to location, a URI or a path,
// with a status of 301, 302, 303, 307 or 308 (RFC 9110, Section 15.4); or 201, for
// what has been created at location. Octets that no URI may hold (RFC 3986, Section
// 2) are percent-encoded: control characters, spaces, backslashes, double quotes,
// 8-bit octets. So a location that a user chose can never split the message. It can
// still lead to another site: see to that yourself.
func Redirect(status int, location string) Response {
	return Response{Status: status}.With("location", escape(location, isURIByte))
}

// SeeOther returns the response 303, which makes the client GET location: what
// follows a form that was sent with POST. For location see [Redirect].
func SeeOther(location string) Response { return Redirect(StatusSeeOther, location) }

// Back is [SeeOther] to the page that the request was made from, by its referer
// field, or to fallback if there is none, if it is on another site, or if it is the
// target of this request and the method is safe (see [IsSafe]). So it leads nobody
// to another site, and not in a circle; only a GET handler that was mounted, which
// sees its path without the prefix, has to avoid the circle itself.
func Back(r Request, fallback string) Response {
	page, own := strings.CutPrefix(r.Header.Get("referer"), r.Scheme+"://"+r.Authority)
	switch {
	case !own, !strings.HasPrefix(page, "/"):
		return SeeOther(fallback)
	case strings.HasPrefix(page, "//"): // in a location that is another site
		return SeeOther(fallback)
	case strings.TrimSuffix(page, "?") == r.Target() && IsSafe(r.Method):
		return SeeOther(fallback)
	}
	return SeeOther(page)
}

// Attachment returns a response of status 200 that a browser saves as a file of
// the given name in place of showing it (RFC 6266). The name may hold any
// character: what is not ASCII is sent in the form of RFC 8187, beside a
// substitute for old clients. Slashes, backslashes and control characters
// become "_", since no file can be called so. It panics with a [*FieldError] if
// contentType is no field value.
func Attachment(filename, contentType string, body Body) Response {
	return Reply(StatusOK, contentType, body).
		With("content-disposition", "attachment"+filenameParams(filename))
}

// filenameParams returns the parameters that carry name.
func filenameParams(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '/' || c == '\\' {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	if name == "" {
		return ""
	}
	plain := strings.Map(func(c rune) rune {
		// RFC 6266, Appendix D: some clients decode escapes here, and take a
		// backslash for one.
		if c > '~' || c == '"' || c == '%' {
			return '_'
		}
		return c
	}, name)
	if plain == name {
		return `; filename="` + plain + `"`
	}
	return `; filename="` + plain + `"; filename*=UTF-8''` + escape(name, isAttrByte)
}

// isAttrByte is the attr-char of RFC 8187, Section 3.2.1.
func isAttrByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$&+-.^_`|~", c) >= 0
}
