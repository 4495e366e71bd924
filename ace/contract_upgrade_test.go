package ace_test

//lint:file-ignore SA1019 the client of net/http knows no extended CONNECT

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// Other protocols than HTTP, on connections and streams that began with it.

// talk is a WebSocket that answers in capitals.
func talk(req raxx.Request) raxx.Response {
	return websocket.Upgrade(req, websocket.Config{}, reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case websocket.Text:
			return []raxx.Part{websocket.Text(strings.ToUpper(string(event)))}
		case websocket.Binary:
			return []raxx.Part{event}
		}
		return nil
	}))
}

// A tunnel through HTTP/2 that is opened late has no body before it, as over
// HTTP/1.1: what the client sends early is of the new protocol.
func TestContractTunnelOpenedLate(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		if !e.http2 {
			t.Skip("a client of HTTP/1.1 does not send before the tunnel is open")
		}
		e.needsUpgrade(t)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			return raxx.Defer(reacts(func(event raxx.Event) []raxx.Part {
				switch event := event.(type) {
				case raxx.Open:
					return []raxx.Part{raxx.After{Delay: 50 * time.Millisecond}}
				case raxx.Timer:
					return []raxx.Part{raxx.Response{Status: 101, Header: raxx.Header{{Name: "upgrade", Value: "websocket"}}}}
				case raxx.Data:
					return []raxx.Part{raxx.Data(strings.ToUpper(string(event)))}
				case raxx.Tail:
					return []raxx.Part{raxx.Tail{}}
				}
				return nil
			}))
		}, ace.Config{})
		status, tunnel := c.upgradeSaying("early", "/")
		if status != 200 {
			t.Fatalf("got status %d", status)
		}
		defer tunnel.Close()
		got := make([]byte, len("early"))
		if _, err := io.ReadFull(tunnel, got); string(got) != "EARLY" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// upgrade opens a WebSocket, by an Upgrade or by an extended CONNECT (RFC 8441).
func (c *client) upgrade(target string) (status int, tunnel io.ReadWriteCloser) {
	c.Helper()
	return c.upgradeSaying("", target)
}

// upgradeSaying is upgrade for a client that, over HTTP/2, sends something before
// the tunnel is open.
func (c *client) upgradeSaying(early, target string) (status int, tunnel io.ReadWriteCloser) {
	c.Helper()
	a := ask{method: "GET", target: target}
	for _, f := range websocket.Handshake(target).Header {
		if !c.engine.http2 || f.Name != "upgrade" && f.Name != "sec-websocket-key" {
			a.header = append(a.header, f)
		}
	}
	if !c.engine.http2 {
		a.header = append(a.header, raxx.Field{Name: "connection", Value: "upgrade"})
		resp := c.open(c.Context(), a)
		tunnel, _ = resp.Body.(io.ReadWriteCloser)
		return resp.StatusCode, tunnel
	}
	a.method = "CONNECT"
	body, w := io.Pipe()
	if early != "" {
		go io.WriteString(w, early)
	}
	req := c.request(c.Context(), a, new(answer))
	req.Body = body
	req.Header[":protocol"] = []string{"websocket"}
	transport := &http2.Transport{AllowHTTP: true, DialTLSContext: c.dialTLS}
	c.Cleanup(transport.CloseIdleConnections)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		c.Fatal(err)
	}
	return resp.StatusCode, &twoPipes{resp.Body, w}
}

// dialTLS opens a connection, with TLS if the engine has it.
func (c *client) dialTLS(ctx context.Context, _, _ string, _ *tls.Config) (net.Conn, error) {
	conn, err := c.dial()
	if err != nil || !c.engine.tls {
		return conn, err
	}
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	return secure, secure.HandshakeContext(ctx)
}

// twoPipes are a tunnel through HTTP/2.
type twoPipes struct {
	io.ReadCloser
	w io.WriteCloser
}

func (p *twoPipes) Write(b []byte) (int, error) { return p.w.Write(b) }

func (p *twoPipes) Close() error { return errors.Join(p.w.Close(), p.ReadCloser.Close()) }

func TestContractWebSocket(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		e.needsUpgrade(t)
		requests := make(chan raxx.Request, 1)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			requests <- req
			return talk(req)
		}, ace.Config{})
		status, tunnel := c.upgrade("/chat?room=1")
		if e.http2 && status != 200 || !e.http2 && status != 101 {
			t.Fatalf("got status %d", status)
		}
		defer tunnel.Close()
		if seen := <-requests; seen.Method != "GET" || seen.Path != "/chat" || seen.Query != "room=1" || seen.Header.Get("upgrade") != "websocket" || seen.Body != nil ||
			seen.Header.Has("sec-websocket-key") == e.http2 {
			t.Errorf("the handler sees %+v", seen)
		}
		request := websocket.Handshake("/chat")
		ws, err := websocket.NewClient(request, talk(request))
		if err != nil {
			t.Fatal(err)
		}
		var events []raxx.Event
		say := func(part raxx.Part) {
			var data, answer raxx.Data
			ws, data = ws.Send(part)
			go tunnel.Write([]byte(data)) // what is large comes back before it has been sent
			var got []raxx.Event
			for len(got) == 0 {
				buf := make([]byte, 100000)
				n, err := tunnel.Read(buf)
				ws, got, answer = ws.Receive(raxx.Data(buf[:n]))
				events = append(events, got...)
				if err != nil || len(answer) > 0 {
					break
				}
			}
		}
		say(websocket.Text("hello"))
		say(websocket.Binary(bytes.Repeat([]byte{1}, 500000)))
		say(websocket.Text("bye"))
		say(websocket.Close{})
		want := []raxx.Event{websocket.Text("HELLO"), websocket.Binary(bytes.Repeat([]byte{1}, 500000)), websocket.Text("BYE"),
			websocket.Closed{Code: websocket.NormalClosure}}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("unexpected messages (-want +got):\n%.2000s", diff)
		}
		if _, err := io.ReadAll(tunnel); err != nil {
			t.Errorf("the tunnel ended with %v", err)
		}
	})
}

// What a handler that knows nothing of WebSockets answers does not open one.
func TestContractUpgradeThatIsIgnored(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		e.needsUpgrade(t)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/forbidden" {
				return raxx.Text(403, "no")
			}
			return hello(req)
		}, ace.Config{})
		if status, _ := c.upgrade("/forbidden"); status != 403 {
			t.Errorf("got status %d", status)
		}
		// Over HTTP/1.1 a 200 tells that the protocol has not changed. In reply
		// to a CONNECT it would tell that it has.
		want := 200
		if e.http2 {
			want = 501
		}
		if status, _ := c.upgrade("/"); status != want {
			t.Errorf("got status %d, want %d", status, want)
		}
	})
}
