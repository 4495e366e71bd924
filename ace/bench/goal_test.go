package main

import (
	"slices"
	"strings"
	"testing"
)

// A goal whose column or peer is not in its table would be shown nowhere.
func TestEachGoalIsForAFigureThatIsMeasured(t *testing.T) {
	for _, g := range goals {
		if w, err := find(liveWorks, g.table); err == nil {
			checkLiveGoal(t, g, w)
			continue
		}
		if w, err := find(harmWorks, g.table); err == nil {
			if !slices.ContainsFunc(w.columns(), func(c column) bool { return c.header == g.column }) || g.peer != baseline {
				t.Errorf("table %s has no column %q, or no row %s", g.table, g.column, g.peer)
			}
			continue
		}
		columns := []column{{header: idleHeader}}
		w, err := find(idleWorks, g.table)
		if err != nil {
			if w, err = find(works, g.table); err != nil {
				t.Error(err)
				continue
			}
			columns = columnsOf(w.quantities())
		}
		if !slices.ContainsFunc(columns, func(c column) bool { return c.header == g.column }) {
			t.Errorf("table %s has no column %q", g.table, g.column)
		}
		p, err := find(peers, g.peer)
		if err != nil || !p.takesPart(w) || !p.can(w) {
			t.Errorf("%s is not measured at %s", g.peer, g.table)
		}
	}
}

func checkLiveGoal(t *testing.T, g goal, w liveWork) {
	if !slices.ContainsFunc(w.columns, func(c column) bool { return c.header == g.column }) {
		t.Errorf("table %s has no column %q", g.table, g.column)
	}
	p, err := find(livePeers, g.peer)
	if err != nil || !slices.Contains(p.does, w.name) {
		t.Errorf("%s is not measured at %s", g.peer, g.table)
	}
}

func TestVerdict(t *testing.T) {
	two := []float64{2}
	for _, test := range []struct {
		name      string
		goal      goal
		ace, peer []float64
		want      string
	}{
		{"reached", goal{peer: "nginx", bound: 0.5}, two, []float64{4}, "≤ 0.50, met"},
		{"not reached", goal{peer: "nginx", bound: 0.4}, two, []float64{4}, "≤ 0.40, **missed**"},
		{"at least", goal{peer: "nginx", bound: 0.5, least: true}, two, []float64{4}, "≥ 0.50, met"},
		{"less than the least", goal{peer: "nginx", bound: 1, least: true}, two, []float64{4}, "≥ 1.00, **missed**"},
		{"a value", goal{peer: baseline, bound: 2}, two, two, "≤ 2.00, met"},
		{"too large a value", goal{peer: baseline, bound: 1.5}, two, two, "≤ 1.50, **missed**"},
		{"the median counts", goal{peer: baseline, bound: 2}, []float64{9, 1, 2}, nil, "≤ 2.00, met"},
		{"the peer was not measured", goal{peer: "nginx", bound: 0.5}, two, nil, "≤ 0.50"},
		{"nothing was measured", goal{peer: baseline, bound: 0.5}, nil, nil, "≤ 0.50"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.goal.verdict(test.ace, test.peer); got != test.want {
				t.Errorf("verdict = %q, want %q", got, test.want)
			}
		})
	}
}

func TestTableShowsGoals(t *testing.T) {
	tab := newTable("idle-tls", "connections", []column{{idleHeader, "%.0f"}})
	ace, other := peer{name: baseline}, peer{name: "net/http"}
	tab.admits(ace, true)
	tab.admits(other, true)
	tab.add(ace, 10)
	tab.add(other, 40)
	text := tab.markdown()
	for _, want := range []string{
		"| server | RSS KiB/connection | Ace ÷ it | goal |\n| --- | ---: | ---: | --- |\n",
		"| ace | 10 (10–10) | 1.00 |  |\n",
		"| net/http | 40 (40–40) | 0.25 | ≤ 0.50, met |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
