package router

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/raxx-go/raxx/raxx"
)

// maxParams is how many parameters a pattern may have: httprouter counts them
// in eight bits.
const maxParams = 255

// A pattern is what the text of a route's pattern says, segment by segment.
type pattern struct {
	text     string
	segments []segment
	names    []string // of the parameters, in order
}

// A segment is what stands between two slashes of a pattern.
type segment struct {
	kind    kind
	literal string // decoded: a static segment, or what stands before a parameter
	name    string // of the parameter
}

type kind uint8

const (
	static   kind = iota // "users"
	param                // ":id", or "@:id" with a literal before it
	catchAll             // "*path", only at the end
)

// weight orders segments by how specific they are, the most specific first.
func (s segment) weight() int {
	switch s.kind {
	case static:
		return -1 << 20
	case param:
		return -len(s.literal)
	}
	return 1
}

// compare orders patterns: a more specific segment further left decides. Of two
// patterns that match the same path it is never 0, unless they match the same
// paths.
func (p pattern) compare(q pattern) int {
	for i := range min(len(p.segments), len(q.segments)) {
		if d := p.segments[i].weight() - q.segments[i].weight(); d != 0 {
			return d
		}
	}
	return len(p.segments) - len(q.segments)
}

// isStatic reports whether the pattern matches one path only.
func (p pattern) isStatic() bool {
	for _, s := range p.segments {
		if s.kind != static {
			return false
		}
	}
	return true
}

// shape writes the pattern as httprouter reads it: with nothing of the names,
// and with literals as in a canonical path. Patterns of one shape match the
// same paths.
func (p pattern) shape() string {
	var b strings.Builder
	for _, s := range p.segments {
		b.WriteString("/")
		b.WriteString(guardMarks.Replace(s.literal))
		switch s.kind {
		case param:
			b.WriteString(":p")
		case catchAll:
			b.WriteString("*p")
		}
	}
	return b.String()
}

// hasMarks reports whether a literal holds what httprouter takes for the
// beginning of a parameter.
func (p pattern) hasMarks() bool {
	for _, s := range p.segments {
		if strings.ContainsAny(s.literal, ":*") {
			return true
		}
	}
	return false
}

// parsePattern reads the text of a pattern.
func parsePattern(text string) (p pattern, err *PatternError) {
	p.text = text
	if !strings.HasPrefix(text, "/") {
		return p, &PatternError{Pattern: text, Reason: "a pattern begins with a slash"}
	}
	for start := 1; start <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start:], '/'); i >= 0 {
			end = start + i
		}
		if err := p.add(start, end); err != nil {
			return p, err
		}
		start = end + 1
	}
	if len(p.names) > maxParams {
		return p, &PatternError{Pattern: text, Reason: fmt.Sprintf("more than %d parameters", maxParams)}
	}
	return p, nil
}

// add reads the segment that is text[start:end].
func (p *pattern) add(start, end int) *PatternError {
	text, last := p.text[start:end], end == len(p.text)
	s, at, reason := parseSegment(text, last)
	if reason != "" {
		return &PatternError{Pattern: p.text, Offset: start + at, Reason: reason}
	}
	if s.kind == static {
		p.segments = append(p.segments, s)
		return nil
	}
	for _, name := range p.names {
		if name == s.name {
			return &PatternError{Pattern: p.text, Offset: start + at, Reason: fmt.Sprintf("a second parameter is called %q", name)}
		}
	}
	p.segments, p.names = append(p.segments, s), append(p.names, s.name)
	return nil
}

// parseSegment reads one segment. If it is none, reason says why and at points
// to the place; otherwise at is where the name of its parameter begins.
func parseSegment(text string, last bool) (s segment, at int, reason string) {
	if text == "" && !last {
		return s, 0, "an empty segment: two slashes in a row"
	}
	if at, reason := strayByte(text); reason != "" {
		return s, at, reason
	}
	mark := strings.IndexAny(text, ":*")
	if mark < 0 {
		s.literal, at, reason = parseLiteral(text)
		if s.literal == "." || s.literal == ".." {
			return s, 0, "clients take dot segments out of a path before they send it"
		}
		return s, at, reason
	}
	s.kind, s.name = param, text[mark+1:]
	if text[mark] == '*' {
		s.kind = catchAll
		if mark > 0 {
			return s, mark, "a catch-all is a segment of its own; the character itself is written %2A"
		}
		if !last {
			return s, mark, "a catch-all takes the rest of the path; nothing comes behind it"
		}
	}
	if at, reason := checkName(s.name); reason != "" {
		return s, mark + 1 + at, reason
	}
	s.literal, at, reason = parseLiteral(text[:mark])
	if reason != "" {
		return s, at, reason
	}
	return s, mark + 1, ""
}

// strayByte finds characters that stand in no path, and those of other
// routers' patterns.
func strayByte(text string) (at int, reason string) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '?' || c == '#':
			return i, fmt.Sprintf("a pattern is for the path alone; the character itself is written %%%02X", c)
		case c == '{' || c == '}':
			return i, fmt.Sprintf("a parameter is written :name, the rest of a path *name; the character itself is written %%%02X", c)
		case c < ' ' || c == 0x7f:
			return i, fmt.Sprintf("a control character; it is written %%%02X", c)
		}
	}
	return 0, ""
}

// checkName accepts letters, digits and low lines. Anything else would look
// like a literal behind the parameter, which it can't be: a parameter ends at
// the next slash.
func checkName(name string) (at int, reason string) {
	if name == "" {
		return 0, "a parameter without a name"
	}
	for i, c := range name {
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return i, fmt.Sprintf("a parameter takes all up to the next slash; its name may not hold %q", c)
		}
	}
	return 0, ""
}

// parseLiteral decodes the escapes of text.
func parseLiteral(text string) (literal string, at int, reason string) {
	for i := range len(text) {
		if text[i] != '%' {
			continue
		}
		if _, err := raxx.UnescapeSegment(text[i:min(i+3, len(text))]); err != nil {
			return "", i, "a malformed escape; the percent sign itself is written %25"
		}
	}
	literal, _ = raxx.UnescapeSegment(text) // all escapes are well-formed
	return literal, 0, ""
}

// A PatternError says what is wrong with the pattern of a route.
type PatternError struct {
	Pattern string // with the prefixes of its groups
	Offset  int    // in Pattern, in bytes: where it went wrong
	Reason  string
	Site    string // where the route was made, such as "app/routes.go:12"
}

// Error names pattern, offset, reason and site.
func (e *PatternError) Error() string {
	return fmt.Sprintf("router: pattern %q at offset %d: %s (%s)", e.Pattern, e.Offset, e.Reason, e.Site)
}
