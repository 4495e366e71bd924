package raxxtest

import (
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A kind is a way to answer.
type kind struct {
	name   string
	answer func(*probe) raxx.Response
	// events are what its machine gets behind Open. One of type Closed is left
	// out if the machine has ended.
	events []raxx.Event
	// like names a kind whose head comes at once and is otherwise the same.
	like string
	// upgrade says that it answers requests for another protocol only.
	upgrade bool
	// endless says that its stream never ends.
	endless bool
	// breaks says that it sends another length than it promised.
	breaks bool
}

// What machines are told in most cases.
var (
	news  = raxx.Info{Topic: "law", Message: "news"}
	alarm = raxx.Timer{Name: "law", At: time.Unix(1, 0)}
	gone  = raxx.Closed{Reason: raxx.ClientGone}

	piece     = raxx.Pulled{Name: "law", Data: text}
	piecesEnd = raxx.Pulled{Name: "law", End: true}
)

// text is long enough to be worth compressing.
const text = "The quick brown fox jumps over the lazy dog, and the dog does not mind. " +
	"The quick brown fox jumps over the lazy dog, and the dog does not mind. "

var lawFiles = fstest.MapFS{"law.txt": {Data: []byte("0123456789" + text)}}

// head returns a response without a body, whose fields nobody may change in
// place.
func head(p *probe, status int) raxx.Response {
	return raxx.Response{Status: status, Header: p.header(
		raxx.Field{Name: "content-type", Value: "text/plain; charset=utf-8"},
		raxx.Field{Name: "set-cookie", Value: "a=1; Path=/law"},
		raxx.Field{Name: "x-law", Value: "kept"},
		raxx.Field{Name: "set-cookie", Value: "b=2; Path=/law"},
	)}
}

func empty(p *probe, status int) raxx.Response {
	return raxx.Response{Status: status, Header: p.header(raxx.Field{Name: "x-law", Value: "kept"})}
}

// with returns resp with another body, which may hold what a builder would take
// away.
func with(resp raxx.Response, body raxx.Body) raxx.Response {
	resp.Body = body
	return resp
}

// kinds returns every kind there is.
func kinds() []kind {
	all := [][]kind{plainKinds(), streamKinds(), failingKinds(), machineKinds(), deferredKinds(), upgradeKinds()}
	var kinds []kind
	for _, some := range all {
		kinds = append(kinds, some...)
	}
	return kinds
}

func plainKinds() []kind {
	return []kind{
		{name: "no body", answer: func(p *probe) raxx.Response { return empty(p, 200) }},
		{name: "Data", answer: func(p *probe) raxx.Response { return with(head(p, 200), raxx.Data(text)) }},
		{name: "little Data", answer: func(p *probe) raxx.Response { return with(head(p, 200), raxx.Data("a")) }},
		{name: "empty Data", answer: func(p *probe) raxx.Response { return with(head(p, 200), raxx.Data("")) }},
		{name: "Data and a content-length", answer: func(p *probe) raxx.Response {
			return with(empty(p, 200).Add("content-length", "5"), raxx.Data("hello"))
		}},
		{name: "Data and a trailer", answer: func(p *probe) raxx.Response {
			resp := with(head(p, 200), raxx.Data(text))
			resp.Trailer = p.header(raxx.Field{Name: "x-sum", Value: "1"})
			return resp
		}},
		{name: "Data, effects and a note", answer: func(p *probe) raxx.Response {
			resp := with(head(p, 200), raxx.Data(text))
			resp.Do = guarded(p, "the effects", []raxx.Effect{
				raxx.Publish{Topic: "law", Message: "1"}, lawNote.Note("at once"), raxx.Publish{Topic: "law", Message: "2"}, patience})
			return resp
		}},
		{name: "a file", answer: func(p *probe) raxx.Response { return with(head(p, 200), raxx.NewFile(lawFiles, "law.txt")) }},
		{name: "a part of a file", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), raxx.NewFile(lawFiles, "law.txt").Range(3, 5))
		}},
		{name: "204", answer: func(p *probe) raxx.Response { return empty(p, 204) }},
		{name: "304", answer: func(p *probe) raxx.Response { return empty(p, 304).Add("etag", `"law"`) }},
		{name: "303", answer: func(p *probe) raxx.Response { return empty(p, 303).Add("location", "/law") }},
		{name: "404", answer: func(p *probe) raxx.Response { return with(head(p, 404), raxx.Data(text)) }},
		{name: "500 with a cause", answer: func(p *probe) raxx.Response {
			return with(head(p, 500), raxx.Data(text)).WithCause(errLaw)
		}},
	}
}

