package octets

import "github.com/raxx-go/raxx/raxx"

// lowerToken holds the octets of a field name in lower case.
var lowerToken = func() (table [256]bool) {
	for i := range table {
		c := byte(i)
		table[i] = raxx.IsTokenByte(c) && (c < 'A' || c > 'Z')
	}
	return table
}()

// IsFieldName reports whether name is a token without upper case: what names of
// fields are here, and over HTTP/2 (RFC 9113, Section 8.2).
func IsFieldName(name string) bool { return IsPlainName(name) || isLowerToken(name) }

func isLowerToken(name string) bool {
	for i := 0; i < len(name); i++ {
		if !lowerToken[name[i]] {
			return false
		}
	}
	return name != ""
}

// IsFieldValue reports whether a field may have this value: without a control but the
// tab, and without white space at an end (RFC 9110, Section 5.5). That is stricter
// than RFC 9113, Section 8.2.1, has to be.
func IsFieldValue(v string) bool {
	return v == "" || IsValue(v) && v[0] > ' ' && v[len(v)-1] > ' '
}
