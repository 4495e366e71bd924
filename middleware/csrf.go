package middleware

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// CSRF refuses requests that change something and do not bring a token, which only
// a page of this site can know: protection against cross-site request forgery that
// does not depend on what browsers say of a request. [CrossOrigin] needs no tokens
// and is enough for nearly all sites; put CSRF behind it where old browsers have to
// be protected as well, or where a rule asks for tokens.
//
// Forms bring the token in a hidden field, scripts in a header field:
//
//	<form method="post"> {{csrf}} ... </form>            by package views
//	middleware.CSRFInput(req)                            by hand
//	fetch(..., {headers: {"x-csrf-token": token}})       middleware.CSRFToken(req)
//
// It stands behind the [Session] that it binds its tokens to, around the routes
// that have forms, or around all. A browser gets a random secret in a cookie with
// the first page of HTML. A token is a code (HMAC-SHA256) of the secret and the
// session's identifier, masked anew for every request, so that compression gives
// nothing of it away. Because the identifier is in the code, a cookie and a token
// that an attacker has fetched together and planted together are of no use where
// somebody is logged in. A token from before the login is not valid after it: so
// let handlers that begin or renew a session redirect, and not answer with a form.
//
// GET, HEAD and OPTIONS pass. Everything else needs the token, whatever its content
// type, or without one: it fails closed. A token in the query is not looked at: it
// would be in every log. To find the field, the body of a form is read whole, up to
// BodyLimit, unless the header field is there, and handed on complete, as
// [raxx.Data]; any other body is left unread. Routes that stream large forms let
// their scripts send the header field.
//
// Pages of HTML, whatever their body, get "vary: cookie", and "cache-control:
// private" unless they say something else; one that brings the secret gets it in any
// case. One that says "public" is left alone, and can't have a form. Other responses
// are not touched.
type CSRF struct {
	// Session returns the identifier of the session, a secret, as [Session.ID]
	// does. If nil, tokens are bound to the cookie only. That protects as long as
	// nobody can plant cookies, which the prefix "__Host-" of its name prevents.
	Session func(raxx.Request) string
	// Field is the name of the form's field. If empty, "_csrf".
	Field string
	// Header is the name of the header field. If empty, "x-csrf-token".
	Header string
	// BodyLimit is how many bytes a form may have. If zero,
	// [raxx.DefaultBodyLimit]. If negative, there is none, and clients decide how
	// much memory is used.
	BodyLimit int64
	// Name is that of the cookie. If empty, "__Host-csrf"; with Insecure, "csrf".
	Name string
	// Insecure lets the cookie travel without TLS: for development on other hosts
	// than localhost, and there, too, with Safari, which keeps no other cookie
	// without TLS.
	Insecure bool
	// Denied answers refused requests. If nil, the answer is a problem of status
	// 403.
	Denied raxx.Handler
}

// csrfKey holds what the token of a request is made of.
var csrfKey = raxx.NewKey[csrfToken]("csrf token")

// CSRFToken returns the token for the pages and scripts of this response; "" where
// no [CSRF] stands around the handler. The text differs for each request, and each
// is good for as long as the browser is open and its session lasts.
func CSRFToken(req raxx.Request) string { return csrfKey.Get(req).String() }

// CSRFInput returns the hidden field of a form, in HTML.
func CSRFInput(req raxx.Request) string {
	token := csrfKey.Get(req)
	if token.field == "" {
		return ""
	}
	return `<input type="hidden" name="` + token.field + `" value="` + token.String() + `">`
}

// WithCSRFToken returns the request with this token, in the field "_csrf": for tests
// of handlers whose pages have forms.
func WithCSRFToken(req raxx.Request, token string) raxx.Request {
	return csrfKey.Set(req, csrfToken{field: "_csrf", fixed: token})
}

// Middleware returns the middleware. It panics if a name can't be used.
func (c CSRF) Middleware() raxx.Middleware {
	guard := newCSRFGuard(c)
	return func(next raxx.Handler) raxx.Handler {
		checked := raxx.Complete(c.BodyLimit)(func(req raxx.Request) raxx.Response {
			if !csrfKey.Get(req).matches(guard.fromForm(req)) {
				return guard.denied(req)
			}
			return next(req)
		})
		return func(req raxx.Request) raxx.Response {
			secret, known := guard.secret(req)
			token := guard.token(req, secret)
			req = csrfKey.Set(req, token)
			switch proof, sent := singleCSRF(req.Header, guard.header); {
			case isReading(req.Method):
				return guard.give(next(req), secret, known)
			case !known || sent && !token.matches(proof):
				return guard.denied(req)
			case sent:
				return guard.give(next(req), secret, known)
			case !isForm(req):
				return guard.denied(req)
			}
			return guard.give(checked(req), secret, known)
		}
	}
}

