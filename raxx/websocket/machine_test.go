package websocket

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/raxx-go/raxx/raxx"
)

// say is a machine that answers each text with the parts that are called so, and
// publishes what else it hears.
func say(parts map[string][]raxx.Part) raxx.Machine {
	return socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, func(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
		switch event := event.(type) {
		case Text:
			return s, parts[string(event)]
		case Closed:
			return teller(s, event)
		case raxx.Open:
			return s, append([]raxx.Part{raxx.Publish{Topic: "open", Message: event.Peer.Address}}, parts["open"]...)
		case raxx.Info:
			return s, []raxx.Part{Text(event.Topic + "=" + event.Message)}
		case raxx.Timer:
			return s, []raxx.Part{Text("timer " + event.Name)}
		case raxx.Drain:
			return s, parts["drain"]
		}
		return s, nil
	}))
}

// Events of the server pass to the application, and its effects pass to the
// server, in order with its messages.
func TestMachine(t *testing.T) {
	data := func(text string) raxx.Event { return raxx.Data(whole(opText, text)) }
	peer := raxx.Peer{Address: "192.0.2.1:1"}
	unsendable := func(part raxx.Part, reason string) []string {
		return []string{"closed 1006 the reply can't be sent", "close 1011", "abort: " + (&PartError{part, reason}).Error()}
	}
	rows := []struct {
		name   string
		parts  map[string][]raxx.Part
		events []raxx.Event
		want   []string
	}{
		{"it is opened", nil, []raxx.Event{raxx.Open{Peer: peer}}, []string{"open 192.0.2.1:1", "after 30s"}},
		{"it speaks first", map[string][]raxx.Part{"open": {Text("hello")}}, []raxx.Event{raxx.Open{Peer: peer}}, []string{"open 192.0.2.1:1", "text hello", "after 30s"}},
		{"it refuses at once", map[string][]raxx.Part{"open": {Close{Code: 4000}}}, []raxx.Event{raxx.Open{Peer: peer}}, []string{"open 192.0.2.1:1", "close 4000", "after 5s"}},
		{"messages, timers and effects", map[string][]raxx.Part{"x": {Text("1"), raxx.Publish{Topic: "t", Message: "m"}, Binary("2"), Text("3"), raxx.After{Name: "n", Delay: 1}}},
			[]raxx.Event{data("x"), raxx.Info{Topic: "a", Message: "b"}, raxx.Timer{Name: "n"}},
			[]string{"text 1", "t m", "binary 2", "text 3", "after 1ns", "text a=b", "text timer n"}},
		{"it hears nothing of the timer for pings", nil, []raxx.Event{raxx.Timer{Name: timerName}}, []string{"ping ", "after 30s"}},
		{"it speaks, and the client does not", nil, []raxx.Event{raxx.Info{Topic: "a", Message: "b"}, raxx.Timer{Name: timerName}, raxx.Timer{Name: timerName}},
			[]string{"text a=b", "ping ", "after 30s", "closed 1006 the client took too long", "end"}},
		{"two messages at once", map[string][]raxx.Part{"x": {Text("1")}, "y": {Text("2")}}, []raxx.Event{raxx.Data(whole(opText, "x") + whole(opText, "y"))}, []string{"text 1", "text 2"}},
		{"a message that is handed on without a copy", map[string][]raxx.Part{"x": {Text("1"), Text(strings.Repeat("x", shared)), Text("2")}}, []raxx.Event{data("x")}, []string{"text 1", fmt.Sprint("text ", shared, " octets"), "text 2"}},
		{"the server shuts down", nil, []raxx.Event{raxx.Drain{}, raxx.Data(goodbye(1001, ""))}, []string{"close 1001", "after 5s", "closed 1001 said", "end"}},
		{"it has last words", map[string][]raxx.Part{"drain": {Text("bye")}}, []raxx.Event{raxx.Drain{}}, []string{"text bye", "close 1001", "after 5s"}},
		{"it chooses the code", map[string][]raxx.Part{"drain": {Close{Code: ServiceRestart}}}, []raxx.Event{raxx.Drain{}}, []string{"close 1012", "after 5s"}},
		{"a tail is a Close", map[string][]raxx.Part{"x": {raxx.Tail{}}}, []raxx.Event{data("x")}, []string{"close 1000", "after 5s"}},
		{"effects behind a Close", map[string][]raxx.Part{"x": {Close{}, raxx.Publish{Topic: "t", Message: "m"}}}, []raxx.Event{data("x")}, []string{"close 1000", "after 5s", "t m"}},
		{"it breaks off", map[string][]raxx.Part{"x": {Text("1"), raxx.Abort{}, Text("2")}}, []raxx.Event{data("x"), raxx.Closed{Reason: raxx.Aborted}}, []string{"text 1", "closed 1006 the reply was broken off", "close 1011", "abort: none"}},
		{"a text behind a Close", map[string][]raxx.Part{"x": {Close{}, Text("2")}}, []raxx.Event{data("x")},
			[]string{"close 1000", "after 5s", "closed 1006 the reply can't be sent", "abort: " + (&PartError{Text("2"), "comes behind a Close (RFC 6455, 5.5.1)"}).Error()}},
		{"a second Close", map[string][]raxx.Part{"x": {Close{}, Close{}}}, []raxx.Event{data("x")},
			[]string{"close 1000", "after 5s", "closed 1006 the reply can't be sent", "abort: " + (&PartError{Close{}, "comes behind another (RFC 6455, 5.5.1)"}).Error()}},
		{"a code that is never sent", map[string][]raxx.Part{"x": {Close{Code: NoStatus}}}, []raxx.Event{data("x")}, unsendable(Close{}, "has a code that is never sent (RFC 6455, 7.4)")},
		{"a code that nobody knows", map[string][]raxx.Part{"x": {Close{Code: 1016}}}, []raxx.Event{data("x")}, unsendable(Close{}, "has a code that is never sent (RFC 6455, 7.4)")},
		{"plain data", map[string][]raxx.Part{"x": {raxx.Data("1"), Text("2")}}, []raxx.Event{data("x")}, unsendable(raxx.Data(""), "can't be sent over a WebSocket")},
		{"a trailer", map[string][]raxx.Part{"x": {raxx.Tail{Trailer: raxx.Header{{Name: "a", Value: "1"}}}}}, []raxx.Event{data("x")}, unsendable(raxx.Tail{}, "has a trailer, for which a WebSocket has no place")},
		{"a response", map[string][]raxx.Part{"x": {raxx.NoContent()}}, []raxx.Event{data("x")}, unsendable(raxx.Response{}, "can't be sent over a WebSocket")},
		{"the codec's own timer", map[string][]raxx.Part{"x": {raxx.After{Name: timerName}}}, []raxx.Event{data("x")}, unsendable(raxx.After{}, "has the name of the codec's own timer")},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			diff(t, r.want, hear(t, say(r.parts), r.events...))
		})
	}
}

