package main

var slowPeers = []string{baseline, "net/http", "fasthttp"}

// slowWorks have handlers that do not always return at once. What is said of
// time is said of the replies that were not made slow: see plainTimes.
var slowWorks = []work{
	{
		name: "sleep", about: "GET of 13 bytes; one request in ten sleeps 10 ms",
		method: "GET", path: sleepPath, reply: helloText, slow: true, peers: slowPeers,
	},
	{
		name: "compute", about: "GET of 13 bytes; one request in a hundred computes for about 5 ms",
		method: "GET", path: computePath, reply: helloText, slow: true, peers: slowPeers,
	},
	{
		name: "block", about: "GET of 13 bytes; every request sleeps 1 ms",
		method: "GET", path: blockPath, reply: helloText, slow: true, peers: slowPeers,
	},
	{
		name: "h2-sleep", about: "the same as sleep in HTTP/2 in the clear, 8 connections with 32 streams at once on each",
		method: "GET", path: sleepPath, reply: helloText, slow: true,
		protocol: h2c, connections: 8, streams: 32, peers: []string{baseline, "net/http"},
	},
}
