package raxxtest

import (
	"errors"
	"testing"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// A room hands every message that is posted to all who listen.
func room(req raxx.Request) raxx.Response {
	if req.Method == "POST" {
		data, _ := raxx.ReadAll(req.Body, 0)
		return raxx.NoContent().WithDo(raxx.Publish{Topic: req.Path, Message: string(data)})
	}
	return raxx.Reply(200, "text/plain", raxx.NewMachine(req.Path, listen))
}

func listen(topic string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return topic, parts{raxx.Subscribe{Topic: topic}}
	case raxx.Info:
		return topic, parts{raxx.Data(event.Message)}
	case raxx.Drain:
		return topic, parts{raxx.Data("bye"), raxx.Tail{}}
	}
	return topic, nil
}

func TestMessagesReachWhoSubscribes(t *testing.T) {
	s := NewServer(room)
	ada, bob, other := s.Serve(raxx.Get("/a")), s.Serve(raxx.Get("/a")), s.Serve(raxx.Get("/b"))
	ada.Take()
	s.Serve(raxx.Post("/a", "text/plain", raxx.Data("hi")))
	diff(t, parts{raxx.Data("hi")}, ada.Take())
	diff(t, raxx.Data("hi"), bob.Content())
	diff(t, raxx.Data(""), other.Content())
	diff(t, []raxx.Publish{{Topic: "/a", Message: "hi"}}, s.Published())
	diff(t, []string{"/a"}, bob.Topics())

	s.Drain()
	if !ada.Ended() || !bob.Ended() || ada.Content() != "hibye" {
		t.Errorf("got %q", ada.Content())
	}
	s.Publish("/a", "nobody is there")
	diff(t, raxx.Data("hibye"), ada.Content())
}

func TestCloseReachesAll(t *testing.T) {
	s := NewServer(room)
	x := s.Serve(raxx.Get("/a"))
	s.Close()
	var closed *ClosedError
	if !errors.As(x.Err(), &closed) || closed.Reason != raxx.ServerClosed {
		t.Errorf("got %v", x.Err())
	}
}

func TestUnsubscribe(t *testing.T) {
	x := Start(raxx.Response{Status: 200, Body: saying(
		parts{raxx.Subscribe{Topic: "a"}, raxx.Subscribe{Topic: "b"}, raxx.Subscribe{Topic: "a"}},
		parts{raxx.Unsubscribe{Topic: "a"}})})
	diff(t, []string{"a", "b"}, x.Topics())
	x.Server().Publish("a", "1")
	diff(t, []string{"b"}, x.Topics())
}

// Messages keep their order, also those that lead to others.
func TestMessagesComeInOrder(t *testing.T) {
	relay := func(n int, event raxx.Event) (int, []raxx.Part) {
		switch event := event.(type) {
		case raxx.Open:
			return n, parts{raxx.Subscribe{Topic: "a"}, raxx.Subscribe{Topic: "b"}}
		case raxx.Info:
			if event.Topic == "a" {
				return n, parts{raxx.Publish{Topic: "b", Message: event.Message + "!"}, raxx.Publish{Topic: "b", Message: "?"}}
			}
			return n, parts{raxx.Data(event.Message)}
		}
		return n, nil
	}
	s := NewServer(func(raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: raxx.NewMachine(0, relay)} })
	x := s.Serve(raxx.Get("/"))
	y := s.Serve(raxx.Get("/"))
	s.Publish("a", "1")
	diff(t, raxx.Data("1!?1!?"), x.Content())
	diff(t, raxx.Data("1!?1!?"), y.Content())
}

func TestWhoTalksForEverIsStopped(t *testing.T) {
	echo := func(n int, event raxx.Event) (int, []raxx.Part) {
		if _, ok := event.(raxx.Open); ok {
			return n, parts{raxx.Subscribe{Topic: "a"}}
		}
		return n, parts{raxx.Publish{Topic: "a"}}
	}
	x := Start(raxx.Response{Status: 200, Body: raxx.NewMachine(0, echo)})
	x.Server().Publish("a", "")
	if !errors.Is(x.Err(), ErrBusy) {
		t.Errorf("got %v", x.Err())
	}
	again := func(n int, _ raxx.Event) (int, []raxx.Part) { return n, parts{raxx.After{}} }
	x = Start(raxx.Response{Status: 200, Body: raxx.NewMachine(0, again)})
	x.Advance(time.Second)
	if !errors.Is(x.Err(), ErrBusy) {
		t.Errorf("got %v", x.Err())
	}
}

