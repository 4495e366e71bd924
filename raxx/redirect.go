package raxx

import "strings"

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
	// In a location, "//" at the begin is another site.
	own = own && strings.HasPrefix(page, "/") && !strings.HasPrefix(page, "//")
	circular := strings.TrimSuffix(page, "?") == r.Target() && IsSafe(r.Method)
	if !own || circular {
		return SeeOther(fallback)
	}
	return SeeOther(page)
}
