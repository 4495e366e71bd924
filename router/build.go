package router

import (
	"fmt"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// An endpoint is a route in its place: with all that its groups add.
type endpoint struct {
	entry    Entry
	patterns []pattern    // one; of a mount, one with a rest and one without
	handler  raxx.Handler // with its middleware
	router   *Router      // mounted
	depth    int          // how many segments a mount takes off
}

// A scope is what the groups around a route say.
type scope struct {
	prefix string
	stack  []raxx.Middleware
	body   bodyRule
}

// enter returns the scope within r.
func (s scope) enter(r Route) scope {
	s.prefix += r.pattern
	s.stack = slices.Concat(s.stack, r.stack)
	if r.body.said {
		s.body = r.body
	}
	return s
}

// A row is a line of the routing table with its pattern.
type row struct {
	entry   Entry
	pattern pattern
}

// A builder makes endpoints of routes and gathers all that is wrong with them.
type builder struct {
	endpoints []*endpoint
	rows      []row
	errs      []error
}

// build adds a list of routes.
func (b *builder) build(outer scope, routes []Route) {
	for i, r := range routes {
		if r.kind == noRoute {
			b.errs = append(b.errs, &RouteError{Reason: fmt.Sprintf(
				"route %d of a list behind the prefix %q is a Route that no function of this package made", i+1, outer.prefix)})
			continue
		}
		if r.kind == mount && r.pattern == "/" {
			r.pattern = ""
		}
		inner, errs := outer.enter(r), r.check(outer)
		b.errs = append(b.errs, errs...)
		switch {
		case len(errs) > 0:
		case r.kind == group:
			b.build(inner, r.routes)
		default:
			b.add(inner, r)
		}
	}
}

// add makes an endpoint of a route that has passed its check.
func (b *builder) add(s scope, r Route) {
	p, _ := parsePattern(s.prefix)
	e := &endpoint{entry: r.entry(s), patterns: []pattern{p}, router: r.router}
	h := r.handler
	if r.kind == mount {
		e.depth, e.patterns = len(p.segments), mountPatterns(p)
		h = r.mounted(e.depth)
	}
	if !s.body.streamed {
		h = raxx.Complete(s.body.limit)(h)
	}
	if e.handler = surround(h, s.stack); e.handler == nil {
		b.errs = append(b.errs, &RouteError{e.entry, "a middleware returns no handler"})
		return
	}
	b.endpoints = append(b.endpoints, e)
	if r.router != nil {
		b.adopt(s, r)
		return
	}
	b.rows = append(b.rows, row{e.entry, p})
}

// entry returns the route's line in the routing table.
func (r Route) entry(s scope) Entry {
	e := Entry{
		Method: r.method, Pattern: s.prefix, Name: r.name, Site: r.site,
		Mounted: r.kind == mount, Streamed: s.body.streamed,
	}
	switch {
	case s.body.streamed:
	case s.body.limit == 0:
		e.BodyLimit = raxx.DefaultBodyLimit
	default:
		e.BodyLimit = max(s.body.limit, -1)
	}
	return e
}

// surround puts middleware around h, the first outermost. It returns nil if a
// middleware does.
func surround(h raxx.Handler, stack []raxx.Middleware) raxx.Handler {
	for _, mw := range slices.Backward(stack) {
		if mw == nil {
			continue
		}
		if h = mw(h); h == nil {
			return nil
		}
	}
	return h
}
