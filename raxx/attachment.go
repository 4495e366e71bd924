package raxx

import (
	"strings"
	"unicode"
)

// Attachment returns a response of status 200 that a browser saves as a file of
// the given name in place of showing it (RFC 6266). The name may hold any
// character: what is not ASCII is sent in the form of RFC 8187, beside a
// substitute for old clients. Slashes, backslashes and control characters
// become "_", since no file can be called so. It panics with a [*FieldError] if
// contentType is no field value.
func Attachment(filename, contentType string, body Body) Response {
	return Reply(StatusOK, contentType, body).
		With("content-disposition", "attachment"+filenameParams(filename))
}

// filenameParams returns the parameters that carry name.
func filenameParams(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '/' || c == '\\' {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	if name == "" {
		return ""
	}
	plain := strings.Map(func(c rune) rune {
		// RFC 6266, Appendix D: some clients decode escapes here, and take a
		// backslash for one.
		if c > '~' || c == '"' || c == '%' {
			return '_'
		}
		return c
	}, name)
	if plain == name {
		return `; filename="` + plain + `"`
	}
	return `; filename="` + plain + `"; filename*=UTF-8''` + escape(name, isAttrByte)
}

// isAttrByte is the attr-char of RFC 8187, Section 3.2.1.
func isAttrByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$&+-.^_`|~", c) >= 0
}
