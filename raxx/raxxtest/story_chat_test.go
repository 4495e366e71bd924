package raxxtest_test

import (
	"fmt"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/raxxtest"
	"github.com/raxx-go/raxx/raxx/sse"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A chatter is one who is in a room. What others say comes as messages on the
// room's topic, whatever way they are connected.
type chatter struct {
	name string
	say  func(string) raxx.Part // how the client is told
}

func (c chatter) step(event raxx.Event) (chatter, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return c, []raxx.Part{raxx.Subscribe{Topic: "room"}, publish(c.name + " is here")}
	case websocket.Text:
		return c, []raxx.Part{publish(c.name + ": " + string(event))}
	case raxx.Info:
		return c, []raxx.Part{c.say(event.Message)}
	case raxx.Closed, websocket.Closed:
		return c, []raxx.Part{publish(c.name + " has left")}
	}
	return c, nil
}

func publish(text string) raxx.Publish { return raxx.Publish{Topic: "room", Message: text} }

// chat serves the room in every way: as an event stream, to which one posts, and
// as a WebSocket.
func chat(req raxx.Request) raxx.Response {
	name := req.Path[1:]
	switch {
	case req.Method == "POST":
		text, _ := raxx.ReadAll(req.Body, 1000)
		return raxx.NoContent().WithDo(publish(name + ": " + string(text)))
	case req.Header.Has("upgrade"):
		c := chatter{name, func(text string) raxx.Part { return websocket.Text(text) }}
		return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(c, chatter.step))
	}
	c := chatter{name, func(text string) raxx.Part { return sse.Event{Data: text} }}
	return sse.Stream(req, sse.Config{}, raxx.NewMachine(c, chatter.step))
}

// Story 5, a chat over event streams and over WebSockets: one machine. Several
// clients share a server, whose broker hands on what they say.
func Example_chat() {
	server := raxxtest.NewServer(chat)
	ada, _ := server.EventSource(raxx.Get("/Ada"))
	bob, _ := server.WebSocket(websocket.Handshake("/Bob"))
	server.Serve(raxx.Post("/Ada", "text/plain", raxx.Data("hello")))
	bob.Send(websocket.Text("hi"))
	bob.Send(websocket.Close{})
	for _, event := range ada.Events() {
		fmt.Println(event.Data)
	}
	// Output:
	// Ada is here
	// Bob is here
	// Ada: hello
	// Bob: hi
	// Bob has left
}

// The machine itself needs no server: a test is a comparison of lists.
func ExampleRun() {
	c := chatter{"Eve", func(text string) raxx.Part { return raxx.Data(text + "\n") }}
	resp := raxx.Reply(200, "text/plain", raxx.NewMachine(c, chatter.step))
	for _, part := range raxxtest.Run(resp, raxx.Info{Topic: "room", Message: "Ada: hello"}, raxx.Closed{Reason: raxx.ClientGone})[1:] {
		fmt.Printf("%T %+q\n", part, part)
	}
	// Output:
	// raxx.Subscribe {"room" '\x00'}
	// raxx.Publish {"room" "Eve is here"}
	// raxx.Data "Ada: hello\n"
	// raxx.Publish {"room" "Eve has left"}
}
