package exchange

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace/internal/octets"
	"github.com/raxx-go/raxx/raxx"
)

// The fast check and the one that says what is wrong are of one mind.
func TestCheckField(t *testing.T) {
	for octet := range 256 {
		c := string([]byte{byte(octet)})
		for _, f := range []raxx.Field{
			{Name: c}, {Name: "a" + c + "b"}, {Name: "x", Value: c}, {Name: "x", Value: "a" + c},
			{Name: "x", Value: c + "a"}, {Name: "x", Value: "a" + c + "b"}, {Name: "", Value: c},
		} {
			want := raxx.CheckField(f.Name, f.Value) == nil && f.Name == strings.ToLower(f.Name)
			if got := octets.IsFieldName(f.Name) && octets.IsFieldValue(f.Value); got != want {
				t.Errorf("%q may be sent: %v, want %v", f, got, want)
			}
			if err := checkField(&f); (err == nil) != want {
				t.Errorf("checkField(%q) = %v", f, err)
			}
		}
	}
}
