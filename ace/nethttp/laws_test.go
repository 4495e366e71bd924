package nethttp_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx/raxxtest"
)

// recording is a ResponseWriter as middleware that logs puts in front of its own.
type recording struct {
	http.ResponseWriter
	status, written int
}

func (r *recording) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recording) Write(p []byte) (int, error) {
	r.written += len(p)
	return r.ResponseWriter.Write(p)
}

func (r *recording) Unwrap() http.ResponseWriter { return r.ResponseWriter }

type ctxKey struct{}

// Every middleware of net/http that does not hold back content keeps to the laws.
func TestFromMiddlewareKeepsTheLaws(t *testing.T) {
	for name, mw := range map[string]func(http.Handler) http.Handler{
		"one that does nothing": func(next http.Handler) http.Handler { return next },
		"one that sets a field": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Frame-Options", "DENY")
				w.Header().Add("Set-Cookie", "c=3")
				next.ServeHTTP(w, r)
			})
		},
		"one that strips a prefix": func(next http.Handler) http.Handler { return http.StripPrefix("/law", next) },
		"one with values in the context": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancel(context.WithValue(r.Context(), ctxKey{}, 1))
				defer cancel()
				next.ServeHTTP(w, r.Clone(ctx))
			})
		},
		"one that changes the body": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
				next.ServeHTTP(w, r)
			})
		},
		"one with a ResponseWriter of its own": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(&recording{ResponseWriter: w}, r)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var options []raxxtest.LawOption
			if name == "one that changes the body" {
				options = append(options, raxxtest.Completes()) // for machines
			}
			raxxtest.Laws(t, nethttp.FromMiddleware(mw), options...)
		})
	}
}
