package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutcomes(t *testing.T) {
	before := outcomes{"closed": 2, "reset": 1}
	after := before.plus(outcomes{"closed": 1, "cut off": 4})
	if diff := cmp.Diff(outcomes{"closed": 3, "reset": 1, "cut off": 4}, after); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(outcomes{"closed": 1, "cut off": 4}, after.minus(before)); diff != "" {
		t.Error(diff)
	}
	if got := after.count(); got != 8 {
		t.Errorf("count = %d, want 8", got)
	}
	if got, want := after.text(), "4 × cut off, 3 × closed, 1 × reset"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
}