func streamKinds() []kind {
	trailer := func(p *probe) func() raxx.Header {
		return func() raxx.Header { return p.header(raxx.Field{Name: "x-sum", Value: "2"}) }
	}
	return []kind{
		{name: "a stream of unknown length", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(-1, nil, "one, ", "two, ", text, "four"))
		}},
		{name: "a stream of known length", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(9, nil, "one", "two", "end"))
		}},
		{name: "a stream of no chunk", answer: func(p *probe) raxx.Response { return with(head(p, 200), p.stream(-1, nil)) }},
		{name: "a stream with an empty chunk", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(-1, nil, "one", "", "two"))
		}},
		{name: "a stream with a trailer", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(-1, nil, "one", "two").WithTrailer(trailer(p)))
		}},
		{name: "a stream that never ends", endless: true, answer: func(p *probe) raxx.Response {
			chunks := make([]string, 1000)
			for i := range chunks {
				chunks[i] = "tick\n"
			}
			return with(head(p, 200), p.stream(-1, errLate, chunks...))
		}},
	}
}

func failingKinds() []kind {
	promise := func(p *probe, length string) raxx.Response { return empty(p, 200).Add("content-length", length) }
	return []kind{
		{name: "a stream that is shorter than it promised", breaks: true, answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(9, nil, "one", "two"))
		}},
		{name: "a stream that is longer than it promised", breaks: true, answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(3, nil, "one", "two"))
		}},
		{name: "a machine that sends less than it promised", breaks: true, answer: func(p *probe) raxx.Response {
			return with(promise(p, "9"), p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{raxx.Data("two"), raxx.Tail{}}))
		}, events: []raxx.Event{news}},
		{name: "a machine that sends more than it promised", breaks: true, answer: func(p *probe) raxx.Response {
			return with(promise(p, "3"), p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{raxx.Data("two"), raxx.Tail{}}))
		}, events: []raxx.Event{news}},
		{name: "a stream that fails in the middle", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(-1, errLaw, "one", "two"))
		}},
		{name: "a stream that fails at once", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(9, errLaw))
		}},
		{name: "a stream that panics", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.stream(-1, errPanic, "one"))
		}},
		{name: "a panic", answer: func(*probe) raxx.Response { panic(errPanic) }},
		{name: "a machine that panics in the middle", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{panics}))
		}, events: []raxx.Event{news}},
		{name: "a machine that panics before its head", answer: func(p *probe) raxx.Response {
			return raxx.Defer(p.machine(nil, []raxx.Part{panics}))
		}, events: []raxx.Event{news}},
		{name: "a machine that aborts in the middle", answer: func(p *probe) raxx.Response {
			return with(head(p, 200), p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errLaw)}}))
		}, events: []raxx.Event{news}},
		{name: "a machine that aborts with last words", answer: func(p *probe) raxx.Response {
			m := p.machine([]raxx.Part{raxx.Data("one")}, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errLaw)}})
			return with(head(p, 200), raxx.NewMachine(wordy{m}, wordy.step))
		}, events: []raxx.Event{news}},
		{name: "a machine that aborts before its head", answer: func(p *probe) raxx.Response {
			return raxx.Defer(p.machine(nil, []raxx.Part{raxx.Abort{Cause: raxx.NewCause(errLaw)}}))
		}, events: []raxx.Event{news}},
	}
}
