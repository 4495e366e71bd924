package main

import "testing"

func TestIdleIsMeasuredForEachPeer(t *testing.T) {
	if !onLinux {
		t.Skip("memory is read from /proc, on Linux only")
	}
	for _, w := range idleWorks {
		for _, name := range w.peers {
			p, err := find(peers, name)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(w.name+"/"+p.name, func(t *testing.T) {
				if !p.installed() {
					t.Skipf("%s is not installed", p.program)
				}
				t.Parallel()
				b, err := newBench(options{peers: []peer{p}, idle: 20, rounds: 1, procs: 2})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(b.close)
				tab, err := b.compareIdle(t.Context(), w)
				if err != nil {
					t.Fatal(err)
				}
				if len(tab.rows) != 1 || len(tab.rows[0].values[0]) != 1 {
					t.Errorf("measured %+v, want one value", tab.rows)
				}
			})
		}
	}
}
