package raxxtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Lint is a middleware that checks that both sides keep to the interface, and fails
// t if one does not: the caller in the request that it makes and in how it reads
// the response, and the handler in its response, whatever the body is, to its end.
// It changes nothing, except that it spoils every chunk of a stream when the next
// one is asked for. Put it around a handler, or between two middlewares to learn
// which one it is.
func Lint(t testing.TB) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			l := linter{func(err error) {
				if err != nil {
					t.Errorf("lint: %s %s: %v", req.Method, req.Target(), err)
				}
			}}
			return l.lint(next, req)
		}
	}
}

// A linter checks one exchange.
type linter struct {
	// report takes what is wrong; nil if nothing is.
	report func(error)
}

func (l linter) lint(next raxx.Handler, req raxx.Request) raxx.Response {
	l.report(checkRequest(req))
	header, params, trailer := slices.Clone(req.Header), slices.Clone(req.Params), slices.Clone(req.Trailer)
	resp := next(req)
	if !slices.Equal(header, req.Header) || !slices.Equal(params, req.Params) || !slices.Equal(trailer, req.Trailer) {
		l.report(broken("the handler wrote into the request's header, parameters or trailer"))
	}
	r := reply{method: req.Method}
	if err := r.start(withoutNotes(resp)); err != nil {
		l.report(err)
		return resp
	}
	return l.body(resp, r)
}

// body returns resp with a body that is checked while it is sent.
func (l linter) body(resp raxx.Response, r reply) raxx.Response {
	switch body := resp.Body.(type) {
	case raxx.Stream:
		resp.Body = l.stream(body, r)
	case raxx.Machine:
		resp.Body = raxx.NewMachine(lintedMachine{inner: body, reply: r, linter: l}, lintedMachine.step)
	}
	return resp
}

// stream returns a stream that is checked while it is pulled.
func (l linter) stream(s raxx.Stream, r reply) raxx.Stream {
	if s.Length >= 0 {
		r.declared = s.Length
	}
	read := false
	linted := raxx.NewStream(s.Length, func(yield func([]byte, error) bool) {
		if read {
			l.report(broken("a stream is read for a second time"))
		}
		if read = true; r.method == raxx.MethodHead {
			l.report(broken("a stream is read in reply to HEAD"))
		}
		failed := false
		for chunk, err := range s.Chunks() {
			if failed {
				l.report(broken("a stream goes on behind its error"))
			}
			failed = failed || err != nil
			l.report(r.take(raxx.Data(chunk)))
			mine := slices.Clone(chunk)
			more := yield(mine, err)
			spoil(mine)
			if !more {
				return
			}
		}
		if !failed {
			l.report(r.takeTail(raxx.Tail{Trailer: s.Trailer()}))
		}
	})
	if s.HasTrailer() {
		linted = linted.WithTrailer(s.Trailer)
	}
	return linted
}

// A lintedMachine is checked while it is driven.
type lintedMachine struct {
	inner   raxx.Machine
	reply   reply
	opened  bool
	read    bool // the request's body has ended
	drained bool
	over    bool // it has got its last event
	linter  linter
}

func (m lintedMachine) step(event raxx.Event) (lintedMachine, []raxx.Part) {
	m.linter.report(m.check(event))
	_, tail := event.(raxx.Tail)
	_, drain := event.(raxx.Drain)
	_, closed := event.(raxx.Closed)
	m.opened, m.read, m.drained, m.over = true, m.read || tail, m.drained || drain, m.over || closed
	var parts []raxx.Part
	m.inner, parts = m.inner.Step(event)
	if m.over {
		return m, parts
	}
	for i, part := range parts {
		checked := part
		if resp, ok := part.(raxx.Response); ok {
			checked = withoutNotes(resp)
		}
		if err := m.reply.take(checked); err != nil {
			m.linter.report(fmt.Errorf("part %d: %w", i, err))
			break
		}
		if resp, ok := part.(raxx.Response); ok {
			m.reply.ended = resp.Body != nil
			parts = slices.Clone(parts)
			parts[i] = m.linter.body(resp, m.reply.afresh())
		}
	}
	return m, parts
}

// LastWords are those of the machine within. See [raxx.LastWorder].
func (m lintedMachine) LastWords() raxx.Data { return m.inner.LastWords() }

// check returns what is wrong with an event, by what has come before it.
func (m lintedMachine) check(event raxx.Event) error {
	_, open := event.(raxx.Open)
	_, data := event.(raxx.Data)
	_, tail := event.(raxx.Tail)
	_, drain := event.(raxx.Drain)
	_, closed := event.(raxx.Closed)
	switch {
	case m.over || m.reply.ended && !closed:
		return broken("an event of type %T comes behind the last one", event)
	case open == m.opened:
		return broken("an event of type %T comes; Open is the first one, and the only one of its kind", event)
	case open && m.reply.empty() && m.reply.method == raxx.MethodHead:
		return broken("a machine is started in reply to HEAD")
	case open && m.reply.empty():
		return broken("a machine is started behind a head of status %d", m.reply.head.Status)
	case m.read && (data || tail):
		return broken("an event of type %T comes behind the Tail of the request's body", event)
	case m.drained && drain:
		return broken("a second Drain comes")
	}
	return nil
}

// Equal compares the machines within.
func (m lintedMachine) Equal(n lintedMachine) bool { return m.inner.Equal(n.inner) }

// withoutNotes returns the response as it is when middleware further out has taken
// the notes.
func withoutNotes(resp raxx.Response) raxx.Response {
	var effects []raxx.Effect
	for _, effect := range resp.Do {
		if _, note := effect.(raxx.Note); !note {
			effects = append(effects, effect)
		}
	}
	resp.Do = effects
	return resp
}

// afresh returns r as it is before its content.
func (r reply) afresh() reply {
	r.ended, r.sent = false, 0
	return r
}

// checkRequest returns what is wrong with a request.
func checkRequest(req raxx.Request) error {
	switch _, machine := req.Body.(raxx.Machine); {
	case machine:
		return broken("the body of a request is a machine")
	case !raxx.IsToken(req.Method):
		return broken("the method %q is no token (RFC 9110, 9.1)", req.Method)
	case req.Scheme != "http" && req.Scheme != "https":
		return broken("the scheme is %q", req.Scheme)
	case !strings.HasPrefix(req.Path, "/") && !(req.Path == "*" && req.Method == "OPTIONS") && !(req.Path == "" && req.Method == "CONNECT"):
		return broken("the path %q does not begin with a slash", req.Path)
	case strings.ContainsAny(req.Path, "?# \r\n") || strings.ContainsAny(req.Query, "# \r\n"):
		return broken("the target %q holds what is not escaped", req.Target())
	case req.Header.Has("host"):
		return broken("there is a host field: it belongs into Authority")
	}
	if err := checkFields("the header of the request", req.Header); err != nil {
		return err
	}
	return checkFields("the trailer of the request", req.Trailer)
}
