package octets

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// Eight octets at a time, or one: the answers are the same, whatever stands where
// and beside what.
func TestWordsAndOctetsAgree(t *testing.T) {
	fillers := []string{"a", "z", "-", "\t", " ", "~", "\x7e", "\x80", "\xff", "\x1f", "\x7f"}
	for n := range 20 {
		for _, filler := range fillers {
			plain := strings.Repeat(filler, n)
			check(t, plain)
			for at := range n {
				for c := range 256 {
					check(t, plain[:at]+string([]byte{byte(c)})+plain[at+1:])
				}
			}
		}
	}
}

func check(t *testing.T, s string) {
	end, plain := len(s), len(s) >= 8
	for i := len(s) - 1; i >= 0; i-- {
		if !raxx.IsValueByte(s[i]) {
			end = i
		}
		plain = plain && ('a' <= s[i] && s[i] <= 'z' || s[i] == '-')
	}
	if got := ValueEnd([]byte(s), 0); got != end {
		t.Errorf("ValueEnd(%q) = %d, want %d", s, got, end)
	}
	if got := IsValue(s); got != (end == len(s)) {
		t.Errorf("IsValue(%q) = %v", s, got)
	}
	if got := IsPlainName(s); got != plain {
		t.Errorf("IsPlainName(%q) = %v", s, got)
	}
}

func TestValueEndBehindAnIndex(t *testing.T) {
	if got := ValueEnd([]byte("\x00\x00a\tbcdefghi\tjklmnopq\rx"), 2); got != 21 {
		t.Errorf("got %d", got)
	}
}

func TestHexDigit(t *testing.T) {
	for c := range 256 {
		want := strings.IndexByte("0123456789abcdef", byte(c)|0x20)
		if c < '0' || c > 'f' || c < 'A' && c > '9' {
			want = -1
		}
		if got := HexDigit(byte(c)); got != want {
			t.Errorf("HexDigit(%#x) = %d, want %d", c, got, want)
		}
	}
}
