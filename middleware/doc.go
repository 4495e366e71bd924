// Package middleware is the stack that every site mounts: functions from handler
// to handler.
//
//	app := raxx.Stack(
//		middleware.RequestID{}.Middleware(),
//		middleware.AccessLog{}.Middleware(),
//		middleware.Recover{}.Middleware(),
//	)(router.Handle)
//
// [Default] is a whole stack for a new site.
//
// # Model
//
// A middleware is a config struct, whose zero value is safe and useful, and whose
// method Middleware returns the [raxx.Middleware]; or, where there is nothing to
// set, a function. That method panics if the configuration can't be meant: when the
// site is put together, and not later. The functions in one (Verify, IsReady,
// Denied and the like) are called as handlers are: for many requests at once, from
// many goroutines.
//
// Each works for every kind of response: complete ones, files, streams, deferred
// ones, machines, and those that fail. It touches heads by [raxx.OnHead] and
// buffers nothing, except the forms in which [CSRF] and [MethodOverride] look:
// those are bounded, and handed on complete. It hands on what it finds out under a
// [raxx.Key], never in a field of the request that a client could have sent. Those
// that guard say which way they fail, and why.
//
// # The order of a stack
//
// A request goes down this list and its reply goes up. What stands further up
// sees more requests, and the replies of everything below it; what stands further
// down can rely on what was found out above.
//
//	Health           answers the load balancer, which is to be neither logged nor redirected
//	RequestID        names the request for all that follows
//	ClientAddress    finds out who asks, and by which scheme and host
//	AccessLog        sees every reply but those of Health
//	SecureHeaders    is on every reply, error pages too
//	ErrorPages       shows people the problems of all that stands below
//	Hosts            refuses other hosts, before anybody makes a link of them
//	HTTPS            redirects, to a host that is known to be ours
//	Recover          makes replies of panics
//	compress.Config  codes what is large
//	ratelimit.Limit  refuses clients that ask too often, by address
//	Concurrency      sheds requests that are too many
//	decompress       decodes bodies, and BodyLimit bounds what is read of them
//	ETag             answers clients that have it already
//	CacheControl     keeps from caches what is one user's
//	CORS             answers for other sites that may ask
//	CrossOrigin      refuses those that may not
//	static.Files     answers with files, which are the same for everybody
//	Session, CSRF    know the browser again; BasicAuth and Bearer know who it is
//	FlashQuery       carries messages over redirects, where there is no Session
//	MethodOverride   changes the method, behind that protection
//	TrailingSlash    changes the path, just in front of the router
//	the router
//	Timeout          bounds single routes, and compress.Off leaves theirs as it is
//	the handlers
//
// # Errors
//
// A middleware refuses a request by a problem of RFC 9457, of which [ErrorPages]
// makes a page for people. [ErrorPage] makes the right one of the two at once.
//
// # Limits
//
// A waiting machine costs what each middleware around it keeps: a state of some
// words, its line in the case of [AccessLog], and what is reported of its request in
// that of [Recover]; never the head of the request. [Concurrency] and package
// ratelimit keep a bounded number of entries. Nothing grows with what clients
// send.
//
// # What it refuses to do
//
// It does not log, except where that is the purpose, to the logger that it was
// given. It does not guess: no proxy is trusted, no host allowed, no method
// overridden, unless somebody said so.
package middleware
