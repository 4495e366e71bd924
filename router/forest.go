package router

import (
	"slices"

	"github.com/raxx-go/raxx/raxx"
)

// A forest finds the most specific of all patterns with parameters that match a
// path. The patterns are planted in that order, the most specific first, each
// in the first tree that can take it.
//
// Invariant: if two patterns match a path, the more specific one, A, is in an
// earlier tree than the other, B. So the first tree that knows a path decides.
// For what keeps A out of a tree keeps out B as well. It is a pattern planted
// before A that differs from it where one of both has a parameter. Up to some
// segment A and B are alike, and there A has more of a literal. If the pattern
// differs from A before that segment, it differs from B in the same way;
// otherwise it has a literal, too, where B has a parameter.
type forest struct {
	endpoints []*endpoint // by the number of their pattern
	patterns  []pattern
	trees     []tree
}

// A plant is what a forest is made of: a pattern and where it leads.
type plant struct {
	pattern  pattern
	endpoint *endpoint
}

// newForest returns the forest of these plants; no two have the same shape. It
// fails if httprouter refuses a pattern even in a tree of its own.
func newForest(plants []plant) (forest, error) {
	plants = slices.SortedStableFunc(slices.Values(plants), func(a, b plant) int {
		return a.pattern.compare(b.pattern)
	})
	var f forest
	for _, p := range plants {
		if err := f.add(p.pattern.shape(), len(f.endpoints)); err != nil {
			return f, err
		}
		f.endpoints, f.patterns = append(f.endpoints, p.endpoint), append(f.patterns, p.pattern)
	}
	for i := range f.trees {
		f.trees[i].outline = nil // nothing will be added any more
	}
	return f, nil
}

// add puts a pattern into the first tree that can take it, or into a new one.
func (f *forest) add(shape string, number int) error {
	for i := range f.trees {
		if f.trees[i].outline.takes(shape) {
			return f.trees[i].add(shape, number)
		}
	}
	f.trees = append(f.trees, newTree())
	return f.trees[len(f.trees)-1].add(shape, number)
}

// find returns where the most specific pattern that matches the canonical path
// leads to, and its parameters; nil if none matches.
func (f *forest) find(path string) (*endpoint, raxx.Params) {
	for i := range f.trees {
		number, values := f.trees[i].find(path)
		if number >= 0 && filled(values) {
			return f.endpoints[number], f.patterns[number].bind(values)
		}
	}
	return nil, nil
}

// filled reports whether no value is empty. httprouter lets /users//posts match
// /users/:id/posts; the values of its catch-alls begin with a slash.
func filled(values raxx.Params) bool {
	for i := range values {
		if values[i].Value == "" {
			return false
		}
	}
	return true
}

// bind makes parameters of the values that httprouter found, in their place.
// The catch-all of a mount has no name and is left out.
func (p *pattern) bind(values raxx.Params) raxx.Params {
	if last := len(values) - 1; p.segments[len(p.segments)-1].kind == catchAll {
		values[last].Value = values[last].Value[1:]
	}
	values = values[:len(p.names):len(p.names)]
	for i := range values {
		values[i] = raxx.Param{Name: p.names[i], Value: decode(values[i].Value)}
	}
	return values
}
