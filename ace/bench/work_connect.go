package main

// connectWorks are asked for on a connection of their own each time.
var connectWorks = []work{{
	name: "connect", about: "the hello, each time on a new connection",
	method: "GET", path: "/hello", depth: 1, reply: helloText, closes: true,
	peers: []string{baseline, "net/http", "nginx"},
}}
