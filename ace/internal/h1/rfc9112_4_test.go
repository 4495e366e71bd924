package h1

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 4, and the sender's side of Sections 6, 7 and 9: replies.

// reply returns what is sent for h, with this content and trailer, in reply to
// a request.
func reply(t *testing.T, request string, h Head, content []string, trailer ...raxx.Field) string {
	t.Helper()
	c := New(testLimits)
	if in := feedHeadTo(t, &c, request); !in.Complete {
		t.Fatalf("the request %q is incomplete or refused: %v", request, in.Err)
	}
	out := c.AppendHead(nil, &h)
	for _, piece := range content {
		out = append(c.AppendDataHead(out, len(piece)), piece...)
		out = c.AppendDataEnd(out)
	}
	return string(c.AppendTail(out, trailer))
}

func TestStatusLine(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		want   string
	}{
		{"4 200", 200, "HTTP/1.1 200 OK\r\n"},
		{"4 404", 404, "HTTP/1.1 404 Not Found\r\n"},
		{"4 a status without a name keeps its space", 599, "HTTP/1.1 599 \r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, version := range []string{"1.0", "1.1", "1.2"} {
				// RFC 9110, Section 2.5: the server's own version, whatever the client's is.
				got := reply(t, "GET / HTTP/"+version+crlf+host+crlf, Head{Status: tt.status}, nil)
				diff(t, tt.want, got[:strings.IndexByte(got, '\n')+1])
			}
		})
	}
}

