package h2

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/raxx-go/raxx/raxx"
)

// RFC 8441: Bootstrapping WebSockets with HTTP/2.
func TestExtendedConnect(t *testing.T) {
	open := func(t *testing.T) (*peer, *Stream) {
		p := newPeer(t, nil)
		p.headers(1, false, ":method: CONNECT", ":protocol: websocket", ":scheme: https", ":authority: example.org", ":path: /chat?room=1",
			"sec-websocket-version: 13", "content-length: 3")
		p.reads()
		return p, p.stream(1)
	}
	t.Run("3 the server says that it may be used", func(t *testing.T) {
		p := rawPeer(t, nil)
		p.want("SETTINGS 3=250 6=32768 8=1 9=1", "WINDOW_UPDATE 0 196609")
	})
	t.Run("5 a handler sees what it would see over HTTP/1.1", func(t *testing.T) {
		p, s := open(t)
		want := raxx.Request{Method: "GET", Scheme: "https", Authority: "example.org", Path: "/chat", Query: "room=1",
			Header: raxx.Header{{Name: "sec-websocket-version", Value: "13"}, {Name: "content-length", Value: "3"}, {Name: "upgrade", Value: "websocket"}}}
		want.Peer.Protocol = "HTTP/2.0"
		if diff := cmp.Diff(want, p.requests[0]); diff != "" {
			t.Errorf("the request (-want +got):\n%s", diff)
		}
		if !s.Extended() || s.Connect() {
			t.Errorf("Extended is %v, Connect %v", s.Extended(), s.Connect())
		}
	})
	t.Run("5 a 101 is a 200", func(t *testing.T) {
		p, s := open(t)
		header := raxx.Header{{Name: "upgrade", Value: "websocket"}, {Name: "connection", Value: "upgrade"}, {Name: "sec-websocket-protocol", Value: "chat"}}
		p.answers.Write(p.conn.AppendHead(nil, s, &Head{Status: 101, Header: header, Length: -1}))
		p.want("HEADERS 1 :status=200 sec-websocket-protocol=chat")
	})
	t.Run("5 another status stays as it is", func(t *testing.T) {
		p, s := open(t)
		p.answers.Write(p.conn.AppendHead(nil, s, &Head{Status: 403, Length: 0, End: true}))
		p.want("HEADERS 1 :status=403 content-length=0 end")
	})
	t.Run("5 what does not open the tunnel has a length, what does has none", func(t *testing.T) {
		for status, want := range map[int]string{299: "HEADERS 1 :status=299", 300: "HEADERS 1 :status=300 content-length=0"} {
			p, s := open(t)
			p.answers.Write(p.conn.AppendHead(nil, s, &Head{Status: status, Length: 0}))
			p.want(want)
		}
	})
	t.Run("5 both sides send what they like", func(t *testing.T) {
		p, s := open(t)
		p.answers.Write(p.conn.AppendHead(nil, s, &Head{Status: 101, Length: -1}))
		p.data(1, false, "more than three octets")
		p.reads()
		p.answers.Write(p.conn.Send(make([]byte, 0, 100), s, []byte("hi"), false))
		p.data(1, true, " and an end")
		p.want("HEADERS 1 :status=200", `DATA 1 "hi"`)
		p.answers.Write(p.conn.Send(make([]byte, 0, 100), s, nil, true))
		p.want(`DATA 1 "" end`)
		p.wantEvents("request 1 GET /chat?room=1", "data 1 22", "data 1 33 end")
	})
}
