package router

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// A RouteError says what is wrong with a route besides its pattern.
type RouteError struct {
	Route  Entry
	Reason string
}

// Error names the route and where it was made.
func (e *RouteError) Error() string {
	if e.Route.Site == "" {
		return "router: " + e.Reason
	}
	return fmt.Sprintf("router: %s: %s", e.Route, e.Reason)
}

// check returns all that is wrong with a route by itself, whose pattern stands
// behind the prefix of its groups.
func (r Route) check(s scope) (errs []error) {
	if err := r.checkPattern(s.prefix); err != nil {
		err.Site = r.site
		errs = append(errs, err)
	}
	entry := r.entry(s.enter(r))
	for _, reason := range []string{r.checkHandler(), r.checkMethod(), r.checkName()} {
		if reason != "" {
			errs = append(errs, &RouteError{entry, reason})
		}
	}
	return errs
}

// checkPattern finds what is wrong with the pattern behind prefix. The empty
// pattern adds nothing to a prefix, and is none without.
func (r Route) checkPattern(prefix string) *PatternError {
	text := prefix + r.pattern
	if r.pattern != "" && r.pattern[0] != '/' {
		return &PatternError{Pattern: text, Offset: len(prefix), Reason: "a pattern begins with a slash"}
	}
	if text == "" && r.kind != single {
		return nil
	}
	p, err := parsePattern(text)
	if err != nil || r.kind == single {
		return err
	}
	if r.kind == mount && len(p.names) == maxParams {
		return &PatternError{Pattern: text, Reason: fmt.Sprintf(
			"%d parameters, and the rest of the path would be one more than there may be", maxParams)}
	}
	if strings.HasSuffix(text, "/") {
		return &PatternError{Pattern: text, Offset: len(text) - 1, Reason: "a prefix does not end with a slash; the patterns behind it begin with one"}
	}
	if i := strings.LastIndexByte(text, '*'); i >= 0 && p.segments[len(p.segments)-1].kind == catchAll {
		return &PatternError{Pattern: text, Offset: i, Reason: "a catch-all takes the rest of the path; it can't be in a prefix"}
	}
	return nil
}

// checkHandler finds a route that leads nowhere.
func (r Route) checkHandler() string {
	if r.kind != group && r.handler == nil && r.router == nil {
		return "the handler is nil"
	}
	return ""
}

// checkMethod finds a method that no request can have, or that was meant to be
// another one.
func (r Route) checkMethod() string {
	if r.kind != single {
		return ""
	}
	if r.method == "" {
		return "the method is empty"
	}
	for i := range len(r.method) {
		if !raxx.IsTokenByte(r.method[i]) {
			return fmt.Sprintf("the method holds %q, which no token may (RFC 9110, 9.1)", r.method[i])
		}
	}
	if upper := strings.ToUpper(r.method); upper != r.method && slices.Contains(commonMethods, upper) {
		return fmt.Sprintf("methods are case-sensitive: it is called %s", upper)
	}
	return ""
}

// checkName finds a name that could never be asked for.
func (r Route) checkName() string {
	switch {
	case r.name == "":
		return ""
	case r.kind == group:
		return fmt.Sprintf("a group can't be called %q: a name is for one route", r.name)
	case r.router != nil:
		return fmt.Sprintf("a router that is mounted can't be called %q: its routes have names", r.name)
	}
	return ""
}