func TestReply(t *testing.T) {
	const (
		get10  = "GET / HTTP/1.0\r\n\r\n"
		keep10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		close1 = get + "Connection: close\r\n\r\n"
	)
	hello := []string{"hello"}
	fields := raxx.Header{{Name: "x-a", Value: "1"}, {Name: "set-cookie", Value: "b"}, {Name: "set-cookie", Value: "c"}}
	sum := raxx.Field{Name: "x-sum", Value: "9"}
	for _, tt := range []struct {
		name    string
		request string
		head    Head
		content []string
		trailer []raxx.Field
		want    string
	}{
		{"5 fields in their order, then Date", get + crlf, Head{Status: 200, Header: fields, Date: "today"}, nil, nil,
			"HTTP/1.1 200 OK\r\nx-a: 1\r\nset-cookie: b\r\nset-cookie: c\r\ncontent-length: 0\r\ndate: today\r\n\r\n"},
		{"5 a Date of the handler's own is the only one", get + crlf, Head{Status: 200, Header: raxx.Header{{Name: "date", Value: "yesterday"}}, Date: "today"}, nil, nil,
			"HTTP/1.1 200 OK\r\ndate: yesterday\r\ncontent-length: 0\r\n\r\n"},
		{"6.2 content of known length", get + crlf, Head{Status: 200, Length: 5}, hello, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"},
		{"6.2 content of known length to HTTP 1.0", get10, Head{Status: 200, Length: 5}, hello, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"},
		{"6.2 content of known length in pieces", get + crlf, Head{Status: 200, Length: 5}, []string{"he", "llo"}, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"},
		{"7.1 content of unknown length", get + crlf, Head{Status: 200, Length: -1}, []string{"hello", strings.Repeat("x", 26)}, nil,
			"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1a\r\n" + strings.Repeat("x", 26) + "\r\n0\r\n\r\n"},
		{"6.1 content of unknown length to HTTP 1.0 ends with the connection", get10, Head{Status: 200, Length: -1}, hello, nil,
			"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"},
		{"6.1 not even a client of HTTP 1.0 that asked for more gets chunks", keep10, Head{Status: 200, Length: -1}, hello, nil,
			"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"},
		{"7.1.2 a trailer needs chunks", get + crlf, Head{Status: 200, Length: 5, Trailer: true}, hello, []raxx.Field{sum},
			"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 9\r\n\r\n"},
		{"7.1.2 a trailer to HTTP 1.0 is left out", get10, Head{Status: 200, Length: 5, Trailer: true}, hello, []raxx.Field{sum},
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"},
		{"7.1.2 a trailer without content", get + crlf, Head{Status: 200, Trailer: true}, nil, []raxx.Field{sum},
			"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-sum: 9\r\n\r\n"},
		{"6.3 a reply to HEAD has the length of the one to GET", "HEAD / HTTP/1.1\r\n" + host + crlf, Head{Status: 200, Length: 5, NoContent: true}, nil, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"},
		{"6.3 a reply to HEAD of unknown length", "HEAD / HTTP/1.1\r\n" + host + crlf, Head{Status: 200, Length: -1, NoContent: true}, nil, nil,
			"HTTP/1.1 200 OK\r\n\r\n"},
		{"6.3 a reply to HEAD of unknown length does not end an HTTP 1.0 connection", "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", Head{Status: 200, Length: -1, NoContent: true}, nil, nil,
			"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\n"},
		{"6.3 a trailer of a reply without content is left out", "HEAD / HTTP/1.1\r\n" + host + crlf, Head{Status: 200, Length: 5, NoContent: true, Trailer: true}, nil, []raxx.Field{sum},
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"},
		{"6.2 no Content-Length in a 204", get + crlf, Head{Status: 204, NoContent: true}, nil, nil,
			"HTTP/1.1 204 No Content\r\n\r\n"},
		{"6.2 a 205 is empty and says so", get + crlf, Head{Status: 205}, nil, nil,
			"HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"},
		{"6.2 a 304 may tell the length", get + crlf, Head{Status: 304, Length: 5, NoContent: true}, nil, nil,
			"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"},
		{"6.2 a 304 may not know the length", get + crlf, Head{Status: 304, Length: -1, NoContent: true}, nil, nil,
			"HTTP/1.1 304 Not Modified\r\n\r\n"},
		{"9.6 close is confirmed", close1, Head{Status: 200}, nil, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"},
		{"9.3 keep-alive is confirmed to HTTP 1.0", keep10, Head{Status: 200}, nil, nil,
			"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n"},
		{"6.3 fields of the connection are the server's alone", get + crlf, Head{Status: 200, Header: raxx.Header{
			{Name: "connection", Value: "keep-alive, x"}, {Name: "keep-alive", Value: "timeout=5"}, {Name: "content-length", Value: "7"},
			{Name: "transfer-encoding", Value: "chunked"}, {Name: "proxy-connection", Value: "close"}, {Name: "x", Value: "y"},
		}}, nil, nil,
			"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 0\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.want, reply(t, tt.request, tt.head, tt.content, tt.trailer...))
		})
	}
	t.Run("6.1 neither length nor coding in an interim reply", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+crlf)
		h := raxx.Header{{Name: "link", Value: "</a>"}}
		for _, name := range []string{"content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade"} {
			h = h.Add(name, "5")
		}
		diff(t, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", string(c.AppendInform(nil, 103, h)))
	})
	t.Run("9.3 the last reply of the server says close", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, get+crlf)
		c.Close()
		diff(t, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", string(c.AppendHead(nil, &Head{Status: 200})))
	})
	t.Run("9.3 a reply that ends with the connection is the last one", func(t *testing.T) {
		c := New(testLimits)
		feedHeadTo(t, &c, keep10)
		if c.AppendHead(nil, &Head{Status: 200, Length: -1}); c.KeepAlive() || !c.EndsWithConnection() {
			t.Error("the connection is to go on")
		}
	})
	t.Run("6.3 a reply can be read behind another", func(t *testing.T) {
		all := reply(t, get+crlf, Head{Status: 200, Length: -1}, hello, sum) + reply(t, get+crlf, Head{Status: 404, Length: 5}, hello)
		r := bufio.NewReader(strings.NewReader(all))
		for _, status := range []int{200, 404} {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			diff(t, status, resp.StatusCode)
		}
	})
}

// Replies are gathered: one is appended to the other.
func TestReplyIsAppended(t *testing.T) {
	c := New(testLimits)
	feedHeadTo(t, &c, get+crlf)
	got := c.AppendHead([]byte("before"), &Head{Status: 204, NoContent: true})
	diff(t, "beforeHTTP/1.1 204 No Content\r\n\r\n", string(got))
}