// The zero machine ends at once, as everywhere.
func TestZeroMachineCloses(t *testing.T) {
	got := hear(t, socket(Config{}, deflation{}, raxx.Machine{}), raxx.Open{})
	diff(t, []string{"close 1000", "after 5s"}, got)
}

// A machine is a value: to step it changes nothing for whoever else has it, also
// in the middle of a message.
func TestStepsLeaveTheirMachineAsItWas(t *testing.T) {
	begun, _ := feed(t, echoing(), first(opText, "a"), more("b"), last("cdefgh")[:8])
	rest := last("cdefgh")[8:]
	for range 2 {
		next, got := feed(t, begun, rest)
		diff(t, []string{"text abcdefgh"}, got)
		if begun.Equal(next) {
			t.Error("the machine behind a step is that before it")
		}
	}
	// Two that go on in different ways.
	begun, _ = feed(t, echoing(), first(opText, "ab"))
	one, _ := feed(t, begun, more("1"))
	two, _ := feed(t, begun, more("2"))
	_, got1 := feed(t, one, last("c"))
	_, got2 := feed(t, two, last("c"))
	diff(t, []string{"text ab1c", "text ab2c"}, append(got1, got2...))
}

// What is said behind the end does not go out, and effects do.
func TestLastStep(t *testing.T) {
	m := socket(Config{}, deflation{}, raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) {
		return n, []raxx.Part{Text("x"), raxx.Publish{Topic: "t", Message: "m"}, Close{}}
	}))
	_, got := feed(t, m, goodbye(1000, ""))
	diff(t, []string{"close 1000", "t m", "end"}, got)
}

