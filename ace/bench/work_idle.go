package main

var idlePeers = []string{baseline, "net/http", "nginx"}

// idleWorks are asked for once on each of many connections, which then wait.
var idleWorks = []work{
	{
		name: "idle", about: "connections that wait for their second request",
		method: "GET", path: "/hello", reply: helloText,
		peers: []string{baseline, "net/http", "fasthttp", "fasthttp-reduced", "nginx"},
	},
	{
		name: "idle-tls", about: "connections that wait for their second request, over TLS",
		method: "GET", path: "/hello", reply: helloText, protocol: h1TLS, peers: idlePeers,
	},
	{
		name: "idle-h2c", about: "connections in HTTP/2, in the clear, that wait for their second request",
		method: "GET", path: "/hello", reply: helloText, protocol: h2c, peers: idlePeers,
	},
	{
		name: "idle-h2", about: "connections in HTTP/2, over TLS, that wait for their second request",
		method: "GET", path: "/hello", reply: helloText, protocol: h2TLS, peers: idlePeers,
	},
}
