package exchange

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raxx-go/raxx/raxx"
)

// A live is how the reply of a machine went.
type live struct {
	Live
	calls []string // to the Sender
	whole bool     // the last part was a response that is all of the reply
	err   error    // of the last part, or of the beginning
}

// liveOf begins the reply to a request of this method, with what the handler has
// returned, and sends the parts until one fails or is a whole reply.
func liveOf(t *testing.T, method string, resp raxx.Response, s *fakeSender, parts ...raxx.Part) (l live) {
	t.Helper()
	var x Exchange
	req := raxx.New(method, "/", nil)
	x.Serve(respond(resp), &req, s, replacement)
	if _, ok := x.Machine(); !ok || len(s.calls) > 0 {
		t.Fatalf("Serve has not come upon the machine, and sent %q", s.calls)
	}
	l.Live, l.err = x.Begin(&req, s)
	for _, part := range parts {
		if l.err != nil || l.whole {
			break
		}
		l.whole, l.err = l.Part(part, s)
	}
	l.calls = s.calls
	return l
}

// machine is a response whose content a machine makes.
func machine(status int, fields ...raxx.Field) raxx.Response {
	return raxx.Response{Status: status, Header: fields, Body: raxx.Machine{}}
}

func length(n string) raxx.Field { return raxx.Field{Name: "content-length", Value: n} }

// shout is a protocol that a client may switch to.
var shout = raxx.Field{Name: "upgrade", Value: "shout"}

// head is a deferred head.
func head(status int, fields ...raxx.Field) raxx.Part {
	return raxx.Response{Status: status, Header: fields}
}

func send(parts ...raxx.Part) []raxx.Part { return parts }

