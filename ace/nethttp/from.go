package nethttp

import (
	"net/http"

	"github.com/raxx-go/raxx/raxx"
)

// FromHTTP returns a handler that runs h, under any server of raxx.
//
// h runs on a goroutine of its own, while the server's waits for it. What it
// writes is gathered: if it returns before it has written more than 32 KiB, or has
// flushed, its response is complete, with a body of [raxx.Data]; so is one of a
// status that has no content, whatever is flushed. Else the response is a
// [raxx.Stream], and h waits in its Write and Flush until the client has
// taken what it has written before. The context of the request ends when h has
// returned, when the client has gone away, and when nobody takes the reply;
// writes fail then.
//
// The http.ResponseWriter is an http.Flusher, an io.ReaderFrom and an
// io.StringWriter; http.ResponseController can flush it, set its write deadline and
// enable full duplex, which is always on. It is no http.Hijacker, and there are no
// read deadlines: both are http.ErrNotSupported. So an httputil.ReverseProxy passes
// on no WebSockets, as [FromTransport] does: what is behind it sees a request
// without an upgrade. A type is found for content that has none, as net/http does
// it, and trailers may be declared or have the prefix.
//
// A body that breaks off ends with io.ErrUnexpectedEOF over HTTP/1.1; one that stops
// coming with a net.Error that is a time-out, when the server waits no longer: an
// ace.Server does so by itself (ProgressTimeout), where one of net/http waits for ever.
//
// Date and Content-Length are sent also where h sets them to nil to leave them out.
// OPTIONS of "*" reaches h, as under an http.Server with
// DisableGeneralOptionsHandler; a path that package net/url can't read is answered
// with 400; files of its MultipartForm are removed when it has returned, over
// HTTP/2, too.
//
// An interim response ([http.StatusEarlyHints]) is sent if all that the client had
// to send of its request was read, or there was no body; else it is left out. 100
// is sent by the server.
//
// A panic of h becomes one of the handler, with a [*PanicError], or of its stream.
// http.ErrAbortHandler breaks the reply off: the client sees that it is not whole,
// or a 500 if nothing of it was there. If h breaks off, or answers with 500 or
// more, when its context has ended, as a proxy does whose client has left, the
// cause of the response is the error of the context: for a log, that is no error.
//
// Of the request, the order of its fields is lost, and the local address in the
// context; the http.Server there is one that serves nothing. Its fields connection
// (unless that names others), keep-alive, proxy-connection and transfer-encoding have
// been taken out by the server. What middleware has set under a [raxx.Key] is found in the context, by
// Key.From; the parameters of a route are path values. Behind a router put it into
// a router.Mount, or onto a route that is Streamed: on any other the body has been
// read before, up to the limit of the route.
func FromHTTP(h http.Handler) raxx.Handler {
	if h == nil {
		panic("nethttp: FromHTTP of a nil Handler")
	}
	server := &http.Server{Handler: h}
	return func(req raxx.Request) raxx.Response {
		c, r, err := newCall(req, server)
		if err != nil {
			return raxx.Problem(raxx.StatusBadRequest, "the path can't be read").WithCause(err)
		}
		go c.run(h, r)
		return c.answer()
	}
}

// FromMiddleware returns a middleware that does what mw does. It is lossless for
// whatever does not hijack: streams, files, machines, deferred heads, effects,
// trailers, causes and values of the request get through.
//
// Where mw hands on the http.ResponseWriter that it was given, the response of the
// handler passes as the value that it is, below the fields that mw has set before.
// A middleware that puts an http.ResponseWriter of its own in between gets the
// response through that one, piece by piece, flushed where the handler's own pieces
// end; a machine is then stepped on the goroutine of mw, which an exchange keeps
// as long as it lasts. Interim responses and the bytes of another protocol go past
// it.
//
// What a router of raxx has found out is in the pattern and the path values of the
// http.Request. A middleware that counts by pattern belongs in
// router.Config.Middleware: further out it never sees the pattern, also not when
// the reply has come.
//
// mw returns when the reply has come to its end, as it does in net/http. So a
// context that it has put around the request lives as long.
//
// If mw replaces the body of the request and the handler answers with a machine,
// the machine gets what mw makes of the body whole, after its [raxx.Open], and not
// as it comes. More than [raxx.DefaultBodyLimit] is answered with 413.
func FromMiddleware(mw func(http.Handler) http.Handler) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return FromHTTP(mw(ToHTTP(next, Config{})))
	}
}
