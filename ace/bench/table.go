package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A table compares peers: a row for each, a column for each quantity. Or it has
// a row for each of other things, if it has a subject: all of them are the
// baseline's then, and its goals are for each row.
type table struct {
	subject     string // what the rows are; empty: peers
	name, about string
	columns     []column
	goals       []map[string]goal // by column, then by peer
	rows        []row
	notes       []string
}

// A column is a quantity.
type column struct{ header, format string }

// A row holds what was measured of a peer.
type row struct {
	peer   string
	values [][]float64 // by column, then by round; none: the peer can't do it
}

func newTable(name, about string, columns []column) *table {
	t := &table{name: name, about: about, columns: columns}
	for _, c := range columns {
		t.goals = append(t.goals, goalsOf(name, c.header))
	}
	return t
}

// admits makes the row of a peer, and reports whether there is something to
// measure: it says in the table why not.
func (t *table) admits(p peer, can bool) bool {
	if !slices.ContainsFunc(t.rows, func(r row) bool { return r.peer == p.name }) {
		t.rows = append(t.rows, row{p.name, make([][]float64, len(t.columns))})
		if !p.installed() {
			t.notes = append(t.notes, p.name+": not installed")
		}
	}
	return can && p.installed()
}

// add adds the values of one round, one for each column.
func (t *table) add(p peer, values ...float64) {
	for _, r := range t.rows {
		if r.peer != p.name {
			continue
		}
		for i, v := range values {
			r.values[i] = append(r.values[i], v)
		}
	}
}

// markdown returns the table with its heading. Behind each quantity stands how
// the baseline compares, if it takes part, and the goal, if there is one.
func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s.\n\n", t.name, capital(t.about))
	base := slices.IndexFunc(t.rows, func(r row) bool { return r.peer == baseline })
	judged := base >= 0 || t.subject != ""
	header, rule := []string{cmp.Or(t.subject, "server")}, []string{"---"}
	for i, c := range t.columns {
		header, rule = append(header, c.header), append(rule, "---:")
		if base >= 0 {
			header, rule = append(header, "Ace ÷ it"), append(rule, "---:")
		}
		if judged && len(t.goals[i]) > 0 {
			header, rule = append(header, "goal"), append(rule, "---")
		}
	}
	writeLine(&b, header)
	writeLine(&b, rule)
	for _, r := range t.rows {
		line := []string{r.peer}
		for i, c := range t.columns {
			line = append(line, summary(c.format, r.values[i]))
			if base >= 0 {
				line = append(line, comparison(t.rows[base].values[i], r.values[i]))
			}
			if judged && len(t.goals[i]) > 0 {
				line = append(line, t.verdict(i, r, base))
			}
		}
		writeLine(&b, line)
	}
	if len(t.notes) > 0 {
		fmt.Fprintf(&b, "\n- %s\n", strings.Join(t.notes, "\n- "))
	}
	return b.String()
}

// verdict writes the goal for a column of a row, if there is one. base is the
// row of the baseline.
func (t *table) verdict(column int, r row, base int) string {
	if t.subject != "" {
		return t.goals[column][baseline].verdict(r.values[column], nil)
	}
	g, ok := t.goals[column][r.peer]
	if !ok {
		return ""
	}
	return g.verdict(t.rows[base].values[column], r.values[column])
}

// writeLine writes a line of a table.
func writeLine(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// nothing stands where a peer can't do a work.
const nothing = "-"

// summary writes the median of the values, and in parentheses the least and the
// most.
func summary(format string, values []float64) string {
	if len(values) == 0 {
		return nothing
	}
	return fmt.Sprintf(format+" ("+format+"–"+format+")", median(values), slices.Min(values), slices.Max(values))
}

// comparison writes the ratio of the first to the second.
func comparison(first, second []float64) string {
	r, ok := ratio(first, second)
	if !ok {
		return nothing
	}
	if r < 0.1 {
		return fmt.Sprintf("%.3f", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// ratio returns the median of the ratios within each round, so that what befell
// both in a round does not count.
func ratio(first, second []float64) (r float64, ok bool) {
	var ratios []float64
	for i := range min(len(first), len(second)) {
		if second[i] > 0 {
			ratios = append(ratios, first[i]/second[i])
		}
	}
	if len(ratios) == 0 {
		return 0, false
	}
	return median(ratios), true
}

// median returns the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// capital returns text with its first letter, if it is ASCII, in upper case.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
