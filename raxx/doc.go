// Package raxx says what an HTTP application is: a function from a request to a
// response, both of them values.
//
//	func hello(req raxx.Request) raxx.Response {
//		return raxx.Text(200, "Hello, "+req.Params.Get("name"))
//	}
//
// # Model
//
// An exchange is two messages, and each message is parts in order: a head, any
// number of data, and a tail.
//
//	client ── Request, Data…, Tail ──▶ Handler
//	client ◀── Response, Data…, Tail ── Handler
//
// Where all parts are known, the head holds the others: [Request] and
// [Response] are whole messages, with a body of [Data] and a trailer. Where
// they are not, the body is a [Stream], which yields the data as it comes and
// knows the trailer at its end. The same types serve both directions.
//
// A [Handler] answers; a [Middleware] makes a handler of a handler; a server
// calls one. That is all there is between an application and a server, so a
// test is a comparison:
//
//	got := hello(raxx.Get("/").WithParams(raxx.Param{Name: "name", Value: "Ada"}))
//	diff := cmp.Diff(raxx.Text(200, "Hello, Ada"), got)
//
// # Levels
//
// Climb only as far as you have to:
//
//   - a function of type [Handler],
//   - [Try], for functions that return an error, too,
//   - [In], for functions that take a body of JSON, decoded and checked,
//   - [Stream], for bodies that are not complete before they are sent. [Copy],
//     [NewReader] and [StreamFrom] lead to and from package io,
//   - [Machine], for whatever waits for more than its own next chunk: messages,
//     timers, or what the client sends meanwhile.
//
// What should happen besides a reply is a value, too: an [Effect], in
// [Response.Do] or among the parts of a machine.
//
// # Values
//
// Nothing here changes behind your back. Requests and responses own their memory:
// keep them, share them between goroutines, compare them with cmp.Diff without any
// option. Methods that begin with With, Add or Without return a changed copy. Empty
// lists are nil. A middleware hands on what it knows under a [Key].
//
// Errors that a client caused are [*Error]: they know the status that they deserve
// and the rule that was broken. Nothing that a client sends makes a function of
// this package panic. Constructors panic with a [*FieldError] or a [*CookieError]
// if the application hands them what would split the message; [CheckField] and
// [Cookie.Check] say so beforehand.
//
// # Limits
//
// A function that reads what a client sends takes a limit, or has one that its
// documentation names: [DefaultBodyLimit], [MaxValues], [MaxCookies], [MaxRanges],
// [MultipartLimits]. [Chunks], [NewReader] and [Collect] have none.
//
// # What it refuses to do
//
// It opens no socket, knows no net/http and starts no goroutine; servers do. It
// does not route, log, or render templates. It does not change what was sent:
// no path is cleaned, no field is repaired, no body is decoded unasked.
package raxx
