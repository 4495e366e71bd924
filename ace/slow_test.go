package ace

import (
	"testing"
	"time"
)

func TestSlowPaths(t *testing.T) {
	var p slowPaths
	now := time.Now().UnixNano()
	if p.has("/a", now) {
		t.Error("a path is remembered before it was slow")
	}
	p.add("/a", now)
	if !p.has("/a", now+int64(slowFor)-1) || p.has("/a", now+int64(slowFor)) {
		t.Error("a slow path is not remembered for just as long as it should be")
	}
	if p.has("/b", now) {
		t.Error("another path is remembered")
	}
	for range 10 { // it has returned at once that often
		p.relax("/a", now)
	}
	if p.has("/a", now+int64(slowFor)/1000) {
		t.Error("a path that is not slow any more is remembered for long")
	}
}

// A handler that blocks on a socket's poller must not stall other connections,
// the first time and when it is known, nor lose anything of its own.
func TestBlockingHandlersOnPollers(t *testing.T) {
	release := make(chan bool)
	_, dial := start(t, networks[0], blockOn("/block", release), Config{})
	fast := dial()
	for range 3 {
		var blocked []*peer
		for range 8 {
			p := dial()
			p.send("GET /block HTTP/1.1\r\nHost: test\r\n\r\n" + get)
			blocked = append(blocked, p)
		}
		for range 50 {
			fast.send(get)
			fast.want(200, "hello")
		}
		for range blocked {
			release <- true
		}
		for _, p := range blocked {
			p.want(200, "hello")
			p.want(200, "hello")
		}
	}
}
