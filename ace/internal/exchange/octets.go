package exchange

import (
	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// lowerToken holds the octets of a field name in lower case.
var lowerToken = func() (name [256]bool) {
	for i := range name {
		c := byte(i)
		name[i] = raxx.IsTokenByte(c) && (c < 'A' || c > 'Z')
	}
	return name
}()

// isSendable reports whether a field may be sent as it is. It is what every
// field goes through; [raxx.CheckField] then says what is wrong with those that
// do not pass.
func isSendable(f *raxx.Field) bool {
	if !octets.IsPlainName(f.Name) && !isLowerToken(f.Name) {
		return false
	}
	v := f.Value
	return v == "" || octets.IsValue(v) && v[0] > ' ' && v[len(v)-1] > ' '
}

// isLowerToken reports whether name is a token without upper case.
func isLowerToken(name string) bool {
	for i := 0; i < len(name); i++ {
		if !lowerToken[name[i]] {
			return false
		}
	}
	return name != ""
}
