package ace_test

import (
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A machine takes the body over from another goroutine: at once if that waits for
// more, and without what it still looks at.
func TestMachineTakesTheBodyOver(t *testing.T) {
	for _, tt := range []struct {
		name, before string
		looks        bool
	}{
		{"from one that waits for all of it", "", false},
		{"from one that waits for more", "1\r\na\r\n", false},
		{"from one that looks at a piece", "1\r\na\r\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen record
			var pieces, release chan string
			h := func(req raxx.Request) raxx.Response {
				go func() {
					for piece, err := range raxx.Chunks(req.Body) {
						if err != nil {
							pieces <- err.Error()
							return
						}
						if tt.looks {
							<-release
						}
						pieces <- string(piece)
					}
				}()
				time.Sleep(time.Second) // of the bubble: by now it waits
				return machineOf(&seen, nil)(req)
			}
			serve(t, h, func(tc *testConn) {
				seen.take()
				pieces, release = make(chan string, 2), make(chan string)
				tc.send(postChunked, tt.before)
				tc.advance(time.Second)
				wantSeen(t, &seen, "Open")
				tc.send("1\r\nb\r\n0\r\n\r\n")
				wantSeen(t, &seen, "Data b", "Tail")
				close(release)
				want := []string{"a", ace.ErrExchangeOver.Error()}
				if tt.before == "" {
					want = want[1:]
				}
				for _, want := range want {
					if got := <-pieces; got != want {
						t.Errorf("got %q, want %q", got, want)
					}
				}
			})
		})
	}
}
