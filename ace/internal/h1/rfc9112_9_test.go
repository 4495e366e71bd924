package h1

import (
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 9: whether the connection goes on; and RFC 9110, Section
// 10.1.1: whether the client waits for 100 (Continue).

func TestPersistence(t *testing.T) {
	for _, tt := range []struct {
		name, version, fields string
		want                  bool
	}{
		{"9.3 version 1.1 persists", "1.1", "", true},
		{"9.3 version 1.2 persists", "1.2", "", true},
		{"9.3 version 1.1 with keep-alive persists", "1.1", "Connection: keep-alive\r\n", true},
		{"9.3 version 1.0 does not persist", "1.0", "", false},
		{"9.3 version 1.0 with keep-alive persists", "1.0", "Connection: Keep-Alive\r\n", true},
		{"9.3 version 1.0 with keep-alive and close does not", "1.0", "Connection: keep-alive, close\r\n", false},
		{"9.3 a Keep-Alive field decides nothing", "1.0", "Keep-Alive: timeout=5\r\n", false},
		{"9.3 a Proxy-Connection field decides nothing", "1.0", "Proxy-Connection: keep-alive\r\n", false},
		{"9.6 close", "1.1", "Connection: close\r\n", false},
		{"9.6 close without regard to case", "1.1", "CONNECTION: CLOSE\r\n", false},
		{"9.6 close before keep-alive", "1.1", "Connection: close,keep-alive\r\n", false},
		{"9.6 close behind keep-alive", "1.1", "Connection: keep-alive,\tclose\r\n", false},
		{"9.6 close among other options", "1.1", "Connection: x-a, close ,x-b\r\n", false},
		{"9.6 close among empty members", "1.1", "Connection: ,, close ,\r\n", false},
		{"9.6 close in the first of two fields", "1.1", "Connection: close\r\nConnection: keep-alive\r\n", false},
		{"9.6 close in the second of two fields", "1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
		{"9.6 a word that contains close", "1.1", "Connection: closed\r\n", true},
		{"9.6 an empty Connection", "1.1", "Connection:\r\n", true},
		{"9.6 an unknown option", "1.1", "Connection: x-a\r\nX-A: y\r\n", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, accept(t, "GET / HTTP/"+tt.version+crlf+host+tt.fields+crlf).KeepAlive)
		})
	}
	t.Run("9.3 the server may close, too", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+crlf)
		if c.Close(); c.KeepAlive() {
			t.Error("KeepAlive behind Close")
		}
	})
	t.Run("9.1 the fields of the connection are not the handler's", func(t *testing.T) {
		h := accept(t, get+"Connection: Keep-Alive, ,upgrade\t,TE\r\nConnection:\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nX-A: y\r\n\r\n")
		diff(t, raxx.Header{{Name: "x-a", Value: "y"}}, h.Request.Header)
	})
	t.Run("7.6.1 who passes a request on is told what Connection names", func(t *testing.T) {
		h := accept(t, get+"Connection: keep-alive\r\nX-A: y\r\nConnection: close, X-A\r\n\r\n")
		diff(t, raxx.Header{{Name: "x-a", Value: "y"}, {Name: "connection", Value: "close, X-A"}}, h.Request.Header)
	})
	t.Run("9.6 a client may say that its request is the last", func(t *testing.T) {
		for in, want := range map[string]bool{
			get + crlf:                           false,
			get + "Connection: close\r\n" + crlf: true,
			post + "Connection: close\r\nContent-Length: 1\r\n" + crlf: false,
		} {
			c := New(testLimits)
			feedHeadTo(t, &c, in)
			diff(t, want, c.LastRequest())
		}
	})
	t.Run("15.5.22 a 426 names what to upgrade to", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+crlf)
		got := string(c.AppendHead(nil, &Head{Status: 426, Header: raxx.Header{{Name: "upgrade", Value: "x"}}}))
		diff(t, "HTTP/1.1 426 Upgrade Required\r\nupgrade: x\r\ncontent-length: 0\r\nconnection: upgrade\r\n\r\n", got)
		got = string(c.AppendHead(nil, &Head{Status: 426}))
		diff(t, "HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n", got)
		c.Close()
		got = string(c.AppendHead(nil, &Head{Status: 426, Header: raxx.Header{{Name: "upgrade", Value: "x"}}}))
		diff(t, "HTTP/1.1 426 Upgrade Required\r\nupgrade: x\r\ncontent-length: 0\r\nconnection: upgrade, close\r\n\r\n", got)
	})
	t.Run("15.5.22 other replies name nothing to upgrade to", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+crlf)
		got := string(c.AppendHead(nil, &Head{Status: 200, Header: raxx.Header{{Name: "upgrade", Value: "x"}}}))
		diff(t, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", got)
	})
}

