package ace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A hook may ask what goes on, also one that is told of a request that was refused.
func TestH2HooksMayAskForWorkers(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		server, told := make(chan *ace.Server, 1), make(chan int, 2)
		c := e.newClient(t, hello, ace.Config{Trace: ace.Trace{ExchangeEnded: func(ace.ExchangeEvent) {
			s := <-server
			server <- s
			told <- len(s.Workers())
		}}})
		server <- c.server.(*ace.Server)
		p := c.h2Dial()
		p.ask(1, "GET /", "connection: close")
		p.wantReset(1, http2.ErrCodeProtocol)
		p.ask(3, "GET /")
		p.want(3, "200", "hello")
		for range 2 {
			if n := within(t, told, "a hook is called"); n != 1 {
				t.Errorf("it saw %d workers", n)
			}
		}
	})
}

// The list of workers shows every stream that is being answered, also when its
// client has given it up.
func TestH2WorkersListStreams(t *testing.T) {
	release := make(chan bool)
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/wait":
			return raxx.Reply(200, "text/plain", reacts(opening(raxx.Data("a"))))
		case "/block":
			<-release
		case "/large":
			return raxx.Text(200, text(large))
		}
		return hello(req)
	}, func(t *testing.T, c *client) {
		release = make(chan bool)
		p := c.h2Dial(narrow(1 << 30))
		expect := func(state ace.WorkerState, requests int, running ...string) {
			t.Helper()
			synctest.Wait()
			all := c.server.(*ace.Server).Workers()
			if len(all) != 1 {
				t.Fatalf("got %v", all)
			}
			got := all[0]
			var paths []string
			for _, x := range got.Exchanges {
				paths = append(paths, x.Method+" "+x.Path)
				if x.Begun.Before(got.Opened) || time.Since(x.Begun) > time.Minute {
					t.Errorf("%s has begun at %v", x.Path, x.Begun)
				}
			}
			if diff := cmp.Diff(running, paths); diff != "" || got.State != state || got.Requests != requests || got.Peer.Protocol != "HTTP/2.0" {
				t.Errorf("got %+v (-want +got):\n%s", got, diff)
			}
		}
		expect(ace.WorkerWaits, 0)
		p.ask(1, "GET /")
		p.want(1, "200", "hello")
		expect(ace.WorkerWaits, 1)
		p.ask(3, "GET /wait")
		p.ask(5, "PUT /block")
		p.ask(7, "GET /block")
		expect(ace.WorkerServes, 1, "GET /wait", "PUT /block", "GET /block")
		p.cancel(7)
		p.cancel(3)
		expect(ace.WorkerServes, 2, "PUT /block", "GET /block")
		release <- true
		release <- true
		expect(ace.WorkerWaits, 4)
		p.ask(9, "GET /large")
		p.ask(11, "GET /large")
		expect(ace.WorkerWrites, 4, "GET /large", "GET /large") // the handlers have answered
	})
}

// Exchanges that a drain has cut are named.
func TestH2DrainErrorNamesStreams(t *testing.T) {
	release := make(chan bool)
	inFakeTime(t, ace.Config{}, func(req raxx.Request) raxx.Response {
		<-release
		return hello(req)
	}, func(t *testing.T, c *client) {
		release = make(chan bool)
		p := c.h2Dial()
		p.ask(1, "GET /one")
		time.Sleep(time.Second)
		p.ask(3, "PUT /two")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var cut *ace.DrainError
		if err := c.server.Shutdown(ctx); !errors.As(err, &cut) {
			t.Fatalf("Shutdown returned %v", err)
		}
		if len(cut.Exchanges) != 2 || cut.Exchanges[0].Path != "/one" || cut.Exchanges[1].Method != "PUT" {
			t.Errorf("got %+v", cut.Exchanges)
		}
		close(release)
		p.drain(time.Second)
	})
}
