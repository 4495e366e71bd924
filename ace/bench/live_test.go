package main

import (
	"slices"
	"testing"
	"time"
)

// Every peer can do what it says, and has a value for each column.
func TestLiveWorks(t *testing.T) {
	if !onLinux {
		t.Skip("memory is read from /proc, on Linux only")
	}
	for _, w := range liveWorks {
		if w.name == "fanout" {
			continue // takes 10,000 connections
		}
		t.Run(w.name, func(t *testing.T) {
			b := &bench{options: options{rounds: 1, procs: 2, held: 20, connections: 4, window: 20 * time.Millisecond}}
			tab, err := b.compareLive(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range livePeers {
				i := slices.IndexFunc(tab.rows, func(r row) bool { return r.peer == p.name })
				if can := slices.Contains(p.does, w.name); can != (i >= 0) {
					t.Errorf("%s: row %d", p.name, i)
				}
			}
			for _, r := range tab.rows {
				if len(r.values) != len(w.columns) || len(r.values[0]) != 1 {
					t.Errorf("%s: %v", r.peer, r.values)
				}
			}
		})
	}
}

// A message that is published comes to all.
func TestPublishing(t *testing.T) {
	for _, p := range livePeers {
		if !slices.Contains(p.does, "fanout") {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			s, err := peer{name: p.name}.launchWith(2, "-live")
			if err != nil {
				t.Fatal(err)
			}
			defer s.stop()
			conns, err := openMany(s.addr, 10, openStream)
			defer closeAll(conns)
			if err != nil {
				t.Fatal(err)
			}
			got, failed := listen(conns)
			for range 3 {
				if _, err := publish(s.addr, got, failed, len(conns)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
