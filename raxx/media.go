package raxx

import (
	"fmt"
	"strings"
)

// A MediaType says what a body is, such as text/html with the parameter charset
// (RFC 9110, Section 8.3.1). Type, Subtype and the names of the parameters are
// in lower case.
type MediaType struct {
	Type, Subtype string
	Params        []Pair
}

// maxParams is how many parameters are read: nobody sends as many, and the
// search for repeated names stays short.
const maxParams = 32

// ParseMediaType reads a media type, as it stands in a content-type field. It
// refuses a parameter that comes twice, and more than 32 parameters. The error is
// an [*Error] of status 400.
func ParseMediaType(s string) (MediaType, error) {
	essence, rest := cutParams(s)
	kind, subtype, ok := strings.Cut(essence, "/")
	if !ok || !IsToken(kind) || !IsToken(subtype) {
		return MediaType{}, mediaFault(s, "a type and a subtype with \"/\" between them")
	}
	params, reason := parseParams(rest, false)
	if reason != "" {
		return MediaType{}, mediaFault(s, reason)
	}
	return MediaType{strings.ToLower(kind), strings.ToLower(subtype), params}, nil
}

func mediaFault(s, want string) error {
	return &Error{Status: StatusBadRequest, Detail: fmt.Sprintf("%q is no media type: wanted %s (RFC 9110, 8.3.1)", clip(s), want)}
}

// Essence returns type and subtype without the parameters: "text/html".
func (m MediaType) Essence() string { return m.Type + "/" + m.Subtype }

// Param returns the value of the parameter called name, in lower case, and
// reports whether there is one.
func (m MediaType) Param(name string) (string, bool) { return Values(m.Params).Lookup(name) }

// String returns the media type as it stands in a field, with quotes around a
// value where they are needed.
func (m MediaType) String() string {
	var b strings.Builder
	b.WriteString(m.Essence())
	for _, p := range m.Params {
		b.WriteString("; " + p.Name + "=")
		if IsToken(p.Value) {
			b.WriteString(p.Value)
		} else {
			b.WriteString(quote(p.Value))
		}
	}
	return b.String()
}

// MediaType returns the media type of the body, and reports whether there is
// exactly one content-type field and it holds a media type.
func (r Request) MediaType() (MediaType, bool) {
	value, ok := single(r.Header, "content-type")
	if !ok {
		return MediaType{}, false
	}
	m, err := ParseMediaType(value)
	return m, err == nil
}
