package raxx

import (
	"strings"
	"testing"
)

func TestStack(t *testing.T) {
	mark := func(name string) Middleware {
		return func(next Handler) Handler {
			return func(req Request) Response {
				resp := next(req.Add("in", name))
				return resp.Add("out", name)
			}
		}
	}
	echo := func(req Request) Response {
		var in []string
		for v := range req.Header.Values("in") {
			in = append(in, v)
		}
		return Text(200, strings.Join(in, " "))
	}
	diff(t, Text(200, "a b c").Add("out", "c").Add("out", "b").Add("out", "a"),
		Stack(mark("a"), mark("b"), mark("c"))(echo)(Get("/")))
	diff(t, Text(200, ""), Stack()(echo)(Get("/")))
}

func TestMapMiddleware(t *testing.T) {
	stack := Stack(
		MapRequest(func(r Request) Request { return r.With("a", "1") }),
		MapResponse(func(r Response) Response { return r.With("b", "2") }),
	)
	h := stack(func(r Request) Response { return Text(200, r.Header.Get("a")) })
	diff(t, Text(200, "1").With("b", "2"), h(Get("/")))
}

// What was made of a list does not change with it.
func TestListsOfArgumentsAreCopied(t *testing.T) {
	params := []Param{{"id", "1"}}
	req := Get("/").WithParams(params...)
	parts := []FormPart{{Name: "a", Body: streamOf("1")}}
	_, form := MultipartBody(parts...)
	name := func(name string) Middleware {
		return MapResponse(func(resp Response) Response { return resp.Add("by", name) })
	}
	stack := []Middleware{name("a")}
	stacked := Stack(stack...)

	teapot := []func(error) Response{func(error) Response { return Text(418, "") }}
	tried := Try(func(Request) (Response, error) { return Response{}, errCut }, teapot...)

	params[0].Value, parts[0].Body, stack[0], teapot[0] = "2", Data("2"), name("b"), nil
	diff(t, 418, tried(req).Status)
	diff(t, "1", req.Params.Get("id"))
	diff(t, NoContent().Add("by", "a"), stacked(func(Request) Response { return NoContent() })(req))
	data, err := ReadAll(form, 0)
	diff(t, nil, err)
	if !strings.Contains(string(data), "\r\n1\r\n") {
		t.Errorf("the form is %q, want the part that it was made of", data)
	}
	diff(t, Params(nil), Get("/").WithParams(params[:0]...).Params)
}

// poll sends its head with the first message.
func poll(done bool, event Event) (bool, []Part) {
	switch event := event.(type) {
	case Open:
		return done, []Part{Inform{Status: 103}, Subscribe{Topic: "news"}}
	case Info:
		if done {
			return done, []Part{Data(event.Message)}
		}
		return true, []Part{Response{Status: 200, Header: Header{{"a", "1"}}}, Data(event.Message)}
	}
	return done, nil
}

func TestOnHeadWaitsForADeferredHead(t *testing.T) {
	calls := 0
	resp := OnHead(Defer(NewMachine(false, poll)), func(r Response) Response {
		calls++
		return r.With("b", "2")
	})
	if resp.Status != 0 || calls != 0 {
		t.Fatalf("status %d, %d calls before the head was there", resp.Status, calls)
	}
	m := resp.Body.(Machine)
	var got []Part
	for _, event := range []Event{Open{}, Info{"news", "x"}, Info{"news", "y"}} {
		var parts []Part
		m, parts = m.Step(event)
		got = append(got, parts...)
	}
	want := []Part{
		Inform{Status: 103}, Subscribe{Topic: "news"},
		Response{Status: 200, Header: Header{{"a", "1"}, {"b", "2"}}}, Data("x"), Data("y"),
	}
	diff(t, want, got)
	diff(t, 1, calls)
}

func TestOnHeadIsAppliedAtOnceToAHeadThatIsThere(t *testing.T) {
	m := NewMachine(false, poll)
	got := OnHead(Response{Status: 200, Body: m}, func(r Response) Response { return r.With("b", "2") })
	diff(t, Response{Status: 200, Header: Header{{"b", "2"}}, Body: m}, got)
}

// Two middlewares, of which each changes a head that comes later.
func TestOnHeadNests(t *testing.T) {
	add := func(name string) func(Response) Response {
		return func(r Response) Response { return r.Add(name, "1") }
	}
	resp := OnHead(OnHead(Defer(NewMachine(false, poll)), add("x")), add("y"))
	m, _ := resp.Body.(Machine).Step(Open{})
	_, parts := m.Step(Info{"news", "m"})
	want := []Part{Response{Status: 200, Header: Header{{"a", "1"}, {"x", "1"}, {"y", "1"}}}, Data("m")}
	diff(t, want, parts)
}

// Functions are not compared, but whether they have been called is, and the machine within.
func TestMachinesBehindOnHeadAreEqual(t *testing.T) {
	waiting := func(done bool) Machine {
		return OnHead(Defer(NewMachine(done, poll)), func(r Response) Response { return r }).Body.(Machine)
	}
	called, _ := waiting(false).Step(Info{"news", "x"})
	if !waiting(false).Equal(waiting(false)) || waiting(false).Equal(waiting(true)) || waiting(true).Equal(called) || called.Equal(waiting(true)) {
		t.Error("machines behind OnHead are not compared by what they would do")
	}
}
