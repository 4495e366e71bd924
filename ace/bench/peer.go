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
	does  []string // which it can do of the works that are for all; nil: all
	guest bool     // it takes part only in works that name it
	// serve answers on a listener until the process ends. If nil, the peer is
	// no part of this program, and start starts it.
	serve func(net.Listener, job) error
	start func(ctx context.Context, j job, procs int) (*process, error)
	// program is what has to be installed.
	program string
}

func (p peer) title() string { return p.name }

// takesPart reports whether the peer has a row in the table of a work.
func (p peer) takesPart(w work) bool {
	if w.peers == nil {
		return !p.guest
	}
	return slices.Contains(w.peers, p.name)
}

// can reports whether the peer can do a work that it takes part in.
func (p peer) can(w work) bool {
	return w.peers != nil || p.does == nil || slices.Contains(p.does, w.name)
}

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
		name: baseline, serve: serveAce,
		about: "Ace with the zero Config as Run starts it, behind raxx's router for every work",
	},
	{
		name: "net/http", serve: serveNetHTTP,
		about: "http.Server without time-outs, behind http.ServeMux for every work; UnencryptedHTTP2 for HTTP/2 in the clear",
	},
	{
		name: "fasthttp", serve: serveFasthttp,
		about: "fasthttp.Server without time-outs; a switch over the path, and github.com/fasthttp/router for the routed work",
	},
	{
		name: "fasthttp-reduced", guest: true, serve: serveFasthttpReduced,
		about: "the same with ReduceMemoryUsage",
	},
	{
		name: "nginx", start: startNginx, program: "nginx",
		does:  []string{"hello", "pipelined", "file"},
		about: "return 200 for hello, sendfile and tcp_nopush for the file, no access log; master and workers together; http2 on the listener for HTTP/2",
	},
	{
		name: "h2o", guest: true, start: startH2O, program: "h2o",
		about: "a thread for each of GOMAXPROCS, which serve the hello and the file from a folder, no access log",
	},
	{
		name: "chi", guest: true, serve: serveChi,
		about: "http.Server without time-outs, behind github.com/go-chi/chi/v5",
	},
	{
		name: "echo", guest: true, serve: serveEcho,
		about: "http.Server without time-outs, behind github.com/labstack/echo/v5",
	},
	{
		name: "goroutine", serve: serveGoroutine,
		does:  []string{"hello", "pipelined", "file", "echo"},
		about: "a floor: one goroutine a connection on net.Conn, looks for the ends of heads only and sends the same bytes each time",
	},
	{
		name: "epoll", serve: serveEpoll,
		does:  []string{"hello", "pipelined"},
		about: "a floor: an epoll loop for each of GOMAXPROCS in Go, with raw system calls; as little is looked at and sent",
	},
}
