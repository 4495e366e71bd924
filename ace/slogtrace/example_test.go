package slogtrace_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/slogtrace"
	"github.com/raxx-go/raxx/raxx"
)

// The log of a server's life, beside a hook of one's own.
func ExampleNew() {
	stable := func(_ []string, a slog.Attr) slog.Attr { // leaves out what is different each time
		switch a.Key {
		case "time", "took", "peer", "address", "connections":
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: stable}))
	opened := make(chan net.Addr, 1)
	server := ace.New(func(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }, ace.Config{
		Trace: ace.JoinTraces(slogtrace.New(log), ace.Trace{
			Ready: func(e ace.ReadyEvent) { opened <- e.Addrs[0] },
		}),
	})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- server.RunEndpoints(ctx, ace.Endpoint{Name: "web", Address: "127.0.0.1:0"}) }()

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + (<-opened).String() + "/greeting?to=you")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	stop()
	<-done
	// Output:
	// level=INFO msg="endpoint opened" endpoint=web tls=false
	// level=INFO msg=ready endpoints=1
	// level=INFO msg=request method=GET path=/greeting status=200 bytes=5 endpoint=web
	// level=INFO msg="drain began"
	// level=INFO msg="endpoint closed" endpoint=web
	// level=INFO msg="drain ended"
}
