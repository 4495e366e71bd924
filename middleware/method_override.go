package middleware

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// OriginalMethod holds the method that a request was sent with, if
// [MethodOverride] has changed it.
var OriginalMethod = raxx.NewKey[string]("original method")

// A MethodOverride lets forms, which know only GET and POST, send PUT, PATCH and
// DELETE: a POST whose form has a value called _method, or which has the field
// x-http-method-override, is handed on with that method. It belongs in front of the
// router, and behind the protection against requests from other sites: browsers let
// other sites send a POST, but no PUT, PATCH or DELETE, and with MethodOverride
// this protection is gone.
//
// It fails closed: only POST is overridden, never GET, whatever its query says;
// only by a method that is allowed, and never by one that only reads, since guards
// let those pass; not by two methods that differ; and not where [CrossOrigin] lets
// other sites POST ([CrossOrigin.Bypass]). In all these cases the request stays a
// POST. If the field is there, the form is not looked at.
//
// A form is read, up to Limit, and handed on complete, as [raxx.Data]; a body of
// another type, of unknown length or longer than Limit is not touched. Replies
// are not touched.
type MethodOverride struct {
	// Allowed are the methods. If empty, PUT, PATCH and DELETE.
	Allowed []string
	// Limit is the size up to which a form is read. If zero, 64 KiB. If negative,
	// no form is read, and only the field counts.
	Limit int64
}

// Middleware returns the middleware. It panics if an allowed method is not in upper
// case, or is one that can't be meant: POST, CONNECT, or one that only reads.
func (c MethodOverride) Middleware() raxx.Middleware {
	if len(c.Allowed) == 0 {
		c.Allowed = []string{raxx.MethodPut, raxx.MethodPatch, raxx.MethodDelete}
	}
	for _, m := range c.Allowed {
		if raxx.IsSafe(m) || m == raxx.MethodConnect || m == raxx.MethodPost || !raxx.IsToken(m) || m != strings.ToUpper(m) {
			panic(fmt.Sprintf("middleware: MethodOverride allows %q: it has to be a method in upper case that changes something", m))
		}
	}
	if c.Limit == 0 {
		c.Limit = 64 << 10
	}
	return func(next raxx.Handler) raxx.Handler {
		byForm := raxx.Complete(c.Limit)(func(req raxx.Request) raxx.Response { return next(c.byForm(req)) })
		return func(req raxx.Request) raxx.Response {
			switch {
			case req.Method != raxx.MethodPost, bypassKey.Get(req):
				return next(req)
			case req.Header.Has("x-http-method-override"):
				return next(c.override(req, slices.Collect(req.Header.Values("x-http-method-override"))))
			case c.hasForm(&req):
				return byForm(req)
			}
			return next(req)
		}
	}
}

// hasForm reports whether there is a form that is short enough.
func (c *MethodOverride) hasForm(req *raxx.Request) bool {
	n := raxx.Length(req.Body)
	if n <= 0 || n > c.Limit {
		return false
	}
	m, ok := req.MediaType()
	return ok && m.Essence() == "application/x-www-form-urlencoded"
}

// byForm returns the request, whose form has been read, with its method.
func (c *MethodOverride) byForm(req raxx.Request) raxx.Request {
	data, _ := req.Body.(raxx.Data)
	if !strings.Contains(string(data), "_method=") {
		return req
	}
	form, err := raxx.ParseValues(string(data))
	if err != nil {
		return req // the handler will say what is wrong with it
	}
	return c.override(req, slices.Collect(form.All("_method")))
}

// override returns the request with the method that all of these name, if it is
// allowed.
func (c *MethodOverride) override(req raxx.Request, methods []string) raxx.Request {
	if len(methods) == 0 {
		return req
	}
	method := strings.ToUpper(methods[0])
	for _, m := range methods[1:] {
		if strings.ToUpper(m) != method {
			return req
		}
	}
	if !slices.Contains(c.Allowed, method) {
		return req
	}
	original := req.Method
	req.Method = method
	return OriginalMethod.Set(req, original)
}
