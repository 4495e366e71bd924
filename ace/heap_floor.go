package ace

import (
	"math"
	"runtime/metrics"
)

// These are what Config.HeapFloor says they are.
const (
	defaultHeapFloor = 8 << 20
	mostHeapFloor    = 1 << 30
)

// reserveHeap returns memory that nobody may touch, of the size of the heap's
// floor: the system backs with nothing what was never written, but Go's collector
// counts it as memory in use. It counts as long as it can be reached.
func (c *Config) reserveHeap() []byte {
	n := c.HeapFloor
	if n == 0 && collectsByDefault() {
		n = defaultHeapFloor
	}
	return make([]byte, min(max(n, 0), mostHeapFloor))
}

// collectsByDefault reports whether nobody has said when the collector is to
// begin: neither GOGC nor GOMEMLIMIT is set, nor what stands for them in package
// debug.
func collectsByDefault() bool {
	samples := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(samples)
	percent, limit := samples[0].Value, samples[1].Value
	return percent.Kind() == metrics.KindUint64 && percent.Uint64() == 100 &&
		limit.Kind() == metrics.KindUint64 && limit.Uint64() == math.MaxInt64
}
