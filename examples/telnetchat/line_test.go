package main

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// lines cuts all lines off what comes in pieces.
func lines(pieces ...string) (all []string, rest string) {
	for _, piece := range pieces {
		rest += piece
		for {
			line, behind, found := cutLine(rest)
			if !found {
				break
			}
			all, rest = append(all, line), behind
		}
	}
	return all, rest
}

func TestCutLine(t *testing.T) {
	for in, want := range map[string][]string{
		"":                       nil,
		"a":                      nil,
		"a\r\n":                  {"a"},
		"a\n":                    {"a"},
		"\r\n\n":                 {"", ""},
		"a\rb\r\n":               {"a\rb"},
		"a\r\r\n":                {"a\r"},
		"one\r\ntwo\nthree\r\nx": {"one", "two", "three"},
	} {
		whole, rest := lines(in)
		if diff := cmp.Diff(want, whole); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
		for i := range in {
			if got, left := lines(in[:i], in[i:]); cmp.Diff(whole, got) != "" || left != rest {
				t.Errorf("%q, cut at %d: got %q and %q", in, i, got, left)
			}
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"hello":             "hello",
		"  grüße, 世界 ":      "grüße, 世界",
		"a\x1b[2Jb\ac\x00":  "a[2Jbc",
		"a\xff\xfb\x01b\r":  "ab",
		"a\u202eb\u009bc\t": "abc",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("one\r\ntwo\nthree", 5)
	f.Add("\xff\xfb\x01\r\n\x1b[2J\n", 2)
	f.Fuzz(func(t *testing.T, in string, at int) {
		at = min(max(at, 0), len(in))
		whole, rest := lines(in)
		parts, left := lines(in[:at], in[at:])
		if cmp.Diff(whole, parts) != "" || rest != left {
			t.Errorf("got %q and %q, cut at %d %q and %q", whole, rest, at, parts, left)
		}
		for _, line := range whole {
			if strings.Contains(line, "\n") {
				t.Errorf("the line %q ends within", line)
			}
			if strings.ContainsFunc(printable(line), unicode.IsControl) {
				t.Errorf("%q has a control character", printable(line))
			}
		}
	})
}