// Nothing of a request is left for the next.
func TestNext(t *testing.T) {
	const five = "Content-Length: 5\r\n"
	requests := map[string]string{
		"9.3 plain":                    get + crlf,
		"9.3 an empty line before":     crlf + get + crlf,
		"9.3 keep-alive":               get + "Connection: keep-alive\r\n\r\n",
		"9.3 version 1.0":              "GET / HTTP/1.0\r\n\r\n",
		"9.3 version 1.0 and close":    "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
		"9.3 version 1.0 that goes on": "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"9.3 an expectation":           post + five + "Expect: 100-continue\r\n\r\nhello",
		"9.3 a body":                   post + five + "\r\nhello",
		"9.3 chunks":                   postChunked + "5;a\r\nhello\r\n0\r\n\r\n",
		"9.3 chunks and a trailer":     postChunked + "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
		"9.3 a field":                  "GET /a?b HTTP/1.1\r\nHost: other.example\r\nX: y\r\n\r\n",
	}
	for name, first := range requests {
		t.Run(name, func(t *testing.T) {
			for _, second := range requests {
				fresh := New(testLimits)
				wantHead, wantBody := feedRequestTo(t, &fresh, second)
				used := New(testLimits)
				feedRequestTo(t, &used, first)
				used.Close()
				used.AppendHead(nil, &Head{Status: 200, Length: -1})
				used.Next()
				gotHead, gotBody := feedRequestTo(t, &used, second)
				diff(t, wantHead, gotHead)
				diff(t, wantBody, gotBody)
			}
		})
	}
}

// Each reply is framed by its own head, whatever framed the one before.
func TestNextReply(t *testing.T) {
	heads := map[string]Head{
		"6.2 a length":             {Status: 200, Length: 2},
		"6.1 chunks":               {Status: 200, Length: -1},
		"6.1 a length and trailer": {Status: 200, Length: 2, Trailer: true},
		"6.3 no content":           {Status: 304, Length: 2, NoContent: true},
	}
	for name, first := range heads {
		t.Run(name, func(t *testing.T) {
			for _, second := range heads {
				var want string
				for _, before := range []*Head{nil, &first} {
					c := New(testLimits)
					feedHeadTo(t, &c, get+crlf)
					if before != nil {
						c.AppendHead(nil, before)
						c.Next()
						feedHeadTo(t, &c, get+crlf)
					}
					out := c.AppendHead(nil, &second)
					if !second.NoContent {
						out = c.AppendDataEnd(append(c.AppendDataHead(out, 2), "ok"...))
					}
					got := string(c.AppendTail(out, nil))
					if before != nil {
						diff(t, want, got)
					}
					want = got
				}
			}
		})
	}
}

// A Conn may be replaced by a new one only where nothing would be forgotten.
func TestFresh(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     bool
	}{
		{"9.3 nothing", "", true},
		{"2.2 an empty line", crlf, false},
		{"3 a part of a request line", "GE", false},
		{"3 a request line", "GET / HTTP/1.1\r\n", false},
		{"9.3 a request", get + crlf, true},
		{"9.3 a request with a body", post + "Content-Length: 5\r\n\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New(testLimits)
			if feedHeadTo(t, &c, tt.in).Complete {
				c.Next()
			}
			diff(t, tt.want, c.Fresh())
		})
	}
}

func TestExpect(t *testing.T) {
	const five = "Content-Length: 5\r\n"
	for _, tt := range []struct {
		name, head string
		want       bool
	}{
		{"10.1.1 with a length", "POST / HTTP/1.1\r\n" + five + "Expect: 100-continue\r\n", true},
		{"10.1.1 with chunks", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n", true},
		{"10.1.1 without regard to case", "POST / HTTP/1.1\r\n" + five + "eXpect: 100-Continue\r\n", true},
		{"10.1.1 twice", "POST / HTTP/1.1\r\n" + five + "Expect: 100-continue\r\nExpect: 100-continue\r\n", true},
		{"10.1.1 beside another one", "POST / HTTP/1.1\r\n" + five + "Expect: x-a, 100-continue\r\n", true},
		{"10.1.1 before another one", "POST / HTTP/1.1\r\n" + five + "Expect: 100-continue\r\nExpect: x-a\r\n", true},
		{"10.1.1 without a body", "POST / HTTP/1.1\r\nExpect: 100-continue\r\n", false},
		{"10.1.1 with an empty body", "POST / HTTP/1.1\r\nContent-Length: 0\r\nExpect: 100-continue\r\n", false},
		{"10.1.1 in HTTP 1.0", "POST / HTTP/1.0\r\n" + five + "Expect: 100-continue\r\n", false},
		{"10.1.1 another expectation", "POST / HTTP/1.1\r\n" + five + "Expect: x-a\r\n", false},
		{"10.1.1 an empty expectation", "POST / HTTP/1.1\r\n" + five + "Expect:\r\n", false},
		{"10.1.1 no expectation", "POST / HTTP/1.1\r\n" + five, false},
	} {
		t.Run(tt.name, func(t *testing.T) { diff(t, tt.want, accept(t, tt.head+host+crlf).Expects) })
	}
	t.Run("10.1.1 it is met once", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, post+five+"Expect: 100-continue\r\n\r\n")
		if c.Continued(); c.ExpectsContinue() {
			t.Error("ExpectsContinue behind Continued")
		}
	})
	t.Run("15.2 the interim reply", func(t *testing.T) {
		c := New(testLimits)
		diff(t, "HTTP/1.1 100 Continue\r\n\r\n", string(c.AppendInform(nil, 100, nil)))
	})
}
