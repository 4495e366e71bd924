package sse_test

import (
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
)

// news publishes what is posted, and keeps it.
type news struct{ history *sse.History }

func (n news) handle(req raxx.Request) raxx.Response {
	if req.Method == "POST" {
		n.history.Add(sse.Event{ID: string(req.Body.(raxx.Data)), Data: "x"})
		return raxx.NoContent().WithDo(raxx.Publish{Topic: "news", Message: string(req.Body.(raxx.Data))})
	}
	config := sse.Config{History: n.history, Lost: sse.Event{Type: "lost"}}
	return sse.Stream(req, config, raxx.NewMachine(0, read))
}

func read(n int, event raxx.Event) (int, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return n, parts{raxx.Subscribe{Topic: "news"}}
	case raxx.Info:
		return n, parts{sse.Event{ID: event.Message, Data: "x"}}
	}
	return n, nil
}

func TestClientsThatComeBackMissNothing(t *testing.T) {
	post := func(s *raxxtest.Server, ids ...string) {
		for _, id := range ids {
			s.Serve(raxx.Post("/", "text/plain", raxx.Data(id)))
		}
	}
	for _, tt := range []struct {
		name                  string
		last                  string
		before, during, after []string // the client comes; it is sent what it has missed
		want                  []string
	}{
		{"nothing was published", "0", []string{"0"}, nil, nil, nil},
		{"before it comes back", "1", []string{"1", "2", "3"}, nil, nil, []string{"2", "3"}},
		{"while it comes back", "1", []string{"1", "2"}, []string{"3", "4"}, nil, []string{"2", "3", "4"}},
		{"behind that", "1", []string{"1", "2"}, []string{"3"}, []string{"4", "5"}, []string{"2", "3", "4", "5"}},
		{"too much", "1", []string{"1", "2", "3", "4", "5", "6"}, nil, []string{"7"}, []string{"lost", "3", "4", "5", "6", "7"}},
		{"it comes for the first time", "", []string{"1", "2"}, []string{"3"}, nil, []string{"3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := raxxtest.NewServer(news{sse.NewHistory(4)}.handle)
			post(s, tt.before...)
			req := raxx.Get("/")
			if tt.last != "" {
				req = req.With("last-event-id", tt.last)
			}
			x := s.Serve(req)
			post(s, tt.during...)
			s.Advance(0)
			post(s, tt.after...)
			s.Advance(time.Minute)
			events, err := sse.Parse(x.Content())
			var got []string
			for _, event := range events {
				got = append(got, event.ID+event.Type)
			}
			diff(t, tt.want, got)
			if err != nil || x.Err() != nil {
				t.Error(err, x.Err())
			}
		})
	}
}

// A message that was on its way while the history was read has been sent by it.
func TestNothingComesTwice(t *testing.T) {
	h := sse.NewHistory(4)
	for _, event := range numbered(1, 3) {
		h.Add(event)
	}
	x := raxxtest.Start(sse.Stream(raxx.Get("/").With("last-event-id", "1"), sse.Config{History: h}, raxx.NewMachine(0, read)))
	x.Advance(0)
	before := x.Content()
	x.Send(raxx.Info{Message: "3"})
	diff(t, before, x.Content())
	x.Send(raxx.Info{Message: "4"})
	diff(t, before+"id: 4\ndata: x\n\n", x.Content())
	x.Advance(15 * time.Second) // from here on an ID may come again
	x.Send(raxx.Info{Message: "3"})
	diff(t, before+"id: 4\ndata: x\n\n:\n\nid: 3\ndata: x\n\n", x.Content())
}

// Where several processes serve a stream, a client may have been told by another one
// of what comes to this one only now.
func TestNothingComesTwiceFromAnotherProcess(t *testing.T) {
	h := sse.NewHistory(4)
	x := raxxtest.Start(sse.Stream(raxx.Get("/").With("last-event-id", "3"), sse.Config{History: h}, raxx.NewMachine(0, read)))
	for _, event := range numbered(1, 5) { // of which the first falls out
		h.Add(event)
	}
	for _, id := range []string{"2", "3", "4"} {
		x.Send(raxx.Info{Message: id})
	}
	x.Advance(0)
	for _, id := range []string{"2", "3", "5", "6"} {
		x.Send(raxx.Info{Message: id})
	}
	diff(t, raxx.Data("id: 4\ndata: n4\n\nid: 5\ndata: n5\n\nid: 6\ndata: x\n\n"), x.Content())
}

