package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	tab := newTable("hello", "a greeting", []column{{"requests/s", "%.0f"}, {"CPU µs", "%.2f"}})
	mine, theirs, missing := peer{name: baseline}, peer{name: "other"}, peer{name: "gone", program: "no-such-program"}
	for _, p := range []peer{mine, theirs} {
		if !tab.admits(p, true) {
			t.Errorf("%s is not admitted", p.name)
		}
	}
	if tab.admits(peer{name: "limited"}, false) || tab.admits(missing, true) {
		t.Error("a peer is admitted that can't do it or is not installed")
	}
	for _, round := range [][4]float64{{100, 8, 50, 12}, {300, 10, 100, 10}, {200, 9, 100, 18}} {
		tab.add(mine, round[0], round[1])
		tab.add(theirs, round[2], round[3])
	}
	const want = `### hello

A greeting.

| server | requests/s | Ace ÷ it | CPU µs | Ace ÷ it |
| --- | ---: | ---: | ---: | ---: |
| ace | 200 (100–300) | 1.00 | 9.00 (8.00–10.00) | 1.00 |
| other | 100 (50–100) | 2.00 | 12.00 (10.00–18.00) | 0.67 |
| limited | - | - | - | - |
| gone | - | - | - | - |

- gone: not installed
`
	if diff := cmp.Diff(want, tab.markdown()); diff != "" {
		t.Error(diff)
	}
}

// In a table of other things than peers, each of them has the goal.
func TestTableWithASubject(t *testing.T) {
	tab := newTable("attacks", "visitors", []column{{medianRatioHeader, "%.1f"}, {"attacks", "%.0f"}})
	tab.subject = "attack"
	for i, name := range []string{"a flood", "a bomb"} {
		tab.admits(peer{name: name}, true)
		tab.add(peer{name: name}, float64(i+1), 9)
	}
	const want = `### attacks

Visitors.

| attack | median ÷ calm | goal | attacks |
| --- | ---: | --- | ---: |
| a flood | 1.0 (1.0–1.0) | ≤ 1.50, met | 9 (9–9) |
| a bomb | 2.0 (2.0–2.0) | ≤ 1.50, **missed** | 9 (9–9) |
`
	if diff := cmp.Diff(want, tab.markdown()); diff != "" {
		t.Error(diff)
	}
}

func TestTableWithoutTheBaseline(t *testing.T) {
	tab := newTable("hello", "a greeting", []column{{"requests/s", "%.0f"}})
	p := peer{name: "other"}
	tab.admits(p, true)
	tab.add(p, 5)
	tab.add(p, 7)
	const want = "### hello\n\nA greeting.\n\n| server | requests/s |\n| --- | ---: |\n| other | 6 (5–7) |\n"
	if diff := cmp.Diff(want, tab.markdown()); diff != "" {
		t.Error(diff)
	}
}
