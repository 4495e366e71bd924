package raxx

import (
	"errors"
	"fmt"
	"testing"
)

func TestTry(t *testing.T) {
	errMine := errors.New("mine")
	mine := func(err error) Response {
		if errors.Is(err, errMine) {
			return Problem(409, "")
		}
		return Response{}
	}
	withCause := func(error) Response { return Text(418, "").WithCause(errCut) }
	notFound := &Error{Status: 404, Detail: "no such user"}
	invalid := Invalid{{"#/age", "must not be negative"}}
	type mappers = []func(error) Response
	tests := []struct {
		name string
		err  error
		maps mappers
		want Response
	}{
		{"no error", nil, nil, Text(200, "kept")},
		{"an error with a status", notFound, nil, Problem(404, "no such user").WithCause(notFound)},
		{"wrapped", fmt.Errorf("load: %w", notFound), nil, Problem(404, "no such user").WithCause(errors.New("load: 404 Not Found: no such user"))},
		{"an invalid input", fmt.Errorf("in: %w", invalid), nil, invalid.Response().WithCause(errors.New("in: invalid: #/age must not be negative"))},
		{"any other says nothing", errCut, nil, Problem(500, "").WithCause(errCut)},
		{"mapped", fmt.Errorf("x: %w", errMine), mappers{mine}, Problem(409, "").WithCause(errMine)},
		{"not mapped", errCut, mappers{mine, mine}, Problem(500, "").WithCause(errCut)},
		{"mapped by the second", errCut, mappers{mine, withCause}, Text(418, "").WithCause(errCut)},
		{"a cause that was set stays", errMine, mappers{withCause, mine}, Text(418, "").WithCause(errCut)},
		{"an error without a status", &Error{}, nil, Problem(500, "").WithCause(&Error{})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Try(func(Request) (Response, error) { return Text(200, "kept"), tt.err }, tt.maps...)
			diff(t, tt.want, h(Get("/")))
		})
	}
}
