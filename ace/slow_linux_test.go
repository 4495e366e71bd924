package ace

import (
	"testing"
	"time"
)

// A path is known to be slow while its handler is still at work: whoever asks for
// it meanwhile need not find out again.
func TestSlowPathIsKnownBeforeItsHandlerReturns(t *testing.T) {
	release := make(chan bool)
	s, dial := start(t, networks[0], blockOn("/block", release), Config{})
	p := dial()
	p.send("GET /block HTTP/1.1\r\nHost: test\r\n\r\n")
	awaitSlow(t, s, "/block")
	release <- true
	p.want(200, "hello")
}

// Then what was answered before it is sent before it.
func TestPipelinedRepliesDoNotWaitForASlowPath(t *testing.T) {
	release := make(chan bool)
	s, dial := start(t, networks[0], blockOn("/block", release), Config{})
	p := dial()
	p.send("GET /block HTTP/1.1\r\nHost: test\r\n\r\n")
	awaitSlow(t, s, "/block")
	release <- true
	p.want(200, "hello")
	p.send(get + get + "GET /block HTTP/1.1\r\nHost: test\r\n\r\n" + get)
	p.want(200, "hello")
	p.want(200, "hello")
	release <- true
	p.want(200, "hello")
	p.want(200, "hello")
}

// awaitSlow waits until the path is known to be slow.
func awaitSlow(t *testing.T, s *Server, path string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !s.slow.has(path, time.Now().UnixNano()); {
		if time.Now().After(end) {
			t.Fatal("it is not remembered")
		}
		<-time.After(time.Millisecond)
	}
}
