package raxxtest

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/raxx-go/raxx/raxx"
)

func TestTapeKeepsTheLaws(t *testing.T) {
	Laws(t, new(Tape).Record)
	Laws(t, new(Tape).Replay)
}

func TestRecordAndReplay(t *testing.T) {
	files := fstest.MapFS{"f": {Data: []byte("file")}}
	calls := 0
	h := func(req raxx.Request) raxx.Response {
		calls++
		head := raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: req.Path}}}
		switch req.Path {
		case "/none":
			return raxx.NoContent()
		case "/file":
			return head.WithBody(raxx.NewFile(files, "f"))
		case "/stream":
			return head.WithBody(Chunks("a", "b").WithTrailer(func() raxx.Header { return raxx.Header{{Name: "x", Value: "1"}} }))
		case "/machine":
			return head.WithBody(saying(parts{raxx.Data("a")}, parts{raxx.Data("b"), raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "1"}}}}))
		case "/later":
			return raxx.Defer(saying(nil, parts{head.WithBody(Chunks("a", "b"))}))
		case "/fails":
			return head.WithBody(Broken(errLaw, "a"))
		case "/left":
			return raxx.Text(200, "\xff\x00 "+string(rune('0'+calls)))
		case "/upload":
			return raxx.Defer(raxx.NewMachine(0, count))
		}
		data, _ := raxx.ReadAll(req.Body, 0)
		return head.WithBody(data)
	}
	tape := &Tape{Clean: func(r Recording) Recording {
		r.Request = r.Request.Without("authorization")
		return r
	}}
	s := NewServer(tape.Record(h))
	requests := []raxx.Request{
		raxx.Get("/none?a=1").With("authorization", "secret"), raxx.Get("/file"), raxx.Get("/stream"), raxx.Get("/machine"),
		raxx.Get("/later"), raxx.Get("/fails"), raxx.Get("/left"), raxx.Get("/left"),
		raxx.Post("/echo", "a/b", raxx.Data("hello")), raxx.Post("/echo", "a/b", Chunks("hello, ", "you")),
		raxx.Post("/upload", "a/b", Chunks("hello")), {Method: "OPTIONS", Scheme: "http", Authority: "localhost", Path: "*"},
	}
	var want []raxx.Response
	for _, req := range requests {
		x := s.Serve(req)
		x.Send(raxx.Info{})
		if resp, err := x.Response(); err == nil {
			want = append(want, resp)
		}
	}
	text, err := tape.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadTape(text)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, tape.Recordings(), again.Recordings())
	if len(again.Recordings()) != len(requests)-1 || again.Recordings()[0].Request.Header.Has("authorization") {
		t.Errorf("got %v", again.Recordings())
	}

	calls = 0
	replay := again.Replay(func(raxx.Request) raxx.Response { calls++; return raxx.Problem(404, "") })
	var got []raxx.Response
	for _, req := range requests {
		if _, ok := req.Body.(raxx.Stream); ok {
			continue // has been read
		}
		if resp := replay(req); resp.Status != 404 {
			got = append(got, resp)
		}
	}
	got = append(got[:8:8], replay(raxx.Post("/echo", "a/b", Chunks("hello, you"))), replay(raxx.Post("/upload", "a/b", Chunks("hello"))), got[8])
	diff(t, want, got)
	diff(t, 1, calls)
	diff(t, 404, replay(raxx.Get("/file")).Status)
}

func TestReadTapeRefuses(t *testing.T) {
	if _, err := ReadTape([]byte("{")); err == nil {
		t.Error("ReadTape reads what is no tape")
	}
}

// A recording answers its own request only, and only once.
func TestReplayComparesRequests(t *testing.T) {
	recorded := raxx.Post("/a?b", "text/plain", raxx.Data("c"))
	for _, tt := range []struct {
		req  raxx.Request
		want int
	}{
		{recorded, 200},
		{recorded.With("accept", "*/*"), 200},
		{raxx.Put("/a?b", "text/plain", raxx.Data("c")), 404},
		{raxx.Post("/x?b", "text/plain", raxx.Data("c")), 404},
		{raxx.Post("/a", "text/plain", raxx.Data("c")), 404},
		{raxx.Post("/a?b", "text/plain", raxx.Data("x")), 404},
		{raxx.Post("/a?b", "text/plain", nil), 404},
	} {
		replay := NewTape(Recording{recorded, raxx.Text(200, "")}).Replay(answers404)
		diff(t, tt.want, replay(tt.req).Status)
		if tt.want == 200 {
			diff(t, 404, replay(tt.req).Status)
		}
	}
}

// What could be recorded can be replayed.
func TestReplayOfALongBody(t *testing.T) {
	long := raxx.Post("/", "text/plain", raxx.Data(strings.Repeat("x", raxx.DefaultBodyLimit+1)))
	diff(t, 200, NewTape(Recording{long, raxx.Text(200, "")}).Replay(answers404)(long).Status)
}

func answers404(raxx.Request) raxx.Response { return raxx.Problem(404, "") }

func TestReplayHandsOnABodyThatFails(t *testing.T) {
	passed := false
	new(Tape).Replay(func(raxx.Request) raxx.Response { passed = true; return raxx.NoContent() })(raxx.New("POST", "/", Broken(errLaw)))
	if !passed {
		t.Error("it was answered")
	}
}

// A reply that has no content is whole with its head, whatever its body is.
func TestRecordOfRepliesWithoutContent(t *testing.T) {
	for name, row := range map[string]struct {
		method string
		resp   raxx.Response
	}{
		"HEAD of a stream":                      {"HEAD", raxx.Text(200, "").WithBody(Chunks("a"))},
		"HEAD of a machine":                     {"HEAD", raxx.Text(200, "").WithBody(raxx.Machine{})},
		"HEAD of a deferred head":               {"HEAD", raxx.Defer(answering(raxx.Text(200, "")))},
		"HEAD of a deferred stream":             {"HEAD", raxx.Defer(answering(raxx.Text(200, "").WithBody(Chunks("a"))))},
		"304 of a stream":                       {"GET", raxx.Text(304, "").WithBody(Chunks("a"))},
		"304 of a machine":                      {"GET", raxx.Text(304, "").WithBody(raxx.Machine{})},
		"204 of a machine":                      {"GET", raxx.NoContent().WithBody(raxx.Machine{})},
		"204 of a deferred head":                {"GET", raxx.Defer(answering(raxx.NoContent()))},
		"HEAD of a deferred head, with content": {"HEAD", raxx.Defer(answering(raxx.Text(200, ""), raxx.Data("a"), raxx.Tail{}))},
		"204 of a deferred head alone":          {"GET", raxx.Defer(answering(raxx.NoContent(), raxx.Tail{}))},
	} {
		tape := &Tape{}
		resp, err := NewServer(tape.Record(func(raxx.Request) raxx.Response { return row.resp })).Serve(raxx.New(row.method, "/", nil)).Response()
		if err != nil {
			t.Fatal(err)
		}
		diff(t, []Recording{{raxx.New(row.method, "/", nil), resp}}, tape.Recordings())
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// A field may hold what is no UTF-8, and JSON can't.
func TestTapeOfFieldsThatAreNoText(t *testing.T) {
	header := raxx.Header{{Name: "a", Value: "caf\xe9 \"x\""}, {Name: "b", Value: "café"}}
	r := Recording{raxx.Get("/"), raxx.NoContent()}
	r.Request.Header, r.Response.Header, r.Response.Trailer = header, header, header
	text, err := NewTape(r).Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadTape(text)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, []Recording{r}, again.Recordings())
}
