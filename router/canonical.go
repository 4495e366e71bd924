package router

import (
	"strings"

	"github.com/raxx-go/raxx/raxx"
)

// Paths are compared in a canonical form: split at the slashes, each segment
// decoded, and joined again. So that a slash within a segment does not become
// one that separates, it stays escaped, and with it the percent sign:
//
//	/caf%C3%A9/a%2Fb%7E   becomes   /café/a%2Fb~
//
// A path without a percent sign is canonical as it is. The form is one to one:
// decoding what is left gives back the segments.
var guardSlash = strings.NewReplacer("/", "%2F", "%", "%25")

// guardMarks also keeps those characters escaped with which parameters begin in
// httprouter's patterns. A router needs it only if a literal of one of its
// patterns holds one.
var guardMarks = strings.NewReplacer("/", "%2F", "%", "%25", ":", "%3A", "*", "%2A")

// canonical returns the canonical form of a path; if marks, the one that
// guardMarks makes. The error is an [*raxx.Error] of status 400.
func canonical(path string, marks bool) (string, error) {
	if !strings.HasPrefix(path, "/") {
		return "", &raxx.Error{Status: raxx.StatusBadRequest, Detail: "the path does not begin with a slash"}
	}
	guard := guardSlash
	if marks {
		guard = guardMarks
	}
	if strings.IndexByte(path, '%') < 0 && !(marks && strings.ContainsAny(path, ":*")) {
		return path, nil
	}
	var b strings.Builder
	b.Grow(len(path))
	for segment := range strings.SplitSeq(path[1:], "/") {
		text, err := raxx.UnescapeSegment(segment)
		if err != nil {
			_, err = raxx.Request{Path: path}.Segments() // counts from the path's beginning
			return "", err
		}
		b.WriteByte('/')
		b.WriteString(guard.Replace(text))
	}
	return b.String(), nil
}

// decode returns what a part of a canonical path stands for.
func decode(part string) string {
	if strings.IndexByte(part, '%') < 0 {
		return part
	}
	// Invariant: every percent sign of a canonical path begins an escape.
	text, _ := raxx.UnescapeSegment(part)
	return text
}
