package router

import (
	"errors"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// commonMethods are those that a route for every method is taken to answer.
var commonMethods = []string{
	raxx.MethodDelete, raxx.MethodGet, raxx.MethodHead, raxx.MethodOptions,
	raxx.MethodPatch, raxx.MethodPost, raxx.MethodPut, raxx.MethodQuery,
}

// knows reports whether a route takes the method somewhere, or everybody is taken to
// know it.
func (r *Router) knows(method string) bool {
	if slices.Contains(r.methods, method) || slices.Contains(commonMethods, method) {
		return true
	}
	return r.tables.anyMethod || method == raxx.MethodConnect || method == raxx.MethodTrace
}

// malformed returns the miss of a path that can't be read.
func malformed(err error) *Miss {
	m := &Miss{Status: raxx.StatusBadRequest, Detail: err.Error()}
	if fault, ok := errors.AsType[*raxx.Error](err); ok {
		m.Detail = fault.Detail
	}
	return m
}

// optionsOfServer is the answer to OPTIONS of the whole server.
func (r *Router) optionsOfServer() *Miss {
	return &Miss{Status: raxx.StatusNoContent, Allow: slices.Clone(r.methods), Detail: "the router answers OPTIONS"}
}

// miss says why no route takes this method at this canonical path.
func (r *Router) miss(method, path string) *Miss {
	allow := r.tables.allowed(path)
	switch {
	case len(allow) == 0:
		return &Miss{Status: raxx.StatusNotFound, Detail: "there is nothing at this path"}
	case method == raxx.MethodOptions:
		return &Miss{Status: raxx.StatusNoContent, Allow: allow, Detail: "the router answers OPTIONS"}
	}
	m := &Miss{
		Status: raxx.StatusMethodNotAllowed, Allow: allow,
		Detail: "this path answers only " + strings.Join(allow, ", "),
	}
	if !r.knows(method) { // RFC 9110, Section 9.1
		m.Status = raxx.StatusNotImplemented
	}
	return m
}

// allowed returns the methods for which a route matches the canonical path, and
// OPTIONS, if there is any. It is not called for paths that a route for every
// method matches: those are never missed.
func (t *tables) allowed(path string) (methods []string) {
	for _, method := range t.methods {
		if e, _ := t.byMethod[method].find(path); e != nil {
			methods = append(methods, method)
		}
	}
	if methods == nil {
		return nil
	}
	return withOptions(methods)
}

// withOptions returns the sorted methods with OPTIONS among them.
func withOptions(methods []string) []string {
	if i, found := slices.BinarySearch(methods, raxx.MethodOptions); !found {
		methods = slices.Insert(methods, i, raxx.MethodOptions)
	}
	return methods
}

// serverMethods returns all methods that these routes answer somewhere, for
// OPTIONS of the whole server (RFC 9110, Section 9.3.7).
func serverMethods(rows []row) []string {
	methods := []string{raxx.MethodOptions}
	for _, row := range rows {
		switch method := row.entry.Method; method {
		case AnyMethod:
			methods = append(methods, commonMethods...)
		case raxx.MethodGet:
			methods = append(methods, method, raxx.MethodHead)
		default:
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}