func TestLive(t *testing.T) {
	const he, llo = raxx.Data("he"), raxx.Data("llo")
	end := raxx.Tail{}
	sum := raxx.Tail{Trailer: raxx.Header{{Name: "x", Value: "y"}}}
	hints := raxx.Inform{Status: 103, Header: raxx.Header{{Name: "link", Value: "</a>"}}}
	for _, tt := range []struct {
		name    string
		method  string
		resp    raxx.Response
		parts   []raxx.Part
		want    []string
		content int64
	}{
		{"6 nothing", "GET", machine(200), send(end), []string{"head 200 length -1, trailer, streams", "tail"}, 0},
		{"6 content", "GET", machine(200), send(he, llo, end), []string{"head 200 length -1, trailer, streams", "data he", "data llo", "tail"}, 5},
		{"6 empty content is not sent", "GET", machine(200), send(raxx.Data(""), he, raxx.Data(""), end), []string{"head 200 length -1, trailer, streams", "data he", "tail"}, 2},
		{"6 a deferred head", "GET", machine(0), send(head(202), he, end), []string{"head 202 length -1, trailer, streams", "data he", "tail"}, 2},
		{"6.5 a late trailer", "GET", machine(200), send(he, sum), []string{"head 200 length -1, trailer, streams", "data he", "tail x=y"}, 2},
		{"6.5 a trailer of the head", "GET", machine(200).WithTrailer("a", "b"), send(he, end), []string{"head 200 length -1, trailer, streams", "data he", "tail a=b"}, 2},
		{"6.5 a trailer of both", "GET", machine(200).WithTrailer("a", "b"), send(he, sum), []string{"head 200 length -1, trailer, streams", "data he", "tail a=b x=y"}, 2},
		{"6.5 a trailer of a deferred head", "GET", machine(0), send(raxx.Response{Status: 200, Trailer: raxx.Header{{Name: "a", Value: "b"}}}, sum),
			[]string{"head 200 length -1, trailer, streams", "tail a=b x=y"}, 0},
		{"6.5 a trailer that was announced by the head, behind a known length", "GET", machine(200, length("2")).WithTrailer("a", "b"), send(he, end),
			[]string{"head 200 length 2, trailer, streams", "data he", "tail a=b"}, 2},
		{"8.6 a known length", "GET", machine(200, length("5")), send(he, llo, end), []string{"head 200 length 5, streams", "data he", "data llo", "tail"}, 5},
		{"8.6 a known length of nothing", "GET", machine(200, length("0")), send(end), []string{"head 200 length 0, streams", "tail"}, 0},
		{"8.6 a known length of a deferred head", "GET", machine(0), send(head(200, length("2")), he, end), []string{"head 200 length 2, streams", "data he", "tail"}, 2},
		{"7.6.1 connection: close", "GET", machine(200, raxx.Field{Name: "connection", Value: "close"}), send(end), []string{"head 200 length -1, trailer, close, streams", "tail"}, 0},
		{"9.3.2 HEAD", "HEAD", machine(200), nil, []string{"head 200 length -1, no content"}, 0},
		{"9.3.2 HEAD of a known length", "HEAD", machine(200, length("5")), nil, []string{"head 200 length 5, no content"}, 0},
		{"9.3.2 HEAD of a deferred head: content is not sent, and its length not asked for", "HEAD", machine(0), send(head(200, length("5")), he, end),
			[]string{"head 200 length 5, no content", "tail"}, 0},
		{"9.3.2 HEAD, and more than was promised", "HEAD", machine(0), send(head(200, length("1")), he, end), []string{"head 200 length 1, no content", "tail"}, 0},
		{"15.3.5 a 204", "GET", machine(204), nil, []string{"head 204 length -1, no content"}, 0},
		{"15.3.5 a 204 of a deferred head", "GET", machine(0), send(head(204), he, end), []string{"head 204 length -1, no content", "tail"}, 0},
		{"15.3.6 a 205", "GET", machine(205), send(end), []string{"head 205 length 0, streams", "tail"}, 0},
		{"15.4.5 a 304", "GET", machine(304, length("5")), nil, []string{"head 304 length 5, no content"}, 0},
		{"15.4.5 a 304 of a deferred head", "GET", machine(0), send(head(304), he, end), []string{"head 304 length -1, no content", "tail"}, 0},
		{"15.2 early hints, twice", "GET", machine(0), send(hints, hints, head(200), end),
			[]string{"inform 103 link=</a>", "inform 103 link=</a>", "head 200 length -1, trailer, streams", "tail"}, 0},
		{"15.2 the least and the greatest interim status", "GET", machine(0), send(raxx.Inform{Status: 102}, raxx.Inform{Status: 199}, head(204), end),
			[]string{"inform 102", "inform 199", "head 204 length -1, no content", "tail"}, 0},
		{"15.2.2 another protocol", "GET", machine(101, shout), send(he, end), []string{"head 101 length -1, trailer, streams", "data he", "tail"}, 2},
		{"15.2.2 another protocol, later", "GET", machine(0), send(hints, head(101, shout), he, end),
			[]string{"inform 103 link=</a>", "head 101 length -1, trailer, streams", "data he", "tail"}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := liveOf(t, tt.method, tt.resp, &fakeSender{}, tt.parts...)
			diff(t, tt.want, l.calls)
			if l.err != nil || l.whole || !l.HeadSent() {
				t.Errorf("got %+v", l)
			}
			if empty := tt.parts == nil; l.Empty() != empty || l.Ended() == empty {
				t.Errorf("empty: %t, ended: %t", l.Empty(), l.Ended())
			}
			if tt.content != l.Content || l.Err != nil || l.Fault != nil {
				t.Errorf("the outcome is %+v, want %d of content", l.Outcome, tt.content)
			}
		})
	}
}

