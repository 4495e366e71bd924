package router_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// What a router must do, in the plainest way there is: split, decode, compare
// segment by segment, and sort all that match.

// refMatch reports whether a pattern matches a path, and the parameters.
func refMatch(patternText, path string) (raxx.Params, bool) {
	pattern, segments := refSplit(patternText), refSplit(path)
	var params raxx.Params
	for i, p := range pattern {
		if strings.HasPrefix(p, "*") {
			if len(segments) <= i {
				return nil, false
			}
			rest := make([]string, 0, len(segments))
			for _, s := range segments[i:] {
				rest = append(rest, refDecode(s))
			}
			return append(params, raxx.Param{Name: p[1:], Value: strings.Join(rest, "/")}), true
		}
		if i >= len(segments) {
			return nil, false
		}
		literal, name, isParam := strings.Cut(p, ":")
		value, ok := strings.CutPrefix(refDecode(segments[i]), refDecode(literal))
		if !ok || isParam == (value == "") {
			return nil, false
		}
		if isParam {
			params = append(params, raxx.Param{Name: name, Value: value})
		}
	}
	return params, len(pattern) == len(segments)
}

// refBetter reports whether pattern a is more specific than b.
func refBetter(a, b string) bool {
	s, t := refSplit(a), refSplit(b)
	for i := range min(len(s), len(t)) {
		if x, y := refRank(s[i]), refRank(t[i]); x != y {
			return x > y
		}
	}
	return false
}

// refRank is higher for a segment that is more specific.
func refRank(segment string) int {
	literal, _, isParam := strings.Cut(segment, ":")
	switch {
	case strings.HasPrefix(segment, "*"):
		return -1
	case isParam:
		return len(refDecode(literal))
	}
	return 1 << 20
}

func refSplit(path string) []string { return strings.Split(path, "/")[1:] }

func refDecode(s string) string {
	text, err := raxx.UnescapeSegment(s)
	if err != nil {
		panic(err)
	}
	return text
}

// refFind returns the pattern that takes the path, "" if none does.
func refFind(patterns []string, path string) (best string, params raxx.Params) {
	for _, p := range patterns {
		got, ok := refMatch(p, path)
		if ok && (best == "" || refBetter(p, best)) {
			best, params = p, got
		}
	}
	return best, params
}

// checkAgainstReference builds a router of those patterns that may stand side
// by side, and compares what it finds.
func checkAgainstReference(t *testing.T, patterns, paths []string) {
	t.Helper()
	var routes []router.Route
	var used []string
	for _, p := range patterns {
		route := router.Get(p, echo)
		_, err := router.New(append(routes, route)...)
		if err == nil {
			routes, used = append(routes, route), append(used, p)
			continue
		}
		if !isA[*router.PatternError](err) && !isA[*router.ConflictError](err) {
			t.Fatalf("New(%q behind %q): %v", p, used, err)
		}
	}
	r := router.MustNew(routes...)
	for _, path := range paths {
		wantPattern, wantParams := refFind(used, path)
		m, err := r.Find("GET", path)
		if (err != nil) != (wantPattern == "") || m.Route.Pattern != wantPattern {
			t.Fatalf("patterns %q: Find(%q) = %q, %v; want %q", used, path, m.Route.Pattern, err, wantPattern)
		}
		if diff := cmp.Diff(wantParams, m.Params); diff != "" {
			t.Fatalf("patterns %q: Find(%q): parameters (-want +got):\n%s", used, path, diff)
		}
	}
}

func TestAgreesWithReferenceOnRandomTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var patterns, paths []string
		for range 1 + rng.IntN(12) {
			patterns = append(patterns, randomPattern(rng))
		}
		for range 30 {
			paths = append(paths, randomPath(rng))
		}
		for _, p := range patterns {
			paths = append(paths, refExample(rng, p))
		}
		checkAgainstReference(t, patterns, paths)
	}
}

var (
	someSegments = []string{"a", "b", "ab", "abc", "", ":", "%2F", "%3a", "*", "é", "%25", "a%2Fb", "%61"}
	someLiterals = []string{"a", "b", "ab", "abc", "%3A", "%2F", "é", "%2A"}
	somePrefixes = []string{"", "", "", "a", "ab", "%3A"}
)

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

func randomPattern(rng *rand.Rand) string {
	var b strings.Builder
	for i := range 1 + rng.IntN(4) {
		switch rng.IntN(8) {
		case 0, 1, 2:
			fmt.Fprintf(&b, "/%s:%c%d", pick(rng, somePrefixes), 'p'+rune(rng.IntN(3)), i)
		case 3:
			return b.String() + "/*rest"
		case 4:
			return b.String() + "/"
		default:
			b.WriteString("/" + pick(rng, someLiterals))
		}
	}
	return b.String()
}

func randomPath(rng *rand.Rand) string {
	var b strings.Builder
	for range 1 + rng.IntN(5) {
		b.WriteString("/" + pick(rng, someSegments))
	}
	return b.String()
}

// refExample returns a path that the pattern matches, most of the time.
func refExample(rng *rand.Rand, pattern string) string {
	segments := refSplit(pattern)
	for i, s := range segments {
		literal, _, isParam := strings.Cut(s, ":")
		if isParam {
			segments[i] = literal + pick(rng, someSegments)
		}
		if strings.HasPrefix(s, "*") {
			segments[i] = randomPath(rng)[1:]
		}
	}
	return "/" + strings.Join(segments, "/")
}

func FuzzPatterns(f *testing.F) {
	f.Add("/users/new\n/users/:id\n/*all", "/users/7")
	f.Add("/a/:x/c\n/a/b/d", "/a/b/c")
	f.Add("/files/*path\n/files/", "/files/a%2Fb")
	f.Add("/@:user\n/@a:user\n/:x", "/@ab")
	f.Add("/%3A:x\n/%2Fb\n/:a/", "/%3A%25")
	f.Add("/users//7\n/{id}\nx\n/:\n/*a/b\n/:a/:a", "/users//7")
	f.Fuzz(func(t *testing.T, table, path string) {
		patterns := strings.Split(table, "\n")
		if len(patterns) > 20 {
			return
		}
		if !wellFormed(path) {
			_, err := router.MustNew(router.Any("/*all", echo)).Find("GET", path)
			if miss, ok := err.(*router.Miss); !ok || miss.Status != 400 {
				t.Fatalf("Find(%q) = %v, want a Miss of status 400", path, err)
			}
			return
		}
		slices.Sort(patterns)
		checkAgainstReference(t, patterns, []string{path})
	})
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func wellFormed(path string) bool {
	_, err := raxx.Request{Path: path}.Segments()
	return err == nil && strings.HasPrefix(path, "/")
}
