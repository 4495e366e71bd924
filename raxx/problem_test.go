package raxx

import (
	"errors"
	"testing"
)

func TestProblem(t *testing.T) {
	tests := []struct {
		name   string
		got    Response
		status int
		body   Data
	}{
		{"the status says all", Problem(404, ""), 404, `{"title":"Not Found","status":404}`},
		{"a detail", Problem(400, `no "x" < y`), 400, `{"title":"Bad Request","status":400,"detail":"no \"x\" < y"}`},
		{"a status without a name", Problem(499, ""), 499, `{"status":499}`},
		{"no status", ProblemDetails{}.Response(), 500, `{"title":"Internal Server Error","status":500}`},
		{"bytes that are no UTF-8", Problem(400, "\xff"), 400, `{"title":"Bad Request","status":400,"detail":"\ufffd"}`},
		{"about:blank is left out", ProblemDetails{Type: "about:blank", Status: 403, Title: "No"}.Response(), 403,
			`{"title":"No","status":403}`},
		{"a type has its own title", ProblemDetails{Type: "/p", Status: 403}.Response(), 403, `{"type":"/p","status":403}`},
		{"all members in order, extensions by name",
			ProblemDetails{
				Type: "/p", Title: "T", Status: 403, Detail: "D", Instance: "/i",
				Extensions: map[string]any{"b": []int{1}, "a": nil, "status": 200, "type": "x", "title": "x", "detail": "x", "instance": "x"},
			}.Response(), 403,
			`{"type":"/p","title":"T","status":403,"detail":"D","instance":"/i","a":null,"b":[1]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, Response{Status: tt.status, Header: Header{{"content-type", "application/problem+json"}}, Body: tt.body}, tt.got)
		})
	}
}

func TestProblemDetailsAsJSON(t *testing.T) {
	diff(t, Data(`[{},{"title":"Gone","status":410}]`), asData(JSON(200, []ProblemDetails{{}, {Status: 410}}).Body))
}

func TestProblemThatCannotBeMarshalled(t *testing.T) {
	resp := ProblemDetails{Status: 403, Extensions: map[string]any{"f": func() {}, "g": 1}}.Response()
	if resp.Cause.Err() == nil {
		t.Error("there is no cause")
	}
	diff(t, Problem(500, ""), resp.WithCause(nil))
}

func TestError(t *testing.T) {
	err := &Error{Status: 404, Detail: "no such user", Err: errCut}
	diff(t, "404 Not Found: no such user: connection reset", err.Error())
	diff(t, Problem(404, "no such user").WithCause(err), err.Response())
	diff(t, true, errors.Is(err, errCut))
	diff(t, true, err.Equal(Error{404, "no such user", nil, errors.New("connection reset")}))
	diff(t, false, err.Equal(Error{404, "no such user", nil, nil}))
	diff(t, false, err.Equal(Error{404, "no such user", Header{{"a", "b"}}, errCut}))
	diff(t, "500 Internal Server Error", (&Error{Status: 500}).Error())
}

func TestErrorWithHeader(t *testing.T) {
	challenge := Header{{"www-authenticate", "Basic"}}
	err := &Error{Status: 401, Header: challenge}
	diff(t, Problem(401, "").With("www-authenticate", "Basic").WithCause(err), err.Response())
	diff(t, Header{{"www-authenticate", "Basic"}}, challenge)
}

func TestCause(t *testing.T) {
	wrapped := &Error{Status: 400, Err: errCut}
	tests := []struct {
		name string
		x, y Cause
		want bool
	}{
		{"none", Cause{}, Cause{}, true},
		{"one", Cause{}, NewCause(errCut), false},
		{"the same text", NewCause(errCut), NewCause(errors.New("connection reset")), true},
		{"one wraps the other", NewCause(wrapped), NewCause(errCut), true},
		{"another", NewCause(errCut), NewCause(errors.New("x")), false},
		{"errors that can't be compared by ==", NewCause(Invalid{{"#/a", "b"}}), NewCause(Invalid{{"#/a", "b"}}), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, tt.x.Equal(tt.y))
			diff(t, tt.want, tt.y.Equal(tt.x))
		})
	}
	diff(t, "none", Cause{}.String())
	diff(t, "connection reset", NewCause(errCut).String())
}
