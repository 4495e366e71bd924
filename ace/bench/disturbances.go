package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// disturbances are what faulty handlers, and clients that are no good, do.
var disturbances = []harm{
	{
		name: "panicking handler", about: "500 requests a second, on one connection",
		do: panicHandlers, told: toldExchange + panicReason,
	},
	{
		name: "panicking machine", about: "500 requests a second, each on a connection of its own; the machine panics behind its first content",
		do: panicMachines, told: toldExchange + panicReason,
	},
	{
		name: "endless output", about: "20 clients a second, none of which reads what a machine sends it without end",
		do: neverRead, told: toldExchange + "the client took too long",
	},
	{
		name: "silence", about: "10,000 connections that say nothing, and have come before",
		first: fillWithSilence, do: stay, told: toldConnection + silentReason,
	},
	{
		name: "silent arrivals", about: "1,000 connections a second, which come, say nothing and stay",
		do: comeSilent, told: toldConnection + silentReason,
	},
	{
		name: "no descriptors", about: "20 clients a second, who come while the server can accept none (EMFILE), and are answered when it can",
		do: wait, told: toldAccept + "too many open files", scarce: true,
	},
}

// panicHandlers asks for what panics, and goes on with the connection if it may.
func panicHandlers(f *foe) {
	var c net.Conn
	var replies *bufio.Reader
	f.every(2*time.Millisecond, func() {
		if c == nil {
			var err error
			if c, err = f.dial(); err != nil {
				f.note(reasonOf(err))
				return
			}
			replies = bufio.NewReader(c)
		}
		resp, err := get(c, replies, panicPath)
		if err != nil {
			f.note(reasonOf(err))
		} else {
			f.note(resp.Status)
		}
		if err != nil || resp.Close {
			c.Close()
			c = nil
		}
	})
	if c != nil {
		c.Close()
	}
}

// panicMachines asks for what panics amid the reply.
func panicMachines(f *foe) {
	f.every(2*time.Millisecond, func() {
		c, err := f.dial()
		if err != nil {
			f.note(reasonOf(err))
			return
		}
		defer c.Close()
		resp, err := get(c, bufio.NewReader(c), machinePath)
		if err != nil {
			f.note(reasonOf(err))
			return
		}
		f.note(resp.Status)
	})
}

// neverRead asks for what has no end, and looks only later how it has ended.
func neverRead(f *foe) {
	f.together(50*time.Millisecond, func(c net.Conn) {
		if _, err := io.WriteString(c, "GET "+endlessPath+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			f.note(reasonOf(err))
			return
		}
		time.Sleep(4 * harmedTimeout)
		c.SetDeadline(time.Now().Add(harmedTimeout))
		_, err := io.Copy(io.Discard, c)
		f.note(endOf(err))
	})
}

// silentCount is how many connections say nothing.
const silentCount = 10_000

// fillWithSilence opens them all, and waits until the server has taken the last
// of them out of the kernel's queue.
func fillWithSilence(f *foe) {
	f.hold(silentCount)
	time.Sleep(settling)
}

// settling is more than a server needs for a full queue of the kernel.
const settling = 500 * time.Millisecond

// stay does nothing until the harm ends.
func stay(f *foe) { <-f.ctx.Done() }

// comeSilent opens connections and holds them.
func comeSilent(f *foe) {
	f.every(time.Millisecond, func() { f.hold(1) })
}

// hold opens connections, which stay open until the harm ends.
func (f *foe) hold(n int) {
	for range n {
		c, err := f.dial()
		if err != nil {
			f.note(reasonOf(err))
			return
		}
		f.held = append(f.held, c)
		f.note("connected")
	}
}

// wait asks on new connections, with much patience.
func wait(f *foe) {
	f.together(50*time.Millisecond, func(c net.Conn) {
		resp, err := get(c, bufio.NewReader(c), "/hello")
		if err != nil {
			f.note(reasonOf(err))
			return
		}
		f.note(resp.Status)
	})
}

// get sends a request and reads the reply.
func get(c net.Conn, replies *bufio.Reader, path string) (*http.Response, error) {
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(replies, nil)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp, err
}

// endOf says how a connection has ended, by what its last read has returned.
func endOf(err error) string {
	switch {
	case err == nil || err == io.EOF:
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "not cut off"
	}
	return reasonOf(err)
}
