package middleware

import (
	"errors"

	"github.com/raxx-go/raxx/raxx"
)

// undecided returns the answer to a request on which a function of the application
// could not decide: that of a [*raxx.Error], or else 503. Nobody is told that the
// answer is no, since nobody knows.
func undecided(err error, detail string) raxx.Response {
	var fault *raxx.Error
	if errors.As(err, &fault) {
		return fault.Response().WithCause(err)
	}
	return raxx.Problem(raxx.StatusServiceUnavailable, detail).WithCause(err)
}
