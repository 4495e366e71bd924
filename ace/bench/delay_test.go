package main

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDelays(t *testing.T) {
	for _, test := range []struct {
		path  string
		slow  int // of a hundred replies
		takes time.Duration
	}{
		{sleepPath, 10, 100 * time.Millisecond},
		{computePath, 1, 0}, // no time passes while one computes, where time is made up
		{blockPath, 0, 100 * time.Millisecond},
	} {
		t.Run(test.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, slow, began := newDelays()[test.path], 0, time.Now()
				for range 100 {
					switch status := d.pass(); status {
					case slowStatus:
						slow++
					case 200:
					default:
						t.Fatalf("status %d", status)
					}
				}
				if took := time.Since(began); slow != test.slow || took != test.takes {
					t.Errorf("%d replies were slow, and all took %v; want %d and %v", slow, took, test.slow, test.takes)
				}
			})
		})
	}
}

func TestComputeDoesAllSteps(t *testing.T) {
	if got, want := compute(2), uint64(1442695040888963407); got != want*6364136223846793005+want {
		t.Errorf("two steps lead to %d", got)
	}
}
