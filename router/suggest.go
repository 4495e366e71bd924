package router

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// nearest returns those names that a person may have meant who wrote name, the
// nearest first; three at most. Letters of the other case are near.
func nearest(name string, names []string) []string {
	far := max(2, len(name)/3) // more changes make another word of it
	var near []string
	distance := map[string]int{}
	for _, n := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(n)); d <= far && d < len(n) {
			near, distance[n] = append(near, n), d
		}
	}
	slices.SortFunc(near, func(a, b string) int {
		return cmp.Or(distance[a]-distance[b], strings.Compare(a, b))
	})
	return near[:min(len(near), 3)]
}

// editDistance returns how many bytes must be put in, taken out or changed to
// make b of a.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1) // row[j]: from the part of a that was read to b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// didYouMean returns the words as the end of an error text.
func didYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return "; did you mean " + strings.Join(quoted, " or ") + "?"
}