func TestMachinesAreEqual(t *testing.T) {
	a, _ := feed(t, echoing(), first(opText, "abc"))
	other, _ := feed(t, echoing(), first(opText, "abd"))
	diff(t, a, a)
	left, _ := feed(t, a, goodbye(1000, ""))
	mute := socket(Config{}, deflation{}, raxx.NewMachine(0, func(n int, _ raxx.Event) (int, []raxx.Part) { return n, nil }))
	if left.Equal(a) || mute.Equal(echoing()) || a.Equal(other) || a.Equal(echoing()) {
		t.Error("machines in different states are equal")
	}
	c, _ := feed(t, echoing(), octets(first(opText, "abc"))...)
	if !a.Equal(c) {
		t.Error("a message that came in pieces makes another state")
	}
	heard := func(message string) raxx.Machine {
		m, _ := feed(t, socket(Config{}, deflation{on: true}, raxx.NewMachine(struct{}{}, echo)), packed(opText, message))
		return m
	}
	if hello := "\xf2\x48\xcd\xc9\xc9\x07\x00"; !heard(hello).Equal(heard(hello)) || heard(hello).Equal(heard("\x4a\x04\x00")) {
		t.Error("machines are equal if they have heard different messages, or not if the same")
	}
}

// What a server hands over need not be a copy: see raxx.Borrower. That nothing is
// kept, package raxxtest checks wherever it drives a machine.
func TestMachineBorrows(t *testing.T) {
	if !socket(Config{}, deflation{}, raxx.NewMachine(struct{}{}, echo)).Borrows() {
		t.Error("the machine of a WebSocket does not borrow")
	}
}

// RFC 6455, Section 7.4.1: a server that fails says so, unless it has said another
// Close. The state to ask is that before the step that has panicked.
func TestLastWords(t *testing.T) {
	for _, r := range []struct {
		name   string
		events []raxx.Event
		want   []string
	}{
		{"at the beginning", nil, []string{"close 1011"}},
		{"while it is open", []raxx.Event{raxx.Open{}, raxx.Data(whole(opText, "x"))}, []string{"close 1011"}},
		{"in the middle of a message", []raxx.Event{raxx.Data(first(opText, "x"))}, []string{"close 1011"}},
		{"behind its Close", []raxx.Event{raxx.Data(whole(opText, "close"))}, nil},
		{"behind the client's", []raxx.Event{raxx.Data(goodbye(1000, ""))}, nil},
		{"at the end", []raxx.Event{raxx.Closed{Reason: raxx.ClientGone}}, nil},
		{"behind an Abort", []raxx.Event{raxx.Data(whole(opText, "abort"))}, []string{"close 1011"}},
		{"behind an Abort behind its Close", []raxx.Event{raxx.Data(whole(opText, "close") + whole(opText, "abort")), raxx.Timer{Name: timerName}}, nil},
	} {
		t.Run(r.name, func(t *testing.T) {
			m := say(map[string][]raxx.Part{"close": {Close{}}, "abort": {raxx.Abort{}}})
			for _, event := range r.events {
				m, _ = m.Step(event)
			}
			diff(t, r.want, frames(t, string(m.LastWords())))
		})
	}
}

// What waits is small: the documentation of the package promises it.
func TestStateIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(conn{}); size > 208 {
		t.Errorf("a conn takes %d octets", size)
	}
}
