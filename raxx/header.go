package raxx

import (
	"iter"
	"slices"
	"strings"
)

// A Field is one field line of a header or a trailer (RFC 9110, Section 5).
// Name is in lower case. Build fields with [Header.With] and [Header.Add],
// which check them; a field that was made by hand and breaks the rules of
// [CheckField] is refused by the server: it never reaches the wire.
type Field struct{ Name, Value string }

// A Header is a list of fields in the order in which they are sent. Names are
// in lower case; a name may stand in several fields (set-cookie, link). It is
// nil when it holds no field, so that two empty headers are always equal.
//
// A Header is a value: its methods return a copy and never write to the list
// that they are called on. Do not assign to elements of a Header that you did
// not make.
type Header []Field

// Get returns the value of the first field called name, or "". Letters in name
// may be of either case.
func (h Header) Get(name string) string {
	v, _ := h.Lookup(name)
	return v
}

// Lookup returns the value of the first field called name, and reports whether
// there is one.
func (h Header) Lookup(name string) (string, bool) {
	for i := range h {
		if equalName(h[i].Name, name) {
			return h[i].Value, true
		}
	}
	return "", false
}

// Has reports whether there is a field called name.
func (h Header) Has(name string) bool {
	_, ok := h.Lookup(name)
	return ok
}

// Values returns the values of all fields called name, in order.
func (h Header) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range h {
			if equalName(h[i].Name, name) && !yield(h[i].Value) {
				return
			}
		}
	}
}

// Elements returns the members of a comma-separated list field, over all
// fields called name, without the white space around them and without empty
// ones (RFC 9110, Section 5.6.1). A comma inside a quoted string does not
// separate.
func (h Header) Elements(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for v := range h.Values(name) {
			for len(v) > 0 {
				end := elementEnd(v)
				element := trimOWS(v[:end])
				v = v[min(end+1, len(v)):]
				if element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// With returns a header in which name has this one value. It takes the place
// of the first field of that name; further ones are gone. It panics with a
// [*FieldError] if [CheckField] refuses name or value.
func (h Header) With(name, value string) Header {
	f := mustField(name, value)
	out := make(Header, 0, len(h)+1)
	placed := false
	for _, g := range h {
		switch {
		case !equalName(g.Name, f.Name):
			out = append(out, g)
		case !placed:
			out = append(out, f)
			placed = true
		}
	}
	if !placed {
		out = append(out, f)
	}
	return slices.Clip(out)
}

// Add returns a header with one more field at its end. It panics with a
// [*FieldError] if [CheckField] refuses name or value.
func (h Header) Add(name, value string) Header {
	f := mustField(name, value)
	out := make(Header, len(h)+1)
	copy(out, h)
	out[len(h)] = f
	return out
}

// Default returns h if it has a field called name, and h.With(name, value) if
// it has none.
func (h Header) Default(name, value string) Header {
	if h.Has(name) {
		return h
	}
	return h.Add(name, value)
}

// Without returns a header that has no field called name.
func (h Header) Without(name string) Header {
	if !h.Has(name) {
		return h
	}
	out := slices.DeleteFunc(slices.Clone(h), func(f Field) bool { return equalName(f.Name, name) })
	if len(out) == 0 {
		return nil
	}
	return slices.Clip(out)
}

// single returns the value of the one field called name; two would contradict
// each other (RFC 9110, Section 5.3).
func single(h Header, name string) (string, bool) {
	value, n := "", 0
	for v := range h.Values(name) {
		value, n = v, n+1
	}
	return value, n == 1
}

// equalName reports whether a and b are the same field name. Names that come
// from a server or a constructor are in lower case already, so the first
// comparison nearly always decides.
func equalName(a, b string) bool {
	return len(a) == len(b) && (a == b || strings.EqualFold(a, b))
}

// elementEnd returns the index of the comma that ends the first list element
// of v, or len(v).
func elementEnd(v string) int {
	quoted := false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return i
		}
	}
	return len(v)
}

func trimOWS(s string) string { return strings.Trim(s, " \t") }
