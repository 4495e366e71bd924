package main

import "fmt"

// A goal is what the project has set itself for a figure in a table.
type goal struct {
	table, column string
	// peer is whom Ace is compared with; the goal is for the ratio then. If it
	// is Ace itself, the goal is for the value.
	peer  string
	bound float64
	least bool // bound is the least that will do, and not the most
}

// What the columns with goals are called.
const (
	rateHeader    = "requests/s"
	connectHeader = "connections/s"
	cpuHeader     = "server CPU µs/request"
	medianHeader  = "median ms"
	p99Header     = "p99 ms"
	addedHeader   = "added µs"
	idleHeader    = "RSS KiB/connection"
	streamHeader  = "RSS KiB/stream"
	socketHeader  = "RSS KiB/WebSocket"
	fanOutHeader  = "server CPU ms/message"
	echoHeader    = "server CPU µs/message"

	medianRatioHeader     = "median ÷ calm"
	p99RatioHeader        = "p99 ÷ calm"
	namedHeader           = "named"
	leftRoutinesHeader    = "goroutines left"
	leftDescriptorsHeader = "descriptors left"
	leftMemoryHeader      = "RSS MiB left"
	grownHeader           = "RSS MiB more"
	attackHeader          = "server CPU ms/attack"
)

// goals are all of them.
var goals = []goal{
	{table: "hello", column: cpuHeader, peer: "nginx", bound: 0.85},
	{table: "hello", column: cpuHeader, peer: "fasthttp", bound: 0.70},
	{table: "pipelined", column: cpuHeader, peer: "fasthttp", bound: 0.55},
	{table: "file", column: cpuHeader, peer: "net/http", bound: 1},
	{table: "file", column: cpuHeader, peer: "nginx", bound: 1.2},
	{table: "echo", column: cpuHeader, peer: "net/http", bound: 1},

	{table: "h2c", column: cpuHeader, peer: "net/http", bound: 0.08},
	{table: "h2c", column: cpuHeader, peer: "nginx", bound: 0.35},
	{table: "h2c", column: cpuHeader, peer: "h2o", bound: 1.2},
	{table: "h2c-single", column: cpuHeader, peer: "nginx", bound: 0.8},
	{table: "h2", column: cpuHeader, peer: "nginx", bound: 0.4},
	{table: "h2-file", column: cpuHeader, peer: "net/http", bound: 1},
	{table: "h2-file", column: cpuHeader, peer: "nginx", bound: 1.3},

	{table: "connect", column: connectHeader, peer: "net/http", bound: 1, least: true},

	{table: "stack", column: addedHeader, peer: baseline, bound: 1.5},

	{table: "sleep", column: medianHeader, peer: "net/http", bound: 1},
	{table: "sleep", column: p99Header, peer: "net/http", bound: 1},
	{table: "compute", column: medianHeader, peer: "net/http", bound: 1},
	{table: "compute", column: p99Header, peer: "net/http", bound: 1},
	{table: "block", column: cpuHeader, peer: "fasthttp", bound: 1.1},
	// A goroutine for each stream, as net/http has it, delays nobody.
	{table: "h2-sleep", column: medianHeader, peer: "net/http", bound: 1},
	{table: "h2-sleep", column: p99Header, peer: "net/http", bound: 1},

	{table: "idle", column: idleHeader, peer: baseline, bound: 1},
	{table: "idle-tls", column: idleHeader, peer: "net/http", bound: 0.5},
	{table: "idle-h2c", column: idleHeader, peer: baseline, bound: 2},
	{table: "idle-h2", column: idleHeader, peer: baseline, bound: 20},

	{table: "streams", column: streamHeader, peer: baseline, bound: 2},
	{table: "sockets", column: socketHeader, peer: baseline, bound: 2},
	{table: "fanout", column: fanOutHeader, peer: baseline, bound: 200},
	{table: "echo-binary", column: echoHeader, peer: "coder", bound: 0.7},
	{table: "echo-binary", column: echoHeader, peer: "gorilla", bound: 0.7},
	{table: "echo-text", column: echoHeader, peer: "coder", bound: 0.7},
	{table: "echo-text", column: echoHeader, peer: "gorilla", bound: 0.7},

	// In these tables each row has the goal.
	{table: "isolation", column: p99RatioHeader, peer: baseline, bound: 2},
	{table: "isolation", column: namedHeader, peer: baseline, bound: 0.99, least: true},
	{table: "isolation", column: leftRoutinesHeader, peer: baseline, bound: 0},
	{table: "isolation", column: leftDescriptorsHeader, peer: baseline, bound: 0},
	{table: "isolation", column: leftMemoryHeader, peer: baseline, bound: 4},
	{table: "attacks", column: medianRatioHeader, peer: baseline, bound: 1.5},
	{table: "attacks", column: grownHeader, peer: baseline, bound: 64},
	{table: "attacks", column: attackHeader, peer: baseline, bound: 100},
}

// goalsOf returns the goals for a column of a table, by peer.
func goalsOf(table, column string) map[string]goal {
	found := map[string]goal{}
	for _, g := range goals {
		if g.table == table && g.column == column {
			found[g.peer] = g
		}
	}
	return found
}

// verdict writes the goal, and whether what was measured of Ace, beside what was
// measured of the peer, reaches it.
func (g goal) verdict(ace, peer []float64) string {
	sign := "≤"
	if g.least {
		sign = "≥"
	}
	text := fmt.Sprintf("%s %.2f", sign, g.bound)
	if len(ace) == 0 {
		return text
	}
	got := median(ace)
	if g.peer != baseline {
		var ok bool
		if got, ok = ratio(ace, peer); !ok {
			return text
		}
	}
	if g.least && got >= g.bound || !g.least && got <= g.bound {
		return text + ", met"
	}
	return text + ", **missed**"
}
