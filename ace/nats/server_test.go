package nats

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// A room is what both servers of the test serve: who gets "/" hears what is said,
// and who posts says it.
func room(req raxx.Request) raxx.Response {
	if req.Method == "POST" {
		text, _ := raxx.ReadAll(req.Body, 1000)
		return raxx.NoContent().WithDo(raxx.Publish{Topic: "the room", Message: string(text)})
	}
	return raxx.Reply(200, "text/plain", raxx.NewMachine(struct{}{}, hear))
}

func hear(s struct{}, event raxx.Event) (struct{}, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		// What it publishes itself comes back when it is subscribed.
		return s, []raxx.Part{raxx.Subscribe{Topic: "the room"}, raxx.Publish{Topic: "the room", Message: "somebody came\n"}}
	case raxx.Info:
		return s, []raxx.Part{raxx.Data(event.Message)}
	}
	return s, nil
}

// serve starts a server whose broker is NATS.
func serve(t *testing.T, broker *Broker) (addr string) {
	t.Helper()
	l, err := ace.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := ace.New(room, ace.Config{Broker: broker})
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return l.Addr().String()
}

// ask sends a request and returns what comes back, line by line.
func ask(t *testing.T, addr, request string) *bufio.Scanner {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(conn)
}

func until(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	for lines.Scan() {
		if strings.TrimSuffix(lines.Text(), "\r") == want {
			return
		}
	}
	t.Fatalf("no %q: %v", want, lines.Err())
}

// What is said to one server is heard at another.
func TestTwoServers(t *testing.T) {
	engine := start(t, 0)
	here, there := serve(t, connect(t, engine, Config{})), serve(t, connect(t, engine, Config{}))
	listener := ask(t, here, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	until(t, listener, "somebody came")
	poster := ask(t, there, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello\n")
	until(t, poster, "HTTP/1.1 204 No Content")
	until(t, listener, "hello")
}
