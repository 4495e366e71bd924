package exchange

import "github.com/raxx-go/raxx/raxx"

// lowerToken holds the octets of a field name in lower case, and valueOctet
// those of a field value but for the white space that may not be at its ends.
var lowerToken, valueOctet = func() (name, value [256]bool) {
	for i := range name {
		c := byte(i)
		name[i] = raxx.IsTokenByte(c) && (c < 'A' || c > 'Z')
		value[i] = raxx.IsValueByte(c)
	}
	return name, value
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
	for i := 0; i < len(v); i++ {
		if !valueOctet[v[i]] {
			return false
		}
	}
	return f.Name != "" && (v == "" || v[0] > ' ' && v[len(v)-1] > ' ')
}
