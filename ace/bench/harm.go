package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"time"
)

// A harm is something that a foe does to a server while visitors use it.
type harm struct {
	name, about string
	first       func(*foe) // is done before visitors are looked at; nil: nothing
	do          func(*foe) // goes on until the foe is told to end
	told        string     // what the trace tells each time
	scarce      bool       // meanwhile the server gets no descriptors, of which the trace tells as often as it likes
	lasts       int        // windows; 0: one
}

func (h harm) title() string { return h.name }

// allHarms returns those that works do.
func allHarms() []harm { return slices.Concat(disturbances, attackHarms) }

// A harmWork measures what visitors of a server, and the server, notice of harms.
type harmWork struct {
	name, about string
	subject     string // what the harms are
	server      string // among harmedPeers
	harms       []harm
	window      func(time.Duration) time.Duration // of what the options say
	shown       []harmQuantity
	turns       int  // of each harm in a round of the options
	leaves      bool // what harms leave behind is shown
	elsewhere   bool // each harm is done to another server of the kind, too
}

func (w harmWork) title() string { return w.name }

// columns returns those of its table.
func (w harmWork) columns() []column {
	var columns []column
	for _, q := range w.shown {
		columns = append(columns, q.column)
	}
	return columns
}

// A harmQuantity is what a column shows of rounds.
type harmQuantity struct {
	column
	of func(harmRound) float64
}

// A harmRound is what was noticed in one round.
type harmRound struct {
	harm harm
	// How long visitors waited, the shortest first: in the calm, while the harm
	// was done to another server on the machine, and to theirs.
	calm, elsewhere, harmed []time.Duration

	before, after standing      // of the server, when all was over again
	rss, peak     int64         // of the server, before the harm and at most under it
	cpu           time.Duration // of the server, more under the harm than in the calm
	outcomes      outcomes
	told          outcomes // by the trace, meanwhile
}

// A scene is what a work of harms needs: a server, visitors who are connected,
// and a foe.
type scene struct {
	work     harmWork
	server   *process
	visitors []net.Conn
	other    *process // a server without visitors; nil: there is none
	foe      *process
	window   time.Duration
	last     standing // of the server, when it was last at rest
}

// compareHarm measures a work: one server, and in every round each of the harms,
// next to a calm of the same length.
func (b *bench) compareHarm(ctx context.Context, w harmWork) (*table, error) {
	t := newTable(w.name, w.about, w.columns())
	t.subject = w.subject
	s, err := b.setScene(ctx, w)
	defer s.leave()
	if err != nil {
		return nil, err
	}
	stopProfile, err := b.profileHarm(s.server, w)
	if err != nil {
		return nil, err
	}
	defer stopProfile()
	sums := map[string]harmRound{}
	harms := slices.DeleteFunc(slices.Clone(w.harms), func(h harm) bool { return !b.does(h) })
	for range b.rounds * w.turns {
		for _, h := range harms {
			r, err := s.play(ctx, h)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", h.name, err)
			}
			sum := sums[h.name]
			sums[h.name] = harmRound{outcomes: sum.outcomes.plus(r.outcomes), told: sum.told.plus(r.told)}
			r.enter(t, w.shown)
		}
	}
	for _, h := range harms {
		t.notes = append(t.notes, h.note(sums[h.name]))
	}
	return t, nil
}

// does reports whether the options ask for a harm.
func (o *options) does(h harm) bool {
	return slices.ContainsFunc(o.harms, func(chosen harm) bool { return chosen.name == h.name })
}

// note says in words what has happened in all rounds.
func (h harm) note(sum harmRound) string {
	text := fmt.Sprintf("%s: %s. It ended with: %s.", h.name, h.about, sum.outcomes.text())
	if len(sum.told) > 0 {
		text += " The trace told of: " + sum.told.text() + "."
	}
	return text
}

