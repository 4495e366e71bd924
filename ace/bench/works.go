package main

import (
	"os"
	"path/filepath"
	"slices"
)

// A work is one kind of request and the answer to it.
type work struct {
	name   string
	about  string // what a server does, for people
	method string
	path   string
	body   string // of the request
	depth  int    // requests that a client sends at once, in HTTP/1.1
	reply  string // the body of the answer

	protocol    protocol
	connections int      // of the client; 0: as the options say
	streams     int      // at once on a connection, in HTTP/2
	closes      bool     // the client opens a connection for each request
	slow        bool     // there are handlers that do not return at once: see delay
	bare        string   // a path that is asked for, too: the same without middleware
	peers       []string // who takes part; nil: all but guests
}

func (w work) title() string { return w.name }

// byH2load reports whether the load comes from h2load, and not from wrk.
func (w work) byH2load() bool { return w.protocol.multiplexes() || w.slow }

// works are all there is to measure under load.
var works = slices.Concat(plainWorks, secureWorks, connectWorks, stackWorks, slowWorks)

// plainWorks are asked for in HTTP/1.1, in the clear.
var plainWorks = []work{
	{
		name: "hello", about: "GET of 13 bytes of text, through the router where there is one",
		method: "GET", path: "/hello", depth: 1, reply: helloText,
	},
	{
		name: "pipelined", about: "the same, 16 requests at once on each connection",
		method: "GET", path: "/hello", depth: 16, reply: helloText,
	},
	{
		name: "json", about: "GET of 1 KiB of JSON, marshalled for each request",
		method: "GET", path: "/article", depth: 1, reply: articleJSON,
	},
	{
		name: "routed", about: "GET of a path with two parameters, one route of 25, under eight middlewares",
		method: "GET", path: "/users/42/posts/7", depth: 1, reply: "post 7 of user 42, for ada",
	},
	{
		name: "file", about: "GET of a file of 1 MiB",
		method: "GET", path: "/" + fileName, depth: 1, reply: fileContent,
	},
	{
		name: "echo", about: "POST of 64 KiB, which come back",
		method: "POST", path: "/echo", body: upload, depth: 1, reply: upload,
	},
}

// A job is what a server process is started for.
type job struct {
	work work
	dir  string // holds the file named fileName
}

// file returns the path of the file that is served.
func (j job) file() string { return filepath.Join(j.dir, fileName) }

// prepare writes what the servers read.
func (j job) prepare() error {
	if err := os.WriteFile(j.file(), []byte(fileContent), 0o644); err != nil {
		return err
	}
	// For the peer that serves it as a file, too.
	if err := os.WriteFile(filepath.Join(j.dir, "hello"), []byte(helloText), 0o644); err != nil {
		return err
	}
	return j.writeCertificate()
}
