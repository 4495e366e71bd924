package middleware

import (
	"context"

	"github.com/raxx-go/raxx/raxx"
)

// A Session is a value of type T that belongs to a browser and outlives the
// request: who is logged in, what is in the basket. Make one as a package
// variable, as a [raxx.Key]; it holds no secret and no state:
//
//	var session = middleware.NewSession[Account]("session")
//
// Handlers read it from the request and write it into the response. Both are
// values, so a handler stays a function from one to the other, and a test
// compares what it returned:
//
//	func login(req raxx.Request) raxx.Response {
//		...
//		return session.Set(raxx.SeeOther("/"), Account{Name: name})
//	}
//
//	want := session.Set(raxx.SeeOther("/"), Account{Name: "Ada"})
//	diff := cmp.Diff(want, login(req))
//
// What a handler writes is a [raxx.Note] in the response. The middleware that
// [Session.Middleware] makes takes it out, and turns it into a cookie, or into an
// entry of a store and a cookie. Only there are a secret, a random number, a clock
// and a store. From this follows:
//
//   - a response that is replaced by another one, such as an error page, changes no
//     session: a handler that fails has not logged anybody in;
//   - several things may be said of one session (a value and two flash messages):
//     it is written once;
//   - a deferred response changes the session when its head comes, and a machine
//     can't after that, as it can't set a cookie any more.
//
// The last value that was set counts. Of two requests at the same time, each begins
// with the value that was there, and the one that ends last wins: keep in the
// session who the user is, and in a database what several requests count.
type Session[T any] struct {
	state  raxx.Key[sessionState[T]]
	change raxx.Key[sessionChange[T]]
}

// A sessionState is what handlers see of a session.
type sessionState[T any] struct {
	id    string // "" where there is no value
	value T
	set   bool
}

// A sessionChange is what a handler says of a session.
type sessionChange[T any] struct {
	kind  sessionVerb
	value T
}

type sessionVerb uint8

const (
	sessionSet sessionVerb = iota
	sessionRenew
	sessionEnd
)

// NewSession makes a session. The name is for people, as that of a [raxx.Key].
func NewSession[T any](name string) Session[T] {
	return Session[T]{raxx.NewKey[sessionState[T]](name), raxx.NewKey[sessionChange[T]](name)}
}

// Get returns the value of the session, or the zero T if there is none.
func (s Session[T]) Get(req raxx.Request) T { return s.state.Get(req).value }

// Lookup returns the value of the session, and reports whether there is one.
func (s Session[T]) Lookup(req raxx.Request) (T, bool) {
	state := s.state.Get(req)
	return state.value, state.set
}

// From returns the value of the session in a context that came from
// [raxx.Request.Context], and reports whether there is one: for code that has only
// the context, such as a handler of package net/http.
func (s Session[T]) From(ctx context.Context) (T, bool) {
	state, _ := s.state.From(ctx)
	return state.value, state.set
}

// ID returns a text that belongs to the session for as long as it speaks for the
// same user, or "" if there is none. It is a secret that binds other things to the
// session, such as the tokens of [CSRF]: neither log nor send it.
func (s Session[T]) ID(req raxx.Request) string { return s.state.Get(req).id }

// Set returns the response with v as the value of the session. If there was none,
// it begins one. If v speaks for somebody else than before, the session gets a new
// identifier, so that nobody who knew the old one takes part in it: see
// [SessionConfig.Principal].
func (s Session[T]) Set(resp raxx.Response, v T) raxx.Response {
	return resp.WithDo(s.change.Note(sessionChange[T]{sessionSet, v}))
}

// Renew is Set with a new identifier and a new beginning of the session's
// lifetime in any case: for when the user has given the password once more, or
// changed it.
func (s Session[T]) Renew(resp raxx.Response, v T) raxx.Response {
	return resp.WithDo(s.change.Note(sessionChange[T]{sessionRenew, v}))
}

// End returns the response with the end of the session: the store forgets it, the
// browser is told to. Flash messages that were waiting are dropped, and those that
// the response itself brings are kept.
func (s Session[T]) End(resp raxx.Response) raxx.Response {
	return resp.WithDo(s.change.Note(sessionChange[T]{kind: sessionEnd}))
}

// With returns the request with v as the value of its session: what the middleware
// does, for tests of handlers that stand behind it. The identifier is "test".
func (s Session[T]) With(req raxx.Request, v T) raxx.Request {
	return s.state.Set(req, sessionState[T]{id: "test", value: v, set: true})
}

// Middleware returns the middleware that reads the session of every request and
// writes that of every response.
//
// It stands behind what limits, compresses and checks origins, and in front of
// CSRF and of whatever asks who the user is. Files that are the same for everybody
// are better served in front of it. It panics if the configuration can't be meant,
// or T can't be written as JSON.
//
// A cookie that is malformed, too old, sealed with another secret, or sent twice
// under the same name is no session: it fails closed. If the store can't be asked,
// the answer is 503, and the handler is not called, since it would take the user
// for a stranger, and what it then writes would end the session. If the session
// can't be written, because it is too large or the store fails, the answer is 500
// in place of the handler's; of a deferred response, only the status is 500.
//
// Responses get "vary: cookie", and those to a browser with a session
// "cache-control: private" unless they say something else, so that no cache gives
// one user's page to another. A response that says "public" is left alone as long
// as no session changes; if one does, it becomes private, whatever it says.
//
// The body of a response, whatever its kind, is not touched, and neither is that of
// a request. A request takes memory for about three times what its session holds.
func (s Session[T]) Middleware(c SessionConfig[T]) raxx.Middleware {
	keeper := newSessionKeeper(s, c)
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return keeper.serve(req, next) }
	}
}
