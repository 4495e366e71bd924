package raxxtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Laws checks that a middleware keeps to the rules that make it fit for every
// stack. It puts mw around handlers that answer in every way there is (nothing,
// Data, a File, streams of known and unknown length, streams that fail or never
// end, machines of every kind, responses that can have no content, panics), and
// asks each with every kind of request. It fails t for each law that is broken,
// and names the law and the case.
//
// The laws:
//
//   - what comes out can be sent: by the rules that [Exchange] checks;
//   - every kind of response gets through: the status, the content, the fields
//     of the handler, its trailer, its cause, its effects, all in order, and once;
//   - a head is changed once, whether it is there at once or comes later: see
//     [raxx.OnHead];
//   - nothing is held back: what a handler or a machine sends reaches the client
//     before the next piece is asked for, and what a client sends reaches them
//     likewise, unless the body is handed on as Data;
//   - only the sender of a stream pulls it: not before, not in reply to HEAD, and
//     not beyond the moment when the client has gone;
//   - an error stays an error, and a panic stays a panic or becomes a response of
//     status 500 or more; and what has another length than it promised is not
//     whole, unless the middleware changes content;
//   - every event reaches the machine;
//   - the body of the request reaches the handler whole, or is left to it;
//   - values stay as they are: nothing writes into the header, the trailer, the
//     parameters or the parts that somebody else made;
//   - it serves any number of goroutines at once (run the test with -race).
//
// A middleware may answer by itself, as one that asks for a password does; then
// only the first law counts. But each kind of response has to get through at least
// once: [Prepare] makes requests that the middleware lets through. A middleware
// that changes content says so with [Decode], one that replaces responses with
// [Replaces], one that gathers what clients send with [Completes].
func Laws(t testing.TB, mw raxx.Middleware, options ...LawOption) {
	t.Helper()
	const most = 4 // of each law; the rest says the same
	count := map[string]int{}
	for _, b := range breaches(mw, options...) {
		if count[b.law]++; count[b.law] <= most {
			t.Errorf("%v", b)
		}
	}
	for law, n := range count {
		if n > most {
			t.Errorf("law %q: broken in %d more cases", law, n-most)
		}
	}
}

// A LawOption tells [Laws] what a middleware is meant to do.
type LawOption func(*laws)

// Prepare changes every request before the middleware sees it, so that it lets
// the request through: gives it a password, a host, a token.
func Prepare(f func(raxx.Request) raxx.Request) LawOption {
	return func(l *laws) { l.prepare = f }
}

// Decode undoes what the middleware does to content. It is given the head of a
// response and all content that has come so far, and returns what the client can
// read of it; an error means that the content is not what it should be. So the
// content of a response that the middleware leaves alone is returned as it is.
func Decode(f func(head raxx.Response, content raxx.Data) (raxx.Data, error)) LawOption {
	return func(l *laws) { l.decode, l.decodes = f, true }
}

// Replaces says for which responses of the handler, of which it is given the
// head, the middleware may answer something else: an error page, say. What it
// then answers has to be sendable, and no more.
func Replaces(f func(head raxx.Response) bool) LawOption {
	return func(l *laws) { l.replaces = f }
}

// Completes says that the middleware may read the body of a request to its end
// before it hands on any of it, though not as Data.
func Completes() LawOption { return func(l *laws) { l.completes = true } }

// laws is a middleware on trial.
type laws struct {
	mw        raxx.Middleware
	prepare   func(raxx.Request) raxx.Request
	decode    decoder
	replaces  func(raxx.Response) bool
	decodes   bool
	completes bool

	kase  string // that is tried now
	found []breach
}

// A breach is a law that was broken.
type breach struct{ law, kase, detail string }

func (b breach) String() string {
	return fmt.Sprintf("law %q, case %q: %s", b.law, b.kase, b.detail)
}

// The laws by name.
const (
	lawSendable   = "what comes out can be sent"
	lawReached    = "every kind of response gets through"
	lawStatus     = "the status stays"
	lawFields     = "the handler's fields stay"
	lawHead       = "a head is changed once, now or when it comes"
	lawContent    = "the content stays"
	lawTrailer    = "the trailer stays"
	lawEnd        = "the reply ends when the handler ends it"
	lawEffects    = "effects and interim responses stay, in order"
	lawErrors     = "an error stays an error"
	lawCause      = "the cause stays"
	lawPanics     = "a panic stays a panic or becomes a response of status 500 or more"
	lawFlush      = "nothing is held back"
	lawPull       = "a stream is pulled by who sends it"
	lawEvents     = "every event reaches the machine"
	lawRequest    = "the request's body reaches the handler"
	lawValues     = "values stay as they are"
	lawScope      = "what others have put under a key stays"
	lawConcurrent = "it serves many goroutines at once"
)

// breaches returns all laws that mw breaks.
func breaches(mw raxx.Middleware, options ...LawOption) []breach {
	l := &laws{
		mw:       mw,
		prepare:  func(req raxx.Request) raxx.Request { return req },
		decode:   identity,
		replaces: func(raxx.Response) bool { return false },
	}
	for _, option := range options {
		option(l)
	}
	for _, k := range kinds() {
		reached := false
		for _, a := range asks() {
			reached = l.try(k, a) || reached
		}
		l.kase = k.name
		l.demand(reached, lawReached, "no request got to the handler; use Prepare")
	}
	l.tryHeads()
	if !l.broken(lawValues) {
		// Who writes into what others hold would only race here.
		l.tryConcurrently()
	}
	return l.found
}

func (l *laws) broken(law string) bool {
	return slices.ContainsFunc(l.found, func(b breach) bool { return b.law == law })
}

// checkGuards demands that nobody has written to what p watches.
func (l *laws) checkGuards(p *probe) {
	for _, guard := range p.guards {
		complaint := guard()
		l.demand(complaint == "", lawValues, "%s", complaint)
	}
}

// demand notes a breach, unless ok.
func (l *laws) demand(ok bool, law, format string, args ...any) {
	if !ok {
		l.found = append(l.found, breach{law, l.kase, fmt.Sprintf(format, args...)})
	}
}
