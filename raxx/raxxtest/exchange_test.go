package raxxtest

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// count is an upload that is answered when it is whole.
func count(n int, event raxx.Event) (int, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Data:
		if n += len(event); n > 9 {
			return n, parts{raxx.Problem(413, "")}
		}
	case raxx.Tail:
		return n, parts{raxx.Text(201, "got it")}
	}
	return n, nil
}

func TestRun(t *testing.T) {
	cut := errors.New("cut")
	head := raxx.Response{Status: 200, Header: raxx.Header{{Name: "a", Value: "1"}}}
	files := fstest.MapFS{"f": {Data: []byte("file")}}
	sub, pub, after := raxx.Subscribe{Topic: "a"}, raxx.Publish{Topic: "a", Message: "m"}, raxx.After{Name: "t"}
	for _, tt := range []struct {
		name   string
		resp   raxx.Response
		events []raxx.Event
		want   parts
	}{
		{"a response without a body", raxx.NoContent(), nil, parts{raxx.NoContent()}},
		{"Data is one part", raxx.Text(200, "a"), nil, parts{raxx.Text(200, "a")}},
		{"a file is one part", head.WithBody(raxx.NewFile(files, "f")), nil, parts{head.WithBody(raxx.NewFile(files, "f"))}},
		{"a stream is its chunks", head.WithBody(Chunks("a", "", "b")).WithTrailer("x", "1"), nil,
			parts{head, raxx.Data("a"), raxx.Data("b"), raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "1"}}}}},
		{"a stream that fails", head.WithBody(Broken(cut, "a")), nil,
			parts{head, raxx.Data("a"), raxx.Abort{Cause: raxx.NewCause(cut)}}},
		{"the head of a machine comes first", head.WithBody(saying(parts{raxx.Data("a")}, parts{raxx.Data("b")})),
			[]raxx.Event{raxx.Info{}}, parts{head, raxx.Data("a"), raxx.Data("b")}},
		{"Open may be among the events", head.WithBody(saying(parts{raxx.Data("a")}, parts{raxx.Data("b")})),
			[]raxx.Event{raxx.Open{}, raxx.Info{}}, parts{head, raxx.Data("a"), raxx.Data("b")}},
		{"effects in Do come before the head", head.WithBody(saying(parts{raxx.Tail{}})).WithDo(sub, after), nil,
			parts{sub, after, head, raxx.Tail{}}},
		{"an upload", raxx.Defer(raxx.NewMachine(0, count)), []raxx.Event{raxx.Data("hello"), raxx.Data("you"), raxx.Tail{}},
			parts{raxx.Text(201, "got it")}},
		{"an upload that is too long", raxx.Defer(raxx.NewMachine(0, count)), []raxx.Event{raxx.Data("hello, you"), raxx.Tail{}},
			parts{raxx.Problem(413, "")}},
		{"nothing is published to itself", head.WithBody(saying(parts{sub, pub, after}, parts{raxx.Data("b")})), nil,
			parts{head, sub, pub, after}},
		{"a deferred stream", raxx.Defer(saying(parts{head.WithBody(Chunks("a")).WithDo(pub)})), nil,
			parts{head.WithDo(pub), raxx.Data("a"), raxx.Tail{}}},
		{"what is sent when the client has gone is not seen", head.WithBody(saying(nil, parts{raxx.Data("a"), pub})),
			[]raxx.Event{raxx.Closed{Reason: raxx.ClientGone}}, parts{head, pub}},
		{"nobody hears what comes behind the end", head.WithBody(saying(parts{raxx.Tail{}}, parts{raxx.Data("a")})),
			[]raxx.Event{raxx.Info{}}, parts{head, raxx.Tail{}}},
		{"the zero machine", head.WithBody(raxx.Machine{}), nil, parts{head, raxx.Tail{}}},
	} {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, Run(tt.resp, tt.events...)) })
	}
}

func TestRunDoesNotReadForEver(t *testing.T) {
	endless := raxx.NewStream(-1, func(yield func([]byte, error) bool) {
		for yield(make([]byte, 1<<20), nil) {
		}
	})
	x := Start(raxx.Response{Status: 200, Body: endless})
	if !errors.Is(x.Err(), ErrEndless) || len(x.Content()) != maxContent {
		t.Errorf("got %d bytes and %v", len(x.Content()), x.Err())
	}
}

