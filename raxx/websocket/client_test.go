package websocket

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// server returns a frame of a server.
func server(h header, payload string) raxx.Data {
	h.length = int64(len(payload))
	return raxx.Data(append(appendHeader(nil, h), payload...))
}

func TestClientReceives(t *testing.T) {
	text := server(header{op: opText, fin: true}, "Hello")
	rows := []struct {
		name   string
		in     raxx.Data
		events []raxx.Event
		answer raxx.Data
	}{
		{"5.7 the Hello of the RFC that is not masked", "\x81\x05Hello", []raxx.Event{Text("Hello")}, ""},
		{"5.7 the fragments of the RFC", "\x01\x03Hel\x80\x02lo", []raxx.Event{Text("Hello")}, ""},
		{"5.5.2 a ping", "\x89\x05Hello", nil, raxx.Data(whole(opPong, "Hello"))},
		{"5.5.1 a Close", text + "\x88\x05\x03\xe9bye" + text, []raxx.Event{Text("Hello"), Closed{Code: GoingAway, Reason: "bye"}}, raxx.Data(goodbye(1001, ""))},
		{"5.5.1 a Close without a code", "\x88\x00", []raxx.Event{Closed{Code: NoStatus}}, raxx.Data(whole(opClose, ""))},
		{"5.1 a frame that is masked", raxx.Data(whole(opText, "x")),
			[]raxx.Event{Closed{ProtocolError, "a frame of a server that is masked (RFC 6455, 5.1)", raxx.Violated}}, raxx.Data(goodbye(1002, ""))},
		{"8.1 text that is not UTF-8", "\x81\x01\xff", []raxx.Event{Closed{InvalidPayload, notUTF8.reason, raxx.Violated}}, raxx.Data(goodbye(1007, ""))},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			c, events, answer := newClient(deflation{}).Receive(r.in)
			if d := cmp.Diff(r.events, events); d != "" || r.answer != answer {
				t.Errorf("%q\n%s", answer, d)
			}
			if _, again, _ := c.Receive(""); again != nil {
				t.Errorf("then there are %v", again)
			}
		})
	}
}

func TestClientSends(t *testing.T) {
	c := newClient(deflation{})
	c, data := c.Send(Text("Hello"), raxx.Publish{}, Binary("\xff"), Close{}, Text("too late"))
	if want := raxx.Data("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" + whole(opBinary, "\xff") + goodbye(1000, "")); data != want {
		t.Errorf("%q, want %q", data, want)
	}
	if _, data = c.Send(Text("too late")); data != "" {
		t.Errorf("behind a Close it sends %q", data)
	}
	// The server's answer is not answered.
	if _, events, answer := c.Receive("\x89\x00\x88\x02\x03\xe8"); answer != "" || len(events) != 1 {
		t.Errorf("%q, %v", answer, events)
	}
}

func TestClientRefusesResponses(t *testing.T) {
	req := Handshake("/")
	good := upgrade(req, Config{})
	rows := []struct {
		name string
		resp raxx.Response
	}{
		{"4.1 another status", good.WithStatus(200)},
		{"4.1 no proof", good.Without(fieldAccept)},
		{"4.1 the proof of another key", good.With(fieldAccept, "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")},
		{"4.1 a protocol that it did not ask for", good.With(fieldProtocol, "a")},
		{"4.1 an extension that it did not ask for", good.With(fieldExtensions, "permessage-deflate")},
		{"4.1 an extension that nobody knows", good.With(fieldExtensions, "foo")},
	}
	if _, err := NewClient(req.With(fieldExtensions, "permessage-deflate"), good.With(fieldExtensions, "foo")); !errors.Is(err, ErrHandshake) {
		t.Errorf("another extension than it asked for: error %v", err)
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if _, err := NewClient(req, r.resp); !errors.Is(err, ErrHandshake) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A client and a server, through the whole of both.
func TestConversation(t *testing.T) {
	req := Handshake("/").With(fieldExtensions, "permessage-deflate; client_max_window_bits").With(fieldProtocol, "chat")
	resp := upgrade(req, Config{Compress: true, CompressFrom: -1, Protocols: []string{"chat"}})
	c, err := NewClient(req, resp)
	if err != nil {
		t.Fatal(err)
	}
	m := resp.Body.(raxx.Machine)
	var heard []raxx.Event
	for _, part := range []raxx.Part{Text("to be or not to be, or not to be"), Binary("\xff"), Close{Code: 4000, Reason: "bye"}} {
		var data raxx.Data
		var parts []raxx.Part
		c, data = c.Send(part)
		m, parts = m.Step(data)
		for _, part := range parts {
			if data, ok := part.(raxx.Data); ok {
				var events []raxx.Event
				c, events, _ = c.Receive(data)
				heard = append(heard, events...)
			}
		}
	}
	want := []raxx.Event{Text("to be or not to be, or not to be"), Binary("\xff"), Closed{Code: 4000}}
	diff(t, want, heard)
}
