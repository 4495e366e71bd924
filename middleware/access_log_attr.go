package middleware

import (
	"log/slog"
	"reflect"
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
// [AccessLog] writes of it: something that only code further in knows, such as the
// user or the route. The value is of any type that package slog writes; it is for
// people, so leave out what is secret.
//
//	return middleware.AddLogAttr(raxx.NoContent(), "order", id)
//
// A middleware that adds an attribute to all replies behind it adds it to the value
// that the handler has returned, and needs no [raxx.OnHead] for it:
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
		attrs = append(attrs, slog.Attr{Key: a.name, Value: boundedAttr(slog.AnyValue(a.value).Resolve())})
	}
	return attrs
}

// boundedAttr returns v, or what a line has room for of a text: a string of whatever
// type, or an error, which may repeat what a client has sent.
func boundedAttr(v slog.Value) slog.Value {
	text := ""
	switch v.Kind() {
	case slog.KindString:
		text = v.String()
	case slog.KindAny:
		of := reflect.ValueOf(v.Any())
		err, isError := v.Any().(error)
		switch {
		case of.Kind() == reflect.String:
			text = of.String()
		case isError && !(of.Kind() == reflect.Pointer && of.IsNil()):
			text = err.Error()
		}
	}
	if len(text) > maxAccessValue {
		return slog.StringValue(clipAccess(text))
	}
	return v
}
