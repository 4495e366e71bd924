package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A bench measures as its options say.
type bench struct {
	options
	dir string // for what servers and wrk read
	wrk wrk
}

func newBench(o options) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, dir: dir}
	if err := (job{dir: dir}).prepare(); err != nil {
		b.close()
		return nil, err
	}
	if !slices.ContainsFunc(o.works, func(w work) bool { return !w.byH2load() }) {
		return b, nil
	}
	if b.wrk, err = newWrk(dir, o.connections, o.threads); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// close removes what the bench has written.
func (b *bench) close() { os.RemoveAll(b.dir) }

// A contender is a peer whose server runs.
type contender struct {
	peer    peer
	process *process
}

// compare measures a work for each peer: one process each, and in each round
// one measurement of each.
func (b *bench) compare(ctx context.Context, w work) (*table, error) {
	shown := w.quantities()
	t := newTable(w.name, w.about, columnsOf(shown))
	client, reason := b.client(w)
	if client == nil {
		t.notes = append(t.notes, reason)
		return t, nil
	}
	field, err := b.launchAll(ctx, w, t)
	defer func() {
		for _, c := range field {
			c.process.stop()
		}
	}()
	if err != nil {
		return nil, err
	}
	stopProfile, err := b.startProfile(field, w)
	if err != nil {
		return nil, err
	}
	defer stopProfile()
	for round := range b.rounds {
		for i := range field {
			// Each round begins with another peer.
			c := field[(round+i)%len(field)]
			r, err := b.turn(ctx, client, c, w, round == 0)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.peer.name, err)
			}
			r.enter(t, shown, c.peer)
		}
	}
	return t, nil
}

// A client makes the load of works.
type client interface {
	run(ctx context.Context, url string, w work, d time.Duration) (load, error)
}

// client returns what makes the load of a work, or else the reason why there is
// none.
func (b *bench) client(w work) (c client, reason string) {
	if !w.byH2load() {
		return b.wrk, ""
	}
	if _, err := exec.LookPath(h2loadProgram); err != nil {
		return nil, "not measured: the load comes from h2load, which is not installed (Debian and Ubuntu: apt-get install nghttp2-client)"
	}
	return b.newH2load(w), ""
}

// turn takes the reading of a peer in one round. If the peer's process is cold,
// it is warmed up before.
func (b *bench) turn(ctx context.Context, c client, p contender, w work, cold bool) (r reading, err error) {
	if cold && b.warmup > 0 {
		if _, err := c.run(ctx, p.process.url(w), w, b.warmup); err != nil {
			return r, err
		}
	}
	if w.bare == "" {
		return b.measure(ctx, c, p.process, w)
	}
	without := w
	without.path = w.bare
	bare, err := b.measure(ctx, c, p.process, without)
	if err != nil {
		return r, err
	}
	r, err = b.measure(ctx, c, p.process, w)
	r.bare = bare.cost()
	return r, err
}

// launchAll starts a server of each peer that can do the work. It returns those
// that it has started also with an error.
func (b *bench) launchAll(ctx context.Context, w work, t *table) ([]contender, error) {
	var field []contender
	for _, p := range b.peers {
		if !p.takesPart(w) || !t.admits(p, p.can(w)) {
			continue
		}
		s, err := p.launch(ctx, job{w, b.dir}, b.procs)
		if err != nil {
			return field, err
		}
		field = append(field, contender{p, s})
	}
	return field, nil
}

// enter adds the reading to the row of a peer.
func (r reading) enter(t *table, shown []quantity, p peer) {
	var values []float64
	for _, q := range shown {
		values = append(values, q.of(r))
	}
	t.add(p, values...)
	if r.load.faults != "" {
		t.notes = append(t.notes, p.name+": the client counted "+r.load.faults)
	}
	progress(t.name, p, "%.0f requests/s, %.2f µs", r.rate(), r.cost())
}

// measure takes one reading.
func (b *bench) measure(ctx context.Context, c client, s *process, w work) (r reading, err error) {
	before, err := s.usage()
	if err != nil {
		return r, err
	}
	middle := usageAfter(s, b.window/2)
	r.load, err = c.run(ctx, s.url(w), w, b.window)
	within := <-middle
	if err != nil {
		return r, err
	}
	after, err := s.usage()
	r.cpu, r.rss = after.cpu-before.cpu, within.rss
	return r, errors.Join(err, within.err)
}

type usageOrError struct {
	usage
	err error
}

// usageAfter reads the usage of a process once, after some time.
func usageAfter(s *process, d time.Duration) <-chan usageOrError {
	read := make(chan usageOrError, 1)
	time.AfterFunc(d, func() {
		u, err := s.usage()
		read <- usageOrError{u, err}
	})
	return read
}

// startProfile starts the CPU profile of the baseline, if one is wanted, and
// returns what ends it.
func (b *bench) startProfile(field []contender, w work) (stop func(), err error) {
	nothing := func() {}
	if b.profile == "" {
		return nothing, nil
	}
	path, err := b.profileOf(w.name, len(b.works))
	if err != nil {
		return nothing, err
	}
	for _, c := range field {
		if c.peer.name == baseline {
			return func() { c.process.tell(orderProfileStops) }, c.process.tell(orderProfile + " " + path)
		}
	}
	return nothing, fmt.Errorf("-pprof: %s is not among the peers", baseline)
}

// profileOf returns the path of the profile of a work, which is one of several.
func (b *bench) profileOf(name string, several int) (string, error) {
	path, err := filepath.Abs(b.profile)
	if several > 1 {
		extension := filepath.Ext(path)
		path = strings.TrimSuffix(path, extension) + "." + name + extension
	}
	return path, err
}

// progress tells on standard error what has been measured.
func progress(what string, p peer, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%-10s %-17s %s\n", what, p.name, fmt.Sprintf(format, args...))
}