// What a server would not send is not taken, and the machine learns of it.
func TestRules(t *testing.T) {
	head := raxx.Response{Status: 200}
	field := func(name, value string) raxx.Response {
		return raxx.Response{Status: 200, Header: raxx.Header{{Name: name, Value: value}}}
	}
	data, tail := raxx.Data("a"), raxx.Tail{}
	for _, tt := range []struct {
		rule string
		resp raxx.Response
	}{
		{"status 0 of a response", raxx.Response{}},
		{"status 600", raxx.Response{Status: 600}},
		{"status 103 of a response", raxx.Response{Status: 103}},
		{"status 101 without a machine", raxx.Response{Status: 101}},
		{"status 204 with a body", raxx.Response{Status: 204, Body: data}},
		{"status 205 with a body", raxx.Response{Status: 205, Body: saying()}},
		{"status 304 with a body", raxx.Response{Status: 304, Body: data}},
		{"status 204 with a content-length", raxx.NoContent().With("content-length", "0")},
		{"content-length 2 with a body of 1", field("content-length", "2").WithBody(data)},
		{"status 101 with a content-length", raxx.Response{Status: 101, Body: saying()}.With("content-length", "0")},
		{"content-length 0 with a body of 1", field("content-length", "0").WithBody(data)},
		{"content-length 1 with a body of 0", raxx.Response{Status: 200, Header: field("content-length", "1").Header, Body: raxx.Data("")}},
		{"content-length 1 with a body of 0", field("content-length", "1")},
		{"which is not the one length", field("content-length", "0").Add("content-length", "0")},
		{"content-length \"x\"", field("content-length", "x").WithBody(data)},
		{"which is not the one length", field("content-length", "1").Add("content-length", "1").WithBody(data)},
		{"a field of the header can't be sent", field("a", "b\r\nc: d")},
		{"not in lower case", field("A", "b")},
		{"is empty, but not nil", raxx.Response{Status: 200, Header: raxx.Header{}}},
		{"in a trailer", head.WithTrailer("content-type", "text/plain")},
		{"raxx.After in Do", head.WithDo(raxx.After{})},
		{"an effect in Do is nil", head.WithDo(nil)},
		{"fields, which nobody would see", raxx.Response{Header: raxx.Header{{Name: "a", Value: "b"}}, Body: saying()}},
		{"fields, which nobody would see", raxx.Response{Trailer: raxx.Header{{Name: "a", Value: "b"}}, Body: saying()}},
		{"a body longer than the 3 bytes", field("content-length", "3").WithBody(Chunks("ab", "cd"))},
		{"a body of 2 bytes that promised 3", head.WithBody(raxx.NewStream(3, Chunks("ab").Chunks()))},

		{"a raxx.Data comes behind the end", head.WithBody(saying(parts{tail, data}))},
		{"a raxx.Tail comes behind the end", head.WithBody(saying(parts{tail, raxx.Subscribe{}, tail}))},
		{"behind the end", raxx.Defer(saying(parts{raxx.Text(200, "a"), data}))},
		{"a second head", head.WithBody(saying(parts{head}))},
		{"a second head", raxx.Defer(saying(parts{head, head}))},
		{"an Inform of status 103 comes behind the head", head.WithBody(saying(parts{raxx.Inform{Status: 103}}))},
		{"Inform with status 101", raxx.Defer(saying(parts{raxx.Inform{Status: 101}}))},
		{"a field of the header of an Inform can't be sent", raxx.Defer(saying(parts{raxx.Inform{Status: 103, Header: raxx.Header{{Name: "a", Value: "b\n"}}}}))},
		{"Inform with status 200", raxx.Defer(saying(parts{raxx.Inform{Status: 200}}))},
		{"Data comes before the head", raxx.Defer(saying(parts{data}))},
		{"Tail comes before the head", raxx.Defer(saying(parts{tail}))},
		{"Data comes behind a head of status 205", raxx.Defer(saying(parts{raxx.Response{Status: 205}, data}))},
		{"effects in the head that a machine sends", raxx.Defer(saying(parts{head.WithDo(raxx.Publish{})}))},
		{"a note \"key\" that no middleware has taken", head.WithDo(raxx.NewKey[int]("key").Note(1))},
		{"a note \"key\" among the parts", head.WithBody(saying(parts{raxx.NewKey[int]("key").Note(1)}))},
		{"whose body is a machine", raxx.Defer(saying(parts{head.WithBody(saying())}))},
		{"longer than the 1 bytes", field("content-length", "1").WithBody(saying(parts{data, data}))},
		{"a body of 1 bytes that promised 2", field("content-length", "2").WithBody(saying(parts{data, tail}))},
		{"in a trailer", head.WithBody(saying(parts{raxx.Tail{Trailer: raxx.Header{{Name: "host", Value: "a"}}}}))},
		{"a part is nil", head.WithBody(saying(parts{nil}))},
		{"raxx.Request is no part of a response", head.WithBody(saying(parts{raxx.Get("/")}))},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			x := Start(tt.resp)
			wantRule(t, x.Err(), tt.rule)
			all := x.Parts()
			abort, ok := all[len(all)-1].(raxx.Abort)
			if !ok || !x.Ended() {
				t.Fatalf("the exchange goes on: %v", all)
			}
			wantRule(t, abort.Cause.Err(), tt.rule)
		})
	}
}

