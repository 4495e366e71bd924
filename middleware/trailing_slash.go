package middleware

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A TrailingSlash makes one of two paths that differ in a slash at the end: the
// zero TrailingSlash redirects "/users/" to "/users", with 308, so that method and
// body stay. It belongs in front of the router, and not behind a mount, where what
// is left of the path is no location.
//
// Package static does the opposite for folders, whose pages have relative links: a
// Mount of files behind a TrailingSlash that takes slashes away would send clients
// round and round. Put such files in front of it, by static.Config.Prefix and
// static.Files.Middleware.
//
// It never leads to another site: the location is a path, without scheme and
// host, and a path that begins with two slashes, which a browser would take for
// a host ("//evil.example/"), is not touched; nor is one that begins with a
// slash and a backslash. So it fails closed: what looks odd is handed on as it
// is, for the router to refuse. Replies of the handler are not touched.
type TrailingSlash struct {
	// Add puts the slash there in place of taking it away. A path whose last
	// segment has a dot, as "/style.css" has, stays as it is.
	Add bool
	// Serve changes the path of the request in place of redirecting. Then two
	// paths have the same content; relative links differ between them.
	Serve bool
}

// Middleware returns the middleware.
func (c TrailingSlash) Middleware() raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			path := c.path(req.Path)
			switch {
			case path == req.Path:
				return next(req)
			case c.Serve:
				req.Path = path
				return next(req)
			}
			req.Path = path
			return raxx.Redirect(raxx.StatusPermanentRedirect, req.Target())
		}
	}
}

// path returns the path as it should be.
func (c TrailingSlash) path(path string) string {
	if len(path) < 2 || path[0] != '/' || isSlash(path[1]) || strings.HasPrefix(strings.ToLower(path), "/%5c") {
		return path
	}
	if !c.Add {
		return strings.TrimRight(path, "/")
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	if last == "" || strings.Contains(last, ".") {
		return path
	}
	return path + "/"
}

// isSlash reports whether browsers take c for a slash (URL Standard, Section
// 4.4).
func isSlash(c byte) bool { return c == '/' || c == '\\' }
