package main

// Who takes part in works over HTTP/2, and in those over TLS.
var (
	h2Peers  = []string{baseline, "net/http", "nginx", "h2o"}
	tlsPeers = []string{baseline, "net/http", "fasthttp", "nginx"}
)

// secureWorks are asked for over TLS or HTTP/2, or both.
var secureWorks = []work{
	{
		name: "tls", about: "the hello over TLS, in HTTP/1.1",
		method: "GET", path: "/hello", depth: 1, reply: helloText, protocol: h1TLS, peers: tlsPeers,
	},
	{
		name: "h2c", about: "the hello in HTTP/2 in the clear, 8 connections with 32 streams at once on each",
		method: "GET", path: "/hello", reply: helloText,
		protocol: h2c, connections: 8, streams: 32, peers: h2Peers,
	},
	{
		name: "h2c-single", about: "the hello in HTTP/2 in the clear, 64 connections with one stream at once on each",
		method: "GET", path: "/hello", reply: helloText,
		protocol: h2c, connections: 64, streams: 1, peers: h2Peers,
	},
	{
		name: "h2", about: "the hello in HTTP/2 over TLS, 8 connections with 32 streams at once on each",
		method: "GET", path: "/hello", reply: helloText,
		protocol: h2TLS, connections: 8, streams: 32, peers: h2Peers,
	},
	{
		name: "h2-file", about: "GET of a file of 1 MiB in HTTP/2 over TLS, 8 connections with one stream at once on each",
		method: "GET", path: "/" + fileName, reply: fileContent,
		protocol: h2TLS, connections: 8, streams: 1, peers: h2Peers,
	},
}
