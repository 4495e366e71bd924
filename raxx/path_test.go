package raxx

import (
	"fmt"
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	tests := []struct {
		path string
		want []string
	}{
		{"/", nil},
		{"*", nil},
		{"", nil},
		{"/users", []string{"users"}},
		{"/users/", []string{"users", ""}},
		{"//a", []string{"", "a"}},
		{"/users/a%2Fb", []string{"users", "a/b"}},
		{"/a+b%20c%252F", []string{"a+b c%2F"}},
		{"/..%2f../%2E%2e", []string{"../..", ".."}},
		{"/%00%FF", []string{"\x00\xff"}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got, err := Request{Path: tt.path}.Segments()
			diff(t, nil, err)
			diff(t, tt.want, got)
		})
	}
}

func TestSegmentsMalformed(t *testing.T) {
	for path, offset := range map[string]string{"/%": "offset 1", "/a/b%2": "offset 4", "/a%2Fb/c%2x": "offset 8"} {
		_, err := Request{Path: path}.Segments()
		wantStatus(t, err, 400, offset)
	}
}

func TestJoinPath(t *testing.T) {
	tests := []struct {
		segments []string
		want     string
	}{
		{nil, "/"},
		{[]string{"users", ""}, "/users/"},
		{[]string{"a/b", "c d", "é%?#", "~:@!$&'()*+,;="}, "/a%2Fb/c%20d/%C3%A9%25%3F%23/~:@!$&'()*+,;="},
		{[]string{"\r\n"}, "/%0D%0A"},
	}
	for _, tt := range tests {
		path := JoinPath(tt.segments...)
		diff(t, tt.want, path)
		got, err := Request{Path: path}.Segments()
		diff(t, nil, err)
		diff(t, tt.segments, got)
	}
}

func TestSegmentEscapes(t *testing.T) {
	diff(t, "a%2F", EscapeSegment("a/"))
	got, err := UnescapeSegment("a%2F+")
	diff(t, nil, err)
	diff(t, "a/+", got)
	for text, offset := range map[string]string{"ab%g0": "offset 2", "%": "offset 0", "%4": "offset 0"} {
		_, err = UnescapeSegment(text)
		wantStatus(t, err, 400, offset)
	}
}

// The grammars of RFC 3986, Sections 2.1 and 3.3, for every octet.
func TestOctetsOfSegments(t *testing.T) {
	const digits, letters = "0123456789ABCDEFabcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := range 256 {
		c := string([]byte{byte(i)})
		if got, want := EscapeSegment(c) == c, strings.Contains("0123456789"+letters+"-._~!$&'()*+,;=:@", c); got != want {
			t.Errorf("%q stays as it is in a segment: %t, want %t", c, got, want)
		}
		for _, text := range []string{"%" + c + "1", "%1" + c} {
			if _, err := UnescapeSegment(text); (err == nil) != strings.Contains(digits, c) {
				t.Errorf("UnescapeSegment(%q): %v", text, err)
			}
		}
		for _, text := range []string{fmt.Sprintf("%%%02x", i), fmt.Sprintf("%%%02X", i)} {
			if got, err := UnescapeSegment(text); got != c || err != nil {
				t.Errorf("UnescapeSegment(%q) = %q, %v", text, got, err)
			}
		}
	}
}

// JoinPath is the inverse of Segments.
func FuzzSegments(f *testing.F) {
	for _, s := range []string{"/", "/users/a%2Fb", "//", "/%00/%ff", "/%", "/a/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		segments, err := Request{Path: path}.Segments()
		if err != nil {
			return
		}
		again, err := Request{Path: JoinPath(segments...)}.Segments()
		diff(t, nil, err)
		diff(t, segments, again)
	})
}
