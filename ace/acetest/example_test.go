package acetest_test

import (
	"fmt"
	"io"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/acetest"
	"github.com/raxx-go/raxx/raxx"
)

// In a test, Serve does what Start and Close do here.
func Example() {
	hello := func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello over "+req.Peer.Protocol)
	}
	app := acetest.Start(ace.New(hello, ace.Config{}), ace.Endpoint{})
	defer app.Close()

	resp, err := app.HTTP2().Get("http://example.com/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(content), err)
	// Output:
	// 200 OK Hello over HTTP/2.0 <nil>
}

func ExampleEndpoint_Say() {
	app := acetest.Start(ace.New(nil, ace.Config{}), ace.Endpoint{Machine: raxx.NewMachine(0, shout)})
	defer app.Close()
	fmt.Println(app.Say("hello"))
	// Output:
	// HELLO <nil>
}
