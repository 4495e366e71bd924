package ace_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/raxx"
)

// What holds for the driver of HTTP/2 whatever its connections are.

// A handler that blocks, for a while or for ever, or computes, holds up nobody
// else on its connection.
func TestH2HandlersDoNotHoldUpOthers(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		release := make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			switch req.Path {
			case "/block":
				<-release
			case "/wait":
				select {
				case <-release:
				case <-time.After(10 * time.Millisecond):
				}
			case "/compute":
				for begun := time.Now(); time.Since(begun) < 10*time.Millisecond; {
				}
			}
			return hello(req)
		}, ace.Config{})
		p := c.h2Dial()
		id := uint32(1)
		next := func(request string) uint32 {
			p.ask(id, request)
			id += 2
			return id - 2
		}
		blocked := next("GET /block")
		var slow []uint32
		for range 10 {
			slow = append(slow, next("GET /wait"), next("GET /compute"))
			for range 20 {
				p.want(next("GET /"), "200", "hello")
			}
		}
		for _, stream := range slow {
			p.want(stream, "200", "hello")
		}
		if p.streams[blocked].status != "" {
			t.Error("a handler that blocks has answered")
		}
		close(release)
		p.want(blocked, "200", "hello")
	})
}

func TestH2ManyStreamsAtOnce(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			time.Sleep(time.Millisecond)
			return raxx.Text(200, strings.Repeat(req.Path, 3000))
		}, ace.Config{})
		p := c.h2Dial()
		for round := range 3 {
			for i := range 250 {
				p.ask(uint32(500*round+2*i+1), fmt.Sprintf("GET /%03d", i))
			}
			for i := range 250 {
				p.want(uint32(500*round+2*i+1), "200", strings.Repeat(fmt.Sprintf("/%03d", i), 3000))
			}
		}
		// One more than is allowed is refused, and costs nothing else.
		p = c.h2Dial()
		for i := range 251 {
			p.ask(uint32(2*i+1), "POST /")
		}
		p.until("RST_STREAM", func() bool { return p.streams[501].gone || p.streams[501].done() })
		p.wantAlive()
	})
}

// A client that sends before it reads gets all of its replies.
func TestH2ClientThatSendsBeforeItReads(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		c := e.newClient(t, func(req raxx.Request) raxx.Response { return raxx.Text(200, text(30000)) }, ace.Config{})
		p := c.h2Dial()
		for round := range 4 {
			sent := make(chan bool)
			go func() {
				defer close(sent)
				for i := range 200 {
					p.ask(uint32(400*round+2*i+1), "GET /", "x: "+strings.Repeat("x", 5000))
				}
			}()
			within(t, sent, "the server reads while it can't write")
			for i := range 200 {
				p.want(uint32(400*round+2*i+1), "200", text(30000))
			}
		}
	})
}

// An upload that nobody reads is held up, and nothing else; what is read makes
// room for just as much.
func TestH2UploadGoesAtThePaceOfItsHandler(t *testing.T) {
	onHTTP2(t, func(t *testing.T, e engine) {
		gate := make(chan bool)
		c := e.newClient(t, func(req raxx.Request) raxx.Response {
			if req.Path == "/" {
				return hello(req)
			}
			<-gate
			total := 0
			for chunk, err := range raxx.Chunks(req.Body) {
				if err != nil {
					return raxx.Text(500, err.Error())
				}
				total += len(chunk)
			}
			return raxx.Text(200, fmt.Sprint(total))
		}, ace.Config{})
		p := c.h2Dial()
		p.ask(1, "POST /upload")
		s := p.streams[1]
		total := 0
		send := func() { // as much as the windows allow
			for s.window > 0 && p.window > 0 {
				n := min(s.window, p.window, 16384)
				p.data(1, false, strings.Repeat("x", int(n)))
				s.window -= n
				p.window -= n
				total += int(n)
			}
		}
		send()
		p.ask(3, "GET /")
		p.want(3, "200", "hello")
		if s.window != 0 || total > 1<<17 {
			t.Fatalf("the window of a body that nobody reads is %d behind %d bytes", s.window, total)
		}
		close(gate)
		for total < 20<<20 {
			p.until("WINDOW_UPDATE", func() bool { return s.window > 0 && p.window > 0 })
			if s.window > 1<<20 {
				t.Fatalf("the window has grown to %d", s.window)
			}
			send()
		}
		p.data(1, true, "")
		p.want(1, "200", fmt.Sprint(total))
	})
}

// What begins with neither protocol is closed, and not answered in one of them;
// what looks like HTTP/1.1 is.
func TestH2Prefaces(t *testing.T) {
	for _, test := range []struct{ sent, want string }{
		{"INVALID CONNECTION PREFACE\r\n\r\n", ""},
		{"GET nowhere HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"GET / PREFACE\r\n\r\n", "HTTP/1.1 400 "},
		{"GET nowhere http/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{"GET nowhere\r\n\r\n", "HTTP/1.1 400 "},
		{"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "HTTP/1.1 "},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x06\x00\x00\x00\x00\x00", "\x00\x00"},
	} {
		for _, e := range []engine{engines[0], engines[1]} {
			c := e.newClient(t, hello, ace.Config{})
			conn, err := c.dial()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, test.sent)
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			got, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(got), test.want) || test.want == "" && len(got) > 0 {
				t.Errorf("%s: got %.40q, %v, in answer to %q, want %q", e.name, got, err, test.sent, test.want)
			}
			conn.Close()
		}
	}
}
