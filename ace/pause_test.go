package ace

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/internal/memnet"
	"github.com/raxx-go/raxx/ace/internal/wheel"
	"github.com/raxx-go/raxx/raxx"
)

// A process may be stopped for a minute: its machine is moved, or its debugger is at
// work. When it goes on it must not hold that against its clients.

// noted is the app of these tests: the length of what was sent.
func noted(req raxx.Request) raxx.Response {
	if req.Path == "/machine" {
		return raxx.Defer(raxx.NewMachine(0, func(n int, event raxx.Event) (int, []raxx.Part) {
			switch event := event.(type) {
			case raxx.Data:
				return n + len(event), nil
			case raxx.Tail:
				return n, []raxx.Part{raxx.Text(200, strings.Repeat("x", n))}
			}
			return n, nil
		}))
	}
	whole, err := raxx.ReadAll(req.Body, 0)
	if err != nil {
		return raxx.Text(500, err.Error())
	}
	return raxx.Text(200, strings.Repeat("x", len(whole)))
}

// hiding hides what a listener is, so that each of its connections has a goroutine.
type hiding struct{ net.Listener }

// stops holds up all the server's time-outs for d, and then lets them see that it is
// over. What is done in between is done while they know nothing of it.
func stops(s *Server, d time.Duration, meanwhile func()) {
	var stop wheel.Timer
	begins := make(chan struct{})
	s.wheel.Init(&stop, wheel.Func(func() {
		close(begins)
		time.Sleep(d)
	}))
	stop.In(0)
	<-begins
	time.Sleep(d - time.Millisecond)
	meanwhile()
	time.Sleep(500 * time.Millisecond)
}

func nothing() {}

func pausing(t *testing.T, config Config, test func(t *testing.T, s *Server, dial func() net.Conn)) {
	for name, turns := range map[string]bool{"turns": true, "goroutine": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := memnet.Listen()
				var l net.Listener = memory
				if !turns {
					l = hiding{memory}
				}
				s := New(noted, config)
				served := make(chan error, 1)
				go func() { served <- s.Serve(l) }()
				defer func() {
					s.Close()
					if err := <-served; err != nil {
						t.Error(err)
					}
					time.Sleep(time.Second) // the server's timers stand still at their next tick
				}()
				test(t, s, func() net.Conn {
					conn, err := memory.Dial()
					if err != nil {
						t.Fatal(err)
					}
					return conn
				})
			})
		})
	}
}

func TestPauseIsNoSilence(t *testing.T) {
	const (
		ask    = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
		upload = "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
		feed   = "PUT /machine HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
	)
	for _, test := range []struct{ name, before, meanwhile, after, want string }{
		{"between two requests", "", "", ask, ""},
		{"a request comes meanwhile", "", ask, "", ""},
		{"in the middle of a head", ask[:20], "", ask[20:], ""},
		{"half a head comes meanwhile", "", ask[:20], ask[20:], ""},
		{"in the middle of a body", upload + "12", "", "345", "xxxxx"},
		{"half a body comes meanwhile", "", upload + "12", "345", "xxxxx"},
		{"a machine in the middle of a body", feed + "12", "", "345", "xxxxx"},
		{"half a body comes to a machine meanwhile", "", feed + "12", "345", "xxxxx"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pausing(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn) {
				p := newPeer(t, dial())
				defer p.Close()
				p.send(ask)
				p.want(200, "")
				p.send(test.before)
				stops(s, 70*time.Second, func() { p.send(test.meanwhile) })
				p.send(test.after)
				p.want(200, test.want)
			})
		})
	}
}

// Behind the pause the time-outs are those from before it.
func TestPauseIsNoExcuse(t *testing.T) {
	pausing(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn) {
		p := newPeer(t, dial())
		defer p.Close()
		p.send("GET / HTTP/1.1\r\n")
		stops(s, 70*time.Second, nothing)
		begun := time.Now()
		if status, body := p.receive(); status != 408 {
			t.Errorf("got %d, %q", status, body)
		}
		if took := time.Since(begun); took < 8*time.Second || took > 10*time.Second {
			t.Errorf("it took %v more", took)
		}
	})
}

func TestPauseIsNoSilenceOverHTTP2(t *testing.T) {
	for _, path := range []string{"/", "/machine"} {
		pausing(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn) {
			transport := &http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(), nil },
				Protocols:   new(http.Protocols),
			}
			transport.Protocols.SetUnencryptedHTTP2(true)
			defer transport.CloseIdleConnections()
			r, w := io.Pipe()
			go func() {
				io.WriteString(w, "12")
				stops(s, 70*time.Second, nothing)
				io.WriteString(w, "345")
				w.Close()
			}()
			req, err := http.NewRequest("PUT", "http://a"+path, r)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if got, err := io.ReadAll(resp.Body); string(got) != "xxxxx" || err != nil {
				t.Errorf("%s: got %d, %q, %v", path, resp.StatusCode, got, err)
			}
		})
	}
}

