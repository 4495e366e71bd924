package router

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"user", "user", 0}, {"usr", "user", 1},
		{"users", "user", 1}, {"kitten", "sitting", 3}, {"psot", "post", 2}, {"flaw", "lawn", 2},
	} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"user", "users", "user posts", "x", "poster", "usher", "used"}
	for _, tt := range []struct {
		name string
		want []string
	}{
		{"usr", []string{"user", "used", "users"}},
		{"user post", []string{"user posts"}},
		{"X", []string{"x"}},
		{"y", nil},
		{"", nil},
		{"nothing like it", nil},
	} {
		if diff := cmp.Diff(tt.want, nearest(tt.name, names)); diff != "" {
			t.Errorf("nearest(%q) (-want +got):\n%s", tt.name, diff)
		}
	}
}
