package h1

import (
	"strings"
	"testing"

	"github.com/raxx-go/raxx/raxx"
)

// RFC 9112, Section 2: the message as a whole.

func TestMessage(t *testing.T) {
	t.Run("2.1 a request line, fields and an empty line", func(t *testing.T) {
		h := accept(t, "GET /a?b=c HTTP/1.1\r\nHost: T.example:8080\r\nAccept: */*\r\nX-Two:  words here \r\n\r\n")
		diff(t, raxx.Request{
			Method: "GET", Authority: "t.example:8080", Path: "/a", Query: "b=c",
			Header: raxx.Header{{Name: "accept", Value: "*/*"}, {Name: "x-two", Value: "words here"}},
			Peer:   raxx.Peer{Protocol: "HTTP/1.1"},
		}, h.Request)
	})
	t.Run("2.1 a head without its empty line is incomplete", func(t *testing.T) {
		whole := get + crlf
		for i := range len(whole) {
			if h := readHead(t, whole[:i]); h.Complete || h.Err != nil {
				t.Errorf("%q: %+v", whole[:i], h)
			}
		}
	})
	t.Run("2.1 what stands behind the head is not taken", func(t *testing.T) {
		if h := accept(t, get+crlf+"\x00\xff GARBAGE"); h.Used != len(get+crlf) {
			t.Errorf("took %d octets of %d", h.Used, len(get+crlf))
		}
	})
	t.Run("2.2 one empty line before the request line is skipped", func(t *testing.T) {
		h := accept(t, crlf+get+crlf)
		diff(t, accept(t, get+crlf).Request, h.Request)
		diff(t, len(crlf+get+crlf), h.Used)
	})
	t.Run("2.2 every request may have an empty line before it", func(t *testing.T) {
		c := New(testLimits)
		for range 3 {
			if h := feedHeadTo(t, &c, "\r", "\n", get, crlf); !h.Complete {
				t.Fatal(h.Err)
			}
			c.Next()
		}
	})
	t.Run("2.2 octets over 127 are no characters", func(t *testing.T) {
		h := accept(t, get+"X: \xc3\xa9\xff\x80\r\n\r\n")
		diff(t, "\xc3\xa9\xff\x80", h.Request.Header.Get("x"))
	})
	refuseHeads(t, []refusal{
		{"2.2 two empty lines before the request line", "\r\n\r\n" + get + crlf, 400},
		{"2.2 LF alone before the request line", "\n" + get + crlf, 400},
		{"2.2 CR alone before the request line", "\r" + get + crlf, 400},
		{"2.2 white space before the request line", " " + get + crlf, 400},
		{"2.2 a space in place of a method", " / HTTP/1.1\r\n" + host + crlf, 400},
		{"2.2 a line of white space before the request line", " \r\n" + get + crlf, 400},
		{"2.2 a tab before the request line", "\t" + get + crlf, 400},
		{"2.2 a request line that ends with LF alone", "GET / HTTP/1.1\n" + host + crlf, 400},
		{"2.2 a request line that ends with CR alone", "GET / HTTP/1.1\r" + host + crlf, 400},
		{"2.2 a request line that ends with CR CR LF", "GET / HTTP/1.1\r\r\n" + host + crlf, 400},
		{"2.2 a request line that ends with another octet and LF", "GET / HTTP/1.1x\n" + host + crlf, 400},
		{"2.2 CR in the target", "GET /a\rb HTTP/1.1\r\n" + host + crlf, 400},
		{"2.2 CR in the method", "GE\rT / HTTP/1.1\r\n" + host + crlf, 400},
		{"2.2 a field line that ends with LF alone", get + "X: a\nY: b\r\n\r\n", 400},
		{"2.2 a field line that ends with CR alone", get + "X: a\rY: b\r\n\r\n", 400},
		{"2.2 a field line that ends with CR CR LF", get + "X: a\r\r\n\r\n", 400},
		{"2.2 a field line that CR and another octet end", get + "X: a\rYZ: b\r\n\r\n", 400},
		{"2.2 CR in a field name", get + "X\rY: z\r\n\r\n", 400},
		{"2.2 CR before a field name", get + "\rX: z\r\n\r\n", 400},
		{"2.2 LF in a field name", get + "X\nY: z\r\n\r\n", 400},
		{"2.2 a field line that a control character and LF end", get + "X: a\x00\nY: b\r\n\r\n", 400},
		{"2.2 a field line that two LF end", get + "X: a\n\nY: b\r\n\r\n", 400},
		{"2.2 a head that ends with LF CRLF", "GET / HTTP/1.1\r\nHost: t.example\n\r\n", 400},
		{"2.2 a head that ends with CRLF LF", get + "\n", 400},
		{"2.2 a head that ends with CRLF CR and no LF", get + "\rX\r\n\r\n", 400},
		{"2.2 all lines end with LF alone", "GET / HTTP/1.1\nHost: t.example\n\n", 400},
	})
}

