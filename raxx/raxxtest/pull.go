package raxxtest

import (
	"iter"
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A pull is a body that is read for a machine.
type pull struct {
	name string
	hold bool
	next func() ([]byte, error, bool)
	stop func()
}

// setPull begins to read a body, in the place of the one that has the name, or
// ends that.
func (x *Exchange) setPull(effect raxx.Pull) {
	x.pulls = slices.DeleteFunc(x.pulls, func(p *pull) bool {
		if p.name == effect.Name {
			p.stop()
		}
		return p.name == effect.Name
	})
	if effect.From != nil && x.running && !x.server.still {
		next, stop := iter.Pull2(raxx.Chunks(effect.From))
		x.pulls = append(x.pulls, &pull{effect.Name, effect.Hold, next, stop})
	}
}

// holds reports whether the machine is not to be told of what the client sends.
func (x *Exchange) holds() bool {
	return slices.ContainsFunc(x.pulls, func(p *pull) bool { return p.hold })
}

// stopPulls ends all of them.
func (x *Exchange) stopPulls() {
	for _, p := range x.pulls {
		p.stop()
	}
	x.pulls = nil
}

// pull hands every machine the next piece of each body that it reads.
func (s *Server) pull() {
	for _, x := range slices.Clone(s.exchanges) {
		for _, p := range slices.Clone(x.pulls) {
			if slices.Contains(x.pulls, p) { // still, behind the piece of another one
				x.handle(p.event(x))
				s.deliver()
			}
		}
	}
}

// event returns the next piece, or the end.
func (p *pull) event(x *Exchange) raxx.Event {
	for {
		chunk, err, more := p.next()
		if more && err == nil && len(chunk) == 0 {
			continue
		}
		if more && err == nil {
			return raxx.Pulled{Name: p.name, Data: raxx.Data(chunk)}
		}
		p.stop()
		x.pulls = slices.DeleteFunc(x.pulls, func(q *pull) bool { return q == p })
		return raxx.Pulled{Name: p.name, End: true, Cause: raxx.NewCause(err)}
	}
}
