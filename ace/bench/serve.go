package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
)

// serve is a server process: it answers for one peer on a port of its own
// choice, which it tells on standard output, and obeys what it reads from
// standard input. It ends when that is closed.
func serve(args []string) error {
	f := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	peerName := f.String("peer", baseline, "who serves")
	workName := f.String("work", "hello", "what will be asked for")
	dir := f.String("dir", ".", "the folder with "+fileName)
	addr := f.String("addr", "127.0.0.1:0", "the address to serve on")
	live := f.Bool("live", false, "serve exchanges that last, and no work")
	harmed := f.Bool("harmed", false, "serve what harms are done to, and no work")
	if err := f.Parse(args); err != nil {
		return err
	}
	server, err := serverOf(*peerName, *workName, *dir, *live, *harmed)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	served := make(chan error, 2)
	go func() { served <- server(l) }()
	fmt.Println("ready", l.Addr())
	go func() { served <- obey(os.Stdin, os.Stdout, carryOut) }()
	return <-served
}

// serverOf returns what answers for a peer.
func serverOf(peerName, workName, dir string, live, harmed bool) (func(net.Listener) error, error) {
	switch {
	case live:
		p, err := find(livePeers, peerName)
		return p.serve, err
	case harmed:
		p, err := find(harmedPeers, peerName)
		return p.serve, err
	}
	p, err := find(peers, peerName)
	if err != nil {
		return nil, err
	}
	w, err := find(slices.Concat(works, idleWorks), workName)
	if err != nil {
		return nil, err
	}
	if p.serve == nil {
		return nil, fmt.Errorf("%s is not written in Go", p.name)
	}
	return func(l net.Listener) error { return p.serve(l, job{w, dir}) }, nil
}

// obey carries out orders, one a line, and answers each with a line: "ok" and
// the result, if there is one, or what is wrong. It returns at the end of its
// input.
func obey(in io.Reader, out io.Writer, carryOut func(order string) (string, error)) error {
	orders := bufio.NewScanner(in)
	for orders.Scan() {
		result, err := carryOut(orders.Text())
		answer := strings.TrimSpace("ok " + result)
		if err != nil {
			answer = strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Fprintln(out, answer)
	}
	return orders.Err()
}

// The orders that a server process knows.
const (
	orderGC           = "gc"
	orderProfile      = "profile" // and the path of a file
	orderProfileStops = "profile-stops"
	orderScarce       = "scarce" // no more descriptors
	orderPlenty       = "plenty" // as many as there were
)

func carryOut(order string) (string, error) {
	verb, path, _ := strings.Cut(order, " ")
	switch verb {
	case orderGC:
		// Twice: what a sync.Pool holds survives the first collection.
		debug.FreeOSMemory()
		debug.FreeOSMemory()
		return "", nil
	case orderProfile:
		f, err := os.Create(path)
		if err != nil {
			return "", err
		}
		return "", pprof.StartCPUProfile(f)
	case orderProfileStops:
		pprof.StopCPUProfile()
		return "", nil
	case orderScarce, orderPlenty:
		return "", allowDescriptors(verb == orderPlenty)
	}
	return "", fmt.Errorf("no such order: %q", order)
}
