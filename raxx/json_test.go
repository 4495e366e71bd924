package raxx

import (
	"errors"
	"math"
	"testing"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want Data
	}{
		{"no HTML escapes, no newline", map[string]string{"a": "<&>\n"}, `{"a":"<&>\n"}`},
		{"null", nil, "null"},
		{"a struct", struct{ Name string }{"Ada"}, `{"Name":"Ada"}`},
		{"an empty list", []int{}, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, Reply(201, "application/json", tt.want), JSON(201, tt.v))
		})
	}
}

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errCut }

func TestJSONThatCannotBeMarshalled(t *testing.T) {
	for name, v := range map[string]any{"a function": func() {}, "no number": math.NaN(), "an error": failing{}} {
		t.Run(name, func(t *testing.T) {
			resp := JSON(200, v)
			if resp.Cause.Err() == nil {
				t.Error("there is no cause")
			}
			diff(t, Problem(500, ""), resp.WithCause(nil))
		})
	}
	if err := JSON(200, failing{}).Cause.Err(); !errors.Is(err, errCut) {
		t.Errorf("the cause is %v, want %v", err, errCut)
	}
}
