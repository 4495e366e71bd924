package raxxtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A paper is an event stream of what is posted, with a history.
func paper(h *sse.History) raxx.Handler {
	read := func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open:
			return n, parts{raxx.Subscribe{Topic: "news"}, sse.Comment("welcome")}
		case raxx.Info:
			return n, parts{sse.Event{ID: event.Message, Type: "news", Data: "x"}}
		}
		return n, nil
	}
	return func(req raxx.Request) raxx.Response {
		switch req.Path {
		case "/none":
			return raxx.NoContent()
		case "/text":
			return raxx.Text(200, "data: a\n\n")
		case "/error":
			return raxx.Reply(404, sse.MediaType, raxx.Data("data: a\n\n"))
		}
		return sse.Stream(req, sse.Config{History: h, Spread: -1}, raxx.NewMachine(0, read))
	}
}

func TestEventSource(t *testing.T) {
	h := sse.NewHistory(9)
	s := NewServer(paper(h))
	publish := func(id string) {
		h.Add(sse.Event{ID: id, Type: "news", Data: "x"})
		s.Publish("news", id)
	}
	c, err := s.EventSource(raxx.Get("/"))
	if err != nil {
		t.Fatal(err)
	}
	news := func(ids ...string) (events []sse.Event) {
		for _, id := range ids {
			events = append(events, sse.Event{ID: id, Type: "news", Data: "x"})
		}
		return events
	}
	publish("1")
	publish("2")
	diff(t, news("1", "2"), c.Events())
	diff(t, news(), c.Events())

	s.Drain()
	diff(t, news(), c.Events())
	if !c.Ended() || c.Retry() != time.Second || c.LastEventID() != "2" || c.Err() != nil {
		t.Errorf("got %v, %v, %q, %v", c.Ended(), c.Retry(), c.LastEventID(), c.Err())
	}
	publish("3")
	if err := c.Reconnect(); err != nil {
		t.Fatal(err)
	}
	s.Advance(0)
	publish("4")
	diff(t, news("3", "4"), c.Events())
	c.Exchange().Send(raxx.Info{Topic: "news", Message: "by hand"})
	diff(t, news("by hand"), c.Events())
	c.Close()
	publish("5")
	diff(t, news(), c.Events())
	var closed *ClosedError
	if !c.Ended() || !errors.As(c.Err(), &closed) {
		t.Errorf("a page that was closed listens; %v", c.Err())
	}
}

// The last ID outlives its connection, until the server says another one; an empty
// one, too (HTML standard, Section 9.2.6).
func TestEventSourceTakesItsLastEventIDAlong(t *testing.T) {
	var asked []string
	streams := []raxx.Data{"id: 1\ndata: x\n\n", ": no ID\n\ndata: x\n\n", "id: 2\ndata: x\n", "\ufeffid\ndata: x\n\n", "data: x\n\n"}
	s := NewServer(func(req raxx.Request) raxx.Response {
		asked = append(asked, req.Header.Get("last-event-id"))
		return raxx.Reply(200, sse.MediaType, saying(parts{streams[len(asked)-1], raxx.Tail{}}))
	})
	c, err := s.EventSource(raxx.Get("/"))
	for range streams[1:] {
		err = errors.Join(err, c.Reconnect())
	}
	if last := c.LastEventID(); err != nil || last != "" {
		t.Errorf("the ID is %q, %v", last, err)
	}
	diff(t, []string{"", "1", "1", "1", ""}, asked)
	diff(t, []sse.Event{{ID: "1", Data: "x"}, {Data: "x"}, {Data: "x"}, {Data: "x"}}, c.Events())
}

