package raxxtest

import (
	"errors"
	"slices"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A Server serves a handler to a test. It has a clock that stands still until it is
// told to go on, and a broker that all its exchanges share; it has no socket, no
// goroutine and no mailbox that could overflow. A timer comes only by
// [Server.Advance], one without a delay by Advance(0), and so does what a
// [raxx.Pull] reads. It is used by one goroutine at a time.
type Server struct {
	handler   raxx.Handler
	now       time.Time
	exchanges []*Exchange
	published []raxx.Publish
	queue     []post // not delivered yet
	busy      bool   // deliver is running
	still     bool   // nothing is delivered: see Run
}

// A post is a message, and those who subscribed to its topic when it was
// published.
type post struct {
	message raxx.Publish
	to      []*Exchange
}

// maxDeliveries is how many messages one message may lead to, and how often
// timers may come at one moment. Machines that answer each other for ever are
// stopped by it.
const maxDeliveries = 10_000

// ErrBusy is the cause with which exchanges are broken off that would keep each
// other busy for ever: with messages that lead to messages, or timers that are set
// again without a delay.
var ErrBusy = errors.New("raxxtest: messages or timers without delay lead to ever more of them")

// NewServer returns a server of h. Its clock shows midnight UTC of the 1st of
// January 2000.
func NewServer(h raxx.Handler) *Server {
	return &Server{handler: h, now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Serve hands a request to the handler and returns the exchange. What the
// handler answers with has been sent as far as it goes without events; a machine
// has got its [raxx.Open].
//
// A body of [raxx.Data] is complete already, as behind [raxx.Complete]: the
// handler finds it, and no event brings it. A [raxx.Stream] is as it comes from
// a connection: what the handler leaves unread reaches a machine as events;
// [Chunks] makes one. If it fails, the client has gone away. A [raxx.Pull] with Hold
// is read to its end before the next piece comes.
//
// A handler that panics panics here.
func (s *Server) Serve(req raxx.Request) *Exchange {
	open := raxx.Open{Peer: req.Peer}
	stream, streams := req.Body.(raxx.Stream)
	if !streams {
		return s.start(req.Method, s.handler(req), open)
	}
	in := newIncoming(stream)
	defer in.stop()
	req.Body = in.body()
	x := s.start(req.Method, s.handler(req), open)
	for x.running && !in.done {
		x.handle(in.event())
		s.deliver()
		for n := 0; x.running && x.holds(); n++ {
			if n == maxDeliveries {
				x.breakOff(ErrBusy)
			}
			s.pull()
		}
	}
	return x
}

// Now returns what the clock shows.
func (s *Server) Now() time.Time { return s.now }

// Publish sends a message to every exchange that subscribes to the topic.
func (s *Server) Publish(topic, message string) {
	s.post(raxx.Publish{Topic: topic, Message: message})
	s.deliver()
}

func (s *Server) post(message raxx.Publish) {
	s.queue = append(s.queue, post{message, s.subscribers(message.Topic)})
}

// Published returns what machines and handlers have published, in order.
func (s *Server) Published() []raxx.Publish { return slices.Clone(s.published) }

// Drain tells every machine that the server shuts down.
func (s *Server) Drain() {
	for _, x := range slices.Clone(s.exchanges) {
		x.handle(raxx.Drain{})
		s.deliver()
	}
}

// Close tells every machine that the server is closed.
func (s *Server) Close() {
	for _, x := range slices.Clone(s.exchanges) {
		x.handle(raxx.Closed{Reason: raxx.ServerClosed})
		s.deliver()
	}
}

// deliver hands out what has been published, in order. A message that is
// published by one who gets a message waits until all have got theirs.
func (s *Server) deliver() {
	if s.busy || s.still {
		return
	}
	s.busy = true
	defer func() { s.busy = false }()
	for n := 0; len(s.queue) > 0; n++ {
		post := s.queue[0]
		s.queue = s.queue[1:]
		for _, x := range post.to {
			if !slices.Contains(x.topics, post.message.Topic) {
				continue // any more
			}
			if n == maxDeliveries {
				s.queue = nil
				x.breakOff(ErrBusy)
				continue
			}
			x.handle(raxx.Info(post.message))
		}
	}
}

// subscribers returns who subscribes to a topic, the oldest exchange first.
func (s *Server) subscribers(topic string) (all []*Exchange) {
	for _, x := range s.exchanges {
		if slices.Contains(x.topics, topic) {
			all = append(all, x)
		}
	}
	return all
}
