package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
)

// Each harm is done, and each row has a value for each column.
func TestHarms(t *testing.T) {
	if !onLinux {
		t.Skip("memory is read from /proc, on Linux only")
	}
	for _, w := range harmWorks {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			b := &bench{options: options{rounds: 1, procs: 2, harmTime: 100 * time.Millisecond, harms: allHarms()}}
			tab, err := b.compareHarm(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			if len(tab.rows) != len(w.harms) {
				t.Fatalf("%d rows, want %d", len(tab.rows), len(w.harms))
			}
			for i, r := range tab.rows {
				if r.peer != w.harms[i].name || len(r.values) != len(w.shown) || len(r.values[0]) != w.turns {
					t.Errorf("row %d: %+v", i, r)
				}
				if strings.Contains(tab.notes[i], "It ended with: .") {
					t.Errorf("nothing was done: %s", tab.notes[i])
				}
			}
			named := slices.IndexFunc(tab.columns, func(c column) bool { return c.header == namedHeader })
			for _, r := range tab.rows {
				if named >= 0 && r.values[named][0] < 0.9 {
					t.Errorf("%s: the trace tells of %v", r.peer, r.values[named])
				}
			}
		})
	}
}

// A foe finds a harm by its name.
func TestHarmsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range allHarms() {
		if seen[h.name] || strings.Contains(h.name, ",") {
			t.Errorf("%q is no name to choose by", h.name)
		}
		seen[h.name] = true
	}
}

// A visitor whose request was due while it still waited has waited since then.
func TestVisitCountsFromWhenARequestWasDue(t *testing.T) {
	server, err := peer{name: baseline}.launchWith(2, "-harmed")
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	conns, err := openVisitors(server.addr)
	defer closeAll(conns)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	times, err := visitFrom(conns[0], now.Add(-time.Second), now)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(time.Second / visitEvery); len(times) != want || times[0] < time.Second {
		t.Errorf("%d requests, the first took %v, want %d and a second at least", len(times), times[0], want)
	}
	all, err := visit(conns, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 5*visitorCount-visitorCount || !slices.IsSorted(all) {
		t.Errorf("%d requests, or not the shortest first", len(all))
	}
}

func TestReasonOf(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("here: %w", &ace.PanicError{Value: "a fault", Stack: []byte("a stack")}), panicReason},
		{&ace.ProtocolError{Status: 400, Section: "3", Reason: "no line"}, "no line"},
		{&os.SyscallError{Syscall: "accept4", Err: syscall.EMFILE}, "too many open files"},
		{ace.ErrTimeout, "the client took too long"},
	} {
		if got := reasonOf(test.err); got != test.want {
			t.Errorf("reasonOf(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, test := range []struct {
		name string
		r    harmRound
		want float64
	}{
		{"each", harmRound{harm: harm{told: "x"}, outcomes: outcomes{"a": 1, "b": 1}, told: outcomes{"x": 2}}, 1},
		{"one of two", harmRound{harm: harm{told: "x"}, outcomes: outcomes{"a": 2}, told: outcomes{"x": 1, "y": 1}}, 0.5},
		{"the cause of all", harmRound{harm: harm{told: "x", scarce: true}, outcomes: outcomes{"a": 20}, told: outcomes{"x": 8}}, 1},
		{"none", harmRound{harm: harm{told: "x", scarce: true}, outcomes: outcomes{"a": 20}}, 0},
	} {
		if got := test.r.named(); got != test.want {
			t.Errorf("%s: named = %v, want %v", test.name, got, test.want)
		}
	}
}
