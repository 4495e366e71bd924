package raxx

import "testing"

func TestMethods(t *testing.T) {
	tests := []struct {
		method           string
		safe, idempotent bool
	}{
		{MethodGet, true, true}, {MethodHead, true, true}, {MethodOptions, true, true},
		{MethodTrace, true, true}, {MethodQuery, true, true},
		{MethodPut, false, true}, {MethodDelete, false, true},
		{MethodPost, false, false}, {MethodPatch, false, false}, {MethodConnect, false, false},
		{"get", false, false}, {"", false, false}, {"PURGE", false, false},
	}
	for _, tt := range tests {
		if got := IsSafe(tt.method); got != tt.safe {
			t.Errorf("IsSafe(%q) = %v", tt.method, got)
		}
		if got := IsIdempotent(tt.method); got != tt.idempotent {
			t.Errorf("IsIdempotent(%q) = %v", tt.method, got)
		}
	}
}
