package main

import (
	"context"
	"net"
	"os/exec"
	"slices"
)

// A peer is a server that is compared.
type peer struct {
	name  string
	about string   // what it is and how it is set up, for the report
	does  []string // the works that it can do; nil: all
	idle  idleRole
	// serve answers on a listener until the process ends. If nil, the peer is
	// no part of this program, and start starts it.
	serve func(net.Listener, job) error
	start func(ctx context.Context, j job, procs int) (*process, error)
	// program is what has to be installed.
	program string
}

// An idleRole says whether the memory of a peer's idle connections is measured.
type idleRole uint8

const (
	loadOnly idleRole = iota
	loadAndIdle
	idleOnly
)

func (p peer) title() string { return p.name }

// can reports whether the peer can do a work.
func (p peer) can(w work) bool { return p.does == nil || slices.Contains(p.does, w.name) }

// installed reports whether the peer can be started on this machine.
func (p peer) installed() bool {
	if p.program == "" {
		return true
	}
	_, err := exec.LookPath(p.program)
	return err == nil
}

// baseline is the name of the peer that the others are compared with.
const baseline = "ace"

// peers are all there is to compare.
var peers = []peer{
	{
		name: baseline, idle: loadAndIdle, serve: serveAce,
		about: "Ace with the zero Config, behind raxx's router for every work",
	},
	{
		name: "net/http", idle: loadAndIdle, serve: serveNetHTTP,
		about: "http.Server without time-outs, behind http.ServeMux for every work",
	},
	{
		name: "fasthttp", idle: loadAndIdle, serve: serveFasthttp,
		about: "fasthttp.Server without time-outs; a switch over the path, and github.com/fasthttp/router for the routed work",
	},
	{
		name: "fasthttp-reduced", idle: idleOnly, serve: serveFasthttpReduced,
		about: "the same with ReduceMemoryUsage",
	},
	{
		name: "nginx", idle: loadAndIdle, start: startNginx, program: "nginx",
		does:  []string{"hello", "pipelined", "file"},
		about: "return 200 for hello, sendfile and tcp_nopush for the file, no access log; master and workers together",
	},
	{
		name: "goroutine", serve: serveGoroutine,
		about: "a floor: one goroutine a connection on net.Conn, looks for the ends of heads only and sends the same bytes each time",
	},
	{
		name: "epoll", serve: serveEpoll,
		does:  []string{"hello", "pipelined", "json", "routed"},
		about: "a floor: an epoll loop for each of GOMAXPROCS in Go, with raw system calls; as little is looked at and sent",
	},
}
