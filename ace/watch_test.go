package ace_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/raxx-go/raxx/raxx"
)

// What comes while somebody waits for the end of a context is read by who watches, as
// far as it has to, and is not lost.
func TestWatchLosesNoRequest(t *testing.T) {
	var goesOn chan bool
	serve(t, func(req raxx.Request) raxx.Response {
		if req.Path == "/wait" {
			select {
			case <-req.Context().Done():
				return raxx.Text(500, "the context has ended")
			case <-goesOn:
			}
		}
		return raxx.Text(200, req.Path)
	}, func(tc *testConn) {
		goesOn = make(chan bool)
		target := "/" + strings.Repeat("x", 2000)
		tc.sendEach("GET /wait HTTP/1.1\r\n"+host+crlf, "GET "+target+" HTTP/1.1\r\n"+host+crlf)
		close(goesOn)
		synctest.Wait()
		tc.wantReply(200, "/wait")
		tc.wantReply(200, target)
	})
}
