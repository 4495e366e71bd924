package raxx

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A Pair is a name and a value: of a query, a form, a cookie or a parameter of
// a media type.
type Pair struct{ Name, Value string }

// Values are the pairs of a query or a form, decoded, in the order in which
// they were sent. A name may come more than once. Letter case counts. Values
// is nil when it holds no pair. Its methods return a copy and never write to
// the list that they are called on.
type Values []Pair

// MaxValues is the number of pairs that [ParseValues] reads: more is an error.
// A query of a few kilobytes could otherwise cost the memory of thousands.
const MaxValues = 1000

// ParseValues reads pairs in the format application/x-www-form-urlencoded, as the
// URL Standard of the WHATWG describes it (Section 5.1): "&" stands between two
// pairs, "+" for a space, and "%" before two hexadecimal digits. It differs in two
// points: a "%" that is not followed by two digits is an error and not a percent
// sign, and what is decoded need not be UTF-8 and is kept as it is. A value in
// which nothing is escaped is a piece of query and keeps all of it in memory: of
// one that stays, such as an entry in a list, make a copy by [strings.Clone]. The
// error is an [*Error] of status 400 that names the offset, or the number of pairs
// that is allowed.
func ParseValues(query string) (Values, error) {
	var v Values
	for start := 0; start < len(query); {
		end := start + strings.IndexByte(query[start:], '&')
		if end < start {
			end = len(query)
		}
		if end > start {
			pair, err := parsePair(query[start:end], start)
			if err != nil {
				return nil, err
			}
			if len(v) == MaxValues {
				return nil, &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("there are more than %d values", MaxValues)}
			}
			v = append(v, pair)
		}
		start = end + 1
	}
	return v, nil
}

// parsePair reads the pair text, which begins at the given offset.
func parsePair(text string, offset int) (Pair, error) {
	name, value, _ := strings.Cut(text, "=")
	n, bad := unescape(name, true)
	if bad >= 0 {
		return Pair{}, malformedEscape(offset + bad)
	}
	v, bad := unescape(value, true)
	if bad >= 0 {
		return Pair{}, malformedEscape(offset + len(name) + 1 + bad)
	}
	return Pair{n, v}, nil
}

func malformedEscape(offset int) *Error {
	return &Error{Status: StatusBadRequest, Detail: fmt.Sprintf(
		`the "%%" at offset %d is not followed by two hexadecimal digits (RFC 3986, 2.1)`, offset)}
}

// Get returns the first value called name, or "".
func (v Values) Get(name string) string {
	value, _ := v.Lookup(name)
	return value
}

// Lookup returns the first value called name, and reports whether there is one.
func (v Values) Lookup(name string) (string, bool) {
	for value := range v.All(name) {
		return value, true
	}
	return "", false
}

// All returns the values called name, in order.
func (v Values) All(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range v {
			if v[i].Name == name && !yield(v[i].Value) {
				return
			}
		}
	}
}

// With returns the values with this one value for name, in the place of the
// first, without further ones.
func (v Values) With(name, value string) Values {
	at := slices.IndexFunc(v, func(p Pair) bool { return p.Name == name })
	if at < 0 {
		return v.Add(name, value)
	}
	return append(v[:at:at].Add(name, value), v[at+1:].Without(name)...)
}

// Add returns the values with one more at the end.
func (v Values) Add(name, value string) Values {
	return slices.Concat(v, Values{{name, value}})
}

// Without returns the values that are not called name.
func (v Values) Without(name string) Values {
	var out Values
	for _, p := range v {
		if p.Name != name {
			out = append(out, p)
		}
	}
	return out
}

// Encode returns the values in the format that [ParseValues] reads.
func (v Values) Encode() string {
	var b strings.Builder
	for i, p := range v {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escapeValue(p.Name))
		b.WriteByte('=')
		b.WriteString(escapeValue(p.Value))
	}
	return b.String()
}

func escapeValue(s string) string {
	s = escape(s, func(c byte) bool {
		return isAlphanumeric(c) || strings.IndexByte("*-._ ", c) >= 0
	})
	return strings.ReplaceAll(s, " ", "+")
}

// Values returns the values of the query; for the error see [ParseValues].
func (r Request) Values() (Values, error) { return ParseValues(r.Query) }

// WithQuery returns the request with these values as its query.
func (r Request) WithQuery(v Values) Request {
	r.Query = v.Encode()
	return r
}

// ValueAs returns the first value called name as a T, which may be what
// [ParamAs] can read. If there is none, or it can't be read as a T, the error
// is an [*Error] of status 400. What a checkbox without a value sends, "on", is no
// bool: give it the value "true".
func ValueAs[T any](v Values, name string) (T, error) {
	var t T
	text, ok := v.Lookup(name)
	if !ok {
		return t, &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("the value %q is missing", name)}
	}
	if err := parseText(text, &t); err != nil {
		return t, &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("the value %q %s", name, misread(t)), Err: clippedError{err}}
	}
	return t, nil
}

// ValueOr is [ValueAs] for a value that may be missing: fallback is returned if
// there is none, or an empty one, which is how a form sends a field that was left
// empty. A value that can't be read as a T is still an error.
func ValueOr[T any](v Values, name string, fallback T) (T, error) {
	if v.Get(name) == "" {
		return fallback, nil
	}
	return ValueAs[T](v, name)
}
