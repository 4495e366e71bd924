package middleware

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A Health answers the questions of those who run the server: whether it is alive,
// and whether it is ready for more requests. It belongs at the very top of a stack:
// in front of [AccessLog], which would fill with these requests, of [Hosts], since
// those who ask know only the address, of redirects, and of all that sheds load.
//
// It answers two paths, with 200 or 503, and hands on all others. The answers are
// complete, are not to be stored, and tell nothing else about the server.
// Other methods than GET and HEAD get 405.
type Health struct {
	// Live is the path that is answered with 200 as long as handlers run at all.
	// If empty, "/livez".
	Live string
	// Ready is the path that is answered with 503 when no more requests should
	// be sent here. If empty, "/readyz".
	Ready string
	// IsReady reports whether more requests should be sent here: not before what
	// is needed is there, and not any more once the server drains. If nil, they
	// always should. It should return at once. With a context that ends when the
	// server is told to stop:
	//
	//	IsReady: func() bool { return ctx.Err() == nil }
	IsReady func() bool
}

// Middleware returns the middleware. It panics if the two are no paths, or are the
// same path.
func (c Health) Middleware() raxx.Middleware {
	if c.Live == "" {
		c.Live = "/livez"
	}
	if c.Ready == "" {
		c.Ready = "/readyz"
	}
	isPath := func(s string) bool { return strings.HasPrefix(s, "/") && !strings.ContainsAny(s, "?# ") }
	if !isPath(c.Live) || !isPath(c.Ready) || c.Live == c.Ready {
		panic(fmt.Sprintf("middleware: Health answers %q and %q, which have to be two paths", c.Live, c.Ready))
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			switch req.Path {
			case c.Live:
				return healthReply(req.Method, true)
			case c.Ready:
				return healthReply(req.Method, c.IsReady == nil || c.IsReady())
			}
			return next(req)
		}
	}
}

func healthReply(method string, good bool) raxx.Response {
	var resp raxx.Response
	switch {
	case method != raxx.MethodGet && method != raxx.MethodHead:
		resp = raxx.Problem(raxx.StatusMethodNotAllowed, "").With("allow", "GET, HEAD")
	case good:
		resp = raxx.Text(raxx.StatusOK, "ok\n")
	default:
		resp = raxx.Text(raxx.StatusServiceUnavailable, "not ready\n")
	}
	return resp.With("cache-control", "no-store")
}
