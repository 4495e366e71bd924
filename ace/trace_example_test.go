package ace_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

func helloAll(raxx.Request) raxx.Response { return raxx.Text(200, "hello") }

// The life of a server: systemd could be told READY=1 and STOPPING=1 here.
func ExampleTrace_life() {
	ready := make(chan string, 1)
	server := ace.New(helloAll, ace.Config{Trace: ace.Trace{
		EndpointOpened: func(e ace.EndpointEvent) { fmt.Println("opened", e.Endpoint) },
		Ready:          func(e ace.ReadyEvent) { ready <- e.Addrs[0].String() },
		DrainBegan:     func(ace.DrainEvent) { fmt.Println("leaving") },
		EndpointClosed: func(e ace.EndpointEvent) { fmt.Println("closed", e.Endpoint, e.Err) },
		DrainEnded:     func(e ace.DrainEvent) { fmt.Println("gone with", e.Connections, "connections left:", e.Err) },
	}})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- server.RunEndpoints(ctx, ace.Endpoint{Name: "web", Address: "127.0.0.1:0"}) }()

	<-ready
	fmt.Println("ready:", server.Ready())
	stop()
	<-done
	// Output:
	// opened web
	// ready: true
	// leaving
	// closed web <nil>
	// gone with 0 connections left: <nil>
}

// A gauge of connections, and a line for each request.
func ExampleTrace_requests() {
	var open atomic.Int64
	address, closed := make(chan net.Addr, 1), make(chan bool)
	server := ace.New(helloAll, ace.Config{Trace: ace.Trace{
		EndpointOpened:   func(e ace.EndpointEvent) { address <- e.Addr },
		ConnectionOpened: func(ace.ConnectionEvent) { open.Add(1) },
		ConnectionClosed: func(e ace.ConnectionEvent) {
			open.Add(-1)
			fmt.Println("closed after", e.Requests, "request:", e.Err)
			close(closed)
		},
		ExchangeEnded: func(e ace.ExchangeEvent) {
			fmt.Println(e.Request.Method, e.Request.Path, e.Status, e.Content, "bytes in", e.Ended.Sub(e.Begun).Truncate(time.Second))
		},
	}})
	go server.Run(context.Background(), "127.0.0.1:0")
	defer server.Close()

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + (<-address).String() + "/a")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	<-closed
	fmt.Println("open:", open.Load())
	// Output:
	// GET /a 200 5 bytes in 0s
	// closed after 1 request: <nil>
	// open: 0
}

// Who comes with which version of TLS, and who is turned away.
func ExampleTrace_handshakes() {
	cert, err := ace.DevelopmentCertificate()
	if err != nil {
		fmt.Println(err)
		return
	}
	address := make(chan net.Addr, 1)
	server := ace.New(helloAll, ace.Config{
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}},
		Trace: ace.Trace{
			EndpointOpened: func(e ace.EndpointEvent) { address <- e.Addr },
			HandshakeEnded: func(e ace.HandshakeEvent) {
				if e.Err != nil {
					fmt.Println("no handshake:", e.Err)
					return
				}
				fmt.Println(e.ServerName, "by", e.Peer.TLS.Version)
			},
		},
	})
	go server.Run(context.Background(), "127.0.0.1:0")
	defer server.Close()

	conn, err := tls.Dial("tcp", (<-address).String(), &tls.Config{ServerName: "localhost", InsecureSkipVerify: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
	io.Copy(io.Discard, conn)
	// Output: localhost by TLS 1.3
}

// A crowded is a listener whose process has no descriptors left at first.
type crowded struct {
	net.Listener
	failed atomic.Bool
}

func (l *crowded) Accept() (net.Conn, error) {
	if !l.failed.Swap(true) {
		return nil, syscall.EMFILE
	}
	return l.Listener.Accept()
}

// What keeps clients out: of the process, by the limits.
func ExampleTrace_refusals() {
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	failed, full := make(chan ace.AcceptEvent, 1), make(chan ace.AcceptEvent, 1)
	server := ace.New(helloAll, ace.Config{MaxConnections: 1, Trace: ace.Trace{
		AcceptFailed:      func(e ace.AcceptEvent) { failed <- e },
		LimitReached:      func(e ace.AcceptEvent) { full <- e },
		ConnectionRefused: func(e ace.ConnectionEvent) { fmt.Println("refused", e.Peer.Address, e.Err) },
	}})
	go server.Serve(&crowded{Listener: l})
	defer server.Close()

	e := <-failed
	fmt.Println("no descriptors:", errors.Is(e.Err, syscall.EMFILE), "- again in", e.Pause)
	for range 2 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		defer conn.Close()
	}
	fmt.Println("full:", errors.Is((<-full).Err, ace.ErrConnectionLimit))
	// Output:
	// no descriptors: true - again in 5ms
	// full: true
}

// What a deployment has cost: here, a request that would have taken an hour.
func ExampleDrainError() {
	address, begun := make(chan net.Addr, 1), make(chan bool)
	server := ace.New(func(req raxx.Request) raxx.Response {
		begun <- true
		<-req.Context().Done()
		return raxx.NoContent()
	}, ace.Config{
		DrainTimeout: 10 * time.Millisecond,
		Trace: ace.Trace{
			EndpointOpened: func(e ace.EndpointEvent) { address <- e.Addr },
			ConnectionsCut: func(e ace.DrainError) { fmt.Println("cut:", e.Connections) },
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, "127.0.0.1:0") }()

	conn, err := net.Dial("tcp", (<-address).String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /export HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
	<-begun
	stop()
	var report *ace.DrainError
	if errors.As(<-done, &report) {
		for _, x := range report.Exchanges {
			fmt.Println(x.Method, x.Path)
		}
	}
	// Output:
	// cut: 1
	// POST /export
}

// A deafBroker takes no messages.
type deafBroker struct{}

func (deafBroker) Publish(string, string) error { return errors.New("nobody is there") }

func (deafBroker) Subscribe(string, func(string)) (func(), error) { return func() {}, nil }

// A message that got lost on its way to the broker.
func ExampleBroker() {
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := ace.New(func(raxx.Request) raxx.Response {
		return raxx.NoContent().WithDo(raxx.Publish{Topic: "news", Message: "hello"})
	}, ace.Config{Broker: deafBroker{}, Trace: ace.Trace{
		BrokerFailed: func(e ace.BrokerEvent) { fmt.Println(e.Topic+":", e.Err) },
	}})
	go server.Serve(l)
	defer server.Close()
	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	// Output: news: nobody is there
}
