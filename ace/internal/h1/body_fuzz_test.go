package h1

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// FuzzBody checks that a chunked body means the same however it comes, and the
// same as to a decoder that is too simple to be wrong.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		"5\r\nhello\r\n0\r\n\r\n",
		"2\r\nhe\r\n01;a\r\nl\r\n2;b=c\r\nlo\r\n000\r\n\r\n" + get,
		"5 ; a = \"b\\\"\t\x80\" ;c\r\nhello\r\n0;d=\"\"\r\nX-Sum:  a \r\nx:\r\n\r\n",
		"7fffffffffffffff;a\r\nhello",
		"0000000000000001\r\nx\r\n0\r\nContent-Length: 1\r\n\r\n",
		"fffffffffffffff0\r\n",
		"5\nhello\r\n0\r\n\r\n",
		"5;a=\"\r\nhello\r\n0\r\n\r\n",
		"0\r\nX: a\nY: b\r\n\r\n",
		"0\r\nX: a\r\n b\r\n\r\n",
		"0\r\nX:" + strings.Repeat("y", 394) + "\r\n\r\n",
		"0\r\n" + strings.Repeat("X:\r\n", 9) + "\r\n",
	} {
		f.Add(seed, 9)
	}
	f.Fuzz(func(t *testing.T, in string, cut int) {
		if len(in) > maxOverhead {
			t.Skip("the limit on extensions is not for the simple decoder")
		}
		b := feedBody(t, postChunked, in)
		for _, pieces := range cuts(in, cut) {
			if got := feedBody(t, postChunked, pieces...); !reflect.DeepEqual(b, got) {
				t.Fatalf("the body differs if it comes as %q (-whole +pieces):\n%s", pieces, cmp.Diff(b, got))
			}
		}
		want, ok := decodeChunked(in)
		switch {
		case ok != b.Done:
			t.Errorf("got %+v; the simple decoder: %v %+v", b, ok, want)
		case ok && !reflect.DeepEqual(want, b):
			t.Errorf("got differs from the simple decoder (-simple +got):\n%s", cmp.Diff(want, b))
		case len(in)-b.Used > testLimits.HeadBytes && !ok && b.Err == nil:
			t.Errorf("a trailer of %d octets was not refused", len(in)-b.Used)
		}
	})
}

// The grammar of RFC 9112, Section 7.1, over Latin-1: one character an octet.
var (
	chunkLine = regexp.MustCompile(`^([0-9A-Fa-f]{1,16})(?:[ \t]*;[ \t]*` + token + `(?:[ \t]*=[ \t]*(?:` + token + `|` + quoted + `))?)*\r\n`)
	trailers  = regexp.MustCompile(`^((?:` + token + `:[\t -~\x{80}-\x{ff}]*\r\n)*)\r\n`)
)

const (
	token  = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
	quoted = `"(?:[\t !#-\[\]-~\x{80}-\x{ff}]|\\[\t -~\x{80}-\x{ff}])*"`
)

// decodeChunked decodes a chunked body that is whole, and reports whether it is.
func decodeChunked(in string) (b body, ok bool) {
	rest := in
	for {
		line := chunkLine.FindStringSubmatch(latin1(rest))
		if line == nil {
			return b, false
		}
		size, err := strconv.ParseInt(line[1], 16, 64)
		rest = rest[len([]rune(line[0])):]
		if err != nil {
			return b, false
		}
		if size == 0 {
			return decodeTrailer(b, in, rest)
		}
		if int64(len(rest))-2 < size || rest[size:size+2] != "\r\n" {
			return b, false
		}
		b.Content += rest[:size]
		rest = rest[size+2:]
	}
}

func decodeTrailer(b body, in, rest string) (body, bool) {
	section := trailers.FindStringSubmatch(latin1(rest))
	if section == nil {
		return b, false
	}
	n := len([]rune(section[0]))
	lines := strings.SplitAfter(rest[:n-len(crlf)], crlf)
	if lines = lines[:len(lines)-1]; len(lines) > testLimits.Fields || n > testLimits.HeadBytes && len(lines) > 0 {
		return b, false
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(name)
		if raxx.ForbiddenTrailer(name) {
			return b, false
		}
		b.Trailer = append(b.Trailer, raxx.Field{Name: name, Value: strings.Trim(value, " \t\r\n")})
	}
	b.Done, b.Used = true, len(in)-len(rest)+n
	return b, true
}

// latin1 returns a string with one character for each octet of s.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}
