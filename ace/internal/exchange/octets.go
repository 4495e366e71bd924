package exchange

import (
	"unsafe"

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
	for i := 0; i < len(f.Name); i++ {
		if !lowerToken[f.Name[i]] {
			return false
		}
	}
	v := f.Value
	if v == "" {
		return f.Name != ""
	}
	// The bytes of a string: ValueEnd only reads.
	if octets.ValueEnd(unsafe.Slice(unsafe.StringData(v), len(v)), 0) < len(v) {
		return false
	}
	return f.Name != "" && v[0] > ' ' && v[len(v)-1] > ' '
}
