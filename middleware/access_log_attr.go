package middleware

import (
	"log/slog"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A logAttr is what the application adds to the line of a request.
type logAttr struct {
	name  string
	value any
}

var logNote = raxx.NewKey[logAttr]("access log")

// AddLogAttr returns the response with one more attribute for the line that an
// [AccessLog] writes of it: what stands further in knows, such as the user or the
// route. The value is of any type that package slog writes; it is for people, so
// leave out what is secret.
//
//	return middleware.AddLogAttr(raxx.NoContent(), "order", id)
//
// A middleware that says something of all replies behind it does so of the value that
// the handler has returned, and needs no raxx.OnHead for it:
//
//	func logRoute(next raxx.Handler) raxx.Handler { // router.Config.Middleware
//		return func(req raxx.Request) raxx.Response {
//			return middleware.AddLogAttr(next(req), "route", req.Pattern)
//		}
//	}
//
// It is a [raxx.Note]: where there is no AccessLog further out, the response can't be
// sent.
func AddLogAttr(resp raxx.Response, name string, value any) raxx.Response {
	return resp.WithDo(logNote.Note(logAttr{name, value}))
}

// heard takes out of a response what was said for the line, and reports whether there
// was something.
func (e *accessEntry) heard(resp *raxx.Response) bool {
	said, rest := logNote.Take(*resp)
	if said == nil {
		return false
	}
	*resp, e.said = rest, slices.Concat(e.said, said) // other states of a machine keep theirs
	return true
}

// unheard takes it out for nobody.
func unheard(resp raxx.Response) raxx.Response {
	_, resp = logNote.Take(resp)
	return resp
}

// appendSaid appends the attributes of the application.
func (e *accessEntry) appendSaid(attrs []slog.Attr) []slog.Attr {
	for _, a := range e.said {
		attr := slog.Any(a.name, a.value)
		if attr.Value.Kind() == slog.KindString {
			attr.Value = slog.StringValue(clipAccess(attr.Value.String()))
		}
		attrs = append(attrs, attr)
	}
	return attrs
}
