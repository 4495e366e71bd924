package websocket_test

import (
	"fmt"
	"strings"

	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/raxx/websocket"
)

// A room hands on to everybody what one says.
func room(name string, event raxx.Event) (string, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return name, []raxx.Part{raxx.Subscribe{Topic: "room"}}
	case websocket.Text:
		return name, []raxx.Part{raxx.Publish{Topic: "room", Message: name + ": " + string(event)}}
	case raxx.Info:
		return name, []raxx.Part{websocket.Text(event.Message)}
	case websocket.Closed:
		return name, []raxx.Part{raxx.Publish{Topic: "room", Message: name + " has left"}}
	}
	return name, nil
}

// The application is a pure function, so a test calls it.
func Example() {
	for _, event := range []raxx.Event{
		raxx.Open{},
		websocket.Text("hello"),
		raxx.Info{Topic: "room", Message: "Ada: hello"},
		websocket.Closed{Code: websocket.GoingAway},
	} {
		_, parts := room("Ada", event)
		fmt.Printf("%T: %+v\n", event, parts)
	}
	// Output:
	// raxx.Open: [{Topic:room Full:0}]
	// websocket.Text: [{Topic:room Message:Ada: hello}]
	// raxx.Info: [Ada: hello]
	// websocket.Closed: [{Topic:room Message:Ada has left}]
}

func shout(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case websocket.Text:
		return s, []raxx.Part{websocket.Text(strings.ToUpper(string(event)))}
	}
	return s, nil
}

// A Client speaks to the handler in bytes, through the whole codec.
func ExampleClient() {
	handler := func(req raxx.Request) raxx.Response {
		return websocket.Upgrade(req, websocket.Config{}, raxx.NewMachine(struct{}{}, shout))
	}

	req := websocket.Handshake("/")
	resp := handler(req)
	client, err := websocket.NewClient(req, resp)
	client, data := client.Send(websocket.Text("hello"))
	server, parts := resp.Body.(raxx.Machine).Step(data)
	_, messages, _ := client.Receive(parts[0].(raxx.Data))
	fmt.Println(resp.Status, err, messages)

	_, parts = server.Step(raxx.Drain{})
	fmt.Printf("%q", parts[0])
	// Output:
	// 101 <nil> [HELLO]
	// "\x88\x02\x03\xe9"
}
