package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// upgrades answers with another protocol, of which the machine speaks.
func upgrades(m raxx.Machine) raxx.Response {
	return raxx.Response{Status: 101, Body: m}.With("upgrade", "shout")
}

// shouting is a machine that sends back in upper case what it is told.
func shouting() raxx.Machine {
	return reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Data:
			return []raxx.Part{raxx.Data(strings.ToUpper(string(event)))}
		case raxx.Tail:
			return []raxx.Part{event}
		}
		return nil
	})
}

const askToShout = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: shout\r\n\r\n"

// The fields of a response of status 101 are its handler's, but for those of the
// connection.
func TestToHTTPSwitchesProtocols(t *testing.T) {
	ends := reacts(func(raxx.Event) []raxx.Part { return []raxx.Part{raxx.Data("OK"), raxx.Tail{}} })
	h := to(answers(upgrades(ends).Add("connection", "close").Add("x-a", "1").Add("x-a", "2").Add("date", "never")))
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go io.WriteString(conn, askToShout)
		got, err := io.ReadAll(conn)
		head, said, _ := strings.Cut(string(got), "\r\n\r\n")
		date := time.Now().UTC().Format(http.TimeFormat)
		want := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nDate: " + date + "\r\nUpgrade: shout\r\nX-A: 1\r\nX-A: 2"
		if head != want || said != "OK" || err != nil {
			t.Errorf("got %q, %q, %v", head, said, err)
		}
	})
}

// RFC 9110, Section 7.8: who speaks HTTP/1.0 asks for no other protocol.
func TestToHTTPSwitchesNoProtocolOfHTTP10(t *testing.T) {
	h := to(func(req raxx.Request) raxx.Response {
		if req.Header.Has("upgrade") {
			return upgrades(shouting())
		}
		return raxx.Text(200, "a page")
	})
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go io.WriteString(conn, strings.Replace(askToShout, "HTTP/1.1", "HTTP/1.0", 1))
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(got), "a page") {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// A body that has been read, such as an empty one in chunks behind a router, is in
// nobody's way.
func TestToHTTPSwitchesProtocolsBehindABody(t *testing.T) {
	h := to(raxx.Complete(0)(answers(upgrades(shouting()))))
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		go func() {
			io.WriteString(conn, strings.TrimSuffix(askToShout, "\r\n")+"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nhello")
		}()
		r := bufio.NewReader(conn)
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode != 101 {
			t.Fatal(resp, err)
		}
		said := make([]byte, 5)
		if _, err := io.ReadFull(r, said); string(said) != "HELLO" || err != nil {
			t.Errorf("the other protocol says %q, %v", said, err)
		}
	})
}

// A client that does not read what it is told in another protocol is cut, too.
func TestToHTTPTunnelThatStandsStill(t *testing.T) {
	var began time.Time
	told := make(chan string, 1)
	h := nethttp.ToHTTP(answers(upgrades(reacts(func(event raxx.Event) []raxx.Part {
		switch event := event.(type) {
		case raxx.Open:
			began = time.Now()
		case raxx.Closed:
			told <- fmt.Sprint(event.Reason, " after ", time.Since(began))
		}
		return []raxx.Part{raxx.Data("hello")}
	}))), nethttp.Config{ProgressTimeout: time.Minute})
	onWire(t, h, func(t *testing.T, conn net.Conn) {
		io.WriteString(conn, askToShout)
		r := bufio.NewReaderSize(conn, 16)
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour) // of the bubble
		want := fmt.Sprint(raxx.TimedOut, " after ", time.Minute)
		select {
		case got := <-told:
			if got != want {
				t.Errorf("the machine is told %s, want %s", got, want)
			}
		default:
			t.Error("the machine is told nothing")
		}
	})
}

// RFC 8441: over HTTP/2 an extended CONNECT opens a tunnel. Who does not speak the
// protocol does not open it by a status of success.
func TestToHTTPExtendedCONNECT(t *testing.T) {
	for _, row := range []struct {
		name   string
		resp   raxx.Response
		status int
		said   string
	}{
		{"a tunnel", upgrades(shouting()), 200, "HELLO"},
		{"5: a status of success", raxx.Text(200, "a page"), 501, ""},
		{"5: another status of success", raxx.NoContent(), 501, ""},
		{"a refusal", raxx.Text(403, "no"), 403, "no"},
		{"a redirect", raxx.Redirect(307, "/b"), 307, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := extendedCONNECT(strings.NewReader("hello"))
			w := ask(to(func(req raxx.Request) raxx.Response {
				if req.Method != "GET" || req.Header.Get("upgrade") != "shout" || req.Body != nil {
					t.Errorf("the handler sees %v", req)
				}
				return row.resp
			}), r)
			if w.Code != row.status || row.said != "" && w.Body.String() != row.said || w.Header().Get("Upgrade") != "" {
				t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
			}
		})
	}
}

func extendedCONNECT(body io.Reader) *http.Request {
	r := httptest.NewRequest("GET", "/", body)
	r.Method, r.Proto, r.ProtoMajor, r.ProtoMinor = "CONNECT", "HTTP/2.0", 2, 0
	r.Header[":protocol"] = []string{"shout"}
	return r
}

// A tunnel that the server ends does not end as if all had been said.
func TestToHTTPTunnelThatIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := to(answers(upgrades(shouting())))
		body, client := io.Pipe()
		cut := make(chan any, 1)
		go func() {
			defer func() { cut <- recover() }()
			ask(h, extendedCONNECT(body))
		}()
		synctest.Wait()
		h.Close()
		if v := <-cut; v != http.ErrAbortHandler {
			t.Errorf("the tunnel ended with %v", v)
		}
		client.Close()
	})
}

// A halfConn can close one of its directions, as that of TCP can.
type halfConn struct {
	net.Conn
	closed chan time.Time // when it was
}

func (c halfConn) CloseWrite() error {
	c.closed <- time.Now()
	return nil
}

// RFC 9112, Section 9.6: a connection that is closed with something unread is reset,
// which can take the last that was said with it.
func TestToHTTPTunnelEndsInOneDirection(t *testing.T) {
	h := to(answers(upgrades(sends(raxx.Data("bye"), raxx.Tail{}))))
	for name, goesOn := range map[string]bool{"a client that goes on": true, "a silent one": false} {
		t.Run(name, func(t *testing.T) {
			half := halfConn{closed: make(chan time.Time, 1)}
			wrap := func(conn net.Conn) net.Conn {
				half.closed = make(chan time.Time, 1) // of the bubble
				half.Conn = conn
				return half
			}
			onWireOf(t, h, wrap, func(t *testing.T, conn net.Conn) {
				go io.WriteString(conn, askToShout)
				r := bufio.NewReader(conn)
				for line := ""; line != "\r\n"; {
					var err error
					if line, err = r.ReadString('\n'); err != nil {
						t.Fatal(err)
					}
				}
				said := make([]byte, 3)
				if _, err := io.ReadFull(r, said); string(said) != "bye" || err != nil {
					t.Fatalf("got %q, %v", said, err)
				}
				begun := <-half.closed
				if goesOn {
					if n, err := conn.Write(make([]byte, 100_000)); err != nil {
						t.Errorf("of what comes behind the end %d octets are taken, %v", n, err)
					}
					return
				}
				if _, err := r.ReadByte(); err != io.EOF || time.Since(begun) != 2*time.Second {
					t.Errorf("it is closed %v after %v", err, time.Since(begun))
				}
			})
		})
	}
}
