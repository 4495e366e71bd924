package ace_test

import (
	"io"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// shouts speaks a protocol in which everything comes back in capitals, until one
// says "bye".
func shouts(ended chan<- raxx.Event) raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			answer := parts(raxx.Data(strings.ToUpper(string(event))))
			if event == "bye" {
				answer = append(answer, raxx.Tail{})
			}
			return answer
		case raxx.Tail:
			ended <- event
			return parts(event)
		case raxx.Closed:
			ended <- event
		}
		return nil
	})
}

// A proxy passes on another protocol, from every engine to a service that speaks
// HTTP/1.1.
func TestContractTunnelThroughAProxy(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		e.needsUpgrade(t)
		requests, ended := make(chan raxx.Request, 1), make(chan raxx.Event, 2)
		service := acetest.Serve(t, ace.New(func(req raxx.Request) raxx.Response {
			requests <- req
			if req.Path == "/no" {
				return raxx.Text(403, "no")
			}
			return raxx.Response{Status: 101, Body: shouts(ended)}.With("upgrade", req.Header.Get("upgrade")).With("sec-websocket-accept", "x")
		}, ace.Config{}))
		proxy := nethttp.FromTransport(service.HTTP1().Transport)
		accepts := make(chan bool, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			req.Scheme = "http"
			resp := proxy(req)
			if resp.Status == 101 {
				accepts <- resp.Header.Has("sec-websocket-accept")
			}
			return resp
		}, ace.Config{})

		if status, _ := c.upgrade("/no"); status != 403 {
			t.Errorf("that a service does not want to is passed on as %d", status)
		}
		<-requests
		for _, last := range []string{"bye", "gone"} {
			status, tunnel := c.upgrade("/yes?a=b")
			if e.http2 && status != 200 || !e.http2 && status != 101 {
				t.Fatalf("got status %d", status)
			}
			defer tunnel.Close()
			seen := <-requests
			if seen.URL() != "http://example.org/yes?a=b" || seen.Header.Get("upgrade") != "websocket" || len(seen.Header.Get("sec-websocket-key")) != 24 {
				t.Errorf("the service sees %+v", seen)
			}
			if got := <-accepts; got == e.http2 {
				t.Errorf("that the service accepts a key is passed on: %v", got)
			}
			for _, said := range []string{"hello", text(1_000_000)} {
				go io.WriteString(tunnel, said)
				heard := make([]byte, len(said))
				if _, err := io.ReadFull(tunnel, heard); brief(string(heard)) != brief(strings.ToUpper(said)) || err != nil {
					t.Fatalf("heard %s, %v", brief(string(heard)), err)
				}
			}
			if last == "gone" {
				tunnel.Close()
				within(t, ended, "the service is told that the client has gone")
				continue
			}
			io.WriteString(tunnel, "bye")
			if rest, err := io.ReadAll(tunnel); string(rest) != "BYE" || err != nil {
				t.Errorf("at the end there is %q, %v", rest, err)
			}
		}
	})
}
