package raxx

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckField(t *testing.T) {
	tests := []struct {
		name, field, value string
		reason             string // "" if the field is fine
	}{
		{"accepts a plain field", "x-a", "hello world", ""},
		{"accepts an empty value", "x", "", ""},
		{"accepts tabs inside and 8-bit octets", "X", "a\tb\xff", ""},
		{"accepts every mark of a token", "!#$%&'*+-.^_`|~09aZ", "v", ""},
		{"refuses an empty name", "", "v", "the name is empty (RFC 9110, 5.1)"},
		{"refuses a space in the name", "a b", "v", `the name holds ' ', which no token may (RFC 9110, 5.6.2)`},
		{"refuses a colon in the name", "a:", "v", `the name holds ':', which no token may (RFC 9110, 5.6.2)`},
		{"refuses NUL in the name", "a\x00", "v", `the name holds '\x00', which no token may (RFC 9110, 5.6.2)`},
		{"refuses CR", "a", "x\ry", `the value holds '\r' at offset 1 (RFC 9110, 5.5)`},
		{"refuses LF", "a", "x\n", `the value holds '\n' at offset 1 (RFC 9110, 5.5)`},
		{"refuses NUL", "a", "\x00", `the value holds '\x00' at offset 0 (RFC 9110, 5.5)`},
		{"refuses DEL", "a", "\x7f", `the value holds '\x7f' at offset 0 (RFC 9110, 5.5)`},
		{"refuses white space at the ends", "a", "x ", "the value begins or ends with white space (RFC 9110, 5.5)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckField(tt.field, tt.value)
			if tt.reason == "" {
				diff(t, nil, err)
				return
			}
			var fault *FieldError
			if !errors.As(err, &fault) {
				t.Fatalf("CheckField = %v, want a *FieldError", err)
			}
			diff(t, &FieldError{tt.field, tt.value, tt.reason}, fault)
		})
	}
}

// The grammars of RFC 9110, Sections 5.6.2 and 5.5, for every octet.
func TestOctetsOfFields(t *testing.T) {
	const token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := range 256 {
		c := byte(i)
		if got, want := IsTokenByte(c), strings.IndexByte(token, c) >= 0; got != want {
			t.Errorf("IsTokenByte(%q) = %t, want %t", c, got, want)
		}
		if got, want := IsToken("a"+string([]byte{c})), IsTokenByte(c); got != want {
			t.Errorf("IsToken of a and %q = %t, want %t", c, got, want)
		}
		control := c < 0x20 && c != '\t' || c == 0x7f
		if got := IsValueByte(c); got == control {
			t.Errorf("IsValueByte(%q) = %t, want %t", c, got, !control)
		}
	}
}

func TestIsTokenOfNothing(t *testing.T) { diff(t, false, IsToken("")) }

// A recipient may put a trailer into the header (RFC 9110, Section 6.5.1), so nothing
// may stand there that decides how a message is read or who may send it.
func TestForbiddenTrailer(t *testing.T) {
	for what, names := range map[string]string{
		"framing":           "transfer-encoding content-length trailer",
		"the connection":    "connection keep-alive te upgrade",
		"routing":           "host",
		"request modifiers": "cache-control expect max-forwards pragma range if-match if-none-match if-modified-since if-unmodified-since if-range",
		"authentication":    "authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie",
		"response control":  "age date expires location retry-after vary",
		"content":           "content-encoding content-type content-range",
	} {
		for name := range strings.FieldsSeq(names) {
			if !ForbiddenTrailer(name) {
				t.Errorf("%s: %s may stand behind a body", what, name)
			}
		}
	}
	for _, name := range []string{"etag", "server-timing", "content-digest", "grpc-status", "x-checksum", ""} {
		if ForbiddenTrailer(name) {
			t.Errorf("%q may not stand behind a body", name)
		}
	}
}

func TestFieldErrorNamesTheField(t *testing.T) {
	diff(t, `raxx: field "a": because`, (&FieldError{"a", "b", "because"}).Error())
}
