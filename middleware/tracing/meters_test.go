package tracing

import (
	"testing"

	"go.opentelemetry.io/otel/metric/noop"
)

// A handler that is not a router may make up patterns.
func TestSetsAreBounded(t *testing.T) {
	m := newMeters(noop.NewMeterProvider().Meter("test"))
	for i := range 2 * maxSets {
		m.sets.get(series{method: "GET", status: i})
	}
	if n := len(m.sets.of); n != maxSets {
		t.Errorf("got %d sets, want %d", n, maxSets)
	}
}
