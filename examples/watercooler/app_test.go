package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A site is the whole application, served to a test. What is published there
// reaches the rooms as well.
type site struct {
	*raxxtest.Server
	rooms *rooms
	told  int // of what was published
}

func open(t *testing.T) *site {
	t.Helper()
	rs, err := newRooms(&local{}, "p", (&clock{noon}).Now)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	secret := func() string {
		n++
		return fmt.Sprintf("%010d is secret", n)
	}
	h, err := app{rs.look, secret}.handler()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rs.Subscribe("room/tea", func(string) {}); err != nil {
		t.Fatal(err)
	}
	return &site{Server: raxxtest.NewServer(h), rooms: rs}
}

// settle brings the rooms up to date, and lets the timers come.
func (s *site) settle() {
	for range 3 {
		for _, p := range s.Published()[s.told:] {
			s.rooms.Publish(p.Topic, p.Message)
			s.told++
		}
		s.Advance(time.Millisecond)
	}
}

// kinds returns what a page was told, as kind and text.
func kinds[T ~string](t *testing.T, texts ...T) (all []string) {
	t.Helper()
	for _, text := range texts {
		var m message
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(m.Kind+" "+m.Name+" "+m.Text))
	}
	return all
}

func streamed(t *testing.T, page *raxxtest.EventSource) []string {
	t.Helper()
	var texts []string
	for _, e := range page.Events() {
		texts = append(texts, e.Data)
	}
	return kinds(t, texts...)
}

func messages(t *testing.T, page *raxxtest.WebSocket) []string {
	t.Helper()
	var texts []websocket.Text
	for _, m := range page.Messages() {
		texts = append(texts, m.(websocket.Text))
	}
	return kinds(t, texts...)
}

// Two people in one room, each connected in another way.
func TestConversation(t *testing.T) {
	s := open(t)
	ada, err := s.EventSource(raxx.Get("/rooms/tea/events?name=Ada"))
	if err != nil {
		t.Fatal(err)
	}
	s.settle()
	first := ada.Events()
	var v view
	if err := json.Unmarshal([]byte(first[0].Data), &v); err != nil || v.Key == "" {
		t.Fatal(first, err)
	}
	bob, err := s.WebSocket(websocket.Handshake("/rooms/tea/socket?name=Bob"))
	if err != nil {
		t.Fatal(err)
	}
	s.settle()
	diff(t, []string{"room"}, messages(t, bob))

	bob.Send(websocket.Text("hello"))
	s.settle()
	post := raxx.Post("/rooms/tea/messages", "application/json", raxx.Data(encode(posted{v.Key, "<i>hi</i>"})))
	if resp, err := s.Serve(post).Response(); err != nil || resp.Status != 202 {
		t.Fatal(resp, err)
	}
	s.settle()
	diff(t, []string{"say Bob hello", "say Ada <i>hi</i>"}, messages(t, bob))
	bob.Send(websocket.Close{})
	s.settle()
	diff(t, []string{"join Bob", "say Bob hello", "say Ada <i>hi</i>", "leave Bob"}, streamed(t, ada))

	// Who comes later is told what was said, and who is there.
	eve, err := s.EventSource(raxx.Get("/rooms/tea/events?name=Eve"))
	if err != nil {
		t.Fatal(err)
	}
	s.settle()
	if err := json.Unmarshal([]byte(eve.Events()[0].Data), &v); err != nil {
		t.Fatal(err)
	}
	diff(t, []string{"hello", "<i>hi</i>"}, texts(v))
	diff(t, []string{"Ada", "Eve"}, names(v))
}

