package router

import (
	"maps"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// AnyMethod is the method of routes that take every method.
const AnyMethod = "*"

// A table finds the endpoints of one method. Patterns without parameters are in
// a map: they match one path, and nothing is more specific.
type table struct {
	static map[string]*endpoint // by canonical path
	forest forest
}

// find returns the endpoint for a canonical path, and its parameters; nil if
// there is none.
func (t *table) find(path string) (*endpoint, raxx.Params) {
	if e, ok := t.static[path]; ok {
		return e, nil
	}
	return t.forest.find(path)
}

// A tables value holds a table for each method that a route names.
type tables struct {
	get      *table // again, since most requests ask for it
	byMethod map[string]*table
	others   *table // for methods that no route names
	methods  []string

	anyMethod bool // a route takes every method
}

// of returns the table of a method.
func (t *tables) of(method string) *table {
	if method == raxx.MethodGet {
		return t.get
	}
	if found, ok := t.byMethod[method]; ok {
		return found
	}
	return t.others
}

// newTables sorts the endpoints by their methods.
func newTables(endpoints []*endpoint) (t tables, err error) {
	named := map[string]bool{}
	for _, e := range endpoints {
		switch method := e.entry.Method; method {
		case AnyMethod:
			t.anyMethod = true
		case raxx.MethodGet:
			named[method], named[raxx.MethodHead] = true, true
		default:
			named[method] = true
		}
	}
	t.methods = slices.Sorted(maps.Keys(named))
	t.byMethod = make(map[string]*table, len(named))
	for _, method := range t.methods {
		if t.byMethod[method], err = newTable(endpoints, method); err != nil {
			return t, err
		}
	}
	if t.others, err = newTable(endpoints, AnyMethod); err != nil {
		return t, err
	}
	t.get = t.byMethod[raxx.MethodGet]
	if t.get == nil {
		t.get = t.others
	}
	return t, nil
}

// newTable returns the table of one method.
func newTable(endpoints []*endpoint, method string) (*table, error) {
	t := &table{static: map[string]*endpoint{}}
	var plants []plant
	byShape := closest(endpoints, method)
	for _, shape := range slices.Sorted(maps.Keys(byShape)) {
		p := byShape[shape]
		if p.pattern.isStatic() {
			t.static[shape] = p.endpoint
			continue
		}
		plants = append(plants, p)
	}
	var err error
	t.forest, err = newForest(plants)
	return t, err
}

// closest returns by its shape each pattern that takes the method. Where
// several match the same paths, it is that of the endpoint which says most
// about the method.
func closest(endpoints []*endpoint, method string) map[string]plant {
	found, best := map[string]plant{}, map[string]int{}
	for _, e := range endpoints {
		for i, p := range e.patterns {
			shape, c := p.shape(), e.closeness(method, i)
			if c > best[shape] {
				found[shape], best[shape] = plant{p, e}, c
			}
		}
	}
	return found
}

// closeness says how much the i-th pattern of the endpoint is meant for the
// method; 0 is not at all.
func (e *endpoint) closeness(method string, i int) int {
	switch {
	case e.entry.Method == method && method != AnyMethod:
		return 4
	case e.entry.Method == raxx.MethodGet && method == raxx.MethodHead:
		return 3
	case e.entry.Method == AnyMethod && i == 0:
		return 2
	case e.entry.Method == AnyMethod:
		return 1 // the path without a rest, which a mount takes if no route does
	}
	return 0
}
