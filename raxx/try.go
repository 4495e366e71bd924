package raxx

import (
	"errors"
	"slices"
)

// Try makes a handler of a function that may fail. An error becomes a response:
//
//   - the functions mapErr are asked in turn; the first one that returns a
//     response with a status decides,
//   - else an [*Error] gives its own response,
//   - else an [Invalid] gives 422 with its list,
//   - else it is a problem of status 500 that says nothing about the error.
//
// An [*Error] or [Invalid] is found also where it is wrapped. In every case the
// error rides along as the cause of the response, for logs and traces, unless
// mapErr set one. The response that came with an error is dropped.
//
// So a test that compares the response of an error says which it expects,
//
//	want := raxx.Problem(404, "there is no such user").WithCause(errNoUser)
//
// or compares got.WithCause(nil).
func Try(h func(Request) (Response, error), mapErr ...func(error) Response) Handler {
	mapErr = append(slices.Clip(mapErr), errorResponse) // a copy
	return func(r Request) Response {
		resp, err := h(r)
		if err == nil {
			return resp
		}
		for _, f := range mapErr {
			if resp = f(err); resp.Status != 0 {
				break
			}
		}
		if resp.Cause.Err() == nil {
			resp = resp.WithCause(err)
		}
		return resp
	}
}

// errorResponse returns the response that an error deserves.
func errorResponse(err error) Response {
	var fault *Error
	if errors.As(err, &fault) {
		return fault.Response().WithCause(err)
	}
	var invalid Invalid
	if errors.As(err, &invalid) {
		return invalid.Response().WithCause(err)
	}
	return Problem(StatusInternalServerError, "").WithCause(err)
}
