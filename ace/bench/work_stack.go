package main

const stackedPath = "/stacked"

// stackWorks are asked for twice in each round: without middleware and with it.
// They are pipelined, because then there are few system calls, whose cost varies
// by more than what middleware adds.
var stackWorks = []work{{
	name: "stack", about: "the hello without middleware, and under eight: what they add; 16 requests at once on each connection",
	method: "GET", path: stackedPath, depth: 16, reply: helloText, bare: "/hello",
	peers: []string{baseline, "chi", "echo"},
}}
