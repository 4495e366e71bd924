package raxx

import (
	"errors"
	"testing"
)

type newUser struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

func (u newUser) Validate() error {
	var faults Invalid
	switch u.Name {
	case "":
		faults = append(faults, FieldFault{"#/name", "must not be empty"})
	case "taken":
		return &Error{Status: 409, Detail: "the name is taken"}
	case "plain":
		return errors.New("the name is too plain")
	}
	if u.Age < 0 {
		faults = append(faults, FieldFault{"#/age", "must not be negative"})
	}
	return faults // also when it is empty
}

// byPointer has its Validate on the pointer, and changes what it checks.
type byPointer struct{ Name string }

func (p *byPointer) Validate() error {
	p.Name += "!"
	return nil
}

func TestIn(t *testing.T) {
	h := In(30, func(_ Request, u newUser) (Response, error) {
		if u.Name == "late" {
			return Response{}, &Error{Status: 503}
		}
		return Text(201, u.Name), nil
	})
	plain := errors.New("the name is too plain")
	refuse := func(status int, detail string) Response {
		return (&Error{Status: status, Detail: detail}).Response()
	}
	tests := []struct {
		name, contentType string
		body              Body
		want              Response
	}{
		{"accepts", "application/json", Data(`{"name":"Ada"}`), Text(201, "Ada")},
		{"accepts a stream", "application/json; charset=UTF-8", streamOf(`{"name":`, `"Ada"}`), Text(201, "Ada")},
		{"accepts +json", "application/vnd.user+json", Data(`{"name":"Ada"}`), Text(201, "Ada")},
		{"hands on the error", "application/json", Data(`{"name":"late"}`), refuse(503, "")},
		{"refuses another type", "text/plain", Data(`{}`), unsupported("application/json").Response()},
		{"refuses a malformed type", "json", Data(`{}`), unsupported("application/json").Response()},
		{"refuses another charset", "application/json; charset=latin1", Data(`{}`), refuse(415, "the charset of JSON is utf-8 (RFC 8259, 8.1)")},
		{"refuses what is too long", "application/json", Data(`{"name":"0123456789012345678901"}`), tooLarge(30).Response()},
		{"refuses a body that was cut", "application/json", NewStream(-1, chunksOf(errCut, `{`)),
			Problem(400, "the body did not arrive whole").WithCause(errCut)},
		{"refuses nothing", "application/json", nil, refuse(400, "the body is empty; it should be JSON")},
		{"refuses null", "application/json", Data(" null\n"), refuse(400, "the body is null")},
		{"refuses what is malformed", "application/json", Data(`{"nome":"x"}`), refuse(400, `the field "nome" is not known`)},
		{"refuses what is invalid", "application/json", Data(`{"age":-1}`), ProblemDetails{
			Status: 422,
			Extensions: map[string]any{"errors": []FieldFault{
				{"#/name", "must not be empty"}, {"#/age", "must not be negative"},
			}},
		}.Response().WithCause(Invalid{{"#/name", "must not be empty"}, {"#/age", "must not be negative"}})},
		{"lets a validation choose the status", "application/json", Data(`{"name":"taken"}`), refuse(409, "the name is taken")},
		{"sends the text of a validation", "application/json", Data(`{"name":"plain"}`),
			Problem(422, "the name is too plain").WithCause(plain)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := h(Post("/", tt.contentType, tt.body))
			if tt.want.Cause.Err() == nil || got.Cause.Err() == nil || tt.want.Cause.Equal(got.Cause) {
				diff(t, tt.want, got)
				return
			}
			// An error of In that wraps another is compared by its detail.
			diff(t, tt.want.WithCause(nil), got.WithCause(nil))
		})
	}
}

func TestInWithoutContentType(t *testing.T) {
	h := In(0, func(Request, newUser) (Response, error) { return NoContent(), nil })
	diff(t, 415, h(New("POST", "/", Data(`{}`))).Status)
	twice := Post("/", "application/json", Data(`{}`)).Add("content-type", "application/json")
	diff(t, 415, h(twice).Status)
}

func TestInMapsErrors(t *testing.T) {
	errTaken := errors.New("taken")
	mapErr := func(err error) Response {
		var fault *Error
		switch {
		case errors.Is(err, errTaken):
			return Problem(409, "")
		case errors.As(err, &fault):
			return Text(fault.Status, "mine")
		}
		return Response{}
	}
	h := In(0, func(Request, newUser) (Response, error) { return Response{}, errTaken }, mapErr)
	diff(t, Problem(409, "").WithCause(errTaken), h(Post("/", "application/json", Data(`{"name":"Ada"}`))))
	diff(t, Text(400, "mine"), h(Post("/", "application/json", Data("{"))).WithCause(nil))
}

func TestInValidatesByPointer(t *testing.T) {
	value := In(0, func(_ Request, p byPointer) (Response, error) { return Text(200, p.Name), nil })
	pointer := In(0, func(_ Request, p *byPointer) (Response, error) { return Text(200, p.Name), nil })
	for _, h := range []Handler{value, pointer} {
		diff(t, Text(200, "a!"), h(Post("/", "application/json", Data(`{"Name":"a"}`))))
	}
}

func TestInWithoutValidate(t *testing.T) {
	h := In(0, func(_ Request, v map[string]int) (Response, error) { return JSON(200, v), nil })
	diff(t, JSON(200, map[string]int{"a": 1}), h(Post("/", "application/json", Data(`{"a":1}`))))
}

func TestInvalid(t *testing.T) {
	diff(t, nil, Invalid(nil).Err())
	diff(t, "invalid: #/a b; #/c d", Invalid{{"#/a", "b"}, {"#/c", "d"}}.Err().Error())
	diff(t, Data(`{"title":"Unprocessable Content","status":422,"errors":[{"pointer":"#/a","detail":"b"}]}`),
		asData(Invalid{{"#/a", "b"}}.Response().Body))
}
