package main

import (
	"fmt"
	"slices"
	"strings"
)

// outcomes are how often something was done and ended how.
type outcomes map[string]int

// count returns how many there were of all.
func (o outcomes) count() (n int) {
	for _, times := range o {
		n += times
	}
	return n
}

// text writes them, the most frequent first.
func (o outcomes) text() string {
	var names []string
	for name := range o {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if o[a] != o[b] {
			return o[b] - o[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d × %s", o[name], name)
	}
	return strings.Join(names, ", ")
}

// plus returns the sum of both.
func (o outcomes) plus(more outcomes) outcomes {
	sum := outcomes{}
	for _, part := range []outcomes{o, more} {
		for name, n := range part {
			sum[name] += n
		}
	}
	return sum
}

// minus returns what is in o beyond what is in less.
func (o outcomes) minus(less outcomes) outcomes {
	rest := outcomes{}
	for name, n := range o {
		if n > less[name] {
			rest[name] = n - less[name]
		}
	}
	return rest
}
