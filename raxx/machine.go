package raxx

import "reflect"

// A Step is what a machine does: given its state and what has happened, it returns
// its next state and what is to be done. It is a pure function. It may be called
// from any goroutine, one call at a time for one machine, and should not block:
// while it runs, its exchange stands still.
//
// The state is a value. A step returns a changed copy and leaves the one that
// it was given as it was. What it keeps of a request is better a copy, by
// [strings.Clone]: a piece of a head keeps all of the head in memory.
type Step[S any] func(state S, event Event) (S, []Part)

// A Machine is the body of a response that lives on after its handler has
// returned: an event stream, a long poll, a chat, an upload that is answered as
// it comes, a WebSocket. Events go in and parts come out, one step at a time.
// While it waits, a server keeps the machine's state and nothing else: no
// goroutine, no buffer.
//
//	func ticker(raxx.Request) raxx.Response {
//		return raxx.Reply(200, "text/plain", raxx.NewMachine(0, tick))
//	}
//
//	func tick(n int, event raxx.Event) (int, []raxx.Part) {
//		switch event.(type) {
//		case raxx.Open, raxx.Timer:
//			return n + 1, []raxx.Part{raxx.Data(fmt.Sprintln(n)), raxx.After{Delay: time.Second}}
//		case raxx.Drain:
//			return n, []raxx.Part{raxx.Tail{}}
//		}
//		return n, nil
//	}
//
// # Events
//
// The first event is [Open]. (None comes if the reply is no more than a head that
// the handler has returned: to HEAD, or with status 204 or 304.) What the handler
// has not read of the request's body follows as [Data] and then [Tail]; if there is
// nothing to read, neither comes. [Info] is a message on a topic that the machine
// subscribes to, [Timer] the end of an [After], [Pulled] a piece of what a [Pull]
// reads. [Drain] comes once, when the server shuts down. [Closed] is the last one,
// if the exchange ends before the machine has ended it. A machine ignores events
// that it does not know: more may be added.
//
// # Parts
//
// [Data] is content, and [Tail] ends the reply, and with it the machine.
// [Inform] sends an interim response before the head. Effects ([Subscribe],
// [Unsubscribe], [Publish], [After], [Pull], [Patience]) are carried out in order
// with the parts around them. [Abort] breaks the reply off, so that the client sees
// that it is not whole.
//
// If the status of the response that the handler returned is zero, its head is
// deferred: the machine sends a [Response] when it knows what to say. One without a
// body is a head, and Data and Tail follow. One with a body ([Data], a [File], a
// [Stream]) is the whole reply, and ends the machine.
//
// # Pace
//
// While what a step has returned waits for a client that reads slowly, no event is
// handled. So a machine that has much to send sends a piece and asks for a timer
// without delay, which comes when the piece has been taken; a client that sends is
// not read from meanwhile. Messages wait in a mailbox of bounded size; see
// [Subscribe].
//
// # Upgrades
//
// In a response of status 101 the body is what both sides say in the new
// protocol, as bytes. The machine is the server's side of it.
//
// The zero Machine ends the reply at once. Two machines are equal if they have
// the same step and equal states.
type Machine struct{ m stepper }

// stepper hides the type of a machine's state.
type stepper interface {
	step(Event) (stepper, []Part)
	value() any
	equal(stepper) bool
}

// A machine is never changed once it has been made.
type machine[S any] struct {
	state S
	next  Step[S]
}

// NewMachine returns the machine in the given state. It panics if step is nil.
func NewMachine[S any](state S, step Step[S]) Machine {
	if step == nil {
		panic("raxx: NewMachine with a nil step")
	}
	return Machine{&machine[S]{state, step}}
}

// Step hands an event to the machine. It returns the machine in its next state
// and what is to be done. m stays as it is. It is for servers, for tests, and
// for machines that stand around another one.
func (m Machine) Step(event Event) (Machine, []Part) {
	if m.m == nil {
		return m, []Part{Tail{}}
	}
	next, parts := m.m.step(event)
	return Machine{next}, parts
}

// A Borrower is a state of machines, such as those of codecs, that says whether a
// step keeps nothing of the [Data] that it is handed: neither in the next state,
// nor in a part, nor anywhere else, but for copies of its own. If so, a server may
// hand over memory that it uses again when the parts have been sent, and spares
// itself a copy. A machine that stands around another one answers for that one
// ([Machine.Borrows]), unless it keeps events itself.
type Borrower interface{ BorrowsData() bool }

// Borrows reports whether the machine's state is a [Borrower] that keeps nothing
// of the data it is handed. It is for servers, and for machines that stand around
// another one.
func (m Machine) Borrows() bool {
	b, ok := m.State().(Borrower)
	return ok && b.BorrowsData()
}

// A LastWorder is a state of machines, such as those of codecs, that has something
// to say to the client when its machine has failed: of a WebSocket, the Close frame
// that names an error of the server. It is asked when a step has panicked, or has
// returned an [Abort] or a part that can't be sent: the state before the step if
// that has panicked, else the one after it. If the head has been sent, what it
// returns is sent, and the reply ends as if it were whole: the words have to say
// that it is not. If there are no words, the reply is broken off. A machine that
// stands around another one answers for that one ([Machine.LastWords]), unless it
// changes what that sends.
type LastWorder interface{ LastWords() Data }

// LastWords returns what the machine's state, if it is a [LastWorder], has to say
// when the machine has failed; else nothing. It is for servers, and for machines that
// stand around another one.
func (m Machine) LastWords() Data {
	if l, ok := m.State().(LastWorder); ok {
		return l.LastWords()
	}
	return ""
}

// State returns the state that m is in, as what [NewMachine] was given; nil if m
// is the zero Machine. It is for tests.
func (m Machine) State() any {
	if m.m == nil {
		return nil
	}
	return m.m.value()
}

// Equal reports whether both have the same step function and equal states. Of a
// step that is a closure, what it has closed over is not compared.
func (m Machine) Equal(n Machine) bool {
	if m.m == nil || n.m == nil {
		return m.m == nil && n.m == nil
	}
	return m.m.equal(n.m)
}

func (m *machine[S]) step(event Event) (stepper, []Part) {
	state, parts := m.next(m.state, event)
	return &machine[S]{state, m.next}, parts
}

func (m *machine[S]) value() any { return m.state }

func (m *machine[S]) equal(other stepper) bool {
	n, ok := other.(*machine[S])
	return ok && reflect.ValueOf(m.next).Pointer() == reflect.ValueOf(n.next).Pointer() &&
		equalValues(m.state, n.state)
}

// equalValues compares two states: by their own method Equal, if they have one.
func equalValues[S any](a, b S) bool {
	if a, ok := any(a).(interface{ Equal(S) bool }); ok {
		return a.Equal(b)
	}
	return reflect.DeepEqual(a, b)
}
