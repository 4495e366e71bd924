package router

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// httprouter takes a shape just if the outline does.
func TestOutlineAgreesWithHttprouter(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	pieces := []string{"/", "/a", "/ab", "/b", "/:p", "/a:p", "/*p"}
	for range 20000 {
		tr, shapes := newTree(), []string{}
		for range 6 {
			var b strings.Builder
			for range 1 + rng.IntN(3) {
				b.WriteString(pieces[rng.IntN(len(pieces))])
			}
			shape := b.String()
			if strings.Contains(shape, "*p/") {
				continue // no pattern has it
			}
			takes := tr.outline.takes(shape)
			err := tr.add(shape, len(shapes))
			if takes != (err == nil) {
				t.Fatalf("beside %q: takes(%q) = %t, httprouter: %v", shapes, shape, takes, err)
			}
			if err != nil {
				break // half changed
			}
			shapes = append(shapes, shape)
		}
	}
}

func TestOutline(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"/a/:p", "/b/:p", true},
		{"/a/:p", "/a/:p/b", true},
		{"/a/:p", "/a/", true},
		{"/a/:p", "/a", true},
		{"/a/*p", "/a", true},
		{"/a:p", "/b:p", true},
		{"/a/:p", "/a/:p", false},
		{"/a/:p", "/a/b/:p", false},
		{"/a/:p", "/a/*p", false},
		{"/a/*p", "/a/", false},
		{"/a/*p", "/a/b", false},
		{"/a:p", "/ab:p", false},
		{"/a:p", "/:p", false},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			o := outline{}
			o.add(pair[0])
			if got := o.takes(pair[1]); got != tt.want {
				t.Errorf("beside %s: takes(%s) = %t, want %t", pair[0], pair[1], got, tt.want)
			}
		}
	}
}

// forestOf returns the forest of patterns.
func forestOf(t *testing.T, patterns ...string) forest {
	t.Helper()
	var plants []plant
	for _, text := range patterns {
		p, err := parsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		plants = append(plants, plant{p, &endpoint{}})
	}
	f, err := newForest(plants)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Patterns that don't conflict share a tree, whatever their parameters are
// called.
func TestForestHasFewTrees(t *testing.T) {
	var patterns []string
	for i := range 100 {
		for _, text := range []string{"/s%d/:id", "/s%d/:key/posts", "/s%d/:key/posts/:post"} {
			patterns = append(patterns, fmt.Sprintf(text, i))
		}
	}
	if f := forestOf(t, patterns...); len(f.trees) != 1 {
		t.Errorf("%d trees, want 1", len(f.trees))
	}
	if f := forestOf(t, append(patterns, "/s1/me/:x", "/s2/me/:x")...); len(f.trees) != 2 {
		t.Errorf("%d trees with conflicts, want 2", len(f.trees))
	}
}

func TestStamp(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 65536, 1<<24 - 1} {
		if got := readStamp(stamp(n)); got != n {
			t.Errorf("readStamp(stamp(%d)) = %d", n, got)
		}
	}
}
