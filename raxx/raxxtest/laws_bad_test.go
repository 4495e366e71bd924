package raxxtest

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// changing returns a middleware that changes responses without OnHead.
func changing(f func(raxx.Request, raxx.Response) raxx.Response) raxx.Middleware {
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response { return f(req, next(req)) }
	}
}

// changingStreams returns a middleware that changes the chunks of streams.
func changingStreams(f func(raxx.Stream) iter.Seq2[[]byte, error]) raxx.Middleware {
	return changing(func(_ raxx.Request, resp raxx.Response) raxx.Response {
		if s, ok := resp.Body.(raxx.Stream); ok {
			resp.Body = raxx.NewStream(-1, f(s)).WithTrailer(s.Trailer)
		}
		return resp
	})
}

// changingParts returns a middleware that changes the parts of machines.
func changingParts(f func(raxx.Event, []raxx.Part) []raxx.Part) raxx.Middleware {
	return changing(func(_ raxx.Request, resp raxx.Response) raxx.Response {
		if m, ok := resp.Body.(raxx.Machine); ok {
			resp.Body = raxx.NewMachine(m, func(m raxx.Machine, e raxx.Event) (raxx.Machine, []raxx.Part) {
				m, parts := m.Step(e)
				return m, f(e, parts)
			})
		}
		return resp
	})
}

// changingEvents returns a middleware that changes the events of machines, or keeps
// them from them.
func changingEvents(f func(raxx.Event) (raxx.Event, bool)) raxx.Middleware {
	return changing(func(_ raxx.Request, resp raxx.Response) raxx.Response {
		if m, ok := resp.Body.(raxx.Machine); ok {
			resp.Body = raxx.NewMachine(m, func(m raxx.Machine, e raxx.Event) (raxx.Machine, []raxx.Part) {
				if e, ok := f(e); ok {
					return m.Step(e)
				}
				return m, nil
			})
		}
		return resp
	})
}

// buffered reads a stream whole before it hands on anything.
func buffered(s raxx.Stream) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		all, err := raxx.ReadAll(s, 0)
		if !yield([]byte(all), nil) || err == nil {
			return
		}
		yield(nil, err)
	}
}

// batched hands on two chunks at once.
func batched(s raxx.Stream) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var held []byte
		for chunk, err := range s.Chunks() {
			if err != nil {
				yield(nil, err)
				return
			}
			if held != nil {
				if !yield(append(held, chunk...), nil) {
					return
				}
				held = nil
				continue
			}
			held = bytes.Clone(chunk)
		}
		yield(held, nil)
	}
}

// keeping keeps chunks longer than they are valid.
func keeping(s raxx.Stream) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var last []byte
		for chunk, err := range s.Chunks() {
			if err != nil {
				yield(nil, err)
				return
			}
			if last != nil && !yield(last, nil) {
				return
			}
			last = chunk
		}
		yield(last, nil)
	}
}

// deaf goes on to read when nobody wants more.
func deaf(s raxx.Stream) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		next, _ := iter.Pull2(s.Chunks())
		for {
			chunk, err, ok := next()
			if !ok || !yield(chunk, err) {
				return
			}
		}
	}
}

// swallowing ends a stream that fails as if it were whole.
func swallowing(s raxx.Stream) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for chunk, err := range s.Chunks() {
			if err != nil || !yield(chunk, nil) {
				return
			}
		}
	}
}

// without takes parts of one type away.
func without[P raxx.Part](parts []raxx.Part) []raxx.Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p raxx.Part) bool { _, ok := p.(P); return ok })
}