// An event that the history learns of only behind the replay is a new one.
func TestAnEventThatTheReplayDidNotFindIsSent(t *testing.T) {
	h := sse.NewHistory(4)
	x := raxxtest.Start(sse.Stream(raxx.Get("/").With("last-event-id", "7"), sse.Config{History: h}, raxx.NewMachine(0, read)))
	x.Advance(0)
	h.Add(sse.Event{ID: "7", Data: "x"})
	x.Send(raxx.Info{Message: "7"})
	diff(t, raxx.Data("id: 7\ndata: x\n\n"), x.Content())
}

// What the replay brought is forgotten in time, also without heartbeats.
func TestReplayIsForgotten(t *testing.T) {
	h := sse.NewHistory(4)
	h.Add(sse.Event{ID: "1"})
	again := sse.Event{ID: "2", Data: "x"}
	h.Add(again)
	m := raxx.NewMachine(0, read)
	s := sse.Stream(raxx.Get("/").With("last-event-id", "1"), sse.Config{History: h, Heartbeat: -1}, m)
	x := raxxtest.Start(s)
	x.Advance(0)
	x.Send(raxx.Info{Message: "2"}) // on its way meanwhile
	x.Advance(15 * time.Second)
	diff(t, parts{raxx.Data("id: 2\ndata: x\n\n")}, x.Send(raxx.Info{Message: "2"}))
	diff(t, raxx.Data("id: 2\ndata: x\n\nid: 2\ndata: x\n\n"), x.Content())
	if left := x.Advance(time.Hour); len(left) > 0 {
		t.Errorf("a stream without heartbeats sends %v", left)
	}
}

// The heartbeat that was asked for is also that of a stream that catches up.
func TestReplayKeepsThePace(t *testing.T) {
	s := sse.Stream(raxx.Get("/").With("last-event-id", "1"), sse.Config{History: sse.NewHistory(1), Heartbeat: time.Hour}, saying())
	diff(t, parts{head, raxx.After{Name: beat}, raxx.After{Name: beat, Delay: time.Hour}, raxx.Data(":\n\n"), raxx.After{Name: beat, Delay: time.Hour}},
		raxxtest.Run(s, raxx.Timer{Name: beat}, raxx.Timer{Name: beat}))
}

// A stream that ends before the history has been read brings what was missed, and
// what its machine has sent.
func TestAStreamThatEndsCatchesUpBefore(t *testing.T) {
	h := sse.NewHistory(4)
	for _, event := range numbered(1, 2) {
		h.Add(event)
	}
	stream := func(m raxx.Machine) raxx.Response {
		return sse.Stream(raxx.Get("/").With("last-event-id", "1"), sse.Config{History: h, Spread: -1}, m)
	}
	last := sse.Event{Data: "the last one"}
	const missed = "id: 2\ndata: n2\n\n"
	for _, tt := range []struct {
		name   string
		script []parts
		events []raxx.Event
		want   raxx.Data
	}{
		{"by the machine", []parts{{last, raxx.Tail{}}}, nil, missed + "data: the last one\n\n"},
		{"by the machine, later", []parts{{last}, {raxx.Tail{}}}, []raxx.Event{raxx.Info{}}, missed + "data: the last one\n\n"},
		{"by the server, behind the replay", []parts{{last}}, []raxx.Event{raxx.Timer{Name: beat}, raxx.Drain{}},
			missed + "data: the last one\n\nretry: 1000\n\n"},
		{"by the server", []parts{{last}}, []raxx.Event{raxx.Drain{}}, missed + "data: the last one\n\nretry: 1000\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := raxxtest.Start(stream(saying(tt.script...)))
			x.Send(tt.events...)
			if x.Content() != tt.want || x.Err() != nil || !x.Ended() {
				t.Errorf("got %q, %v, ended: %t", x.Content(), x.Err(), x.Ended())
			}
		})
	}
}