// What is at the edge of a rule is within it.
func TestRulesAllow(t *testing.T) {
	for name, resp := range map[string]raxx.Response{
		"status 599":                       {Status: 599},
		"status 200":                       {Status: 200},
		"a content-length of two digits":   raxx.Text(200, "0123456789").With("content-length", "10"),
		"an Inform of status 199":          raxx.Defer(saying(parts{raxx.Inform{Status: 199}, raxx.NoContent()})),
		"no content behind a 205":          raxx.Defer(saying(parts{raxx.Response{Status: 205}, raxx.Data("")})),
		"an Inform of status 102":          raxx.Defer(saying(parts{raxx.Inform{Status: 102}, raxx.NoContent()})),
		"a content-length for a machine":   raxx.Response{Status: 200, Body: saying(parts{raxx.Data("ab"), raxx.Tail{}})}.With("content-length", "2"),
		"a content-length of what is left": raxx.Response{Status: 304}.With("content-length", "10"),
	} {
		if err := Start(resp).Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What has been broken off is not broken off for a second time.
func TestOneAbortIsEnough(t *testing.T) {
	long := raxx.Response{Status: 200, Body: raxx.NewStream(1, Chunks("ab").Chunks())}
	all := Run(raxx.Defer(saying(parts{long, raxx.Data("c"), raxx.Tail{}})), raxx.Info{})
	if _, ok := all[1].(raxx.Abort); len(all) != 2 || !ok {
		t.Errorf("got %v", all)
	}
}

func TestMachineLearnsThatItsReplyCannotBeSent(t *testing.T) {
	var got []raxx.Event
	x := Start(raxx.Defer(raxx.NewMachine(0, func(int, raxx.Event) (int, []raxx.Part) { return 0, nil })))
	x.machine = raxx.NewMachine(0, func(_ int, e raxx.Event) (int, []raxx.Part) {
		got = append(got, e)
		return 0, parts{raxx.Data("a"), raxx.Publish{Topic: "t"}}
	})
	out := x.Send(raxx.Info{})
	diff(t, []raxx.Event{raxx.Info{}, raxx.Closed{Reason: raxx.Unsendable}}, got)
	if len(out) != 2 || out[1] != (raxx.Publish{Topic: "t"}) {
		t.Errorf("got %v", out)
	}
}

func TestExchangeShowsWhatTheClientSees(t *testing.T) {
	x := Start(raxx.Defer(saying(
		parts{raxx.Inform{Status: 103}},
		parts{raxx.Text(200, "").With("a", "1"), raxx.Data("hello, ")},
		parts{raxx.Data("you"), raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "1"}}}},
	)))
	if _, ok := x.Head(); ok || x.Ended() {
		t.Error("there is a head before the head")
	}
	if _, err := x.Response(); err == nil {
		t.Error("an exchange that goes on has a response")
	}
	x.Send(raxx.Info{})
	head, ok := x.Head()
	diff(t, raxx.Text(200, "").With("a", "1"), head)
	if !ok || x.Content() != "hello, " {
		t.Errorf("got %v, %q", ok, x.Content())
	}
	diff(t, parts{raxx.Data("you"), raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "1"}}}}, x.Send(raxx.Info{}))
	resp, err := x.Response()
	diff(t, raxx.Text(200, "hello, you").With("a", "1").WithTrailer("x", "1"), resp)
	if err != nil || !x.Ended() {
		t.Error(err, x.Ended())
	}
}

func TestAbort(t *testing.T) {
	cause := errors.New("no more")
	x := Start(raxx.Response{Status: 200, Body: saying(parts{raxx.Abort{Cause: raxx.NewCause(cause)}, raxx.Data("x")})})
	if !errors.Is(x.Err(), cause) || !x.Ended() || len(x.Parts()) != 2 {
		t.Errorf("got %v, %v, %v", x.Err(), x.Ended(), x.Parts())
	}
}

