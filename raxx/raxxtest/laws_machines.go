package raxxtest

import (
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// The kinds whose body is a machine.

var (
	subscribe = raxx.Subscribe{Topic: "law", Full: raxx.DropOldest}
	after     = raxx.After{Name: "law", Delay: time.Hour}
	pulling   = raxx.Pull{Name: "law", From: raxx.Data(text)}
	publish   = raxx.Publish{Topic: "law", Message: "m"}
	patience  = raxx.Patience{Limit: time.Hour}
)

// end returns a Tail whose trailer nobody may change in place.
func end(p *probe) raxx.Tail {
	return raxx.Tail{Trailer: p.header(raxx.Field{Name: "x-sum", Value: "3"})}
}

func machineKinds() []kind {
	return []kind{
		{name: "a machine", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine(
				[]raxx.Part{subscribe, raxx.Data("one, "), after}, []raxx.Part{raxx.Data("two, "), publish, raxx.Data(text)}, []raxx.Part{raxx.Data("end"), end(p)}))
		}, events: []raxx.Event{news, alarm}},
		{name: "a machine that has a body read", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine([]raxx.Part{raxx.Data("one, "), pulling}, []raxx.Part{raxx.Data("two")}, []raxx.Part{end(p)}))
		}, events: []raxx.Event{piece, piecesEnd}},
		{name: "a machine that never ends", answer: func(p *probe) raxx.Response {
			tick := []raxx.Part{raxx.Data("tick\n"), after}
			return with(head(p, 200), p.machine(tick, tick, tick, tick, []raxx.Part{publish}))
		}, events: []raxx.Event{alarm, alarm, alarm, gone}},
		{name: "a machine with effects in Do", answer: func(p *probe) raxx.Response {
			resp := with(head(p, 200), p.machine(nil, []raxx.Part{raxx.Data("one"), patience, raxx.Unsubscribe{Topic: "law"}, end(p)}))
			resp.Do = guarded(p, "the effects", []raxx.Effect{subscribe, publish, patience, after})
			return resp
		}, events: []raxx.Event{news}},
		{name: "a machine that says farewell", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine([]raxx.Part{raxx.Data("hello, ")}, []raxx.Part{raxx.Data("farewell"), raxx.Tail{}}))
		}, events: []raxx.Event{raxx.Drain{}}},
		{name: "a machine that ends at once", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine([]raxx.Part{raxx.Tail{}}))
		}},
		{name: "the zero machine", answer: func(p *probe) raxx.Response { return with(head(p, 200), raxx.Machine{}) }},
		{name: "a machine that answers the request's body", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.echo())
		}},
		{name: "a machine that keeps its promise of a length", answer: func(p *probe) raxx.Response {
			return with(empty(p, 200).Add("content-length", "6"), p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{raxx.Data("two"), raxx.Tail{}}))
		}, events: []raxx.Event{news}},
	}
}

func deferredKinds() []kind {
	later := func(parts func(*probe) []raxx.Part) func(*probe) raxx.Response {
		return func(p *probe) raxx.Response {
			return raxx.Defer(p.machine([]raxx.Part{subscribe, after}, parts(p), []raxx.Part{raxx.Data("end"), end(p)}))
		}
	}
	return []kind{
		{name: "a deferred head", like: "a machine", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{raxx.Unsubscribe{Topic: "law"}, head(p, 200), raxx.Data("one, "), publish}
		}), events: []raxx.Event{news, alarm}},
		{name: "a deferred head with effects and a note", like: "a machine", answer: func(p *probe) raxx.Response {
			late := head(p, 200)
			late.Do = guarded(p, "the effects", []raxx.Effect{lawNote.Note("late")})
			resp := raxx.Defer(p.machine(nil, []raxx.Part{publish, late}, []raxx.Part{raxx.Tail{}}))
			resp.Do = guarded(p, "the effects", []raxx.Effect{subscribe, lawNote.Note("at once"), after})
			return resp
		}, events: []raxx.Event{news, alarm}},
		{name: "a deferred head that comes at once", like: "a machine", answer: func(p *probe) raxx.Response {
			return raxx.Defer(p.machine([]raxx.Part{head(p, 200), raxx.Data("one")}, []raxx.Part{raxx.Tail{}}))
		}, events: []raxx.Event{news}},
		{name: "interim responses before a deferred head", like: "a machine", answer: func(p *probe) raxx.Response {
			hint := raxx.Inform{Status: 103, Header: p.header(raxx.Field{Name: "link", Value: "</law.css>; rel=preload"})}
			working := raxx.Inform{Status: 102, Header: p.header(raxx.Field{Name: "x-law", Value: "working"})}
			return raxx.Defer(p.machine([]raxx.Part{hint, working}, []raxx.Part{hint, head(p, 200), raxx.Data("one"), raxx.Tail{}}))
		}, events: []raxx.Event{news}},
		{name: "a deferred response of Data", like: "Data", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{publish, with(head(p, 200), raxx.Data(text))}
		}), events: []raxx.Event{news}},
		{name: "a deferred response of a file", like: "a file", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{with(head(p, 200), raxx.NewFile(lawFiles, "law.txt"))}
		}), events: []raxx.Event{news}},
		{name: "a deferred response of a stream", like: "a stream of unknown length", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{with(head(p, 200), p.stream(-1, nil, "one, ", "two, ", text))}
		}), events: []raxx.Event{news}},
		{name: "a deferred response of a stream that fails", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{with(head(p, 200), p.stream(-1, errLaw, "one"))}
		}), events: []raxx.Event{news}},
		{name: "a deferred 204", like: "204", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{empty(p, 204), raxx.Tail{}}
		}), events: []raxx.Event{news}},
		{name: "a deferred 404", like: "404", answer: later(func(p *probe) []raxx.Part {
			return []raxx.Part{with(head(p, 404), raxx.Data(text)).WithCause(errLaw)}
		}), events: []raxx.Event{news}},
		{name: "a deferred head that comes when the request's body has ended", like: "a machine", answer: func(p *probe) raxx.Response {
			return raxx.Defer(p.echo(head(p, 200)))
		}},
		{name: "a deferred head that never comes", answer: later(func(*probe) []raxx.Part { return nil }), events: []raxx.Event{news, gone}},
	}
}

func upgradeKinds() []kind {
	return []kind{
		{name: "101", upgrade: true, answer: func(p *probe) raxx.Response {
			return with(empty(p, 101).Add("upgrade", "law"), p.machine([]raxx.Part{raxx.Data("hello")}, []raxx.Part{raxx.Data(text), raxx.Tail{}}))
		}, events: []raxx.Event{news}},
		{name: "a deferred 101", upgrade: true, like: "101", answer: func(p *probe) raxx.Response {
			return raxx.Defer(p.machine(nil, []raxx.Part{empty(p, 101).Add("upgrade", "law"), raxx.Data(text)}))
		}, events: []raxx.Event{news, gone}},
	}
}
