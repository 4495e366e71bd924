package router

import (
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// mountPatterns returns the two patterns of a mount: the prefix with a rest,
// whose catch-all has no name, and the prefix alone, if there is one.
func mountPatterns(prefix pattern) []pattern {
	rest := prefix
	rest.segments = slices.Concat(prefix.segments, []segment{{kind: catchAll}})
	if len(prefix.segments) == 0 {
		return []pattern{rest}
	}
	return []pattern{rest, prefix}
}

// mounted returns the handler of a mount without the depth segments of its
// prefix.
func (r Route) mounted(depth int) raxx.Handler {
	h := r.handler
	if r.router != nil {
		h = r.router.Handle
	}
	return func(req raxx.Request) raxx.Response {
		req.Path = restOf(req.Path, depth)
		return h(req)
	}
}

// restOf returns what is left of a path, escaped as it was, when depth segments
// are taken off.
func restOf(path string, depth int) string {
	for range depth {
		_, rest, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if !more {
			return "/"
		}
		path = path[len(path)-len(rest)-1:]
	}
	return path
}

// adopt lists the routes of a router that is mounted.
func (b *builder) adopt(s scope, r Route) {
	for _, e := range r.router.entries {
		e.Pattern = s.prefix + e.Pattern
		p, err := parsePattern(e.Pattern)
		if err != nil && e.Pattern != "" {
			err.Site = r.site
			b.errs = append(b.errs, err)
			continue
		}
		b.rows = append(b.rows, row{e.behind(r.entry(s)), p})
	}
}
