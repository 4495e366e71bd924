package router

import (
	"errors"

	"github.com/raxx-go/raxx/raxx"
)

// A Config says what a [Router] does besides its routes. [New] uses the zero
// Config.
type Config struct {
	// Middleware is around every reply: those of the routes, outside of the
	// middleware of groups, and those to requests that no route takes. It runs when
	// the route is known already, so Pattern and Params of the request are filled
	// in. It must not change the method or the path of a request, whose route is
	// chosen already. If nil, there is none.
	Middleware raxx.Middleware
	// Miss answers requests that no route takes, except OPTIONS where the router
	// answers it. If its response has the status 405 and no field allow, the router
	// adds that field. If nil, [Miss.Response] answers.
	Miss func(raxx.Request, Miss) raxx.Response
	// BodyLimit is the limit of routes for which neither [Route.BodyLimit] nor
	// [Route.Streamed] was called, in bytes. If zero, it is
	// [raxx.DefaultBodyLimit]. If negative, there is none, and clients decide
	// how much memory is used.
	BodyLimit int64
}

// A Router hands requests to the routes that it was made of. It never changes, and
// any number of goroutines may use it.
type Router struct {
	tables  tables
	marks   bool // see canonical
	missed  raxx.Handler
	entries []Entry
	named   map[string]pattern
	methods []string // of all routes
}

var _ raxx.Handler = (*Router)(nil).Handle

// New returns a router of these routes; their order does not matter. The error
// joins everything that is wrong with them (see [errors.Join]): each fault is a
// [*PatternError], a [*RouteError] or a [*ConflictError].
func New(routes ...Route) (*Router, error) { return Config{}.New(routes...) }

// MustNew is [New] for routes that are known to be right. It panics if they are
// not.
func MustNew(routes ...Route) *Router { return Config{}.MustNew(routes...) }

// New returns a router of these routes, as the function [New] does. It is an error,
// too, if Middleware returns no handler.
func (c Config) New(routes ...Route) (*Router, error) {
	outermost := scope{stack: []raxx.Middleware{c.Middleware}, body: bodyRule{limit: c.BodyLimit}}
	var b builder
	b.build(outermost, routes)
	b.errs = append(b.errs, conflicts(b.endpoints)...)
	b.errs = append(b.errs, nameConflicts(b.rows)...)
	missed := surround(missHandler(c.Miss), outermost.stack)
	if missed == nil {
		b.errs = append(b.errs, errors.New("router: the middleware of the Config returns no handler"))
	}
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	return newRouter(b.endpoints, b.rows, missed)
}

// MustNew is [Config.New] for routes that are known to be right. It panics if
// they are not.
func (c Config) MustNew(routes ...Route) *Router {
	r, err := c.New(routes...)
	if err != nil {
		panic(err)
	}
	return r
}

// newRouter returns the router of endpoints without conflicts.
func newRouter(endpoints []*endpoint, rows []row, missed raxx.Handler) (*Router, error) {
	r := &Router{missed: missed, named: map[string]pattern{}, methods: serverMethods(rows)}
	for _, e := range endpoints {
		r.marks = r.marks || e.patterns[0].hasMarks()
	}
	for _, row := range rows {
		r.entries = append(r.entries, row.entry)
		if row.entry.Name != "" {
			r.named[row.entry.Name] = row.pattern
		}
	}
	var err error
	r.tables, err = newTables(endpoints)
	return r, err
}

// Handle answers a request: by the handler of the route with the most specific
// pattern among those that match its path and its method. It is a
// [raxx.Handler].
func (r *Router) Handle(req raxx.Request) raxx.Response {
	e, params, miss := r.find(req.Method, req.Path)
	if miss != nil {
		return r.missed(missKey.Set(req, *miss))
	}
	if req.Pattern == "" {
		req.Pattern = e.entry.Pattern
	} else {
		req.Pattern += e.entry.Pattern
	}
	req.Params = joinParams(req.Params, params)
	return e.handler(req)
}

// find returns the endpoint for a method and a path as it was sent, and the
// parameters; or why there is none.
func (r *Router) find(method, path string) (*endpoint, raxx.Params, *Miss) {
	if path == "*" && method == raxx.MethodOptions {
		return nil, nil, r.optionsOfServer()
	}
	path, err := canonical(path, r.marks)
	if err != nil {
		return nil, nil, malformed(err)
	}
	e, params := r.tables.of(method).find(path)
	if e == nil {
		return nil, nil, r.miss(method, path)
	}
	return e, params, nil
}

// A Match is the route that takes a request.
type Match struct {
	Route  Entry
	Params raxx.Params
}

// Find returns the route that takes requests with this method and path (escaped,
// without a query), also within routers that are mounted. It calls no handler: it
// is for tests of a routing table. If there is none, the error is a [*Miss].
func (r *Router) Find(method, path string) (Match, error) {
	e, params, miss := r.find(method, path)
	if miss != nil {
		return Match{}, miss
	}
	if e.router == nil {
		return Match{e.entry, params}, nil
	}
	m, err := e.router.Find(method, restOf(path, e.depth))
	if err != nil {
		return Match{}, err
	}
	m.Route = m.Route.behind(e.entry)
	m.Route.Pattern = e.entry.Pattern + m.Route.Pattern
	m.Params = joinParams(params, m.Params)
	return m, nil
}

// joinParams returns the parameters of a mount and behind them those of the
// router that is mounted. It writes to neither. Where both have a name, the inner
// one counts: a handler that asks for :id means the one in its own pattern.
func joinParams(outer, inner raxx.Params) raxx.Params {
	if len(outer) == 0 {
		return inner
	}
	if len(inner) == 0 {
		return outer
	}
	joined := make(raxx.Params, 0, len(outer)+len(inner))
	for _, p := range outer {
		if _, hidden := inner.Lookup(p.Name); !hidden {
			joined = append(joined, p)
		}
	}
	return append(joined, inner...)
}
