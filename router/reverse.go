package router

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// Path returns the path, escaped, that leads to the route called name:
//
//	r.Path("user", "id", 7) // "/users/7", if the pattern is /users/:id
//
// The arguments behind the name are pairs of a parameter's name and its value, or
// [raxx.Param], or [raxx.Params]. A value is a string, a bool, a number, or an
// [encoding.TextMarshaler]: what [raxx.ParamAs] reads back. In the value of a
// catch-all, slashes separate segments. The path of a [Mount] is its prefix. A
// mounted router does not know its prefix: ask the outer one, which knows the names
// of both.
//
// The error is a [*NameError] or a [*ParamError]; the latter also for a parameter
// that is empty, and for a value that makes a segment "." or "..".
func (r *Router) Path(name string, args ...any) (string, error) {
	p, ok := r.named[name]
	if !ok {
		return "", &NameError{Name: name, Nearest: nearest(name, slices.Collect(maps.Keys(r.named)))}
	}
	params, err := readArgs(args)
	if err == nil {
		err = p.checkParams(params)
	}
	var path string
	if err == nil {
		path, err = p.fill(params)
	}
	if err != nil {
		err.Route, err.Pattern = name, p.text
		return "", err
	}
	return path, nil
}

// A NameError says that no route has the name that was asked for.
type NameError struct {
	Name    string
	Nearest []string // three names of routes at the most that are spelled nearly like it
}

// Error names the name and those that may have been meant.
func (e *NameError) Error() string {
	return fmt.Sprintf("router: no route is called %q%s", e.Name, didYouMean(e.Nearest))
}

// A ParamError says why a route has no path with the parameters that were
// given.
type ParamError struct {
	Route, Pattern string
	Param          string // "" if the arguments are no list of parameters
	Reason         string
}

// Error names the route and the parameter.
func (e *ParamError) Error() string {
	return fmt.Sprintf("router: path of %q (%s): %s", e.Route, e.Pattern, e.Reason)
}

// readArgs returns the parameters that are written as [Router.Path] says.
func readArgs(args []any) (params raxx.Params, err *ParamError) {
	for i := 0; i < len(args); i++ {
		switch a := args[i].(type) {
		case raxx.Param:
			params = append(params, a)
		case raxx.Params:
			params = append(params, a...)
		case string:
			i++
			if i == len(args) {
				return nil, &ParamError{Param: a, Reason: fmt.Sprintf("parameter %q has no value behind its name", a)}
			}
			value, ok := textOf(args[i])
			if !ok {
				return nil, &ParamError{Param: a, Reason: fmt.Sprintf("the value of parameter %q is of type %T, which has no text", a, args[i])}
			}
			params = append(params, raxx.Param{Name: a, Value: value})
		default:
			return nil, &ParamError{Reason: fmt.Sprintf("argument %d is of type %T, where the name of a parameter belongs", i+1, a)}
		}
	}
	return params, nil
}

// textOf returns the text that [raxx.ParamAs] would read v from.
func textOf(v any) (string, bool) {
	if m, ok := v.(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err == nil
	}
	switch e := reflect.ValueOf(v); {
	case e.Kind() == reflect.String:
		return e.String(), true
	case e.Kind() == reflect.Bool:
		return strconv.FormatBool(e.Bool()), true
	case e.CanInt():
		return strconv.FormatInt(e.Int(), 10), true
	case e.CanUint():
		return strconv.FormatUint(e.Uint(), 10), true
	case e.CanFloat():
		return strconv.FormatFloat(e.Float(), 'g', -1, e.Type().Bits()), true
	}
	return "", false
}

// checkParams finds parameters that are too many or too few.
func (p pattern) checkParams(params raxx.Params) *ParamError {
	for i, given := range params {
		if !slices.Contains(p.names, given.Name) {
			return &ParamError{Param: given.Name, Reason: fmt.Sprintf(
				"there is no parameter %q%s", given.Name, didYouMean(nearest(given.Name, p.names)))}
		}
		if _, twice := params[:i].Lookup(given.Name); twice {
			return &ParamError{Param: given.Name, Reason: fmt.Sprintf("parameter %q is given twice", given.Name)}
		}
	}
	for _, name := range p.names {
		if _, given := params.Lookup(name); !given {
			return &ParamError{Param: name, Reason: fmt.Sprintf("parameter %q is missing", name)}
		}
	}
	return nil
}

// fill writes the path of the pattern with these parameters.
func (p pattern) fill(params raxx.Params) (string, *ParamError) {
	if len(p.segments) == 0 {
		return "/", nil // a mount of everything
	}
	var b strings.Builder
	for _, s := range p.segments {
		value := params.Get(s.name)
		if s.kind == param && value == "" {
			return "", &ParamError{Param: s.name, Reason: fmt.Sprintf("parameter %q is empty; only a catch-all may be", s.name)}
		}
		parts := []string{s.literal + value}
		if s.kind == catchAll {
			parts = strings.Split(value, "/")
		}
		for _, part := range parts {
			if part == "." || part == ".." {
				return "", &ParamError{Param: s.name, Reason: fmt.Sprintf(
					"parameter %q makes a segment %q, which clients take out of a path", s.name, part)}
			}
			b.WriteString("/" + raxx.EscapeSegment(part))
		}
	}
	path := b.String()
	if strings.HasPrefix(path, "//") {
		// RFC 3986, Section 4.2: as a reference it would lead to another host.
		last := p.names[len(p.names)-1]
		return "", &ParamError{Param: last, Reason: fmt.Sprintf("parameter %q makes a path that begins with two slashes", last)}
	}
	return path, nil
}
