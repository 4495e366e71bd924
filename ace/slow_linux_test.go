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
	for end := time.Now().Add(10 * time.Second); !s.slow.has("/block", time.Now().UnixNano()); {
		if time.Now().After(end) {
			t.Error("it is not remembered")
			break
		}
		<-time.After(time.Millisecond)
	}
	release <- true
	p.want(200, "hello")
}
