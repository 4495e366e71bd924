package raxx

import "testing"

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
