package raxx

import (
	"maps"
	"slices"
)

// Problem returns a response that says what went wrong, in the format of RFC
// 9457: application/problem+json with the status, its name as the title, and
// detail, a sentence for the client, unless it is empty. The detail may hold
// any text: it is escaped.
func Problem(status int, detail string) Response {
	return ProblemDetails{Status: status, Detail: detail}.Response()
}

// ProblemDetails are the members of a problem (RFC 9457, Section 3.1). Members
// that are empty are not sent.
type ProblemDetails struct {
	// Type is a URI for this kind of problem; empty is "about:blank", a
	// problem that its status says all about.
	Type string
	// Title names the kind of problem. If it and Type are empty, it is the
	// name of the status.
	Title string
	// Status is the status of the response. If zero, 500.
	Status int
	// Detail is a sentence about this occurrence, for the client.
	Detail string
	// Instance is a URI for this occurrence.
	Instance string
	// Extensions are further members (RFC 9457, Section 3.2), sent in the
	// order of their names. One that is called as a member above is left out.
	Extensions map[string]any
}

// Response returns the problem as a response. If an extension can't be
// marshalled, it is the response that [JSON] gives then.
func (p ProblemDetails) Response() Response {
	if p.Status == 0 {
		p.Status = StatusInternalServerError
	}
	return jsonReply(p.Status, "application/problem+json", p)
}

// MarshalJSON writes the members in the order of RFC 9457, Section 3.1, and the
// extensions behind them.
func (p ProblemDetails) MarshalJSON() ([]byte, error) {
	names, values := p.members()
	out := []byte{'{'}
	for i, name := range names {
		key, err := marshalJSON(name)
		if err != nil {
			return nil, err
		}
		value, err := marshalJSON(values[i])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// members returns what is to be sent, in order.
func (p ProblemDetails) members() (names []string, values []any) {
	blank := p.Type == "" || p.Type == "about:blank"
	if blank {
		p.Type = ""
	}
	if blank && p.Title == "" {
		p.Title = StatusText(p.Status)
	}
	add := func(name string, value any, empty bool) {
		if !empty {
			names, values = append(names, name), append(values, value)
		}
	}
	add("type", p.Type, p.Type == "")
	add("title", p.Title, p.Title == "")
	add("status", p.Status, p.Status == 0)
	add("detail", p.Detail, p.Detail == "")
	add("instance", p.Instance, p.Instance == "")
	for _, name := range slices.Sorted(maps.Keys(p.Extensions)) {
		add(name, p.Extensions[name], isProblemMember(name))
	}
	return names, values
}

// isProblemMember reports whether RFC 9457, Section 3.1 gives name a meaning.
func isProblemMember(name string) bool {
	switch name {
	case "type", "title", "status", "detail", "instance":
		return true
	}
	return false
}