func TestVersion(t *testing.T) {
	for _, tt := range []struct{ name, version, protocol string }{
		{"2.3 version 1.1", "HTTP/1.1", "HTTP/1.1"},
		{"2.3 version 1.0", "HTTP/1.0", "HTTP/1.0"},
		{"2.3 version 1.2 is served as 1.1", "HTTP/1.2", "HTTP/1.1"},
		{"2.3 version 1.9 is served as 1.1", "HTTP/1.9", "HTTP/1.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, tt.protocol, accept(t, "GET / "+tt.version+crlf+host+crlf).Request.Peer.Protocol)
		})
	}
	for _, tt := range []struct {
		name, version string
		status        int
	}{
		{"2.3 major version 2", "HTTP/2.0", 505},
		{"2.3 major version 3", "HTTP/3.0", 505},
		{"2.3 major version 9", "HTTP/9.9", 505},
		{"2.3 major version 0", "HTTP/0.9", 400},
		{"2.3 a major version of two digits", "HTTP/10.1", 400},
		{"2.3 a minor version of two digits", "HTTP/1.10", 400},
		{"2.3 leading zeros in the version", "HTTP/01.01", 400},
		{"2.3 no minor version", "HTTP/1", 400},
		{"2.3 no minor version behind the dot", "HTTP/1.", 400},
		{"2.3 no major version before the dot", "HTTP/.1", 400},
		{"2.3 a version with a comma", "HTTP/1,1", 400},
		{"2.3 a version with a sign", "HTTP/-1.1", 400},
		{"2.3 a version with a letter", "HTTP/1.x", 400},
		{"2.3 the name of the protocol in lower case", "http/1.1", 400},
		{"2.3 the name of another protocol", "RTSP/1.0", 400},
		{"2.3 a longer name of a protocol", "HTTPS/1.1", 400},
		{"2.3 the name of the protocol alone", "HTTP", 400},
		{"2.3 text behind the version", "HTTP/1.1x", 400},
		{"2.3 a space behind the version", "HTTP/1.1 ", 400},
		{"2.3 a word behind the version", "HTTP/1.1 x", 400},
		{"2.3 two spaces before the version", " HTTP/1.1", 400},
		{"2.3 a space in the version", "HTTP/ 1.1", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := refusal{tt.name, "GET / " + tt.version + crlf + host + crlf, tt.status}
			r.wantRefused(t, readHead(t, r.in).Err)
		})
	}
}

// What can't become a request any more is refused at the first octet that shows
// it, so that a peer which waits for an answer gets one at once.
func TestEarlyRefusal(t *testing.T) {
	for _, tt := range []struct{ name, before, at string }{
		{"2.2 LF alone behind the request line", "GET / HTTP/1.1", "\n"},
		{"2.2 CR and another octet behind the request line", "GET / HTTP/1.1\r", "H"},
		{"2.2 LF alone behind a field line", get + "X: y", "\n"},
		{"2.2 CR and another octet behind a field line", get + "X: y\r", "Z"},
		{"2.2 a second empty line", "\r\n\r", "\n"},
		{"2.2 white space before the request line", "", " "},
		{"2.3 a malformed version, at the end of its line", "GET / HTTP/x.y\r", "\n"},
		{"2.3 another major version, at the end of its line", "PRI * HTTP/2.0\r", "\n"},
		{"3 no version, at the end of the line", "GET /\r", "\n"},
		{"3 a TLS handshake", "", "\x16"},
		{"3 a handshake of SSL 2", "", "\x80"},
		{"3 an octet that no method has", "GE", "\x00"},
		{"3 a number, as in Redis", "*1\r", "\n"},
		{"3 a document, as in JSON", "", "{"},
		{"3 a byte order mark", "", "\xef"},
		{"3 a method that is longer than a head may be", strings.Repeat("M", testLimits.HeadBytes), "M"},
		{"3 a target that is longer than a head may be", "GET /" + strings.Repeat("a", testLimits.HeadBytes-5), "a"},
		{"5 fields that are longer than a head may be", get + strings.Repeat("X: y\r\n", 200)[:testLimits.HeadBytes-len(get)], "y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New(testLimits)
			if h := feedHeadTo(t, &c, strings.Split(tt.before, "")...); h.Err != nil {
				t.Fatalf("%.40q is refused already: %v", tt.before, h.Err)
			}
			c = New(testLimits)
			all := tt.before + tt.at
			if h := feedHeadTo(t, &c, strings.Split(all, "")...); h.Err == nil {
				t.Fatalf("%.40q is not refused", all)
			}
			c = New(testLimits)
			feedHeadTo(t, &c, get+crlf)
			c.Next()
			if h := feedHeadTo(t, &c, all); h.Err == nil {
				t.Fatalf("%.40q is not refused behind a request", all)
			}
			section, _, _ := strings.Cut(tt.name, " ")
			diff(t, section, readHead(t, all).Err.Section)
		})
	}
}
