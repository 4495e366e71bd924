package ace_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

func Example() {
	hello := func(req raxx.Request) raxx.Response {
		return raxx.Text(200, "Hello from "+req.Path)
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	listening := make(chan net.Addr, 1)
	server := ace.New(hello, ace.Config{
		Trace: ace.Trace{EndpointOpened: func(e ace.EndpointEvent) { listening <- e.Addr }},
	})
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, "127.0.0.1:0") }()

	resp, err := http.Get("http://" + (<-listening).String() + "/a/path")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	fmt.Println(resp.StatusCode, string(body))

	http.DefaultClient.CloseIdleConnections()
	stop() // drains
	fmt.Println(<-done)
	// Output:
	// 200 Hello from /a/path
	// <nil>
}