// Each breaks a law in a way that has been seen in the field. The list holds
// what Laws has to find, at least.
var badMiddleware = []struct {
	name string
	laws []string
	mw   raxx.Middleware
}{
	{"sets fields without OnHead", []string{lawSendable},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response { return r.With("x-frame-options", "DENY") })},
	{"sets fields only of a head that is there", []string{lawHead},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if r.Status == 0 {
				return r
			}
			return r.With("x-frame-options", "DENY")
		})},
	{"changes a deferred head twice", []string{lawHead},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			add := func(r raxx.Response) raxx.Response { return r.Add("x-twice", "1") }
			if r.Status == 0 {
				return raxx.OnHead(raxx.OnHead(r, add), add)
			}
			return add(r)
		})},
	{"sets a status on a deferred head", []string{lawSendable},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if r.Status == 0 {
				r.Status = 200
			}
			return r
		})},
	{"writes what splits the message", []string{lawSendable},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			return raxx.OnHead(r, func(r raxx.Response) raxx.Response {
				r.Header = append(slices.Clone(r.Header), raxx.Field{Name: "x", Value: "a\r\nb: c"})
				return r
			})
		})},
	{"gives 204 a body", []string{lawSendable},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if r.Body == nil {
				r.Body = raxx.Data("nothing")
			}
			return r
		})},
	{"changes the status", []string{lawStatus},
		raxx.MapResponse(func(r raxx.Response) raxx.Response { return r.WithStatus(200) })},
	{"makes a map of the header", []string{lawFields},
		raxx.MapResponse(func(r raxx.Response) raxx.Response {
			if c := r.Header.Get("set-cookie"); c != "" {
				return r.With("set-cookie", c)
			}
			return r
		})},
	{"sets a cookie of the handler's twice", []string{lawFields},
		raxx.MapResponse(func(r raxx.Response) raxx.Response {
			if c := r.Header.Get("set-cookie"); c != "" {
				return r.Add("set-cookie", c)
			}
			return r
		})},
	{"gives content another type beside its own", []string{lawFields},
		raxx.MapResponse(func(r raxx.Response) raxx.Response { return r.Add("content-type", "text/html") })},
	{"changes Data", []string{lawContent},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if d, ok := r.Body.(raxx.Data); ok {
				r.Body = raxx.Data(strings.ToUpper(string(d)))
			}
			return r
		})},
	{"knows no files", []string{lawContent},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if _, ok := r.Body.(raxx.File); ok {
				r.Body = nil
			}
			return r
		})},
	{"adds to every reply of a new protocol", []string{lawContent},
		changingParts(func(e raxx.Event, parts []raxx.Part) []raxx.Part {
			if _, ok := e.(raxx.Open); ok {
				return append(slices.Clone(parts), raxx.Data("<!-- -->"))
			}
			return parts
		})},
	{"keeps chunks", []string{lawFlush}, changingStreams(keeping)},
	{"buffers streams", []string{lawFlush}, changingStreams(buffered)},
	{"batches chunks", []string{lawFlush}, changingStreams(batched)},
	{"reads on", []string{lawPull}, changingStreams(deaf)},
	{"swallows errors of streams", []string{lawErrors}, changingStreams(swallowing)},
	{"forgets how long a stream is", []string{lawErrors},
		changingStreams(func(s raxx.Stream) iter.Seq2[[]byte, error] { return s.Chunks() })},
	{"forgets how long the content of a machine is", []string{lawErrors},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if _, ok := r.Body.(raxx.Machine); ok {
				return r.Without("content-length")
			}
			return r
		})},
	{"reads streams before they are sent", []string{lawPull},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if s, ok := r.Body.(raxx.Stream); ok {
				all, err := raxx.ReadAll(s, 0)
				r.Body = Broken(err, string(all))
			}
			return r
		})},
	{"reads streams in reply to HEAD", []string{lawPull},
		changing(func(req raxx.Request, r raxx.Response) raxx.Response {
			if s, ok := r.Body.(raxx.Stream); ok && req.Method == "HEAD" {
				raxx.ReadAll(s, 0)
				r.Body = nil
			}
			return r
		})},
	{"forgets the trailer", []string{lawTrailer},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response {
			if s, ok := r.Body.(raxx.Stream); ok {
				r.Body = raxx.NewStream(s.Length, s.Chunks())
			}
			return r
		})},
	{"forgets the effects", []string{lawEffects},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response { r.Do = nil; return r })},
	{"takes the notes of others", []string{lawEffects},
		raxx.MapResponse(func(r raxx.Response) raxx.Response { _, r = lawNote.Take(r); return r })},
	{"takes effects for noise", []string{lawEffects},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part { return without[raxx.Publish](parts) })},
	{"knows no interim responses", []string{lawEffects},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part { return without[raxx.Inform](parts) })},
	{"publishes twice", []string{lawEffects}, changingParts(func(_ raxx.Event, parts []raxx.Part) (all []raxx.Part) {
		for _, p := range parts {
			if all = append(all, p); p == raxx.Part(publish) {
				all = append(all, p)
			}
		}
		return all
	})},
	{"informs twice", []string{lawEffects}, changingParts(func(_ raxx.Event, parts []raxx.Part) (all []raxx.Part) {
		for _, p := range parts {
			if _, ok := p.(raxx.Inform); ok {
				all = append(all, p)
			}
			all = append(all, p)
		}
		return all
	})},
	{"turns the order of parts round", []string{lawEffects},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			parts = slices.Clone(parts)
			if len(parts) > 1 && parts[len(parts)-1] != nil {
				if _, ok := parts[0].(raxx.Effect); ok {
					slices.Reverse(parts)
				}
			}
			return parts
		})},
	{"holds back what a machine sends", []string{lawFlush},
		changing(func(_ raxx.Request, resp raxx.Response) raxx.Response {
			type held struct {
				inner raxx.Machine
				parts []raxx.Part
			}
			if m, ok := resp.Body.(raxx.Machine); ok && resp.Status != 0 {
				resp.Body = raxx.NewMachine(held{inner: m}, func(h held, e raxx.Event) (held, []raxx.Part) {
					m, parts := h.inner.Step(e)
					return held{m, parts}, h.parts
				})
			}
			return resp
		})},
	{"forgets how a body ends", []string{lawEnd},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part { return without[raxx.Tail](parts) })},
	{"talks behind the tail", []string{lawSendable},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			if len(parts) > 0 {
				if _, ok := parts[len(parts)-1].(raxx.Tail); ok {
					return append(slices.Clone(parts), raxx.Data("bye"))
				}
			}
			return parts
		})},
	{"makes an end of Abort", []string{lawErrors},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			parts = slices.Clone(parts)
			for i, p := range parts {
				if _, ok := p.(raxx.Abort); ok {
					parts[i] = raxx.Tail{}
				}
			}
			return parts
		})},
	{"writes into the parts", []string{lawValues},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			for i, p := range parts {
				if r, ok := p.(raxx.Response); ok {
					parts[i] = r.With("x", "1")
				}
			}
			return parts
		})},
	{"writes into the response's header", []string{lawValues},
		raxx.MapResponse(func(r raxx.Response) raxx.Response {
			r.Header = append(r.Header, raxx.Field{Name: "x", Value: "1"})
			return r
		})},
	{"writes into the request's header", []string{lawValues},
		raxx.MapRequest(func(r raxx.Request) raxx.Request { r.Header[0].Value = "text/html"; return r })},
	{"appends to the request's parameters", []string{lawValues},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			r.Params = append(r.Params, raxx.Param{Name: "a", Value: "b"})
			return r
		})},
	{"writes into the request's trailer", []string{lawValues},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			if len(r.Trailer) > 0 {
				r.Trailer[0].Value = "x"
			}
			return r
		})},
	{"writes into the trailer that a request's stream brings", []string{lawValues}, changingEvents(func(e raxx.Event) (raxx.Event, bool) {
		if tail, ok := e.(raxx.Tail); ok && len(tail.Trailer) > 0 {
			tail.Trailer[0].Value = "x"
		}
		return e, true
	})},
	{"writes into the trailer that a machine sends", []string{lawValues},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			for _, p := range parts {
				if tail, ok := p.(raxx.Tail); ok && len(tail.Trailer) > 0 {
					tail.Trailer[0].Value = "x"
				}
			}
			return parts
		})},
	{"loses the cause that comes with a head", []string{lawCause},
		changingParts(func(_ raxx.Event, parts []raxx.Part) []raxx.Part {
			parts = slices.Clone(parts)
			for i, p := range parts {
				if resp, ok := p.(raxx.Response); ok {
					parts[i] = resp.WithCause(nil)
				}
			}
			return parts
		})},
	{"loses the cause", []string{lawCause},
		raxx.MapResponse(func(r raxx.Response) raxx.Response { return r.WithCause(nil) })},
	{"makes a 200 of a panic", []string{lawPanics},
		func(next raxx.Handler) raxx.Handler {
			return func(req raxx.Request) (resp raxx.Response) {
				defer func() {
					if recover() != nil {
						resp = raxx.Text(200, "all is well")
					}
				}()
				return next(req)
			}
		}},
	{"panics by itself", []string{lawPanics},
		changing(func(_ raxx.Request, r raxx.Response) raxx.Response { return r.WithBody(r.Body.(raxx.Data)) })},
	{"swallows events", []string{lawEvents}, changingEvents(func(e raxx.Event) (raxx.Event, bool) {
		switch e.(type) {
		case raxx.Closed, raxx.Drain:
			return nil, false
		}
		return e, true
	})},
	{"reads the request's body", []string{lawRequest},
		raxx.MapRequest(func(r raxx.Request) raxx.Request { raxx.ReadAll(r.Body, 0); return r })},
	{"buffers the request's body", []string{lawFlush},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			if s, ok := r.Body.(raxx.Stream); ok {
				r.Body = raxx.NewStream(s.Length, buffered(s)).WithTrailer(s.Trailer)
			}
			return r
		})},
	{"batches chunks of the request's body", []string{lawFlush},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			if s, ok := r.Body.(raxx.Stream); ok {
				r.Body = raxx.NewStream(s.Length, batched(s)).WithTrailer(s.Trailer)
			}
			return r
		})},
	{"keeps the request's body from machines until it has ended", []string{lawFlush},
		changing(func(_ raxx.Request, resp raxx.Response) raxx.Response {
			type gathering struct {
				inner raxx.Machine
				body  raxx.Data
			}
			if m, ok := resp.Body.(raxx.Machine); ok {
				resp.Body = raxx.NewMachine(gathering{m, ""}, func(g gathering, e raxx.Event) (gathering, []raxx.Part) {
					var first, then []raxx.Part
					switch event := e.(type) {
					case raxx.Data:
						g.body += event
						return g, nil
					case raxx.Tail:
						g.inner, first = g.inner.Step(g.body)
					}
					g.inner, then = g.inner.Step(e)
					return g, slices.Concat(first, then)
				})
			}
			return resp
		})},
	{"hears no answer to the request's body", []string{lawContent, lawEffects},
		changingParts(func(e raxx.Event, parts []raxx.Part) []raxx.Part {
			switch e.(type) {
			case raxx.Data, raxx.Tail:
				return nil
			}
			return parts
		})},
	{"peeks at the request's body", []string{lawRequest},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			for range raxx.Chunks(r.Body) {
				break
			}
			return r
		})},
	{"makes an empty body of one that failed", []string{lawRequest},
		raxx.MapRequest(func(r raxx.Request) raxx.Request {
			if s, ok := r.Body.(raxx.Stream); ok {
				data, _ := raxx.ReadAll(s, 0)
				r.Trailer = s.Trailer()
				return r.WithBody(data)
			}
			return r
		})},
	{"forgets the request's trailer", []string{lawRequest},
		raxx.MapRequest(func(r raxx.Request) raxx.Request { r.Trailer = nil; return r })},
	{"keeps the request's body from machines", []string{lawRequest}, changingEvents(func(e raxx.Event) (raxx.Event, bool) {
		switch e.(type) {
		case raxx.Data, raxx.Tail:
			return nil, false
		}
		return e, true
	})},
	{"keeps the end of the request's body from machines", []string{lawRequest}, changingEvents(func(e raxx.Event) (raxx.Event, bool) {
		_, tail := e.(raxx.Tail)
		return e, !tail
	})},
	{"keeps the request's trailer from machines", []string{lawRequest}, changingEvents(func(e raxx.Event) (raxx.Event, bool) {
		if _, tail := e.(raxx.Tail); tail {
			return raxx.Tail{}, true
		}
		return e, true
	})},
	{"makes a scope of its own", []string{lawScope},
		raxx.MapRequest(func(r raxx.Request) raxx.Request { r.Scope = raxx.Scope{}; return r })},
	{"lets nothing through", []string{lawReached},
		func(raxx.Handler) raxx.Handler { return func(raxx.Request) raxx.Response { return raxx.NoContent() } }},
	{"answers with the reply before", []string{lawConcurrent, lawContent},
		func(next raxx.Handler) raxx.Handler {
			before := make(chan raxx.Response, 1)
			before <- raxx.NoContent()
			return func(req raxx.Request) raxx.Response {
				resp := <-before
				before <- next(req)
				return resp
			}
		}},
}

func TestLawsFindBadMiddleware(t *testing.T) {
	for _, tt := range badMiddleware {
		t.Run(tt.name, func(t *testing.T) {
			found := breaches(tt.mw)
			for _, law := range tt.laws {
				if !slices.ContainsFunc(found, func(b breach) bool { return b.law == law }) {
					t.Errorf("the law %q was not found to be broken; found: %v", law, found)
				}
			}
		})
	}
}

// Every law has a middleware that breaks it.
func TestEveryLawCanBeBroken(t *testing.T) {
	for _, law := range []string{lawSendable, lawReached, lawStatus, lawFields, lawHead, lawContent, lawTrailer, lawEnd, lawEffects,
		lawErrors, lawCause, lawPanics, lawFlush, lawPull, lawEvents, lawRequest, lawValues, lawScope, lawConcurrent} {
		broken := false
		for _, tt := range badMiddleware {
			broken = broken || slices.Contains(tt.laws, law)
		}
		if !broken {
			t.Errorf("nothing breaks the law %q", law)
		}
	}
}