// When the server shuts down, all say goodbye, and pages are told to come back.
func TestDrain(t *testing.T) {
	s := open(t)
	ada, _ := s.EventSource(raxx.Get("/rooms/tea/events?name=Ada"))
	bob, _ := s.WebSocket(websocket.Handshake("/rooms/tea/socket?name=Bob"))
	s.settle()
	bob.Messages()
	s.Drain()
	s.settle()
	if !ada.Ended() || ada.Retry() == 0 {
		t.Errorf("ended %v, retry %v", ada.Ended(), ada.Retry())
	}
	last := bob.Messages()
	diff(t, raxx.Event(websocket.Closed{Code: websocket.GoingAway}), last[len(last)-1])
	diff(t, 0, s.rooms.look("tea").Count)
}

// A key that nobody has is not told from one that somebody has.
func TestPostWithAnotherKey(t *testing.T) {
	s := open(t)
	resp, err := s.Serve(raxx.Post("/rooms/tea/messages", "application/json", raxx.Data(`{"key":"guess","text":"x"}`))).Response()
	if err != nil || resp.Status != 202 {
		t.Error(resp, err)
	}
	s.settle()
	diff(t, 0, len(s.rooms.look("tea").Messages))
}

func TestRefused(t *testing.T) {
	s := open(t)
	socket := websocket.Handshake("/rooms/tea/socket?name=Eve").With("origin", "https://evil.example")
	json := "application/json"
	for _, tt := range []struct {
		name string
		req  raxx.Request
		want int
	}{
		{"no name", raxx.Get("/rooms/tea/events"), 400},
		{"a name that can't be seen", raxx.Get("/rooms/tea/events?name=%E2%80%8B"), 400},
		{"a query that is broken", raxx.Get("/rooms/tea/events?name=%"), 400},
		{"no name for a room", raxx.Get("/rooms/Tea%20Room/events?name=Ada"), 404},
		{"a socket that is none", raxx.Get("/rooms/tea/socket?name=Ada"), 426},
		{"a page of another site", socket, 403},
		{"a form of another site", raxx.Post("/rooms/tea/messages", json, raxx.Data("{}")).With("sec-fetch-site", "cross-site"), 403},
		{"no JSON", raxx.Post("/rooms/tea/messages", "text/plain", raxx.Data("{}")), 415},
		{"more than a message", raxx.Post("/rooms/tea/messages", json, raxx.Data(strings.Repeat(" ", largest+1))), 413},
		{"nothing there", raxx.Get("/assets/../main.go"), 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := s.Serve(tt.req).Response()
			if err != nil || resp.Status != tt.want {
				t.Errorf("%d, %v, want %d", resp.Status, err, tt.want)
			}
		})
	}
}

// The page loads nothing from elsewhere, and what it needs is there.
func TestPage(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/", "/rooms/tea", "/assets/page.js", "/assets/connection.js", "/assets/style.css", "/assets/drop.svg"} {
		resp, err := s.Serve(raxx.Get(path)).Response()
		if err != nil || resp.Status != 200 || resp.Header.Get("content-security-policy") == "" {
			t.Errorf("%s: %d, %v", path, resp.Status, err)
		}
		body := strings.ReplaceAll(string(resp.Body.(raxx.Data)), "http://www.w3.org/2000/svg", "")
		for _, outside := range []string{"http://", "https://", "innerHTML"} {
			if strings.Contains(body, outside) {
				t.Errorf("%s holds %q", path, outside)
			}
		}
	}
}

// Whoever may look at the stream of another must not be able to speak for them.
func TestSecretsAreNotTold(t *testing.T) {
	s := open(t)
	ada, _ := s.EventSource(raxx.Get("/rooms/tea/events?name=Ada"))
	eve, _ := s.EventSource(raxx.Get("/rooms/tea/events?name=Eve"))
	s.settle()
	var v view
	if err := json.Unmarshal([]byte(ada.Events()[0].Data), &v); err != nil {
		t.Fatal(err)
	}
	for _, e := range append(eve.Events(), sse.Event{Data: encode(s.rooms.look("tea"))}) {
		if strings.Contains(e.Data, v.Key) {
			t.Errorf("told: %s", e.Data)
		}
	}
}
