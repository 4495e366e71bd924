package middleware

import "github.com/raxx-go/raxx/raxx"

// Bearer lets in requests with a token (RFC 6750) and hands on what the token
// stands for, as a value of a type of your own. The token is taken from the
// authorization field only: in a query it would be in every log (RFC 9700, Section
// 4.3.2).
//
// It stands in front of what it protects, behind whatever logs and limits. It fails
// closed: a request without a token, or with one that Verify refuses, is answered
// with 401, one with a malformed token or with more than one authorization field
// with 400 (RFC 6750, Section 3.1), and neither reaches the handler. Responses of
// the handler are not touched, whatever their body. Where a request may come
// without a token, but not with a bad one, hand it on in front of Bearer: there is
// an example. A request with another scheme than Bearer counts as one without a
// token.
type Bearer[T any] struct {
	// Realm tells what the token is for. If empty, "Restricted".
	Realm string
	// Key is where handlers find what Verify returned.
	Key raxx.Key[T]
	// Verify returns what a token stands for, and reports whether it is good: 401 if
	// it is not. It should look a token up by its hash, so that how long that takes
	// does not tell how much of a guess is right.
	//
	// An error means that Verify can't tell, such as when the database is down. The
	// answer is then not 401, at which clients throw their token away, but 503, or
	// that of a [*raxx.Error]: 403 for a token that is good but not for this, or
	// 401 around the error of a library that has refused the token, for the logs.
	// Either way the request goes no further.
	Verify func(req raxx.Request, token string) (holder T, ok bool, err error)
}

// Middleware returns the middleware. It panics if there is no Verify, or the key
// is not one that [raxx.NewKey] made.
func (c Bearer[T]) Middleware() raxx.Middleware {
	switch {
	case c.Verify == nil:
		panic("middleware: Bearer: there is no Verify")
	case c.Key.Equal(raxx.Key[T]{}):
		panic("middleware: Bearer: the key is not one that NewKey made")
	}
	challenge := "Bearer realm=" + authRealm("Bearer", c.Realm)
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			token, several, ok := authCredentials(req.Header, "bearer")
			switch {
			case several || ok && !isBearerToken(token):
				return bearerRefusal(raxx.StatusBadRequest, challenge+`, error="invalid_request"`)
			case !ok:
				// RFC 6750, Section 3.1: who did not try is told no error.
				return bearerRefusal(raxx.StatusUnauthorized, challenge)
			}
			switch holder, ok, err := c.Verify(req, token); {
			case err != nil:
				return bearerUndecided(err, challenge)
			case !ok:
				return bearerRefusal(raxx.StatusUnauthorized, challenge+`, error="invalid_token"`)
			default:
				return next(c.Key.Set(req, holder))
			}
		}
	}
}

// bearerUndecided returns the answer to a token that Verify could not tell of.
func bearerUndecided(err error, challenge string) raxx.Response {
	resp := undecided(err, "the token can't be checked at the moment")
	switch resp.Status {
	case raxx.StatusUnauthorized:
		return resp.Default("www-authenticate", challenge+`, error="invalid_token"`)
	case raxx.StatusForbidden:
		return resp.Default("www-authenticate", challenge+`, error="insufficient_scope"`)
	}
	return resp
}

func bearerRefusal(status int, challenge string) raxx.Response {
	return raxx.Problem(status, "").With("www-authenticate", challenge)
}

// isBearerToken reports whether s is a b64token (RFC 6750, Section 2.1).
func isBearerToken(s string) bool {
	end := len(s)
	for end > 0 && s[end-1] == '=' {
		end--
	}
	for i := range end {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && c != '-' && c != '.' && c != '_' && c != '~' && c != '+' && c != '/' {
			return false
		}
	}
	return end > 0
}