// setScene starts what a work needs. What it has started it returns also with an
// error.
func (b *bench) setScene(ctx context.Context, w harmWork) (s *scene, err error) {
	s = &scene{work: w, window: w.window(b.harmTime)}
	if s.server, err = (peer{name: w.server}).launchWith(b.procs, "-harmed"); err != nil {
		return s, err
	}
	if s.visitors, err = openVisitors(s.server.addr); err != nil {
		return s, err
	}
	if w.elsewhere {
		if s.other, err = (peer{name: w.server}).launchWith(b.procs, "-harmed"); err != nil {
			return s, err
		}
	}
	if s.foe, err = launchSelf(b.procs, "foe"); err != nil {
		return s, err
	}
	if _, err = visit(s.visitors, b.warmup); err != nil {
		return s, err
	}
	s.last, err = s.server.stand(ctx, standing{}, w.leaves)
	return s, err
}

// leave ends the scene.
func (s *scene) leave() {
	closeAll(s.visitors)
	for _, p := range []*process{s.foe, s.other, s.server} {
		if p != nil {
			p.stop()
		}
	}
}

// profileHarm starts the CPU profile of the server, if one is wanted, and returns
// what ends it.
func (b *bench) profileHarm(s *process, w harmWork) (stop func(), err error) {
	if b.profile == "" {
		return func() {}, nil
	}
	path, err := b.profileOf(w.name, len(b.safety))
	if err != nil {
		return nil, err
	}
	return func() { s.tell(orderProfileStops) }, s.tell(orderProfile + " " + path)
}

// enter adds what the round has shown to the row of its harm.
func (r harmRound) enter(t *table, shown []harmQuantity) {
	row := peer{name: r.harm.name}
	t.admits(row, true)
	var values []float64
	for _, q := range shown {
		values = append(values, q.of(r))
	}
	t.add(row, values...)
	progress(t.name, row, "%.2f", values)
}

// play is one round of a harm.
func (s *scene) play(ctx context.Context, h harm) (r harmRound, err error) {
	r.harm, r.before = h, s.last
	window := s.window * time.Duration(max(h.lasts, 1))
	calmCPU, err := s.server.costOf(func() (err error) {
		r.calm, err = visit(s.visitors, window)
		return err
	})
	if err != nil {
		return r, err
	}
	if s.other != nil {
		if r.elsewhere, _, err = s.suffer(s.other, h, window); err != nil {
			return r, err
		}
	}
	if r.rss, err = s.server.resetPeak(); err != nil {
		return r, err
	}
	harmedCPU, err := s.server.costOf(func() (err error) {
		r.harmed, r.outcomes, err = s.suffer(s.server, h, window)
		return err
	})
	if err != nil {
		return r, err
	}
	if r.peak, err = s.server.peak(); err != nil {
		return r, err
	}
	r.cpu = harmedCPU - calmCPU
	s.last, err = s.server.stand(ctx, r.before, s.work.leaves)
	r.after, r.told = s.last, s.last.told.minus(r.before.told)
	return r, err
}

// suffer has the visitors ask while the harm is done to a victim. It returns how
// long they have waited, and how what was done has ended.
func (s *scene) suffer(victim *process, h harm, window time.Duration) (waited []time.Duration, ended outcomes, err error) {
	if err := s.foe.tell(orderBegin + " " + victim.addr + " " + h.name); err != nil {
		return nil, nil, err
	}
	if h.scarce {
		if err := victim.tell(orderScarce); err != nil {
			return nil, nil, err
		}
	}
	if waited, err = visit(s.visitors, window); err != nil {
		return nil, nil, err
	}
	if h.scarce {
		if err := victim.tell(orderPlenty); err != nil {
			return nil, nil, err
		}
	}
	answer, err := s.foe.ask(orderEnd)
	if err != nil {
		return nil, nil, err
	}
	err = json.Unmarshal([]byte(answer), &ended)
	return waited, ended, err
}