// What can't be sent is refused, and nothing of it is sent.
func TestLiveRefuses(t *testing.T) {
	const he = raxx.Data("he")
	end := raxx.Tail{}
	long := "head 200 length -1, trailer, streams"
	bad := raxx.Field{Name: "x", Value: "a\r\nb: c"}
	for _, tt := range []struct {
		name  string
		resp  raxx.Response
		parts []raxx.Part // the last one is refused; none: the beginning is
		want  []string    // what was sent before
	}{
		{"6 content before the head", machine(0), send(he), nil},
		{"6 the end before the head", machine(0), send(end), nil},
		{"6 a second head", machine(200), send(head(200)), []string{long}},
		{"6 a second deferred head", machine(0), send(head(200), head(200)), []string{long}},
		{"6 a whole reply behind the head", machine(200), send(raxx.Text(200, "x")), []string{long}},
		{"6 content behind the end", machine(200), send(end, he), []string{long, "tail"}},
		{"6 an end behind the end", machine(200), send(end, end), []string{long, "tail"}},
		{"6 a head behind the end", machine(200), send(end, head(200)), []string{long, "tail"}},
		{"6 an interim response behind the end", machine(200), send(end, raxx.Inform{Status: 103}), []string{long, "tail"}},
		{"6 an abort behind the end", machine(200), send(end, raxx.Abort{}), []string{long, "tail"}},
		{"6 a request", machine(200), send(raxx.Get("/")), []string{long}},
		{"6 an effect, which is no part of a reply", machine(200), send(raxx.Publish{}), []string{long}},
		{"6 a machine within a machine", machine(0), send(machine(200)), nil},
		{"6 effects in a deferred head", machine(0), send(raxx.Response{Status: 200}.WithDo(raxx.Publish{})), nil},
		{"6 fields beside a deferred head", machine(0, raxx.Field{Name: "x", Value: "y"}), nil, nil},
		{"6 a trailer beside a deferred head", machine(0).WithTrailer("x", "y"), nil, nil},
		{"15 a status of three digits too few", machine(99), nil, nil},
		{"15 a status over 599", machine(0), send(head(600)), nil},
		{"15 a deferred head without a status", machine(0), send(head(0)), nil},
		{"15.2 an interim status as a head", machine(103), nil, nil},
		{"15.2 an interim status as a deferred head", machine(0), send(head(100)), nil},
		{"15.2 an interim response behind the head", machine(200), send(raxx.Inform{Status: 103}), []string{long}},
		{"15.2 an interim response of status 100", machine(0), send(raxx.Inform{Status: 100}), nil},
		{"15.2 an interim response of status 101", machine(0), send(raxx.Inform{Status: 101}), nil},
		{"15.2 an interim response of a final status", machine(0), send(raxx.Inform{Status: 200}), nil},
		{"15.2 an interim response that splits", machine(0), send(raxx.Inform{Status: 103, Header: raxx.Header{bad}}), nil},
		{"7.8 a 101 that does not name the protocol", machine(101), nil, nil},
		{"7.8 a deferred 101 that does not name the protocol", machine(0), send(head(101)), nil},
		{"8.6 a 101 with a length", machine(101, shout, length("5")), nil, nil},
		{"15.3.6 a 205 with content", machine(205), send(he), []string{"head 205 length 0, streams"}},
		{"15.3.6 a 205 with a length", machine(205, length("2")), nil, nil},
		{"5.5 a head that splits", machine(200, bad), nil, nil},
		{"5.5 a deferred head that splits", machine(0), send(head(200, bad)), nil},
		{"5.5 a trailer that splits", machine(200), send(raxx.Tail{Trailer: raxx.Header{bad}}), []string{long}},
		{"5.5 a trailer of the head that splits", raxx.Response{Status: 200, Body: raxx.Machine{}, Trailer: raxx.Header{bad}}, nil, nil},
		{"6.5.1 a trailer that frames", machine(200), send(raxx.Tail{Trailer: raxx.Header{length("1")}}), []string{long}},
		{"6.5.1 a trailer of the head that frames", machine(200).WithTrailer("content-length", "1"), nil, nil},
		{"8.6 a content-length that is none", machine(200, length("x")), nil, nil},
		{"8.6 two content-lengths", machine(200, length("1"), length("1")), nil, nil},
		{"8.6 more than was promised", machine(200, length("3")), send(he, he), []string{"head 200 length 3, streams", "data he"}},
		{"8.6 less than was promised", machine(200, length("3")), send(he, end), []string{"head 200 length 3, streams", "data he"}},
		{"8.6 nothing of what was promised", machine(200, length("3")), send(end), []string{"head 200 length 3, streams"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := liveOf(t, "GET", tt.resp, &fakeSender{}, tt.parts...)
			diff(t, tt.want, l.calls)
			if fault := new(ResponseError); !errors.As(l.err, &fault) || fault.Error() == "ace: " {
				t.Errorf("got %v, want a *ResponseError", l.err)
			}
			if sent := len(tt.want) > 0; l.HeadSent() != sent {
				t.Errorf("the head was sent: %t, want %t", l.HeadSent(), sent)
			}
		})
	}
}