// Half a second is what a client has that asks when the server drains.
func TestPauseOfADrain(t *testing.T) {
	pausing(t, Config{}, func(t *testing.T, s *Server, dial func() net.Conn) {
		p := newPeer(t, dial())
		defer p.Close()
		p.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
		p.want(200, "")
		drained := make(chan error, 1)
		stops(s, 70*time.Second, func() {
			go func() { drained <- s.Shutdown(context.Background()) }()
			synctest.Wait()
			time.AfterFunc(101*time.Millisecond, func() { p.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n") })
		})
		p.want(200, "")
		p.Close()
		if err := <-drained; err != nil {
			t.Error(err)
		}
	})
}

// A halting connection does not make its second write before it may.
type halting struct {
	net.Conn
	writes int
	may    chan struct{}
}

func (c *halting) Write(p []byte) (int, error) {
	if c.writes++; c.writes == 2 {
		<-c.may
	}
	return c.Conn.Write(p)
}

func TestPauseIsNoSilenceWithinAHandshake(t *testing.T) {
	server, client := testTLS(t)
	pausing(t, Config{TLS: server}, func(t *testing.T, s *Server, dial func() net.Conn) {
		conn := tls.Client(&halting{Conn: dial(), may: make(chan struct{})}, client)
		defer conn.Close()
		go stops(s, 70*time.Second, func() { close(conn.NetConn().(*halting).may) })
		p := newPeer(t, conn)
		p.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
		p.want(200, "")
	})
}

// The trace is told when something has begun, also from behind a pause.
func TestPauseIsToldOf(t *testing.T) {
	opened := make(chan time.Time, 1)
	config := Config{Trace: Trace{ConnectionClosed: func(e ConnectionEvent) { opened <- e.Opened }}}
	pausing(t, config, func(t *testing.T, s *Server, dial func() net.Conn) {
		begun := time.Now()
		p := newPeer(t, dial())
		p.send("PUT /machine HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n")
		stops(s, 70*time.Second, nothing)
		for _, w := range s.Workers() {
			if got := w.Opened.Sub(begun).Abs(); got > time.Second {
				t.Errorf("a worker is %v off", got)
			}
			for _, x := range w.Exchanges {
				if got := x.Begun.Sub(begun).Abs(); got > time.Second {
					t.Errorf("its exchange is %v off", got)
				}
			}
		}
		p.Close()
		if got := (<-opened).Sub(begun).Abs(); got > time.Second {
			t.Errorf("its connection is %v off", got)
		}
	})
}

// What had come before a time was over a machine is told before it, also if nobody was
// there to read it in time. A WebSocket waits for its pong.
func TestAnswerThatCameInTime(t *testing.T) {
	const waits = 10 * time.Second
	for _, delay := range []time.Duration{waits / 2, waits} {
		for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
			synctest.Test(t, func(t *testing.T) {
				stopped := make(chan bool)
				step := func(told string, event raxx.Event) (string, []raxx.Part) {
					switch event := event.(type) {
					case raxx.Open:
						return told, []raxx.Part{raxx.After{Delay: delay}}
					case raxx.Timer:
						return told, []raxx.Part{raxx.Text(200, told+"late")}
					case raxx.Data:
						if event == "1" {
							stopped <- true
							time.Sleep(3 * waits)
						}
						return told + string(event), nil
					}
					return told, nil
				}
				app := func(raxx.Request) raxx.Response { return raxx.Defer(raxx.NewMachine("", step)) }
				l := memnet.Listen()
				s, served := New(app, Config{}), make(chan error, 1)
				go func() { served <- s.Serve(l) }()
				transport := &http.Transport{
					DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() },
					Protocols:   new(http.Protocols),
				}
				transport.Protocols.SetHTTP1(version == "HTTP/1.1")
				transport.Protocols.SetUnencryptedHTTP2(version == "HTTP/2")
				r, w := io.Pipe()
				defer r.Close()
				go func() {
					io.WriteString(w, "1")
					<-stopped
					time.Sleep(time.Second)
					io.WriteString(w, "2")
				}()
				resp, err := (&http.Client{Transport: transport}).Post("http://a/", "text/plain", r)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(resp.Body); string(got) != "12late" || err != nil {
					t.Errorf("%s, %v: the machine was told %q, %v", version, delay, got, err)
				}
				r.Close()
				transport.CloseIdleConnections()
				s.Close()
				if err := <-served; err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
			})
		}
	}
}