// singleCSRF returns the one value of the field; several are none that matches.
func singleCSRF(h raxx.Header, name string) (value string, sent bool) {
	value, one := singleValue(h, name)
	if !one {
		return "", true
	}
	return value, value != ""
}

// A csrfGuard is a CSRF with its names written out.
type csrfGuard struct {
	session       func(raxx.Request) string
	field, header string
	cookie        raxx.Cookie // without its value
	denied        raxx.Handler
}

func newCSRFGuard(c CSRF) *csrfGuard {
	g := &csrfGuard{session: c.Session, field: "_csrf", header: "x-csrf-token", denied: c.Denied}
	g.cookie = raxx.Cookie{Name: "__Host-csrf", Secure: !c.Insecure}
	if c.Insecure {
		g.cookie.Name = "csrf"
	}
	if c.Name != "" {
		g.cookie.Name = c.Name
	}
	if err := g.cookie.Check(); err != nil {
		panic("middleware: CSRF: " + err.Error())
	}
	if c.Field != "" {
		g.field = c.Field
	}
	if strings.ContainsAny(g.field, "\"&<>'") {
		panic("middleware: CSRF: the field's name has to be escaped")
	}
	if c.Header != "" {
		g.header = c.Header
	}
	if err := raxx.CheckField(g.header, ""); err != nil {
		panic("middleware: CSRF: " + err.Error())
	}
	if g.session == nil {
		g.session = func(raxx.Request) string { return "" }
	}
	if g.denied == nil {
		refusal := raxx.Problem(raxx.StatusForbidden, "the form is too old, or was sent by another site: load the page again")
		g.denied = func(raxx.Request) raxx.Response { return refusal }
	}
	return g
}

// secret returns the secret of the browser, or a new one, and reports whether the
// browser had it. A CSRF that stands around this one, with the same cookie, has found
// it already, and sends it where it is new.
func (g *csrfGuard) secret(req raxx.Request) (secret [csrfSize]byte, known bool) {
	if outer := csrfKey.Get(req); outer.cookie == g.cookie.Name {
		return outer.secret, true
	}
	if text, ok := singleCookie(req, g.cookie.Name); ok {
		decoded, err := csrfEncoding.DecodeString(text)
		if err == nil && len(decoded) == csrfSize {
			return [csrfSize]byte(decoded), true
		}
	}
	rand.Read(secret[:])
	return secret, false
}

func (g *csrfGuard) token(req raxx.Request, secret [csrfSize]byte) csrfToken {
	token := csrfToken{field: g.field, cookie: g.cookie.Name, secret: secret, session: g.session(req)}
	rand.Read(token.mask[:])
	return token
}

// fromForm returns the token in a form whose body is complete, or "".
func (g *csrfGuard) fromForm(req raxx.Request) string {
	if m, _ := req.MediaType(); m.Essence() == "multipart/form-data" {
		// The form has been read, up to the limit.
		for part, err := range raxx.Multipart(req, raxx.MultipartLimits{Part: -1, Total: -1}) {
			if err != nil {
				return ""
			}
			if part.Name == g.field {
				data, _ := raxx.ReadAll(part.Body, 1<<10)
				return string(data)
			}
		}
		return ""
	}
	values, _ := raxx.ReadForm(req, -1) // it has been read, up to the limit
	return values.Get(g.field)
}

// isForm reports whether the body is one that a form sends and that has fields.
func isForm(req raxx.Request) bool {
	m, _ := req.MediaType()
	return m.Essence() == "application/x-www-form-urlencoded" || m.Essence() == "multipart/form-data"
}

// give sends the secret with a page of HTML, if the browser does not have it.
func (g *csrfGuard) give(resp raxx.Response, secret [csrfSize]byte, known bool) raxx.Response {
	return raxx.OnHead(resp, func(head raxx.Response) raxx.Response {
		if !isHTML(head) || isPublic(head) {
			return head
		}
		if !known {
			cookie := g.cookie
			cookie.Value = csrfEncoding.EncodeToString(secret[:])
			head = keepPrivate(head.WithCookie(cookie))
		}
		return varyOn(head.Default("cache-control", "private"), "cookie")
	})
}

var csrfEncoding = base64.RawURLEncoding.Strict()
