package raxx

import "strings"

// Segments returns the parts of the path that stand between its slashes, each
// decoded once: "/users/a%2Fb" has the segments "users" and "a/b", and
// "/users/" has "users" and "". The paths "/", "*" and "" have none. The error
// is an [*Error] of status 400.
//
// A decoded segment may hold anything: "/", "..", NUL. Don't build a file name
// of it; [NewFile] with an fs.FS refuses names that lead out of it.
func (r Request) Segments() ([]string, error) {
	if r.Path == "/" || r.Path == "*" || r.Path == "" {
		return nil, nil
	}
	path := strings.TrimPrefix(r.Path, "/")
	segments, offset := strings.Split(path, "/"), len(r.Path)-len(path)
	for i, s := range segments {
		decoded, bad := unescape(s, false)
		if bad >= 0 {
			return nil, malformedEscape(offset + bad)
		}
		segments[i] = decoded
		offset += len(s) + 1
	}
	return segments, nil
}

// EscapeSegment returns s in the form in which it can stand between two slashes
// of a path (RFC 3986, Section 3.3). The segments "." and ".." have no such
// form: clients take them, escaped or not, as a step in the hierarchy.
func EscapeSegment(s string) string { return escape(s, isPathByte) }

// UnescapeSegment decodes the escapes of a segment. A "+" stays as it is. The
// error is an [*Error] of status 400 that names the offset.
func UnescapeSegment(s string) (string, error) {
	decoded, bad := unescape(s, false)
	if bad >= 0 {
		return "", malformedEscape(bad)
	}
	return decoded, nil
}

// JoinPath returns the path with these segments, escaped: the inverse of
// [Request.Segments]. Without any it is "/". If the first one of several is empty,
// the path begins with two slashes, and in a location leads to another site.
func JoinPath(segments ...string) string {
	if len(segments) == 0 {
		return "/"
	}
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(EscapeSegment(s))
	}
	return b.String()
}