func TestAdvance(t *testing.T) {
	type after = raxx.After
	named := func(script map[string][]raxx.Part) raxx.Machine {
		return raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			switch event := event.(type) {
			case raxx.Open:
				return n, script["open"]
			case raxx.Timer:
				at := raxx.Data(event.Name + event.At.Format("@05.0 "))
				return n, append(parts{at}, script[event.Name]...)
			}
			return n, nil
		})
	}
	for _, tt := range []struct {
		name   string
		script map[string][]raxx.Part
		by     time.Duration
		want   raxx.Data
	}{
		{"in the order in which they are over", map[string][]raxx.Part{"open": {after{Name: "b", Delay: 2e9}, after{Name: "a", Delay: 1e9}}},
			5e9, "a@01.0 b@02.0 "},
		{"at the same time, in the order in which they were set",
			map[string][]raxx.Part{"open": {after{Name: "b", Delay: 1e9}, after{Name: "a", Delay: 1e9}}}, 1e9, "b@01.0 a@01.0 "},
		{"not before their time", map[string][]raxx.Part{"open": {after{Name: "a", Delay: 1e9}}}, 1e9 - 1, ""},
		{"one of each name", map[string][]raxx.Part{"open": {after{Name: "a", Delay: 1e9}, after{Name: "a", Delay: 2e9}}}, 5e9, "a@02.0 "},
		{"stopped by a negative delay", map[string][]raxx.Part{"open": {after{Name: "a", Delay: 1e9}, after{Name: "a", Delay: -1}}}, 5e9, ""},
		{"set anew by a step", map[string][]raxx.Part{"open": {after{Name: "a", Delay: 1e9}}, "a": {after{Name: "a", Delay: 1e9}}},
			3.5e9, "a@01.0 a@02.0 a@03.0 "},
		{"without a delay", map[string][]raxx.Part{"open": {after{Name: "a"}}, "a": {after{Name: "b"}}}, 0, "a@00.0 b@00.0 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := Start(raxx.Response{Status: 200, Body: named(tt.script)})
			if x.Content() != "" {
				t.Errorf("before: %q", x.Content())
			}
			x.Advance(tt.by)
			diff(t, tt.want, x.Content())
			diff(t, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(tt.by), x.Server().Now())
		})
	}
}

func TestServeHandsOnTheRequestsBody(t *testing.T) {
	read := ""
	upload := func(n int) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			read = ""
			body, left := req.Body, n
			if left == 0 {
				body = nil
			}
			for chunk := range raxx.Chunks(body) {
				read += string(chunk)
				if left--; left == 0 {
					break
				}
			}
			return raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(_ int, e raxx.Event) (int, []raxx.Part) {
				switch e := e.(type) {
				case raxx.Data:
					return 0, parts{e}
				case raxx.Tail:
					return 0, parts{raxx.Data("."), e}
				case raxx.Closed:
					return 0, parts{raxx.Publish{Topic: e.Reason.String()}}
				}
				return 0, nil
			})}
		}
	}
	trailer := raxx.Header{{Name: "x", Value: "1"}}
	body := func() raxx.Body { return Chunks("a", "b", "c").WithTrailer(func() raxx.Header { return trailer }) }
	for _, tt := range []struct {
		name  string
		reads int
		body  raxx.Body
		read  string
		want  raxx.Data
	}{
		{"all of it", 0, body(), "", "abc."},
		{"what the handler leaves", 2, body(), "ab", "c."},
		{"nothing if the handler reads all", 9, body(), "abc", ""},
		{"nothing if it is complete", 9, raxx.Data("abc"), "abc", ""},
		{"nothing if there is none", 0, nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := NewServer(upload(tt.reads)).Serve(raxx.New("POST", "/", tt.body))
			diff(t, tt.want, x.Content())
			diff(t, tt.read, read)
		})
	}
	s := NewServer(upload(0))
	s.Serve(raxx.New("POST", "/", Broken(errors.New("cut"), "a")))
	diff(t, []raxx.Publish{{Topic: raxx.ClientGone.String()}}, s.Published())
}

// What a machine says at the end reaches the others at once.
func TestServerDeliversWhatIsSaidAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(*Server){"drain": (*Server).Drain, "close": (*Server).Close} {
		s := NewServer(func(req raxx.Request) raxx.Response {
			return raxx.Response{Status: 200, Body: raxx.NewMachine(req.Path, func(path string, event raxx.Event) (string, []raxx.Part) {
				switch event := event.(type) {
				case raxx.Open:
					if path == "/listens" {
						return path, parts{raxx.Subscribe{Topic: "t"}}
					}
				case raxx.Info:
					return path, parts{raxx.Data(event.Message)}
				case raxx.Drain, raxx.Closed:
					if path == "/says" {
						return path, parts{raxx.Publish{Topic: "t", Message: "bye"}}
					}
				}
				return path, nil
			})}
		})
		s.Serve(raxx.Get("/says"))
		x := s.Serve(raxx.Get("/listens"))
		end(s)
		if got := x.Content(); got != "bye" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