func TestLiveAborts(t *testing.T) {
	cause := errors.New("a cause")
	for _, resp := range []raxx.Response{machine(0), machine(200)} {
		for _, want := range []error{nil, cause} {
			l := liveOf(t, "GET", resp, &fakeSender{}, raxx.Abort{Cause: raxx.Response{}.WithCause(want).Cause})
			abort := new(AbortError)
			if !errors.As(l.err, &abort) || abort.Err != want || l.Ended() || l.HeadSent() != (resp.Status != 0) {
				t.Errorf("got %v", l.err)
			}
			text := "ace: the machine broke the reply off"
			if want != nil {
				text += ": a cause"
			}
			diff(t, text, l.err.Error())
		}
	}
}

// A response with a body is the whole reply. It is handed back, and the caller
// sends it as it would the response of a handler.
func TestLiveWholeResponse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		method string
		resp   raxx.Response
		want   []string
	}{
		{"6 data", "GET", raxx.Text(200, "hello"), []string{"head 200 length 5", "data hello", "tail"}},
		{"6 a stream", "GET", raxx.Response{Status: 200, Body: stream(-1, nil, "a", "b")}, []string{"head 200 length -1, streams", "chunk a", "chunk b", "tail"}},
		{"6 effects", "GET", raxx.Text(200, "hello").WithDo(raxx.Publish{Topic: "t", Message: "m"}), []string{"publish m on t", "head 200 length 5", "data hello", "tail"}},
		{"9.3.2 HEAD", "HEAD", raxx.Text(200, "hello"), []string{"head 200 length 5, no content", "tail"}},
		{"15 one that can't be sent", "GET", raxx.Text(99, "hello"), []string{"head 500 length 5", "data sorry", "tail"}},
		{"6 effects that are not for it", "GET", raxx.Text(200, "hello").WithDo(raxx.After{}), []string{"head 500 length 5", "data sorry", "tail"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeSender{}
			l := liveOf(t, tt.method, machine(0), s, raxx.Inform{Status: 103}, tt.resp)
			diff(t, []string{"inform 103"}, s.calls)
			if !l.whole || l.err != nil || l.HeadSent() {
				t.Fatalf("got %+v", l)
			}
			var x Exchange
			req := raxx.New(tt.method, "/", nil)
			x.Answer(tt.resp, &req, s, replacement)
			diff(t, tt.want, s.calls[1:])
		})
	}
}

// A Sender's error is not the machine's fault: it does not end the step, of which
// nothing more is sent.
func TestLiveSenderFails(t *testing.T) {
	all := send(raxx.Inform{Status: 103}, head(200), raxx.Data("a"), raxx.Tail{})
	for i, failAt := range []string{"inform", "head", "data", "tail"} {
		s := &fakeSender{failAt: failAt}
		l := liveOf(t, "GET", machine(0), s, all...)
		if l.err != nil || l.Err != errSender || len(s.calls) != i+1 || l.Fault != nil {
			t.Errorf("%s: got %v and %v behind %q", failAt, l.err, l.Err, s.calls)
		}
		if !l.Done() {
			t.Errorf("%s: the machine is not done", failAt)
		}
		if l.Content != 0 && failAt == "data" || l.HeadSent() != (i > 1) {
			t.Errorf("%s: got %+v", failAt, l.Live)
		}
	}
	for name, parts := range map[string][]raxx.Part{
		"nothing more":   send(raxx.Inform{Status: 103}),
		"a head":         send(raxx.Inform{Status: 103}, head(200)),
		"more content":   send(raxx.Inform{Status: 103}, head(200), raxx.Data("a")),
		"all of a reply": send(raxx.Inform{Status: 103}, raxx.Text(200, "a")),
	} {
		if l := liveOf(t, "GET", machine(0), &fakeSender{failAt: "inform"}, parts...); l.Done() != (name == "all of a reply") {
			t.Errorf("%s: done is %t", name, l.Done())
		}
	}
	s := &fakeSender{failAt: "head"}
	if l := liveOf(t, "GET", machine(200), s); l.err != errSender {
		t.Errorf("at the beginning: got %v", l.err)
	}
}

