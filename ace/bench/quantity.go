package main

import "time"

// A reading is what one measurement under load brings.
type reading struct {
	load load
	cpu  time.Duration // of the server, meanwhile
	rss  int64         // of the server, in the middle
	bare float64       // the cost of the same work without middleware, if it was measured
}

// rate returns the requests that were answered in a second.
func (r reading) rate() float64 { return float64(r.load.requests) / r.load.time.Seconds() }

// cost returns the microseconds of the server's CPU that a request took.
func (r reading) cost() float64 { return r.cpu.Seconds() * 1e6 / float64(r.load.requests) }

// A quantity is what a column shows of readings.
type quantity struct {
	column
	of func(reading) float64
}

var (
	rateQuantity    = quantity{column{rateHeader, "%.0f"}, reading.rate}
	connectQuantity = quantity{column{connectHeader, "%.0f"}, reading.rate}
	cpuQuantity     = quantity{column{cpuHeader, "%.2f"}, reading.cost}
	medianQuantity  = quantity{column{medianHeader, "%.2f"}, func(r reading) float64 { return r.load.p50.Seconds() * 1e3 }}
	p99Quantity     = quantity{column{p99Header, "%.2f"}, func(r reading) float64 { return r.load.p99.Seconds() * 1e3 }}
	rssQuantity     = quantity{column{"RSS MiB", "%.1f"}, func(r reading) float64 { return float64(r.rss) / (1 << 20) }}
	bareQuantity    = quantity{column{"bare µs", "%.2f"}, func(r reading) float64 { return r.bare }}
	stackedQuantity = quantity{column{"under eight µs", "%.2f"}, reading.cost}
	addedQuantity   = quantity{column{addedHeader, "%.2f"}, func(r reading) float64 { return r.cost() - r.bare }}
)

// quantities returns what is shown of a work.
func (w work) quantities() []quantity {
	switch {
	case w.bare != "":
		return []quantity{bareQuantity, stackedQuantity, addedQuantity}
	case w.closes:
		return []quantity{connectQuantity, cpuQuantity, p99Quantity}
	case w.byH2load():
		return []quantity{rateQuantity, cpuQuantity, medianQuantity, p99Quantity, rssQuantity}
	}
	return []quantity{rateQuantity, cpuQuantity, p99Quantity, rssQuantity}
}

// columnsOf returns the columns of quantities.
func columnsOf(shown []quantity) []column {
	var columns []column
	for _, q := range shown {
		columns = append(columns, q.column)
	}
	return columns
}