// Nobody steps a machine that can say nothing, but to tell it of the end.
func TestNothingIsSentBehindAnEmptyReply(t *testing.T) {
	inc, tell := raxx.Subscribe{Topic: "a"}, raxx.Publish{Topic: "a", Message: "b"}
	for _, tt := range []struct {
		name string
		req  raxx.Request
		resp raxx.Response
		want parts
	}{
		{"HEAD", raxx.Head("/"), raxx.Text(200, "").WithBody(saying(parts{raxx.Data("a")})).WithDo(inc), parts{raxx.Text(200, "")}},
		{"204", raxx.Get("/"), raxx.NoContent().WithBody(saying(parts{raxx.Data("a")})), parts{raxx.NoContent()}},
		{"a deferred head for HEAD", raxx.Head("/"), raxx.Defer(saying(parts{inc, raxx.Text(200, ""), raxx.Data("a")}, parts{inc})),
			parts{inc, raxx.Text(200, ""), raxx.Data("a")}},
		{"a deferred 304", raxx.Get("/"), raxx.Defer(saying(parts{inc, raxx.Response{Status: 304}, raxx.Data("a")}, parts{inc})),
			parts{inc, raxx.Response{Status: 304}, raxx.Data("a")}},
		{"HEAD, and what is published", raxx.Head("/"), raxx.Text(200, "").WithBody(saying(parts{raxx.Data("a")})).WithDo(inc, tell), parts{tell, raxx.Text(200, "")}},
		{"a deferred head for HEAD, and what is published at the end", raxx.Head("/"), raxx.Defer(saying(parts{raxx.Text(200, "")}, parts{inc, tell}, parts{tell})),
			parts{raxx.Text(200, ""), tell}},
		{"a deferred head for HEAD, and more than was promised", raxx.Head("/"),
			raxx.Defer(saying(parts{raxx.Text(200, "").With("content-length", "1"), raxx.Data("ab")})),
			parts{raxx.Text(200, "").With("content-length", "1"), raxx.Data("ab")}},
		{"a deferred head for HEAD, and less", raxx.Head("/"),
			raxx.Defer(saying(parts{raxx.Text(200, "").With("content-length", "1"), raxx.Tail{}})),
			parts{raxx.Text(200, "").With("content-length", "1"), raxx.Tail{}}},
		{"a deferred head for HEAD, and an end", raxx.Head("/"), raxx.Defer(saying(parts{raxx.Text(200, ""), raxx.Tail{}}, parts{tell})),
			parts{raxx.Text(200, ""), raxx.Tail{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := NewServer(func(raxx.Request) raxx.Response { return tt.resp }).Serve(tt.req)
			x.Send(raxx.Info{})
			diff(t, tt.want, x.Parts())
			if x.Content() != "" || !x.Ended() || x.Err() != nil {
				t.Errorf("got %q, %v, %v", x.Content(), x.Ended(), x.Err())
			}
		})
	}
}

func TestHead(t *testing.T) {
	pulled := false
	stream := raxx.NewStream(5, func(func([]byte, error) bool) { pulled = true })
	h := func(raxx.Request) raxx.Response { return raxx.Response{Status: 200, Body: stream} }
	x := NewServer(h).Serve(raxx.Head("/"))
	if x.Err() != nil || pulled || x.Content() != "" || !x.Ended() {
		t.Errorf("got %v, pulled %v, %q", x.Err(), pulled, x.Content())
	}
}

func TestTimerShowsTheClock(t *testing.T) {
	x := Start(raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(_ int, e raxx.Event) (int, []raxx.Part) {
		if timer, ok := e.(raxx.Timer); ok {
			return 0, parts{raxx.Data(timer.At.Format(time.TimeOnly))}
		}
		return 0, nil
	})})
	x.Advance(time.Minute)
	diff(t, parts{raxx.Data("00:01:00")}, x.Send(raxx.Timer{}))
}

// What a machine says at its end is among its parts: what it publishes, and what
// is wrong.
func TestPartsAtTheEnd(t *testing.T) {
	cause := raxx.NewCause(errors.New("out of tea"))
	x := Start(raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		if _, closed := event.(raxx.Closed); closed {
			return n, parts{raxx.Publish{Topic: "t", Message: "bye"}, raxx.Data("unheard"), raxx.Abort{Cause: cause}}
		}
		return n, nil
	})})
	diff(t, parts{raxx.Response{Status: 200}, raxx.Publish{Topic: "t", Message: "bye"}, raxx.Abort{Cause: cause}}, x.Send(raxx.Closed{Reason: raxx.ClientGone}))
}

// Who breaks off without a word is told so, and so is the test.
func TestAbortWithoutACause(t *testing.T) {
	var last raxx.Event
	x := Start(raxx.Response{Status: 200, Body: raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
		last = event
		return n, parts{raxx.Abort{}}
	})})
	var closed *ClosedError
	if !errors.As(x.Err(), &closed) || closed.Reason != raxx.Aborted || last != raxx.Event(raxx.Closed{Reason: raxx.Aborted}) {
		t.Errorf("got %v, and the machine is told %#v", x.Err(), last)
	}
}

func TestErrorsAreTyped(t *testing.T) {
	x := Start(raxx.Response{Status: 200, Header: raxx.Header{{Name: "a b"}}})
	var field *raxx.FieldError
	if !errors.As(x.Err(), &field) || !strings.Contains(x.Err().Error(), "a field of the header can't be sent: raxx: field") {
		t.Errorf("got %v", x.Err())
	}
}
