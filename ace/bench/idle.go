package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxIdle is how many idle connections can be held: a process has 20,000
// descriptors where this is meant to run, and by its defaults Ace leaves an
// eighth of them to the application.
const maxIdle = 17000

// compareIdle measures the memory of idle connections for each peer, each in a
// new process. Once is enough: it hardly differs from one time to the next.
func (b *bench) compareIdle(ctx context.Context, w work) (*table, error) {
	t := newTable(w.name, fmt.Sprintf("%d %s", b.idle, w.about), []column{{idleHeader, "%.2f"}})
	for _, p := range b.peers {
		if !p.takesPart(w) || !t.admits(p, true) {
			continue
		}
		bytes, err := b.idleMemory(ctx, p, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		t.add(p, bytes/1024)
		progress(t.name, p, "%.2f KiB", bytes/1024)
	}
	return t, nil
}

// idleMemory returns how many bytes a server holds for an idle connection.
func (b *bench) idleMemory(ctx context.Context, p peer, w work) (float64, error) {
	s, err := p.launch(ctx, job{w, b.dir}, b.procs)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	before, err := s.restingMemory(ctx, w, 64)
	if err != nil {
		return 0, err
	}
	conns, err := openIdle(ctx, s, w, b.idle)
	defer closeAll(conns)
	if err != nil {
		return 0, err
	}
	after, err := s.settledMemory(ctx)
	return float64(after-before) / float64(b.idle), err
}

// restingMemory returns the memory of the process after some connections have
// come and gone.
func (s *process) restingMemory(ctx context.Context, w work, connections int) (int64, error) {
	conns, err := openIdle(ctx, s, w, connections)
	closeAll(conns)
	if err != nil {
		return 0, err
	}
	return s.settledMemory(ctx)
}

// settledMemory returns the memory of the process when it has come to rest, and
// a server in Go has collected its garbage and given back what is free.
func (s *process) settledMemory(ctx context.Context) (int64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(300 * time.Millisecond):
	}
	if err := s.tell(orderGC); err != nil {
		return 0, err
	}
	u, err := s.usage()
	return u.rss, err
}

// openIdle opens connections, and has one request answered on each. It returns
// those that it has opened also with an error.
func openIdle(ctx context.Context, s *process, w work, n int) ([]net.Conn, error) {
	var (
		conns []net.Conn
		buf   = bufio.NewReader(nil)
	)
	for range n {
		c, err := w.protocol.dial(ctx, s.addr)
		if err != nil {
			return conns, err
		}
		conns = append(conns, c)
		buf.Reset(c)
		if err := ask(c, buf, w); err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// ask sends one request and reads the reply.
func ask(c net.Conn, buf *bufio.Reader, w work) error {
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if w.protocol.multiplexes() {
		return askStream(c, buf, w)
	}
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n", w.method, w.path); err != nil {
		return err
	}
	resp, err := http.ReadResponse(buf, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// closeAll closes connections so that none of them lingers on.
func closeAll(conns []net.Conn) {
	for _, c := range conns {
		if secured, ok := c.(*tls.Conn); ok {
			c = secured.NetConn()
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		c.Close()
	}
}
