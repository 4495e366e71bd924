// Package sse sends events to pages that listen with an EventSource (the
// server-sent events of the HTML standard, Section 9.2).
//
//	func ticker(req raxx.Request) raxx.Response {
//		return sse.Stream(req, sse.Config{}, raxx.NewMachine(0, tick))
//	}
//
//	func tick(n int, event raxx.Event) (int, []raxx.Part) {
//		switch event.(type) {
//		case raxx.Open, raxx.Timer:
//			return n + 1, []raxx.Part{sse.Event{Data: strconv.Itoa(n)}, raxx.After{Delay: time.Second}}
//		}
//		return n, nil
//	}
//
// # Model
//
// The application is a [raxx.Machine] among whose parts there are values of type
// [Event]. [Stream] wraps it into a machine whose parts are text, which is what a
// server drives:
//
//	server ── Open, Info, Timer, Drain ──▶ stream ── the same ──▶ the application
//	server ◀── Data (text), effects ── stream ◀── Event, Comment, effects ── the application
//
// So a test of an application is a comparison of lists: call its step with
// events, and compare the parts. What a client sees of it, package raxxtest shows.
// Events that are there already need no machine: [Pull] takes an iterator.
//
// # What is done for the application
//
// A comment is sent every 15 seconds. When the server shuts down, the application
// gets [raxx.Drain] and may say what it has to; then the client is told when to
// connect anew, to another process, each client at a time of its own, and the
// stream ends. A stream that ends by itself, such as the answer of a model, is
// finished first if it is [Config.Finite], or a [Pull]. The response says that it
// must not be stored and that proxies must not gather it.
//
// # Clients that come back
//
// A client that loses its connection comes back by itself and says the ID of the
// event that it has seen last. If [Config.History] holds the events behind that
// one, they are sent first; nothing is lost between them and what comes, and
// nothing comes twice. Where several processes serve one stream, each has its own
// history, filled by their common broker. A client that is to stay away is
// answered with 204: [raxx.NoContent].
//
// # Memory
//
// A stream that waits is some 100 octets beside the application's state. A parser
// holds the event that has not ended; see [Parser.Limit].
//
// # What it refuses to do
//
// It sends no event that would become another one: [Event.Check] says which, and
// a machine that sends one is broken off.
package sse
