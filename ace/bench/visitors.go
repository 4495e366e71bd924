package main

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// The visitors of a server ask for the hello again and again, each on a
// connection of its own, and not as fast as they can: so they leave the cores to
// the server and to those who do it harm, and what they wait is its time.
const (
	visitorCount = 8
	// visitEvery is how often each of them asks: together they make 2,000
	// requests a second.
	visitEvery = 4 * time.Millisecond
)

const visitRequest = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"

// openVisitors opens the connections of the visitors, and has one request
// answered on each.
func openVisitors(addr string) ([]net.Conn, error) {
	return openMany(addr, visitorCount, func(addr string) (net.Conn, error) {
		return begin(addr, visitRequest, helloText)
	})
}

// visit has the visitors ask for some time. It returns how long each of their
// requests took, the shortest first.
func visit(conns []net.Conn, d time.Duration) ([]time.Duration, error) {
	var (
		all   sync.WaitGroup
		times = make([][]time.Duration, len(conns))
		errs  = make([]error, len(conns))
		begun = time.Now()
	)
	for i, c := range conns {
		// They don't ask all at once.
		first := begun.Add(visitEvery * time.Duration(i) / time.Duration(len(conns)))
		all.Go(func() { times[i], errs[i] = visitFrom(c, first, begun.Add(d)) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("a visitor: %w", err)
		}
	}
	return slices.Sorted(slices.Values(slices.Concat(times...))), nil
}

// visitFrom asks on one connection. A request that is late because the one before
// took too long has waited since it was due.
func visitFrom(c net.Conn, due, end time.Time) (times []time.Duration, err error) {
	c.SetDeadline(end.Add(patience))
	defer c.SetDeadline(time.Time{})
	buf := make([]byte, 1024)
	for ; due.Before(end); due = due.Add(visitEvery) {
		from := due
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
			from = time.Now() // a timer that is late is not the server's fault
		}
		if err := visitOnce(c, buf); err != nil {
			return times, err
		}
		times = append(times, time.Since(from))
	}
	return times, nil
}

// visitOnce sends one request and reads the reply, which ends with the hello.
func visitOnce(c net.Conn, buf []byte) error {
	if _, err := c.Write([]byte(visitRequest)); err != nil {
		return err
	}
	for n := 0; !bytes.HasSuffix(buf[:n], []byte(helloText)); {
		if n == len(buf) {
			return fmt.Errorf("the reply is %q", buf)
		}
		more, err := c.Read(buf[n:])
		if err != nil {
			return err
		}
		n += more
	}
	return nil
}