// On a connection that speaks no HTTP there is content, and its end.
func TestLiveRaw(t *testing.T) {
	s := &fakeSender{}
	l := Raw()
	if !l.HeadSent() || !l.Switched() || l.Empty() || l.Ended() {
		t.Errorf("got %+v", l)
	}
	for _, part := range send(raxx.Data("he"), raxx.Data("llo"), raxx.Tail{}) {
		if whole, err := l.Part(part, s); whole || err != nil {
			t.Errorf("%v: got %t, %v", part, whole, err)
		}
	}
	diff(t, []string{"data he", "data llo", "tail"}, s.calls)
	if !l.Ended() || l.Content != 5 {
		t.Errorf("got %+v", l)
	}
	for _, part := range send(head(200), raxx.Text(200, "x"), raxx.Inform{Status: 103}, raxx.Get("/")) {
		raw := Raw()
		if whole, err := raw.Part(part, s); whole || err == nil {
			t.Errorf("%v: got %t, %v", part, whole, err)
		}
	}
}

func TestLiveIsSwitchedBy101Only(t *testing.T) {
	for _, tt := range []struct {
		resp  raxx.Response
		parts []raxx.Part
		want  bool
	}{
		{machine(101, shout), nil, true},
		{machine(0), send(head(101, shout)), true},
		{machine(0), nil, false},
		{machine(200), nil, false},
	} {
		if l := liveOf(t, "GET", tt.resp, &fakeSender{}, tt.parts...); l.Switched() != tt.want {
			t.Errorf("%d: switched is %t", tt.resp.Status, l.Switched())
		}
	}
}

// A response without a machine has effects that concern nobody but others. All
// are carried out before the head, or none is.
func TestEffects(t *testing.T) {
	publish := func(m string) raxx.Effect { return raxx.Publish{Topic: "t", Message: m} }
	for _, tt := range []struct {
		name string
		resp raxx.Response
		want []string
	}{
		{"6 messages", raxx.NoContent().WithDo(publish("a"), publish("b")), []string{"publish a on t", "publish b on t", "head 204 length -1, no content", "tail"}},
		{"6 a subscription", raxx.NoContent().WithDo(publish("a"), raxx.Subscribe{Topic: "t"}), []string{"head 500 length 5", "data sorry", "tail"}},
		{"6 the end of a subscription", raxx.NoContent().WithDo(raxx.Unsubscribe{Topic: "t"}), []string{"head 500 length 5", "data sorry", "tail"}},
		{"6 a timer", raxx.NoContent().WithDo(raxx.After{}), []string{"head 500 length 5", "data sorry", "tail"}},
		{"6 messages of a response that can't be sent", raxx.Text(99, "").WithDo(publish("a")), []string{"head 500 length 5", "data sorry", "tail"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &fakeSender{}
			out := exchangeOf("GET", respond(tt.resp), s)
			diff(t, tt.want, s.calls)
			if faulty := tt.want[0] == "head 500 length 5"; faulty != isFault(out.Fault) {
				t.Errorf("got %+v", out)
			}
		})
	}
	t.Run("6 those beside a machine are for its process", func(t *testing.T) {
		var x Exchange
		s, req := &fakeSender{}, raxx.Get("/")
		do := []raxx.Effect{publish("a"), raxx.Subscribe{Topic: "t"}, raxx.After{}}
		x.Serve(respond(machine(200).WithDo(do...)), &req, s, replacement)
		if d := cmp.Diff(do, x.Effects()); d != "" || len(s.calls) > 0 {
			t.Errorf("sent %q; the effects differ:\n%s", s.calls, d)
		}
	})
}

// The cause of a response with a machine is told, too.
func TestLiveCause(t *testing.T) {
	for _, status := range []int{0, 500} {
		if l := liveOf(t, "GET", machine(status).WithCause(errSender), &fakeSender{}); l.Fault != errSender || l.err != nil {
			t.Errorf("%d: got %+v", status, l)
		}
	}
}

// Nobody would run a machine that stands for a response that went wrong.
func TestReplacementIsNoMachine(t *testing.T) {
	var x Exchange
	s, req := &fakeSender{}, raxx.Get("/")
	x.Serve(respond(raxx.Response{}), &req, s, func(raxx.Request, error) raxx.Response { return machine(500) })
	diff(t, []string{"head 500 length 0", "tail"}, s.calls)
}
