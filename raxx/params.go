package raxx

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// A Param is one part of the path that a route's pattern gave a name to.
type Param struct {
	Name  string
	Value string // decoded once
}

// Params are the named parts of the path, in the order of the pattern.
type Params []Param

// Get returns the value of the parameter, or "".
func (p Params) Get(name string) string {
	v, _ := p.Lookup(name)
	return v
}

// Lookup returns the value of the parameter, and reports whether there is one.
func (p Params) Lookup(name string) (string, bool) {
	for i := range p {
		if p[i].Name == name {
			return p[i].Value, true
		}
	}
	return "", false
}

// ParamAs returns a path parameter as a T: a string, a bool, an integer, a
// float other than NaN and Inf, or any type whose pointer is an
// [encoding.TextUnmarshaler]. If there is no such parameter, or it can't be
// read as a T, the error is an [*Error] of status 404: a path that does not
// name anything. It panics if T is none of these and there is something to read.
func ParamAs[T any](r Request, name string) (T, error) {
	var v T
	text, ok := r.Params.Lookup(name)
	if !ok {
		return v, &Error{Status: StatusNotFound, Detail: fmt.Sprintf("the path has no parameter %q", name)}
	}
	if err := parseText(text, &v); err != nil {
		return v, &Error{Status: StatusNotFound, Detail: fmt.Sprintf("the parameter %q %s", name, misread(v)), Err: clippedError{err}}
	}
	return v, nil
}

// parseText reads text into *v, which is a pointer to one of the types that
// [ParamAs] lists.
func parseText(text string, v any) (err error) {
	if u, ok := v.(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	e := reflect.ValueOf(v).Elem()
	switch e.Kind() {
	case reflect.String:
		e.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		e.SetBool(b)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, e.Type().Bits())
		e.SetInt(n)
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, e.Type().Bits())
		e.SetUint(n)
		return err
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, e.Type().Bits())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			// NaN passes every comparison that is meant to refuse it.
			return strconv.ErrRange
		}
		e.SetFloat(f)
		return err
	default:
		panic(fmt.Sprintf("raxx: a text can't be read as %s: it has no UnmarshalText", e.Type()))
	}
	return nil
}

// misread says to a client what is wrong with a text that can't be read as v. The
// name of a Go type is not for clients.
func misread(v any) string {
	t := reflect.TypeOf(v)
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return "is malformed"
	}
	return "should be " + kindName(t)
}
