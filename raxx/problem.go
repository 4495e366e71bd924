package raxx

import (
	"bytes"
	"encoding/json"
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
	// Status is the status of the response. If zero, that has the status 500; by
	// itself MarshalJSON then writes none.
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
	data, err := p.MarshalJSON()
	if err != nil {
		return Problem(StatusInternalServerError, "").WithCause(err)
	}
	return Reply(p.Status, "application/problem+json", dataOf(data))
}

// MarshalJSON writes the members in the order of RFC 9457, Section 3.1, and the
// extensions behind them.
func (p ProblemDetails) MarshalJSON() ([]byte, error) {
	if p.Type == "about:blank" {
		p.Type = ""
	}
	if p.Type == "" && p.Title == "" {
		p.Title = StatusText(p.Status)
	}
	w := newObjectWriter()
	w.text("type", p.Type)
	w.text("title", p.Title)
	if p.Status != 0 {
		w.member("status", p.Status)
	}
	w.text("detail", p.Detail)
	w.text("instance", p.Instance)
	for _, name := range slices.Sorted(maps.Keys(p.Extensions)) {
		if !isProblemMember(name) {
			w.member(name, p.Extensions[name])
		}
	}
	return w.end()
}

// isProblemMember reports whether RFC 9457, Section 3.1 gives name a meaning.
func isProblemMember(name string) bool {
	switch name {
	case "type", "title", "status", "detail", "instance":
		return true
	}
	return false
}

// An objectWriter writes a JSON object member by member.
type objectWriter struct {
	buf bytes.Buffer
	enc *json.Encoder
	err error // the first one
}

func newObjectWriter() *objectWriter {
	w := &objectWriter{}
	w.buf.WriteByte('{')
	w.enc = newEncoder(&w.buf)
	return w
}

// text writes a member, unless it is empty.
func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.member(name, value)
	}
}

func (w *objectWriter) member(name string, value any) {
	if w.buf.Len() > len("{") {
		w.buf.WriteByte(',')
	}
	w.value(name)
	w.buf.WriteByte(':')
	w.value(value)
}

func (w *objectWriter) value(v any) {
	if w.err != nil {
		return
	}
	if w.err = w.enc.Encode(v); w.err == nil {
		w.buf.Truncate(w.buf.Len() - 1) // the newline
	}
}

func (w *objectWriter) end() ([]byte, error) {
	w.buf.WriteByte('}')
	return w.buf.Bytes(), w.err
}
