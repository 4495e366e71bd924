package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// A foe does harm to a server. It is a process of its own, so that visitors, who
// are asked how long they wait, do not share a scheduler with it.
type foe struct {
	addr string
	stop context.CancelFunc // of the harm that is being done; nil: none
	done chan struct{}      // closed when that has ended
	ctx  context.Context
	held []net.Conn // closed when the harm ends

	mu       sync.Mutex
	outcomes outcomes
}

// The orders that a foe knows.
const (
	orderBegin = "begin" // and an address, and the name of a harm
	orderEnd   = "end"   // it answers with the outcomes, in JSON
)

// doHarm is the process of a foe.
func doHarm() error {
	fmt.Println("ready")
	return obey(os.Stdin, os.Stdout, new(foe).carryOut)
}

func (f *foe) carryOut(order string) (string, error) {
	verb, rest, _ := strings.Cut(order, " ")
	switch {
	case verb == orderBegin && f.stop == nil:
		addr, name, _ := strings.Cut(rest, " ")
		h, err := find(allHarms(), name)
		if err == nil {
			f.begin(addr, h)
		}
		return "", err
	case verb == orderEnd && f.stop != nil:
		return string(mustMarshal(f.end())), nil
	}
	return "", fmt.Errorf("no order for now: %q", order)
}

func (f *foe) begin(addr string, h harm) {
	f.addr = addr
	f.ctx, f.stop = context.WithCancel(context.Background())
	f.done, f.outcomes = make(chan struct{}), outcomes{}
	if h.first != nil {
		h.first(f)
	}
	go func() {
		defer close(f.done)
		h.do(f)
	}()
}

// end ends the harm, and returns how what was done has ended.
func (f *foe) end() outcomes {
	f.stop()
	<-f.done
	f.stop = nil
	for _, c := range f.held {
		c.Close()
	}
	f.held = nil
	return f.outcomes
}

// note takes note of an outcome.
func (f *foe) note(outcome string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes[outcome]++
}

// every does something until the harm ends: next when d is over since it was
// last begun, and not before it has returned.
func (f *foe) every(d time.Duration, do func()) {
	pace := time.NewTicker(d)
	defer pace.Stop()
	for f.ctx.Err() == nil {
		do()
		select {
		case <-f.ctx.Done():
		case <-pace.C:
		}
	}
}

// together does something on a new connection each time when d is over, also
// before the last one has been done with. It waits for all of them.
func (f *foe) together(d time.Duration, do func(net.Conn)) {
	var all sync.WaitGroup
	f.every(d, func() {
		all.Go(func() {
			c, err := f.dial()
			if err != nil {
				f.note(reasonOf(err))
				return
			}
			defer c.Close()
			do(c)
		})
	})
	all.Wait()
}

// dial opens a connection that is not used for longer than is reasonable.
func (f *foe) dial() (net.Conn, error) {
	c, err := net.DialTimeout("tcp", f.addr, patience)
	if err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Now().Add(patience))
}
