package raxx

import (
	"fmt"
	"strings"
)

// A FieldError says why a field can't be part of a message: it would split the
// message in two, or no recipient would read it as it was meant.
type FieldError struct {
	Name, Value string
	Reason      string // which rule is broken, and by what
}

// Error names the field and the rule.
func (e *FieldError) Error() string {
	return fmt.Sprintf("raxx: field %q: %s", e.Name, e.Reason)
}

// CheckField reports whether a field may be part of a message. The name must be a
// token (RFC 9110, Section 5.6.2); the value must not hold a control character
// other than the horizontal tab (RFC 9110, Section 5.5), nor begin or end with
// white space, which a recipient would drop. CR, LF and NUL in particular would let
// whoever chose the value write fields, or a whole message, of their own. The error
// is a [*FieldError].
func CheckField(name, value string) error {
	if name == "" {
		return &FieldError{name, value, "the name is empty (RFC 9110, 5.1)"}
	}
	for i := 0; i < len(name); i++ {
		if !IsTokenByte(name[i]) {
			return &FieldError{name, value, fmt.Sprintf("the name holds %q, which no token may (RFC 9110, 5.6.2)", name[i])}
		}
	}
	for i := 0; i < len(value); i++ {
		if !IsValueByte(value[i]) {
			return &FieldError{name, value, fmt.Sprintf("the value holds %q at offset %d (RFC 9110, 5.5)", value[i], i)}
		}
	}
	if trimOWS(value) != value {
		return &FieldError{name, value, "the value begins or ends with white space (RFC 9110, 5.5)"}
	}
	return nil
}

// IsToken reports whether s is a token: a method, a field name or a parameter name
// (RFC 9110, Section 5.6.2).
func IsToken(s string) bool { return s != "" && tokenEnd(s) == len(s) }

// IsTokenByte reports whether c may be part of a token. See [IsToken].
func IsTokenByte(c byte) bool { return octets[c]&octetToken != 0 }

// IsValueByte reports whether c may be part of a field value: visible ASCII,
// space, tab, or an octet over 127 (RFC 9110, Section 5.5).
func IsValueByte(c byte) bool { return octets[c]&octetValue != 0 }

const (
	octetToken = 1 << iota
	octetValue
)

// octets classifies each octet by the two rules above.
var octets = func() (table [256]uint8) {
	for i := range table {
		c := byte(i)
		if isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			table[i] |= octetToken
		}
		if c == '\t' || c >= ' ' && c != 0x7f {
			table[i] |= octetValue
		}
	}
	return table
}()

// mustField returns the field with its name in lower case.
func mustField(name, value string) Field {
	if err := CheckField(name, value); err != nil {
		panic(err)
	}
	return Field{strings.ToLower(name), value}
}

// ForbiddenTrailer reports whether the field called name, in lower case, may not
// stand behind a body: because it frames or routes the message, modifies the
// request, authenticates, or says how to read the body (RFC 9110, Section
// 6.5.1).
func ForbiddenTrailer(name string) bool {
	switch name {
	case "transfer-encoding", "content-length", "host", "trailer", "connection", "keep-alive", "upgrade", "te",
		"cache-control", "expect", "max-forwards", "pragma", "range", "date", "expires", "age", "vary", "location", "retry-after",
		"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
		"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "cookie", "set-cookie",
		"content-encoding", "content-type", "content-range":
		return true
	}
	return false
}
