package router

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Miss says why no route takes a request. It is the error of [Router.Find],
// and what [Config.Miss] gets to make a response of.
type Miss struct {
	// Status is 400 if the path is malformed, 404 if no route matches it, 405 if
	// those that match it are for other methods, and 501 if, moreover, the method
	// is one that no route takes and no standard names. From Find it may also
	// be 204: the router answers OPTIONS by itself.
	Status int
	// Allow holds the methods that are answered at this path, sorted, if Status
	// is 405, 501 or 204.
	Allow []string
	// Detail is a sentence for the client.
	Detail string
}

// missKey holds the miss of a request on its way through middleware.
var missKey = raxx.NewKey[Miss]("router miss")

// Error returns status and detail.
func (m *Miss) Error() string { return fmt.Sprintf("router: %d: %s", m.Status, m.Detail) }

// Response returns the reply that a router gives by itself: a problem, with the
// field allow where that belongs.
func (m Miss) Response() raxx.Response {
	if m.Status == raxx.StatusNoContent {
		return m.withAllow(raxx.NoContent())
	}
	return m.withAllow(raxx.Problem(m.Status, m.Detail))
}

// withAllow adds the field allow, which RFC 9110, Section 15.5.6 demands in a
// response of status 405.
func (m Miss) withAllow(resp raxx.Response) raxx.Response {
	if m.Allow == nil {
		return resp
	}
	return resp.Default("allow", strings.Join(m.Allow, ", "))
}

// missHandler returns the handler of requests that no route takes. It asks
// custom, unless that is nil.
func missHandler(custom func(raxx.Request, Miss) raxx.Response) raxx.Handler {
	return func(req raxx.Request) raxx.Response {
		m := missKey.Get(req)
		if custom == nil || m.Status == raxx.StatusNoContent {
			return m.Response()
		}
		return raxx.OnHead(custom(req, m), func(resp raxx.Response) raxx.Response {
			if resp.Status != raxx.StatusMethodNotAllowed {
				return resp
			}
			return m.withAllow(resp)
		})
	}
}
