package main

import (
	"strings"
	"unicode"
)

// lineAtMost is how many bytes a line may have. Without a limit a client that
// never ends its line would decide how much is kept.
const lineAtMost = 400

// cutLine cuts the first line off. It ends with CR LF, as RFC 854 has it, or with
// LF alone, which is what netcat sends. If there is no end, line is all of s.
func cutLine(s string) (line, rest string, found bool) {
	line, rest, found = strings.Cut(s, "\n")
	if found {
		line = strings.TrimSuffix(line, "\r")
	}
	return line, rest, found
}

// printable returns a line without what could do something to the terminals of
// others.
func printable(line string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line))
}
