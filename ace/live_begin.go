package ace

import (
	"strings"
	"time"

	"github.com/raxx-go/raxx/ace/internal/exchange"
	"github.com/raxx-go/raxx/ace/internal/h1"
	"github.com/raxx-go/raxx/ace/internal/process"
	"github.com/raxx-go/raxx/raxx"
)

// startLive begins the exchange that m answers.
func (w *worker) startLive(m raxx.Machine, req *raxx.Request, begun time.Time) step {
	kept := *req
	l := &live{worker: w, begun: w.server.wheel.StampOf(begun), req: &kept, path: ownPath(req.Path)}
	w.status.keep(strings.Clone(req.Method), l.path, &w.server.looking)
	l.process, l.borrows = process.New(&w.server.env, m, l), m.Borrows()
	l.inputOver = w.body == nil || !w.body.takeOver()
	w.live = l
	w.proto = new(h1.Conn)
	*w.proto = w.now.proto
	w.contexts().pauseWatch()
	if err := l.begin(&kept); err != nil {
		return l.failed(err)
	}
	return lives
}

// begin does what the response of the handler says, and hands the machine its
// first event.
func (l *live) begin(req *raxx.Request) (err error) {
	w := l.worker
	effects := w.now.Effects()
	if l.reply, err = w.now.Begin(req, w); err != nil {
		return err
	}
	w.now.reset()
	w.conn.handlerBegins(l.path) // effects may ask a broker
	if l.reply.Empty() {
		exchange.PublishOnly(effects, w)
		w.conn.handlerEnds(l.path)
		return nil // nothing that the machine does would be seen
	}
	l.process.Do(effects)
	w.conn.handlerEnds(l.path)
	if !l.reply.HeadSent() && w.body != nil {
		if err := w.body.sendContinue(); err != nil {
			return err
		}
	}
	if l.raw() {
		l.inputOver = false // what follows the request is the machine's
	}
	l.opened = true
	return l.handle(raxx.Open{Peer: req.Peer})
}

// ownPath returns a copy of a path that keeps no head in memory.
func ownPath(path string) string {
	const enough = 64
	return strings.Clone(path[:min(len(path), enough)])
}

// startRaw begins a connection that speaks no HTTP, with a machine of its own.
func (w *worker) startRaw(m raxx.Machine) step {
	l := &live{worker: w, begun: w.server.wheel.StampOf(time.Now()), reply: exchange.Raw()}
	l.process, l.borrows = process.New(&w.server.env, m, l), m.Borrows()
	w.live = l
	w.proto = &w.server.bare
	w.requests = 1
	w.waitBy, l.opened = 0, true
	if err := l.handle(raxx.Open{Peer: w.peerFacts()}); err != nil {
		return l.failed(err)
	}
	return lives
}

// peerFacts returns what is known of the connection.
func (w *worker) peerFacts() raxx.Peer { return raxx.Peer{Address: w.peer, TLS: w.secure} }