// A stream comes in whatever pieces, and what is asked is what has come so far.
func TestEventSourceReadsPieces(t *testing.T) {
	var closed []raxx.Event
	piece := func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Info:
			return n, parts{raxx.Data(event.Message)}
		case raxx.Closed:
			closed = append(closed, event)
		}
		return n, nil
	}
	c, err := NewServer(func(raxx.Request) raxx.Response {
		return raxx.Reply(200, sse.MediaType, raxx.NewMachine(0, piece))
	}).EventSource(raxx.Get("/"))
	if err != nil {
		t.Fatal(err)
	}
	send := func(text string) { c.Exchange().Send(raxx.Info{Message: text}) }
	var got []sse.Event
	for _, octet := range []byte("\ufeffid: 1\ndata: x\n\n") {
		send(string([]byte{octet}))
		got = append(got, c.Events()...)
	}
	diff(t, []sse.Event{{ID: "1", Data: "x"}}, got)
	send("id: 2\nretry: 3000\n\n")
	if id, retry := c.LastEventID(), c.Retry(); id != "2" || retry != 3*time.Second {
		t.Errorf("the ID is %q, and the time to wait %v", id, retry)
	}
	old := c.Exchange()
	if err := c.Reconnect(); err != nil || !old.Ended() || c.Ended() {
		t.Errorf("got %v; the old stream has ended: %t; the new one: %t", err, old.Ended(), c.Ended())
	}
	c.Close()
	diff(t, []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}, raxx.Closed{Reason: raxx.ClientGone}}, closed)

	if err := c.Reconnect(); err != nil {
		t.Fatal(err)
	}
	send(strings.Repeat("a", sse.DefaultLimit+1))
	var limit *sse.LimitError
	if err := c.Err(); !errors.As(err, &limit) {
		t.Errorf("an event without end: %v", err)
	}
}

func TestEventSourceGivesUp(t *testing.T) {
	for _, path := range []string{"/none", "/text", "/error"} {
		if c, err := NewServer(paper(nil)).EventSource(raxx.Get(path)); err == nil || c.Err() != err {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A reporter hands on what it is told, and says who left.
func reporter(n int, event raxx.Event) (int, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return n, parts{raxx.Subscribe{Topic: "all"}}
	case websocket.Text:
		return n, parts{raxx.Publish{Topic: "all", Message: string(event)}}
	case raxx.Info:
		return n, parts{websocket.Text(event.Message)}
	case websocket.Closed:
		return n, parts{raxx.Publish{Topic: "all", Message: "left: " + event.Code.String()}}
	}
	return n, nil
}

func chat(req raxx.Request) raxx.Response {
	if req.Path != "/chat" {
		return raxx.Problem(404, "")
	}
	return websocket.Upgrade(req, websocket.Config{Compress: true}, raxx.NewMachine(0, reporter))
}

func TestWebSocket(t *testing.T) {
	s := NewServer(chat)
	open := func(extensions string) *WebSocket {
		t.Helper()
		req := websocket.Handshake("/chat")
		if extensions != "" {
			req = req.With("sec-websocket-extensions", extensions)
		}
		w, err := s.WebSocket(req)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	ada, bob, eve := open(""), open("permessage-deflate"), open("")
	diff(t, []raxx.Event{websocket.Text("hi")}, ada.Send(websocket.Text("hi")))
	diff(t, []raxx.Event{websocket.Text("hi")}, bob.Messages())
	diff(t, []raxx.Event(nil), bob.Messages())

	bob.Send(websocket.Close{})
	if !bob.Ended() {
		t.Error("the connection goes on behind the Close")
	}
	diff(t, []raxx.Event{websocket.Text("left: normal closure")}, ada.Messages())
	eve.Leave()
	var left *ClosedError
	if err := eve.Exchange().Err(); !errors.As(err, &left) || left.Reason != raxx.ClientGone {
		t.Errorf("who leaves ends with %v", err)
	}
	diff(t, []raxx.Event{websocket.Text("left: abnormal closure")}, ada.Messages())

	s.Drain()
	diff(t, []raxx.Event{websocket.Closed{Code: websocket.GoingAway}}, ada.Messages())
	if !ada.Ended() {
		t.Error("the connection goes on behind the drain")
	}
}

// Time is made by hand: pings and time-outs need no patience.
func TestWebSocketThatVanishes(t *testing.T) {
	s := NewServer(chat)
	w, err := s.WebSocket(websocket.Handshake("/chat"))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.Advance(30 * time.Second)
		w.Messages() // answers the ping
	}
	if w.Ended() {
		t.Fatal("a client that answers pings was closed")
	}
	w.Silence()
	s.Advance(5 * time.Minute)
	if !w.Ended() {
		t.Error("a client that vanished is there for ever")
	}
}

func TestWebSocketIsRefused(t *testing.T) {
	if _, err := NewServer(chat).WebSocket(websocket.Handshake("/other")); !errors.Is(err, websocket.ErrHandshake) {
		t.Errorf("got %v", err)
	}
	never := func(raxx.Request) raxx.Response { return raxx.Defer(saying()) }
	if _, err := NewServer(never).WebSocket(websocket.Handshake("/")); err == nil {
		t.Error("a WebSocket that was not answered is open")
	}
}
