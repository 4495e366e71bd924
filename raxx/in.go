package raxx

import (
	"errors"
	"fmt"
	"strings"
)

// In makes a handler of a function that takes the body of the request as a T,
// decoded from JSON and checked. Before the function is called, In answers
//
//   - 415 if the content type is neither application/json nor ends in +json, or
//     names a charset other than UTF-8 (RFC 8259, Section 8.1),
//   - 413 if the body is longer than limit bytes; for limit see [ReadAll], and
//     [Complete] for a body that does not arrive whole,
//   - 400 if [DecodeJSON] refuses the body, or it is null,
//   - 422 if T or *T has a method Validate() error and that returns an error.
//     An [Invalid] is sent with the paths of its fields, an [*Error] as itself,
//     and of any other error the text is sent: write it for the client.
//
// Each of these errors, and one that the function returns, becomes a response as
// [Try] says, which is given mapErr.
//
// A router has read the body before, up to the limit of the route, and that limit
// is what bounds the memory. On a route that is streamed, In reads the body itself.
func In[T any](limit int64, h func(Request, T) (Response, error), mapErr ...func(error) Response) Handler {
	return Try(func(r Request) (Response, error) {
		var v T
		if err := readJSON(r, limit, &v); err != nil {
			return Response{}, err
		}
		if err := validate(&v, v); err != nil {
			return Response{}, err
		}
		return h(r, v)
	}, mapErr...)
}

// readJSON reads the body of r into v.
func readJSON(r Request, limit int64, v any) error {
	if err := wantJSON(r); err != nil {
		return err
	}
	data, err := readBody(r.Body, limit)
	if err != nil {
		return err
	}
	if strings.Trim(string(data), jsonSpace) == "null" {
		return &Error{Status: StatusBadRequest, Detail: "the body is null"}
	}
	return DecodeJSON(data, v)
}

// wantJSON reports what keeps the body of r from being JSON.
func wantJSON(r Request) error {
	m, ok := r.MediaType()
	if !ok || m.Essence() != "application/json" && !strings.HasSuffix(m.Subtype, "+json") {
		return unsupported("application/json")
	}
	if charset, ok := m.Param("charset"); ok && !strings.EqualFold(charset, "utf-8") {
		return &Error{Status: StatusUnsupportedMediaType, Detail: "the charset of JSON is utf-8 (RFC 8259, 8.1)"}
	}
	return nil
}

// validate asks the first of the candidates that can validate itself.
func validate(candidates ...any) error {
	for _, c := range candidates {
		if v, ok := c.(interface{ Validate() error }); ok {
			return unprocessable(v.Validate())
		}
	}
	return nil
}

// unprocessable gives the error of a validation the status 422, unless it says
// by itself what it deserves.
func unprocessable(err error) error {
	var fault *Error
	var invalid Invalid
	switch {
	case err == nil, errors.As(err, &fault):
		return err
	case errors.As(err, &invalid):
		if len(invalid) == 0 {
			return nil
		}
		return err
	}
	return &Error{Status: StatusUnprocessableContent, Detail: err.Error(), Err: err}
}

// A FieldFault says what is wrong with one field of a JSON text.
type FieldFault struct {
	// Pointer is the path to the field: a JSON pointer in the form of a URI
	// fragment (RFC 6901, Section 6), such as "#/items/0/age".
	Pointer string `json:"pointer"`
	// Detail says what is wrong, for the client.
	Detail string `json:"detail"`
}

// Invalid is the error that lists every fault of an input; a Validate method
// may return it. An empty list is no fault: end with "return faults.Err()".
type Invalid []FieldFault

// Err returns the list as an error, or nil if it is empty.
func (i Invalid) Err() error {
	if len(i) == 0 {
		return nil
	}
	return i
}

// Error names every field and its fault.
func (i Invalid) Error() string {
	texts := make([]string, len(i))
	for k, f := range i {
		texts[k] = fmt.Sprintf("%s %s", f.Pointer, f.Detail)
	}
	return "invalid: " + strings.Join(texts, "; ")
}

// Response returns a problem of status 422 with the list in its member
// "errors", as RFC 9457, Section 3 shows it.
func (i Invalid) Response() Response {
	return ProblemDetails{
		Status:     StatusUnprocessableContent,
		Extensions: map[string]any{"errors": i},
	}.Response()
}
