// Package nethttptest proves package nethttp by what others have written for
// net/http: its own handlers and frameworks run under ace, over HTTP/1.1 and
// HTTP/2, and answer as they do under an http.Server. It is a module of its own, so
// that nobody who uses raxx depends on them. There are only tests.
package nethttptest
