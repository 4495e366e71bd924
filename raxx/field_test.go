package raxx

import (
	"errors"
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

func TestFieldErrorNamesTheField(t *testing.T) {
	diff(t, `raxx: field "a": because`, (&FieldError{"a", "b", "because"}).Error())
}
