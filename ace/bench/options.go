package main

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	args        []string // as they were given
	works       []work
	peers       []peer
	rounds      int
	window      time.Duration // of one measurement
	warmup      time.Duration // before each; 0: none
	connections int
	threads     int // of the client
	procs       int // GOMAXPROCS of servers in Go, workers of nginx
	idle        int // connections; 0: not measured
	live        []liveWork
	held        int // event streams and WebSockets whose memory is measured
	safety      []harmWork
	harms       []harm        // of those that these works do
	harmTime    time.Duration // of a window with a harm, or without
	report      string
	profile     string
}

// parseOptions reads the arguments of the benchmark.
func parseOptions(args []string) (options, error) {
	o := options{args: args}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	worksFlag := f.String("works", "all", "works to measure: "+names(works)+"; or none")
	peersFlag := f.String("peers", "all", "peers to compare: "+names(peers))
	f.IntVar(&o.rounds, "rounds", 3, "measurements of each peer and work")
	f.DurationVar(&o.window, "time", time.Second, "time of one measurement, in whole seconds")
	f.DurationVar(&o.warmup, "warmup", time.Second, "load on each server before its first measurement, in whole seconds")
	f.IntVar(&o.connections, "connections", 64, "connections, where a work has no number of its own")
	f.IntVar(&o.threads, "threads", 2, "threads of the client")
	f.IntVar(&o.procs, "procs", runtime.NumCPU(), "GOMAXPROCS of the servers, and workers of nginx")
	f.IntVar(&o.idle, "idle", 15000, "idle connections whose memory is measured; 0: don't")
	liveFlag := f.String("live", "all", "works of event streams and WebSockets to measure: "+names(liveWorks)+"; or none")
	f.IntVar(&o.held, "held", 15000, "event streams and WebSockets whose memory is measured")
	safetyFlag := f.String("safety", "isolation,attacks", "works of harms that are done to a server to measure: "+names(harmWorks)+"; or none")
	harmsFlag := f.String("harms", "all", "harms that these works do: "+names(allHarms()))
	f.DurationVar(&o.harmTime, "harm-time", 500*time.Millisecond, "how long a harm is done before the next has its turn; an attack: half of it")
	f.StringVar(&o.report, "o", "", "write the report to this file")
	f.StringVar(&o.profile, "pprof", "", "write a CPU profile of the ace process to this file (one for each work, if there are several)")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	var err error
	if o.works, err = choose(works, *worksFlag); err != nil {
		return o, err
	}
	if o.peers, err = choose(peers, *peersFlag); err != nil {
		return o, err
	}
	if o.live, err = choose(liveWorks, *liveFlag); err != nil {
		return o, err
	}
	if o.safety, err = choose(harmWorks, *safetyFlag); err != nil {
		return o, err
	}
	if o.harms, err = choose(allHarms(), *harmsFlag); err != nil {
		return o, err
	}
	return o, o.check()
}

// check refuses what can't be measured.
func (o *options) check() error {
	switch {
	case o.window < time.Second || o.window%time.Second != 0 || o.warmup < 0 || o.warmup%time.Second != 0:
		return fmt.Errorf("the clients know whole seconds only, not -time %v -warmup %v", o.window, o.warmup)
	case o.rounds < 1 || o.procs < 1 || o.threads < 1:
		return fmt.Errorf("-rounds, -procs and -threads have to be at least 1")
	case o.connections < o.threads:
		return fmt.Errorf("each of the client's %d threads needs a connection, and there are %d", o.threads, o.connections)
	case o.idle < 0 || o.idle > maxIdle:
		return fmt.Errorf("-idle has to be between 0 and %d: a process has 20,000 descriptors", maxIdle)
	case o.harmTime < 100*time.Millisecond:
		return fmt.Errorf("-harm-time %v is too short to see anything", o.harmTime)
	case o.held < 1 || o.held > maxIdle:
		return fmt.Errorf("-held has to be between 1 and %d", maxIdle)
	}
	return nil
}

// A named is one of a list that a flag selects from.
type named interface{ title() string }

// choose returns those of all that a flag lists by their names, in the order of
// all.
func choose[T named](all []T, list string) ([]T, error) {
	switch list {
	case "all":
		return all, nil
	case "none":
		return nil, nil
	}
	wanted := strings.Split(list, ",")
	for _, name := range wanted {
		if _, err := find(all, name); err != nil {
			return nil, err
		}
	}
	var chosen []T
	for _, t := range all {
		if slices.Contains(wanted, t.title()) {
			chosen = append(chosen, t)
		}
	}
	return chosen, nil
}

// find returns the one of that name.
func find[T named](all []T, name string) (T, error) {
	for _, t := range all {
		if t.title() == name {
			return t, nil
		}
	}
	var none T
	return none, fmt.Errorf("no %q among %s", name, names(all))
}

// names returns the names of all, with commas between them.
func names[T named](all []T) string {
	var list []string
	for _, t := range all {
		list = append(list, t.title())
	}
	return strings.Join(list, ",")
}
