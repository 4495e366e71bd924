package main

import "time"

// harmWorks are all works of harms. What they show is of Ace; the last one is
// for comparison.
var harmWorks = []harmWork{
	{
		name: "isolation", subject: "disturbance", server: baseline, harms: disturbances,
		about:  "visitors of an Ace that others disturb: 8 connections, 2,000 requests a second of all",
		window: func(d time.Duration) time.Duration { return d },
		shown: []harmQuantity{
			calmMedian, harmedMedian, calmP99, elsewhereP99, harmedP99, p99Ratio, namedShare, moreRoutines, moreFiles, moreMemory,
		},
		turns:  isolationTurns,
		leaves: true, elsewhere: true,
	},
	{
		name: "attacks", subject: "attack", server: baseline, harms: attackHarms,
		about:  "visitors of an Ace that is attacked in HTTP/2: 8 connections, 2,000 requests a second of all",
		window: attackWindow, shown: attackQuantities, turns: 1,
	},
	{
		name: "attacks-nethttp", subject: "attack", server: "net/http", harms: attackHarms,
		about:  "the same with net/http",
		window: attackWindow, shown: attackQuantities, turns: 1,
	},
}

// isolationTurns is more than one because the 99th percentile of a window is of
// its ten worst requests: in one of five windows it is over twice that of the one
// before, although nobody does harm.
const isolationTurns = 3

var attackQuantities = []harmQuantity{
	calmMedian, harmedMedian, medianRatio, calmP99, harmedP99, grownMemory, attackCount, costEach,
}

func attackWindow(d time.Duration) time.Duration { return d / 2 }
