package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	if err := (job{dir: dir}).writeFile(); err != nil {
		b.close()
		return nil, err
	}
	if len(o.works) == 0 {
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
	t := newTable(w.name, w.about, loadColumns)
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
			r, err := b.measure(ctx, c.process, w)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.peer.name, err)
			}
			r.enter(t, c.peer)
		}
	}
	return t, nil
}

// launchAll starts a server of each peer that can do the work. It returns those
// that it has started also with an error.
func (b *bench) launchAll(ctx context.Context, w work, t *table) ([]contender, error) {
	var field []contender
	for _, p := range b.peers {
		if p.idle == idleOnly || !t.admits(p, p.can(w)) {
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

// A reading is what one measurement under load brings.
type reading struct {
	load load
	cpu  time.Duration // of the server, meanwhile
	rss  int64         // of the server, in the middle
}

// loadColumns are what is shown of readings.
var loadColumns = []column{
	{"requests/s", "%.0f"}, {"server CPU µs/request", "%.2f"}, {"p99 ms", "%.2f"}, {"RSS MiB", "%.1f"},
}

// enter adds the reading to the row of a peer.
func (r reading) enter(t *table, p peer) {
	requests := float64(r.load.requests)
	rate := requests / r.load.time.Seconds()
	cpu := r.cpu.Seconds() * 1e6 / requests
	t.add(p, rate, cpu, r.load.p99.Seconds()*1e3, float64(r.rss)/(1<<20))
	if r.load.faults != "" {
		t.notes = append(t.notes, p.name+": wrk counted "+r.load.faults)
	}
	progress(t.name, p, "%.0f requests/s, %.2f µs", rate, cpu)
}

// measure warms a server up and takes one reading.
func (b *bench) measure(ctx context.Context, s *process, w work) (r reading, err error) {
	if b.warmup > 0 {
		if _, err := b.wrk.run(ctx, s.url(w), w, b.warmup); err != nil {
			return r, err
		}
	}
	before, err := s.usage()
	if err != nil {
		return r, err
	}
	middle := usageAfter(s, b.window/2)
	r.load, err = b.wrk.run(ctx, s.url(w), w, b.window)
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
	path, err := filepath.Abs(b.profile)
	if err != nil {
		return nothing, err
	}
	if len(b.works) > 1 {
		extension := filepath.Ext(path)
		path = strings.TrimSuffix(path, extension) + "." + w.name + extension
	}
	for _, c := range field {
		if c.peer.name == baseline {
			return func() { c.process.tell(orderProfileStops) }, c.process.tell(orderProfile + " " + path)
		}
	}
	return nothing, fmt.Errorf("-pprof: %s is not among the peers", baseline)
}

// progress tells on standard error what has been measured.
func progress(what string, p peer, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%-10s %-17s %s\n", what, p.name, fmt.Sprintf(format, args...))
}
